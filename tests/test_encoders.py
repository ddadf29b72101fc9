"""The sentence encoder: what it reads as one, and vectors that were made beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.building import load_encoder
from assistant.content import Content
from assistant.encoders import BATCH, Alike, Encoder, embed_cached, write_shipped

TEXTS = [f"message number {n} about the dishes" for n in range(BATCH + 4)]


@pytest.fixture(scope="module")
def encoder(content: Content) -> Encoder:
    return load_encoder(content)


def unloaded(content: Content, shipped: Path) -> Encoder:
    """An encoder whose model can't run: only vectors made beforehand come out of it."""
    fresh = Encoder(content.sentence_model, content.alike, shipped)
    fresh.load = _refuse  # type: ignore[method-assign]
    return fresh


def _refuse() -> None:
    raise AssertionError("the model was asked")


def test_words_that_mean_the_same_here_are_read_as_one(content: Content) -> None:
    alike = Alike(content.alike)
    assert alike("My WIFE told me she’s leaving") == alike("my bf told me he's leaving")
    assert alike("idk") == "i don't know"
    assert "smiling" in alike("ok 😊")
    assert alike("wifely duties") == "wifely duties"


def test_vectors_have_unit_length_and_like_texts_are_near(encoder: Encoder) -> None:
    told = ["my husband forgot my birthday", "my wife forgot my birthday", "the train was late"]
    vectors = encoder.embed(told)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert vectors[0] @ vectors[1] > 0.95 > 0.6 > vectors[0] @ vectors[2]


def test_vectors_made_beforehand_are_used_without_the_model(
    encoder: Encoder, content: Content, tmp_path: Path
) -> None:
    path = tmp_path / "vectors.npz"
    write_shipped(encoder, TEXTS, path)
    given = unloaded(content, path).embed(TEXTS)
    assert (given * encoder.embed(TEXTS)).sum(axis=1).min() > 0.99


def test_vectors_of_another_encoder_are_left_alone(
    encoder: Encoder, content: Content, tmp_path: Path
) -> None:
    path = tmp_path / "vectors.npz"
    write_shipped(encoder, TEXTS, path)
    other = Encoder(content.sentence_model, {**content.alike, "dishes": "plates"}, path)
    assert other.known(TEXTS, np.zeros((len(TEXTS), 384), dtype=np.float32)) == set()


def test_texts_that_were_not_made_beforehand_are_kept_in_the_cache(
    encoder: Encoder, content: Content, tmp_path: Path
) -> None:
    shipped, cache = tmp_path / "vectors.npz", tmp_path / "cache.npz"
    write_shipped(encoder, TEXTS[:10], shipped)
    first = embed_cached(Encoder(content.sentence_model, content.alike, shipped), TEXTS, cache)
    again = embed_cached(unloaded(content, shipped), TEXTS, cache)
    assert np.allclose(first, again)
    cache.write_bytes(b"not an archive")
    healed = embed_cached(Encoder(content.sentence_model, content.alike, shipped), TEXTS, cache)
    assert np.allclose(first, healed, atol=1e-5)


def test_shipped_vectors_cover_the_examples(content: Content) -> None:
    """Else run ``python -m training.ship_vectors``: a first start would embed them all."""
    texts = [text for moment in content.moments for text in moment.exemplars]
    texts += [text for situation in content.situations for text in situation.exemplars]
    out = np.zeros((len(texts), 384), dtype=np.float32)
    assert len(load_encoder(content).known(texts, out)) / len(texts) > 0.95
