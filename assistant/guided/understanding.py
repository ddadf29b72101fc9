"""What a message is about: situations recognised with the encoder, and feelings."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .. import sentences
from ..classifier import TextClassifier
from ..content.guided import Composer, Feelings, Situation
from ..content.language import Language
from ..content.moments import Moment, Mood
from ..encoders import Encoder, Vectors, embed_cached
from .clauses import Clause, turn_clauses
from .feelings import FeelingFinder, NamedFeeling
from .moments import MomentMatch, Moments, bare
from .patterns import Patterns
from .people import Partner
from .tone import NO_FEELING, FeelingGuess, Tone

MAX_SENTENCES = 6
REMEMBERED = 512
CUE_SCORE = 0.97
CUE_BONUS = 0.12
SENTENCE_SHARE = 0.9
_WOULD = ("you'd ", "you would ")


@dataclass(frozen=True, slots=True)
class Match:
    """A situation and how well the message fits it, 0 to 1."""

    situation: Situation
    score: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message is about, by itself. ``topics``, ``others`` and
    ``moments`` are best first; ``tone`` is how it sounds, and how sure that is (0 to 1)."""

    text: str
    words: int
    topics: tuple[Match, ...]
    others: tuple[Match, ...]
    feelings: tuple[NamedFeeling, ...]
    guessed: str | None
    question: bool
    moments: tuple[MomentMatch, ...] = ()
    tone: tuple[Mood, float] = ("plain", 0.0)

    @property
    def named(self) -> tuple[NamedFeeling, ...]:
        """The feelings the person says they have, in order."""
        return tuple(
            f for f in self.feelings if f.owner == "person" and not f.negated and not f.assumed
        )

    @property
    def pained(self) -> bool:
        """Whether one of them hurts."""
        return any(not f.pleasant for f in self.named)

    @property
    def other(self) -> Match | None:
        """The likeliest social or meta situation."""
        return next(iter(self.others), None)


class Reader:
    """Reads messages. Results are remembered, so that reading a history again is cheap."""

    def __init__(
        self,
        situations: Sequence[Situation],
        moments: Sequence[Moment],
        feelings: Feelings,
        language: Language,
        composer: Composer,
        encoder: Encoder,
        cache: Path,
        feeling_weights: Path,
    ) -> None:
        self._situations = tuple(situations)
        self._composer = composer
        self._encoder = encoder
        self._finder = FeelingFinder(feelings, language)
        texts = [text for s in self._situations for text in s.exemplars]
        owners = [i for i, s in enumerate(self._situations) for _ in s.exemplars]
        small = [text for m in moments for text in m.exemplars]
        vectors = embed_cached(encoder, [*texts, *small], cache)
        learned = cache.with_name("situations.npz")
        self._classifier = TextClassifier(texts, vectors[: len(texts)], owners, learned)
        own = vectors[len(texts) :]
        moods = [m.mood for m in moments if not m.alone for _ in m.exemplars]
        telling = [not m.alone for m in moments for _ in m.exemplars]
        self._tone = Tone(moods, own[telling]) if moods else None
        self._moments = Moments(moments, own, cache.with_name("moments.npz"))
        self._whole = [{bare(cue) for cue in s.cues} for s in self._situations]
        self._questions = Patterns(composer.questions)
        self._guesser = FeelingGuess(feeling_weights, encoder.name)
        self._language = language
        self._remembered: OrderedDict[str, Understanding] = OrderedDict()
        self._turned: OrderedDict[tuple[str, Partner], list[Clause]] = OrderedDict()

    def read(self, text: str) -> Understanding:
        """Return what the message is about."""
        known = self._remembered.get(text)
        if known is None:
            known = self._read(text)
            self._remembered[text] = known
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return known

    def clauses(self, text: str, partner: Partner) -> list[Clause]:
        """Return the clauses of a message that can be said back, the most telling first."""
        key = (text, partner)
        known = self._turned.get(key)
        if known is None:
            known = turn_clauses(text, self._language, partner)
            self._turned[key] = known
            while len(self._turned) > REMEMBERED:
                self._turned.popitem(last=False)
        return known

    def wants(self, clauses: Sequence[Clause]) -> list[Clause]:
        """The clauses in which the person says what they want, miss or hope for, and last those
        with what they don't want."""
        longing = self._language.longing
        found = [c for c in clauses if c.actor == "person" and c.verb in longing and _now(c)]
        return sorted(found, key=lambda clause: clause.negated)

    def _read(self, text: str) -> Understanding:
        pieces = [p for p in sentences.split(text[:4000]) if len(p.split()) > 2]
        views = [text, *(pieces[:MAX_SENTENCES] if len(pieces) > 1 else [])]
        whole, rest = self._encoder.embed_one(text), self._encoder.embed(views[1:])
        vectors = np.concatenate([whole, rest])
        scores = self._scores(views, vectors)
        plain = bare(text)
        for i, situation in enumerate(self._situations):
            if plain in self._whole[i]:
                scores[i] = CUE_SCORE
            elif any(f" {cue} " in f" {plain} " for cue in self._whole[i] if " " in cue):
                bonus = CUE_BONUS if situation.kind == "topic" else 2 * CUE_BONUS
                scores[i] = min(1.0, scores[i] + bonus)
        order = np.argsort(-scores, kind="stable")
        matches = [Match(self._situations[i], float(scores[i])) for i in order]
        return Understanding(
            text=text,
            words=len(text.split()),
            topics=tuple(m for m in matches if m.situation.kind == "topic")[:4],
            others=tuple(m for m in matches if m.situation.kind != "topic")[:3],
            feelings=tuple(self._finder.find(text)),
            guessed=self._guess(vectors[:1]),
            question=self._questions.found_in(text),
            moments=tuple(self._moments.find(text, vectors)),
            tone=self._tone.of(vectors[:1]) if self._tone else ("plain", 0.0),
        )

    def _scores(self, views: Sequence[str], vectors: Vectors) -> Vectors:
        """One score a situation, from the whole message and its sentences."""
        scores = self._classifier.scores(views, vectors)
        if len(scores) == 1:
            alone: Vectors = scores[0]
            return alone
        combined: Vectors = np.maximum(scores[0], SENTENCE_SHARE * scores[1:].max(axis=0))
        return combined

    def _guess(self, vector: Vectors) -> str | None:
        feeling, lead = self._guesser.of(vector)
        sure = lead >= self._composer.thresholds.feeling
        return feeling if sure and feeling != NO_FEELING else None


def _now(clause: Clause) -> bool:
    """Whether a want is one of today: "you'd like" is, "you wanted" isn't."""
    return clause.tense != "past" or clause.text.startswith(_WOULD)
