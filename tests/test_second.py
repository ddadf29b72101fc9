"""The language model's second reading for danger: it can only raise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from assistant.content import Content
from assistant.conversation import Assistant
from assistant.errors import ModelError
from assistant.prompts import ChatMessage
from assistant.second import RULE, second_reading
from assistant.settings import Settings
from assistant.types import Message, Screening

HARMLESS = "I gave the rabbit and the good knives to my sister today"


class Reader:
    """A model that answers the second reading with fixed words, and drafts with a fixed reply."""

    name = "test:reader"
    host = ""

    def __init__(self, said: str | Exception, delay: float = 0.0) -> None:
        self.said, self.delay = said, delay
        self.asked: list[Sequence[ChatMessage]] = []

    async def stream(self, messages: Sequence[ChatMessage]) -> AsyncIterator[str]:
        self.asked.append(messages)
        await asyncio.sleep(self.delay)
        if isinstance(self.said, Exception):
            raise self.said
        for letter in self.said:
            yield letter


async def read(said: str | Exception, first: Screening, *history: Message) -> Screening:
    return await second_reading(Reader(said), "Classify.", HARMLESS, history, first)


@pytest.mark.parametrize(
    ("said", "level", "category"),
    [
        ("crisis suicide self", "crisis", "suicide"),
        ("Concern, suicide, self.", "concern", "suicide"),
        ("crisis partner_violence other\n", "crisis", "partner_violence"),
        ("none none self", "none", "none"),
        ("crisis none self", "none", "none"),
        ("extreme suicide self", "none", "none"),
        ("I think that this is a crisis, suicide, self", "none", "none"),
        ("", "none", "none"),
        ("x" * 5000, "none", "none"),
    ],
)
async def test_only_three_known_words_raise_a_level(said: str, level: str, category: str) -> None:
    found = await read(said, Screening())
    assert (found.level, found.category) == (level, category)
    assert (level != "none") == any(e.rule == RULE for e in found.evidence)


@pytest.mark.parametrize("said", ["none none self", "concern suicide self"])
async def test_it_never_lowers(said: str) -> None:
    for first in (Screening("concern", "self_harm"), Screening("crisis", "suicide")):
        assert await read(said, first) == first


@pytest.mark.parametrize("error", [ModelError("gone"), ValueError("odd")])
async def test_its_failure_changes_nothing(error: Exception) -> None:
    assert await read(error, Screening("concern", "suicide")) == Screening("concern", "suicide")


async def test_a_slow_model_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.second.SECONDS", 0.01)
    slow = Reader("crisis suicide self", delay=5)
    assert await second_reading(slow, "Classify.", HARMLESS, (), Screening()) == Screening()


async def test_after_an_answered_crisis_it_stays_at_least_a_concern() -> None:
    answered = Message("assistant", "…", outcome="escalated")
    assert (await read("none none self", Screening(), answered)).level == "concern"


async def test_abuse_that_it_sees_keeps_couple_exercises_away() -> None:
    found = await read("concern partner_violence self", Screening())
    assert found.abuse_context


@pytest.mark.parametrize(("wanted", "outcome"), [(True, "escalated"), (False, "model")])
async def test_it_is_asked_only_where_it_is_wanted(
    settings: Settings, wanted: bool, outcome: str
) -> None:
    class Both(Reader):
        async def stream(self, messages: Sequence[ChatMessage]) -> AsyncIterator[str]:
            self.asked.append(messages)
            first = messages[0].text.startswith("You read messages")
            yield "crisis suicide self" if first else "That sounds like a heavy day for you."

    model = Both("")
    told = settings.model_copy(update={"second_reading": wanted})
    assistant = Assistant.from_settings(told, store=False, model=model)
    reply = await assistant.reply(HARMLESS)
    assert reply.outcome == outcome
    assert sum(m[0].text.startswith("You read messages") for m in model.asked) == wanted


def test_its_instructions_name_every_level_and_category(content: Content) -> None:
    from assistant.types import CATEGORIES, LEVELS

    said = content.partials.second_reading
    assert all(word in said for word in (*LEVELS, *CATEGORIES))
