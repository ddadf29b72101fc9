"""Every data file, loaded and validated once: knowledge, prompts and written lines.

:class:`Content` reads a part when it is first asked for, so that a command which only screens a
message doesn't load the rest; :meth:`Content.load_all` reads everything and raises at the first
file that is not valid.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from ..errors import ContentError
from .base import load_yaml
from .crisis import CrisisRules, load_crisis_rules
from .escalation import EscalationReply, Translation, load_escalation, load_translations
from .exercises import (
    Exercise,
    Partials,
    load_exercises,
    load_own_exercises,
    load_partials,
)
from .guided import (
    Composer,
    Feelings,
    Situation,
    load_composer,
    load_feelings,
    load_situations,
)
from .helplines import Helplines, load_helplines
from .language import Alike, Language, load_language
from .languages import Languages, load_languages
from .moments import Moment, load_moments
from .principles import (
    Principle,
    Retrieval,
    Section,
    load_principles,
    load_retrieval,
    load_sections,
)
from .questions import Questions, load_questions
from .review import ReviewRules, load_review_rules

__all__ = ["Content"]


class Content:
    """The data files under one folder, and a person's own exercises."""

    def __init__(self, folder: Path, own_exercises: Path | None = None) -> None:
        self.folder = folder
        self._knowledge = folder / "knowledge"
        self._prompts = folder / "prompts"
        self._own_exercises = own_exercises
        if not self._knowledge.is_dir() or not self._prompts.is_dir():
            raise ContentError(
                f"The folder {folder} has no 'knowledge' and 'prompts' in it. "
                "Unset SOFTSPOKEN_CONTENT, or point it at a folder that has."
            )

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections of the guide, in order."""
        return load_sections(self._knowledge)

    @cached_property
    def principles(self) -> tuple[Principle, ...]:
        """The principles of the guide."""
        return load_principles(self._knowledge, self.sections)

    @cached_property
    def retrieval(self) -> Retrieval:
        """How principles are found."""
        return load_retrieval(self._knowledge)

    @cached_property
    def crisis(self) -> CrisisRules:
        """The rules of the crisis screen."""
        return load_crisis_rules(self._knowledge)

    @cached_property
    def escalation(self) -> tuple[EscalationReply, ...]:
        """The written replies to a crisis."""
        return load_escalation(self._knowledge)

    @cached_property
    def translations(self) -> dict[str, Translation]:
        """The written replies to a crisis in other languages, by code."""
        return load_translations(self._knowledge)

    @cached_property
    def helplines(self) -> Helplines:
        """Helplines by country."""
        return load_helplines(self._knowledge)

    @cached_property
    def review(self) -> ReviewRules:
        """The checks of a reply."""
        return load_review_rules(self._knowledge)

    @property
    def sentence_model(self) -> Path:
        """The sentence encoder's ONNX file."""
        return self._knowledge / "encoders" / "sentences.onnx"

    @property
    def example_vectors(self) -> Path:
        """Vectors of the examples, made beforehand; they need not cover all of them."""
        return self._knowledge / "encoders" / "examples.npz"

    @property
    def feeling_weights(self) -> Path:
        """What the guessing of feelings has learned."""
        return self._knowledge / "encoders" / "feelings.npz"

    @cached_property
    def alike(self) -> dict[str, str]:
        """Words that the sentence encoder reads as another word."""
        return load_yaml(self._knowledge / "encoders" / "alike.yaml", Alike).words

    @cached_property
    def feelings(self) -> Feelings:
        """The feelings and their words."""
        return load_feelings(self._knowledge)

    @cached_property
    def language(self) -> Language:
        """What turning a clause round needs to know of English."""
        return load_language(self._knowledge)

    @cached_property
    def languages(self) -> Languages:
        """Languages other than English."""
        return load_languages(self._knowledge)

    @cached_property
    def situations(self) -> tuple[Situation, ...]:
        """The situations of guided mode."""
        return load_situations(self._prompts)

    @cached_property
    def moments(self) -> tuple[Moment, ...]:
        """The small, specific things people say."""
        return load_moments(self._prompts)

    @cached_property
    def questions(self) -> Questions:
        """Direct questions that are met by their kind."""
        return load_questions(self._prompts)

    @cached_property
    def composer(self) -> Composer:
        """How guided mode chooses and joins lines."""
        return load_composer(self._prompts)

    @cached_property
    def partials(self) -> Partials:
        """The texts that code adds to every prompt."""
        return load_partials(self._prompts)

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The shipped exercises by name."""
        return load_exercises(self._prompts / "exercises")

    @cached_property
    def own_exercises(self) -> tuple[dict[str, Exercise], list[str]]:
        """The person's own exercises, and why files among them are not available."""
        return load_own_exercises(self._own_exercises)

    def load_all(self) -> None:
        """Load every part; raises ``ContentError`` at the first file that is not valid."""
        for name, part in vars(type(self)).items():
            if isinstance(part, cached_property):
                getattr(self, name)
        self._check_references()

    def _check_references(self) -> None:
        """Every id that a situation or a moment names must exist."""
        known = {s.id for s in self.situations}
        for moment in self.moments:
            if moment.topic not in known:
                raise ContentError(
                    f"The moment {moment.id!r}: key 'topic': no situation has this id "
                    f"(value: {moment.topic!r})."
                )
        principles = {p.id for p in self.principles}
        feelings = {f.id for f in self.feelings.feelings}
        for situation in self.situations:
            named = (
                ("principles", set(situation.principles) - principles),
                ("feelings", set(situation.feelings) - feelings),
                ("exercises", set(situation.exercises) - set(self.exercises)),
            )
            for key, missing in named:
                if missing:
                    raise ContentError(
                        f"{situation.id}.yaml: key {key!r}: nothing has this id "
                        f"(value: {sorted(missing)[0]!r})."
                    )
