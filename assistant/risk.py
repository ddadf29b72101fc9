"""The screen's encoder: how dangerous a short text is, read by a small fine-tuned network.

It catches what phrases can't: danger said in passing, in code or in other words. How it is made:
``training/train_screening.py``; what it can't do: ``docs/measurements.md``.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import sentences
from .encoders import load_session, load_tokenizer
from .types import CATEGORIES, Category, Subject

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

MAX_TOKENS = 128
BATCH = 8
WINDOW_WORDS = 45
MAX_WINDOWS = 64


@dataclass(frozen=True, slots=True)
class Risk:
    """What the network makes of a text: the probabilities (0 to 1) that it points at least to a
    concern and that it points to a crisis, and the likeliest danger."""

    text: str
    concern: float
    crisis: float
    category: Category
    subject: Subject


class RiskEncoder:
    """Reads texts. Loads its model (22 MB) at the first use; safe in many threads."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        self._tokenizer: tokenizers.Tokenizer | None = None

    def read(self, text: str) -> list[Risk]:
        """Read the normalised copy of a message, whole or, if it is long, in overlapping windows of
        a few sentences.

        Raises if the model can't be loaded or run.
        """
        views = windows(text)
        found: list[Risk] = []
        for at in range(0, len(views), BATCH):
            found += self._batch(views[at : at + BATCH])
        return found

    def _batch(self, texts: Sequence[str]) -> list[Risk]:
        session, tokenizer = self._loaded()
        encoded = tokenizer.encode_batch(list(texts))
        feed = {
            "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encoded], dtype=np.int64),
            "token_type_ids": np.zeros((len(encoded), len(encoded[0].ids)), dtype=np.int64),
        }
        danger, category, subject = session.run(["danger", "category", "subject"], feed)
        odds = 1.0 / (1.0 + np.exp(-danger))
        dangers = category[:, : CATEGORIES.index("none")].argmax(axis=1)
        return [
            Risk(
                text,
                float(odds[i, 0]),
                float(odds[i, 1]),
                CATEGORIES[dangers[i]],
                "other" if subject[i, 1] > subject[i, 0] else "self",
            )
            for i, text in enumerate(texts)
        ]

    def _loaded(self) -> tuple[onnxruntime.InferenceSession, tokenizers.Tokenizer]:
        with self._lock:
            if self._session is None or self._tokenizer is None:
                self._tokenizer = load_tokenizer(MAX_TOKENS)
                self._session = load_session(self._model)
            return self._session, self._tokenizer


def word_count(text: str) -> int:
    """How many words a text has; of scripts without spaces, two letters count as one."""
    return len(text.split()) + sum("\u3040" <= c <= "\u9fff" for c in text) // 2


def windows(text: str) -> list[str]:
    """The views under which a message is read: whole if it is short, else overlapping windows.

    A window is a few whole sentences of at most about 45 words together; the last sentence of one
    begins the next. Very long texts are read in at most 64 windows spread over the whole.
    """
    clean = text.encode("utf-8", "replace").decode("utf-8")
    pieces = [piece for long in sentences.split(clean) for piece in _cut(long)]
    if word_count(clean) <= WINDOW_WORDS or not pieces:
        return [clean]
    views: list[str] = []
    current: list[str] = []
    for piece in pieces:
        if current and sum(word_count(p) for p in (*current, piece)) > WINDOW_WORDS:
            views.append(" ".join(current))
            current = current[-1:] if len(current) > 1 else []
        current.append(piece)
    views.append(" ".join(current))
    if len(views) <= MAX_WINDOWS:
        return views
    chosen = np.linspace(0, len(views) - 1, MAX_WINDOWS).astype(int)
    return [views[i] for i in chosen]


def _cut(sentence: str) -> list[str]:
    """A sentence in parts of at most a window's words."""
    words = sentence.split()
    return [" ".join(words[at : at + WINDOW_WORDS]) for at in range(0, len(words), WINDOW_WORDS)]
