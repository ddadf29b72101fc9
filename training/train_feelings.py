"""Learn to guess a feeling that isn't named, from sentence vectors: ridge regression.

``python -m training.train_feelings FOLDER`` reads GoEmotions (Demszky et al., 2020; Apache-2.0)
from ``goemotions_train.tsv``, ``goemotions_dev.tsv`` and ``goemotions_labels.txt`` in FOLDER, and
the examples in ``knowledge/feelings.yaml``. It writes ``knowledge/encoders/feelings.npz`` and
prints how often a guess is right on the development rows, by how far it leads.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np

from assistant.building import load_encoder
from assistant.content import Content
from assistant.guided.tone import NO_FEELING, solve, with_one

ROOT = Path(__file__).parent.parent
SEED = 5
MOST = 900
"""Rows of one emotion, so that the frequent ones don't drown the rest."""
MEANS = {
    "anger": "angry",
    "annoyance": "annoyed",
    "disappointment": "disappointed",
    "embarrassment": "embarrassed",
    "fear": "scared",
    "grief": "grieving",
    "nervousness": "nervous",
    "remorse": "guilty",
    "sadness": "sad",
    "confusion": "confused",
    "joy": "happy",
    "love": "loved",
    "gratitude": "grateful",
    "pride": "proud",
    "relief": "relieved",
    "excitement": "excited",
    "optimism": "hopeful",
}
"""GoEmotions' words and ours; the emotions that are left out are no feeling of this kind."""


def read(folder: Path, name: str) -> list[tuple[str, str]]:
    """Texts with one emotion, as the feeling that we call it."""
    labels = (folder / "goemotions_labels.txt").read_text().split()
    rows = []
    for line in (folder / f"goemotions_{name}.tsv").read_text().splitlines():
        text, ids, _ = line.split("\t")
        if "," not in ids:
            rows.append((text, MEANS.get(labels[int(ids)], NO_FEELING)))
    return rows


def main() -> None:
    """Learn, measure, write."""
    folder = Path(sys.argv[1])
    content = Content(ROOT)
    encoder = load_encoder(content)
    chance = random.Random(SEED)
    rows = read(folder, "train")
    chance.shuffle(rows)
    counts: dict[str, int] = {}
    kept = []
    for text, feeling in rows:
        counts[feeling] = counts.get(feeling, 0) + 1
        if counts[feeling] <= (3 * MOST if feeling == NO_FEELING else MOST):
            kept.append((text, feeling))
    for known in content.feelings.feelings:
        kept += [(text, known.id) for text in known.exemplars for _ in range(3)]
    names = sorted({feeling for _, feeling in kept})
    vectors = encoder.embed([text for text, _ in kept])
    weights = solve(vectors, np.array([names.index(feeling) for _, feeling in kept]), len(names))
    held = read(folder, "dev")[:2500]
    scores = with_one(encoder.embed([text for text, _ in held])) @ weights
    order = np.argsort(-scores, axis=1)
    rows_ = np.arange(len(held))
    lead = scores[rows_, order[:, 0]] - scores[rows_, order[:, 1]]
    guessed = np.array([names[i] for i in order[:, 0]])
    wanted = np.array([feeling for _, feeling in held])
    for least in (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4):
        told = (guessed != NO_FEELING) & (lead >= least)
        right = (guessed == wanted)[told]
        print(f"lead {least:.2f}: guesses {told.mean():.3f}, right {right.mean():.3f}")
    name = np.frombuffer(bytes.fromhex(encoder.name), dtype=np.uint8)
    np.savez_compressed(
        content.feeling_weights, allow_pickle=False, encoder=name, names=np.array(names),
        weights=weights,
    )  # fmt: skip
    print(f"wrote {content.feeling_weights}: {len(kept)} texts, {len(names)} feelings")


if __name__ == "__main__":
    main()
