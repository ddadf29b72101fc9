"""Where sentences begin and end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from assistant import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("That stung. What helps?", ["That stung.", "What helps?"]),
        ("He said “No.” Then he left.", ["He said “No.”", "Then he left."]),
        ("Dr. Lee listened, e.g. on Monday.", ["Dr. Lee listened, e.g. on Monday."]),
        ("It was 3.5 hours.", ["It was 3.5 hours."]),
        ("Wait… really?! Yes", ["Wait…", "really?!", "Yes"]),
        ("One line\n\nAnother line", ["One line", "Another line"]),
        ("你好。再见！", ["你好。", "再见！"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_text_is_split_at_the_ends_of_sentences(text: str, expected: list[str]) -> None:
    assert sentences.split(text) == expected


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("That stung.", ""),
        ("That stung. What", "That stung."),
        ("It took 3.", ""),
        ("It took 3.5 hours. So", "It took 3.5 hours."),
        ("Well..", ""),
        ("All your ", ""),
        ("Yes. All your ", "Yes."),
        ("One. Two.\n", "One. Two."),
    ],
)
def test_a_stream_is_cut_only_after_a_sentence_that_has_ended(text: str, whole: str) -> None:
    assert text[: sentences.complete_length(text)] == whole


@given(st.text(alphabet="ab.!?… \n\"'", max_size=80))
def test_no_character_is_lost_and_spans_are_in_order(text: str) -> None:
    found = sentences.spans(text)
    inside = "".join(text[start:end] for start, end in found)
    assert "".join(inside.split()) == "".join(text.split())
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    assert all(text[s:e] == text[s:e].strip() and s < e for s, e in found)
