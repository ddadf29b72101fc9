"""How a message sounds, and which feeling it may hold though it names none.

The mood (heavy, plain, light, good) is learned from the moods of the moments when the assistant
starts; the feelings were learned beforehand (``training/train_feelings.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from ..content.moments import Mood
from ..encoders import Vectors, read_arrays

MOODS: tuple[Mood, ...] = get_args(Mood)
NO_FEELING: Final = "none"
RIDGE: Final = 8.0


def solve(vectors: Vectors, labels: NDArray[np.intp], classes: int) -> Vectors:
    """Ridge regression from vectors onto classes of equal weight, of shape ``(385, classes)``."""
    counts = np.bincount(labels, minlength=classes)
    weight = (1.0 / np.maximum(counts, 1))[labels] * len(labels) / classes
    rows = with_one(vectors)
    weighted = rows * weight[:, None].astype(np.float32)
    targets = np.eye(classes, dtype=np.float32)[labels]
    kernel = weighted.T @ rows + RIDGE * np.eye(rows.shape[1], dtype=np.float32)
    found: Vectors = np.linalg.solve(kernel, weighted.T @ targets).astype(np.float32)
    return found


def with_one(vectors: Vectors) -> Vectors:
    """The vectors with a constant beside them."""
    return np.hstack([vectors, np.ones((len(vectors), 1), dtype=np.float32)])


class Tone:
    """Tells the mood of a message."""

    def __init__(self, moods: Sequence[Mood], vectors: Vectors) -> None:
        """``moods`` holds the mood of each row of ``vectors``, of shape ``(n, 384)``."""
        labels = np.array([MOODS.index(mood) for mood in moods], dtype=np.intp)
        self._weights = solve(vectors, labels, len(MOODS))

    def of(self, vector: Vectors) -> tuple[Mood, float]:
        """Return the mood of a vector of shape ``(1, 384)`` and its lead over the next, 0 to 1."""
        first, lead = _leading(vector, self._weights)
        return MOODS[first], lead


class FeelingGuess:
    """Guesses a feeling that isn't named; without its file, or for another encoder, none."""

    def __init__(self, path: Path, encoder_name: str) -> None:
        stored: dict[str, NDArray[Any]] = read_arrays(path)
        fits = stored.get("encoder", np.zeros(0)).tobytes() == bytes.fromhex(encoder_name)
        self._names = [str(name) for name in stored["names"]] if fits else []
        self._weights: Vectors | None = stored["weights"] if fits else None

    def of(self, vector: Vectors) -> tuple[str, float]:
        """Return the likeliest feeling's id of a vector of shape ``(1, 384)``, and its lead."""
        if self._weights is None:
            return NO_FEELING, 0.0
        first, lead = _leading(vector, self._weights)
        return self._names[first], lead


def _leading(vector: Vectors, weights: Vectors) -> tuple[int, float]:
    scores = (with_one(vector) @ weights)[0]
    order = np.argsort(-scores)
    return int(order[0]), float(scores[order[0]] - scores[order[1]])
