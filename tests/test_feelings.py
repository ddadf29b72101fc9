"""Which feelings a person names, whose they are, and which only seem to be there."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from assistant.content.guided import Feelings, load_feelings
from assistant.content.language import load_language
from assistant.guided.feelings import FeelingFinder, NamedFeeling

ROOT = Path(__file__).resolve().parent.parent


@cache
def feelings() -> Feelings:
    return load_feelings(ROOT / "knowledge")


@cache
def finder() -> FeelingFinder:
    return FeelingFinder(feelings(), load_language(ROOT / "knowledge"))


def find(text: str) -> list[NamedFeeling]:
    return finder().find(text)


def own(text: str) -> list[str]:
    """The ids of feelings that the person names and has."""
    return [f.id for f in find(text) if f.owner == "person" and not f.negated and not f.assumed]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("I feel hurt", ["hurt"]),
        ("I was gutted", ["heartbroken"]),
        ("so pissed off right now", ["angry"]),
        ("I'm fed up and on edge", ["frustrated", "anxious"]),
        ("I am sad, angry and confused", ["sad", "angry", "confused"]),
        ("he made me angry", ["angry"]),
        ("my heart is broken", ["heartbroken"]),
        ("It hurts so much", ["hurt"]),
        ("He hurt my feelings", ["hurt"]),
        ("angry. sad. alone.", ["angry", "sad", "lonely"]),
        ("honestly just numb", ["numb"]),
        ("I feel like I'm walking on eggshells", ["anxious"]),
        ("I told my husband how sad I was", ["sad"]),
        ("why am I so sad?", ["sad"]),
        ("I'm not just angry, I'm hurt", ["angry", "hurt"]),
        ("I've never been so hurt", ["hurt"]),
        ("I can't help feeling jealous", ["jealous"]),
        ("I resent him for it", ["resentful"]),
        ("I’m so proud of her", ["proud"]),
        ("We laughed and I felt close to him", ["loved"]),
        ("IM SO TIRED", ["tired"]),
        ("I'm scared he will leave", ["scared"]),
        ("I feel guilty about yelling", ["guilty"]),
        ("I feel torn", ["torn"]),
        ("I've been feeling really down", ["down"]),
        ("I'm starting to feel anxious", ["anxious"]),
        ("left me feeling empty", ["numb"]),
    ],
)
def test_named(text: str, ids: list[str]) -> None:
    assert own(text) == ids


@pytest.mark.parametrize(
    "text",
    [
        "would you be angry?",
        "he walked down the street in a blue car",
        "happy to help",
        "I'm afraid not",
        "I'm sorry I'm late",
        "he is a mad scientist",
        "Happy birthday to me",
        "calm down, he said",
        "should I be worried?",
        "I want to be happy",
        "I wish I was calm",
        "if I get angry he leaves",
        "I would be furious",
        'he said "I\'m angry" and left',
        "he was furious with me",
        "my husband is angry",
        "she cried",
        "she says I'm too angry",
        "he called me jealous",
        "I'm not angry",
        "I don't feel happy anymore",
        "I used to be happy",
        "I feel neither loved nor supported",
        "we moved to a small flat",
        "I left the keys at my sister's",
        "He told me to sit down",
        "I ignored him",
        "",
    ],
)
def test_not_the_persons_own_feeling(text: str) -> None:
    assert own(text) == []


def test_negation_ends_at_the_comma() -> None:
    angry, tired = find("not angry, just tired")
    assert (angry.id, angry.negated) == ("angry", True)
    assert (tired.id, tired.negated) == ("tired", False)


def test_negation_reaches_over_or() -> None:
    assert [f.negated for f in find("I'm not sad or angry")] == [True, True]


@pytest.mark.parametrize(
    ("text", "grade"),
    [("I feel hurt", 2), ("I feel so hurt", 3), ("I feel a bit hurt", 1), ("I'm a little sad", 1),
     ("I'm furious", 3), ("I'm so furious", 3), ("I'm slightly annoyed", 1)],
)  # fmt: skip
def test_grade(text: str, grade: int) -> None:
    assert find(text)[0].grade == grade


def test_somebody_elses_feeling_is_theirs() -> None:
    first, second = find("my husband is angry with me and I feel scared")
    assert (first.id, first.owner) == ("angry", "other")
    assert (second.id, second.owner) == ("scared", "person")


@pytest.mark.parametrize(
    ("text", "under"),
    [("I feel ignored", "lonely"), ("he ignored me all night", "lonely"),
     ("I feel used", "resentful"), ("I felt attacked", "hurt")],
)  # fmt: skip
def test_a_word_that_judges_conduct_is_only_a_guess(text: str, under: str) -> None:
    named = find(text)[0]
    assert named.assumed
    assert named.id == under


def test_the_span_points_at_the_word() -> None:
    text = "Well, I’m really fed up."
    named = find(text)[0]
    assert text[named.start : named.end] == "fed up"


def test_every_word_is_found_in_a_plain_sentence() -> None:
    """Each adjective of the file can be found after "I feel", so that no entry is dead."""
    missed = [
        (feeling.id, word)
        for feeling in feelings().feelings
        for word in feeling.words
        if feeling.id not in {f.id for f in [*find(f"I feel {word}"), *find(word)]}
    ]
    assert missed == []


def test_every_feeling_has_exemplars_that_do_not_name_it() -> None:
    for feeling in feelings().feelings:
        assert 4 <= len(feeling.exemplars) <= 8, feeling.id
        for exemplar in feeling.exemplars:
            assert feeling.id not in {f.id for f in find(exemplar) if not f.negated}, exemplar


def test_every_guess_points_at_a_feeling() -> None:
    ids = {feeling.id for feeling in feelings().feelings}
    assert set(feelings().not_feelings.values()) <= ids


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_taken(text: str) -> None:
    for named in find(text):
        assert 0 <= named.start < named.end <= len(text)
        assert 1 <= named.grade <= 3


@pytest.mark.parametrize("piece", ["sad ", "I am ", "not ", "angry, ", "he ", "my husband ", '"'])
def test_a_long_text_takes_time_in_proportion(piece: str) -> None:
    text = (piece * (100_000 // len(piece) + 1))[:100_000]
    began = time.perf_counter()
    find(text)
    assert time.perf_counter() - began < 20
