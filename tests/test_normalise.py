"""The normalised copy: disguises are read through, ordinary text stays readable."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from assistant.content.crisis import load_spelling
from assistant.errors import ContentError
from assistant.normalise import Normaliser, normalise

KNOWLEDGE = Path(__file__).resolve().parent.parent / "knowledge"


@pytest.mark.parametrize(
    ("text", "copy"),
    [
        ("I don’t want to", "i do not want to"),
        ("dont im cant wanna gonna", "do not i am can not want to going to"),
        ("k i l l   m y s e l f", "kill myself"),
        ("i w a n t t o d i e", "i want to die"),
        ("k*ll mys*lf", "kill myself"),
        ("s.u.i.c.i.d.e", "suicide"),
        ("su1c1d3", "suicide"),
        ("k1ll my53lf", "kill myself"),
        ("$uicide, d!e", "suicide, die"),
        ("i want to diiiie", "i want to die"),
        ("sooooo tired", "so tired"),
        ("sucide, kil myself", "suicide, kill myself"),
        ("kms", "kill myself"),
        ("unalive myself, unaliving", "kill myself, killing"),
        ("i want to unalive", "i want to kill myself"),
        ("sewerslide", "suicide"),
        ("I started sh again", "i started self harm again"),
        ("#killmyself", "#kill myself"),
        ("kill_myself kill-myself i.want.to.die", "kill myself kill myself i want to die"),
        ("ki\u200bll my\u00adself\U000e0041", "kill myself"),
        ("\u202ekill\u202c", "kill"),
        ("K̷i̷l̷l̷", "kill"),
        ("𝓴𝓲𝓵𝓵 ᴍʏsᴇʟғ ⓚⓘⓛⓛ", "kill myself kill"),
        ("кill mуsеlf", "kill myself"),
        ("ǝᴉp oʇ ʇuɐʍ I", "i want to die"),
        ("done 💊🔪", "done pills knife"),
    ],
)
def test_disguises_are_read_through(text: str, copy: str) -> None:
    assert normalise(text) == copy


@pytest.mark.parametrize(
    "text",
    [
        "3 kids and c++ at 7pm for $5",
        "another soldier studies skill, heartless",
        "the u2 song at 10:30, route 66",
        "good feelings need a book and coffee too",
        "she said: not now, maybe later (or never)",
        "hush, the radish is fresh",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert normalise(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "я хочу умереть",
        "我想死",
        "死にたい",
        "मैं मरना चाहता हूँ",
        "죽고 싶어",
        "он сказал: не хочу жить",
    ],
)
def test_words_of_other_scripts_stay(text: str) -> None:
    assert normalise(text) == text


def test_accents_of_latin_letters_are_dropped_and_arabic_is_made_uniform() -> None:
    assert normalise("Él me golpeó, möchte, chcę") == "el me golpeo, mochte, chce"
    assert normalise("أريد أن أموت") == "اريد ان اموت"


def test_a_distance_is_not_a_threat() -> None:
    assert "kill" not in normalise("I ran 10 kms and she walked 5kms")


def test_lone_surrogates_and_controls_are_survived() -> None:
    assert normalise("\ud83d kill\x00 me\x07") == "\ufffd kill me"


def test_sentence_ends_and_lines_are_kept() -> None:
    assert normalise("One.\n\n Two!  Three?") == "one.\ntwo! three?"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_a_copy(text: str) -> None:
    copy = normalise(text)
    assert isinstance(copy, str)
    copy.encode("utf-8")


@pytest.mark.parametrize(
    "text",
    ["a " * 50_000, "a" * 100_000, "é а" * 30_000, "k*" * 50_000, "s.u." * 25_000, "\n " * 50_000,
     "i want " * 14_000, "ǝʇ" * 50_000, "&" * 100_000, "don't " * 16_000, "\u0301" * 100_000,
     "!" * 100_000 + "x", " " * 100_000 + "x", "a-" * 50_000, "1" * 100_000],
)  # fmt: skip
def test_a_long_text_takes_little_time(text: str) -> None:
    started = time.perf_counter()
    normalise(text)
    assert time.perf_counter() - started < 3


def test_the_shipped_file_is_valid_and_is_the_default() -> None:
    normaliser = Normaliser(load_spelling(KNOWLEDGE))
    assert normaliser("I'm gonna k1ll it") == normalise("I'm gonna k1ll it")


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "crisis").mkdir()
    (tmp_path / "crisis" / "normalise.yaml").write_text("emoji: {}\n")
    with pytest.raises(ContentError, match=r"normalise\.yaml"):
        load_spelling(tmp_path)
