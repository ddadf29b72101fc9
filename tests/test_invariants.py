"""What holds for every guided reply, whatever is said: played on scripted and on random talk."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from talking import talk

from assistant.content import Content
from assistant.conversation import Assistant
from assistant.guided.clauses import turn_clauses
from assistant.guided.people import find_partner
from assistant.sentences import split
from assistant.simulation import Person, load_persons
from assistant.types import Reply

PERSONS = load_persons(Path(__file__).parent.parent / "evals" / "persons")
SAID = sorted({text for person in PERSONS for text in person.messages})
DOUBLED = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)
FINE_TWICE = {"that", "had", "you", "really", "very", "so", "no", "her", "ha", "is"}
BROKEN = re.compile(
    r"[{}]|\byou your\b|\byou's\b|\byou am\b|\byou was\b|\byour am\b"
    r"|\s[.,!?](?!\.)|(?<!\.)\.\.(?!\.)|,\.",
    re.IGNORECASE,
)
MOST_WORDS = 120
STANDING = 4
"""Words from which a sentence must not come back."""


def check_whole(reply: Reply, text: str) -> None:
    """A reply is there, short, and has no open slot, doubled word or broken joint."""
    assert reply.text.strip()
    assert len(reply.text.split()) <= MOST_WORDS, reply.text
    own = {m.group(0).lower() for m in DOUBLED.finditer(text)}
    for match in DOUBLED.finditer(reply.text):
        twice = match.group(1).lower()
        assert twice in FINE_TWICE or match.group(0).lower() in own, reply.text
    assert not BROKEN.search(reply.text), reply.text


def check_no_line_twice(replies: list[Reply], said: list[str]) -> None:
    """No sentence of the assistant's own comes twice, outside of the questions of a step."""
    theirs = " ".join(said).lower()
    seen: set[str] = set()
    for reply in replies:
        if reply.outcome == "escalated":
            continue
        for sentence in split(reply.text):
            words = sentence.lower().strip(" .!?\"'”")
            if len(words.split()) < STANDING or words in theirs or reply.step:
                continue
            assert words not in seen, sentence
            seen.add(words)


@pytest.mark.parametrize("person", PERSONS, ids=[person.id for person in PERSONS])
async def test_scripted_talk(assistant: Assistant, person: Person) -> None:
    said = list(person.messages)
    replies = await talk(assistant, *said, exercise=person.exercise)
    for text, reply in zip(said, replies, strict=True):
        check_whole(reply, text)
    check_no_line_twice(replies, said)


@hypothesis_settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=st.lists(st.sampled_from(SAID), min_size=40, max_size=40))
def test_no_line_comes_twice_in_forty_turns_of_anything(
    assistant: Assistant, said: list[str]
) -> None:
    replies = asyncio.run(talk(assistant, *said))
    for text, reply in zip(said, replies, strict=True):
        check_whole(reply, text)
    check_no_line_twice(replies, said)


@pytest.mark.parametrize("word", ["yes", "no", "idk", "ok", "hm", "thanks", "lol", "?", "he left"])
async def test_same_word_forty_times_gets_forty_answers(assistant: Assistant, word: str) -> None:
    replies = await talk(assistant, *[word] * 40)
    check_no_line_twice(replies, [word])
    for reply in replies:
        check_whole(reply, word)


@pytest.mark.parametrize("text", SAID[::3])
def test_turned_clause_keeps_its_negation_and_its_names(content: Content, text: str) -> None:
    partner = find_partner([text], content.language)
    for clause in turn_clauses(text, content.language, partner):
        original = text[clause.start : clause.end]
        negations = ("n't", "n’t", " not ", "never", "nothing", "nobody", " no ")
        negated = any(mark in f" {original.lower()} " for mark in negations)
        if negated and clause.negated:
            assert any(mark in f" {clause.text.lower()} " for mark in negations), clause.text
        for name in re.findall(r"(?<=[a-z] )[A-Z][a-z]{2,}", original):
            assert name.lower() in clause.text.lower(), (original, clause.text)
