"""The screen's encoder: it reads what phrases can't say, all of a long text, and fails closed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.content import Content
from assistant.risk import MAX_WINDOWS, WINDOW_WORDS, RiskEncoder, windows
from assistant.screening import Screener
from assistant.types import LEVELS

ASIDE = Path(__file__).parent.parent / "evals" / "aside" / "screening.jsonl"
HARMLESS = "We had lunch at my mother's and then he washed the car while I read the paper. "


@pytest.fixture(scope="module")
def encoder(content: Content) -> RiskEncoder:
    return RiskEncoder(content.crisis.model)


@pytest.fixture(scope="module")
def screener(content: Content, encoder: RiskEncoder) -> Screener:
    return Screener(content.crisis, encoder)


def test_short_texts_are_read_whole() -> None:
    assert windows("he forgot again.") == ["he forgot again."]
    assert windows("") == [""]


def test_every_sentence_of_a_long_text_stands_in_a_window() -> None:
    text = " ".join(f"This is sentence number {n} of a long story." for n in range(60))
    views = windows(text)
    assert all(len(view.split()) <= WINDOW_WORDS for view in views)
    assert all(any(f"number {n} " in view for view in views) for n in range(60))


def test_endless_texts_are_read_in_a_bounded_number_of_windows() -> None:
    assert len(windows("word " * 100_000)) == MAX_WINDOWS
    assert len(windows("no. " * 50_000)) == MAX_WINDOWS


def test_danger_in_other_words_is_read(encoder: RiskEncoder) -> None:
    (grave,) = encoder.read("I've decided, and I feel so calm now. The letters are in the drawer.")
    (plain,) = encoder.read("She put the letters in the drawer and we went to the beach.")
    assert grave.concern > plain.concern
    assert 0 <= plain.crisis <= plain.concern + 0.2


def test_sentence_buried_in_harmless_words_is_found(screener: Screener) -> None:
    text = HARMLESS * 25 + "Last night I counted out all my pills. " + HARMLESS * 25
    assert screener.screen(text).level == "crisis"
    assert screener.screen(HARMLESS * 50).level == "none"


def test_missing_or_damaged_model_raises_to_concern(content: Content, tmp_path: Path) -> None:
    for model in (tmp_path / "none.onnx", tmp_path / "damaged.onnx"):
        if model.name.startswith("damaged"):
            model.write_bytes(b"not a model")
        screening = Screener(content.crisis, RiskEncoder(model)).screen("we had a nice walk")
        assert screening.level == "concern"
        assert screening.evidence[0].rule == "screen.failed"


def test_encoder_never_lowers_what_the_rules_say(content: Content, screener: Screener) -> None:
    rules = Screener(content.crisis)
    for line in ASIDE.read_text().splitlines()[::8]:
        text = json.loads(line)["text"]
        alone, together = rules.screen(text).level, screener.screen(text).level
        assert LEVELS.index(together) >= LEVELS.index(alone)


def test_blind_messages_are_screened_about_as_well_as_measured(screener: Screener) -> None:
    """Floors under the figures of ``docs/measurements.md``, on messages written blind."""
    caught = dangerous = alarms = harmless = 0
    for line in ASIDE.read_text().splitlines():
        row = json.loads(line)
        if row.get("history"):
            continue
        level = screener.screen(row["text"]).level
        if row["level"] == ["none"]:
            harmless += 1
            alarms += level != "none"
        elif "none" not in row["level"]:
            dangerous += 1
            caught += level != "none"
    assert caught / dangerous >= FLOOR_CAUGHT
    assert alarms / harmless <= CEILING_ALARMS


FLOOR_CAUGHT = 0.76
CEILING_ALARMS = 0.11
