"""Building the larger parts from the data files."""

from __future__ import annotations

from .content import Content
from .encoders import Encoder
from .guided import Guide, Reader
from .languages import LanguageDetector
from .prompts import Prompts
from .settings import Settings

DEFAULT_EXERCISE = "open-reflection"


def load_encoder(content: Content) -> Encoder:
    """The sentence encoder that the content ships."""
    return Encoder(content.sentence_model, content.alike, content.example_vectors)


def load_prompts(content: Content) -> Prompts:
    """The exercises, the person's own ones over the shipped ones, ready to be rendered."""
    own, problems = content.own_exercises
    prompts = Prompts(content.exercises, content.partials, DEFAULT_EXERCISE, own)
    prompts.problems = [*problems, *prompts.problems]
    return prompts


def load_guide(
    content: Content,
    prompts: Prompts,
    languages: LanguageDetector,
    encoder: Encoder,
    settings: Settings,
) -> Guide:
    """Guided mode, its examples embedded (from the data folder's cache if they are there)."""
    reader = Reader(
        content.situations,
        content.moments,
        content.feelings,
        content.language,
        content.composer,
        encoder,
        settings.data / "exemplars.npz",
        content.feeling_weights,
    )
    return Guide(content, reader, prompts, languages)
