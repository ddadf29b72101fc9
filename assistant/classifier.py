"""Telling which of many classes a short text belongs to, learned from a few examples of each.

Kernel ridge regression onto class indicators (one against the rest, closed form) over two views of
a text: its sentence embedding, with a quadratic kernel, for what it means; and its words and word
pairs, for who did what to whom, which embeddings blur ("I cheated" and "he cheated"). Nearness to
the closest examples and to a class's centre is blended in. On situations (70 classes, 8-fold over
their own examples) that puts the right class first for .63 of the texts, the nearest example alone
for .49.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .encoders import Vectors, read_arrays, write_arrays

Scores = NDArray[np.float32]

SCALE: Final = 1.6
"""The most that the parts of a score add up to."""

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_RIDGE: Final = 0.5
_NEAREST: Final = 3
_NEAREST_SHARE: Final = 0.3
_CENTRE_SHARE: Final = 0.3
_MAX_WORDS: Final = 400
_LEAST_TEXTS: Final = 2
"""A word or pair that fewer examples have is not learned from."""


class TextClassifier:
    """Scores texts for classes. ``labels`` gives each example's class, counted from 0.

    What is learned is kept in the file ``cache`` and learned anew when the examples change.
    """

    def __init__(
        self,
        texts: Sequence[str],
        vectors: Vectors,
        labels: Sequence[int],
        cache: Path | None = None,
    ) -> None:
        self._labels = np.asarray(labels, dtype=np.intp)
        self._mean = vectors.mean(axis=0)
        self._examples = self._centred(vectors)
        counts = Counter(gram for text in texts for gram in _grams(text))
        kept = sorted(gram for gram, n in counts.items() if n >= _LEAST_TEXTS)
        self._columns = {gram: column for column, gram in enumerate(kept)}
        rarity = [1 + np.log((1 + len(texts)) / (1 + counts[gram])) for gram in kept]
        self._rarity = np.array(rarity, dtype=np.float32)
        words = self._words(texts)
        classes = int(self._labels.max()) + 1
        targets = np.eye(classes, dtype=np.float32)[self._labels]
        self._prior = targets.mean(axis=0)
        self._weights = self._learn(words, targets - self._prior, cache)
        self._word_weights: Scores = words.T @ self._weights
        self._of_class = [np.flatnonzero(self._labels == i) for i in range(classes)]
        centres = np.stack([self._examples[rows].mean(axis=0) for rows in self._of_class])
        self._centres: Vectors = _unit(centres.astype(np.float32))

    def scores(self, texts: Sequence[str], vectors: Vectors) -> Scores:
        """Return how well each text fits each class, of shape ``(texts, classes)``.

        About 0 for a class that a text has nothing to do with, towards 1 for one it belongs to.
        """
        centred = self._centred(vectors)
        similarity = centred @ self._examples.T
        scores: Scores = _quadratic(similarity) @ self._weights + self._prior
        scores += self._words(texts) @ self._word_weights
        nearest = np.stack([self._nearness(similarity[:, rows]) for rows in self._of_class], axis=1)
        scores += _NEAREST_SHARE * nearest + _CENTRE_SHARE * (centred @ self._centres.T)
        return scores / np.float32(SCALE)

    def _learn(self, words: Any, targets: Scores, cache: Path | None) -> Scores:
        """Solve for the weight of each example in each class, or read it from the cache."""
        examined = hashlib.sha256(self._examples.tobytes())
        examined.update(words.data.tobytes() + words.indices.tobytes() + targets.tobytes())
        known = read_arrays(cache) if cache else {}
        digest = np.frombuffer(examined.digest(), dtype=np.uint8)
        if "digest" in known and np.array_equal(known["digest"], digest):
            return known["weights"].astype(np.float32)
        kernel = _quadratic(self._examples @ self._examples.T) + (words @ words.T).toarray()
        kernel[np.diag_indices_from(kernel)] += _RIDGE
        weights: Scores = np.linalg.solve(kernel, targets).astype(np.float32)
        if cache:
            write_arrays(cache, {"digest": digest, "weights": weights})
        return weights

    def _nearness(self, similarity: Vectors) -> Scores:
        nearest = np.sort(similarity, axis=1)[:, -_NEAREST:]
        mixed: Scores = (0.7 * nearest[:, -1] + 0.3 * nearest.mean(axis=1)).astype(np.float32)
        return mixed

    def _centred(self, vectors: Vectors) -> Vectors:
        return _unit(vectors - self._mean)

    def _words(self, texts: Sequence[str]) -> Any:
        """The known words and pairs of each text, weighted by their rarity, as sparse unit rows."""
        columns: list[int] = []
        values: list[NDArray[np.float32]] = []
        starts = [0]
        for text in texts:
            found = sorted(self._columns[gram] for gram in _grams(text) if gram in self._columns)
            weights = self._rarity[found]
            values.append(weights / max(float(np.linalg.norm(weights)), 1e-9))
            columns += found
            starts.append(len(columns))
        data = np.concatenate([np.zeros(0, dtype=np.float32), *values])
        return sparse.csr_matrix((data, columns, starts), shape=(len(texts), len(self._columns)))


def _quadratic(similarity: Vectors) -> Vectors:
    kernel: Vectors = np.square(1 + similarity) * np.float32(0.5)
    return kernel


def _unit(vectors: Vectors) -> Vectors:
    unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


def _grams(text: str) -> set[str]:
    """The words of a text, its neighbouring pairs, and pairs around one word."""
    words = ["<", *_WORD.findall(text.lower().replace("’", "'"))[:_MAX_WORDS], ">"]
    neighbours = {f"{a} {b}" for a, b in pairwise(words)}
    around = {f"{a} _ {b}" for a, b in zip(words, words[2:], strict=False)}
    return {*words, *neighbours, *around}
