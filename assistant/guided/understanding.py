"""What a message is about: situations recognised with the encoder, and feelings."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import re2

from .. import sentences
from ..classifier import TextClassifier
from ..content.guided import Composer, Feelings, Situation
from ..content.language import Language
from ..encoders import Encoder, Vectors, embed_cached
from .feelings import FeelingFinder, NamedFeeling

MAX_SENTENCES = 6
REMEMBERED = 512
CUE_SCORE = 0.97
CUE_BONUS = 0.12
SENTENCE_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Match:
    """A situation and how well the message fits it, 0 to 1."""

    situation: Situation
    score: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What one message is about, by itself. ``topics`` and ``others`` are best first."""

    text: str
    words: int
    topics: tuple[Match, ...]
    others: tuple[Match, ...]
    feelings: tuple[NamedFeeling, ...]
    guessed: str | None
    question: bool

    @property
    def named(self) -> tuple[NamedFeeling, ...]:
        """The feelings the person says they have, in order."""
        return tuple(
            f for f in self.feelings if f.owner == "person" and not f.negated and not f.assumed
        )


class Reader:
    """Reads messages. Results are remembered, so that reading a history again is cheap."""

    def __init__(
        self,
        situations: Sequence[Situation],
        feelings: Feelings,
        language: Language,
        composer: Composer,
        encoder: Encoder,
        cache: Path,
    ) -> None:
        self._situations = tuple(situations)
        self._composer = composer
        self._encoder = encoder
        self._finder = FeelingFinder(feelings, language)
        self._feelings = feelings.feelings
        texts = [text for s in self._situations for text in s.exemplars]
        owners = [i for i, s in enumerate(self._situations) for _ in s.exemplars]
        felt = [text for f in self._feelings for text in f.exemplars]
        self._feeling_owner = [f.id for f in self._feelings for _ in f.exemplars]
        vectors = embed_cached(encoder, [*texts, *felt], cache)
        learned = cache.with_name("situations.npz")
        self._classifier = TextClassifier(texts, vectors[: len(texts)], owners, learned)
        self._feeling_vectors = vectors[len(texts) :]
        self._whole = [{_bare(cue) for cue in s.cues} for s in self._situations]
        self._questions = [re2.compile(pattern) for pattern in composer.questions]
        self._remembered: OrderedDict[str, Understanding] = OrderedDict()

    def read(self, text: str) -> Understanding:
        """Return what the message is about."""
        known = self._remembered.get(text)
        if known is None:
            known = self._read(text)
            self._remembered[text] = known
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return known

    def _read(self, text: str) -> Understanding:
        pieces = [p for p in sentences.split(text[:4000]) if len(p.split()) > 2]
        views = [text, *(pieces[:MAX_SENTENCES] if len(pieces) > 1 else [])]
        whole, rest = self._encoder.embed_one(text), self._encoder.embed(views[1:])
        vectors = np.concatenate([whole, rest])
        scores = self._scores(views, vectors)
        bare = _bare(text)
        for i, situation in enumerate(self._situations):
            if bare in self._whole[i]:
                scores[i] = CUE_SCORE
            elif any(f" {cue} " in f" {bare} " for cue in self._whole[i] if " " in cue):
                bonus = CUE_BONUS if situation.kind == "topic" else 2 * CUE_BONUS
                scores[i] = min(1.0, scores[i] + bonus)
        order = np.argsort(-scores, kind="stable")
        matches = [Match(self._situations[i], float(scores[i])) for i in order]
        lowered = text.lower().replace("’", "'")
        return Understanding(
            text=text,
            words=len(text.split()),
            topics=tuple(m for m in matches if m.situation.kind == "topic")[:4],
            others=tuple(m for m in matches if m.situation.kind != "topic")[:3],
            feelings=tuple(self._finder.find(text)),
            guessed=self._guess(vectors[:1]),
            question=any(pattern.search(lowered) for pattern in self._questions),
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
        if not len(self._feeling_vectors):
            return None
        similarity = (vector @ self._feeling_vectors.T)[0]
        best = int(similarity.argmax())
        if similarity[best] < self._composer.thresholds.feeling:
            return None
        return self._feeling_owner[best]


def _bare(text: str) -> str:
    """Letters, digits and single spaces only, in lower case."""
    kept = "".join(c if c.isalnum() or c == "'" else " " for c in text.lower().replace("’", "'"))
    return " ".join(kept.split())
