"""The gate alone: a small fake model and a small judge, every split of the stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest

from assistant.errors import ModelError
from assistant.gate import Passed, through_gate
from assistant.prompts import ChatMessage
from assistant.types import Event, Finding, Review

GOOD = "That hurts. I get why it stung."


class Model:
    """Says its drafts in pieces of ``size`` characters; may fail after a number of pieces."""

    name = "fake:test"
    host = ""

    def __init__(self, *drafts: str, size: int, fails_after: int = -1) -> None:
        self.drafts = list(drafts)
        self.size = size
        self.fails_after = fails_after
        self.asked: list[Sequence[ChatMessage]] = []

    async def stream(self, messages: Sequence[ChatMessage]) -> AsyncIterator[str]:
        self.asked.append(messages)
        draft = self.drafts.pop(0)
        for number, at in enumerate(range(0, len(draft), self.size)):
            if number == self.fails_after:
                raise ModelError("cut")
            yield draft[at : at + self.size]


def judge(text: str) -> Review:
    at = text.find("fault")
    if at < 0:
        return Review("pass")
    finding = Finding("blame", "block", at, at + 5, "fault", "It blames.")
    return Review("block", (finding,))


async def passed(model: Model) -> tuple[str, Passed | None, list[Sequence[Finding]]]:
    told: list[Sequence[Finding]] = []

    def render(findings: Sequence[Finding], draft: str) -> list[ChatMessage]:
        told.append(findings)
        return [ChatMessage("user", draft)]

    shown, whole = "", None
    async for step in through_gate(model, render, judge):
        if isinstance(step, Event):
            shown += step.payload["text"]
        else:
            whole = step
    return shown, whole, told


@pytest.mark.parametrize("size", range(1, 12))
async def test_kind_draft_passes_whole_at_every_split(size: int) -> None:
    shown, whole, _ = await passed(Model(GOOD, size=size))
    assert shown == GOOD
    assert whole is not None
    assert (whole.text, whole.outcome) == (GOOD, "model")


@pytest.mark.parametrize("size", range(1, 12))
async def test_refused_start_shows_nothing_of_it_and_is_repaired(size: int) -> None:
    model = Model("All your fault. " + GOOD, GOOD, size=size)
    shown, whole, told = await passed(model)
    assert shown == GOOD
    assert whole is not None
    assert whole.outcome == "repaired"
    assert [f.check for f in told[1]] == ["blame"]
    assert model.asked[1][0].text.startswith("All your fault.")


@pytest.mark.parametrize("size", range(1, 12))
async def test_late_refusal_ends_without_a_reply_and_shows_only_what_passed(size: int) -> None:
    shown, whole, _ = await passed(Model("That hurts. But it is your fault. Bye.", size=size))
    assert whole is None
    assert shown == "That hurts."


async def test_second_refusal_ends_without_a_reply() -> None:
    shown, whole, told = await passed(Model("your fault", "my fault", size=3))
    assert (shown, whole, len(told)) == ("", None, 2)


async def test_cut_stream_ends_without_a_reply() -> None:
    _, whole, _ = await passed(Model(GOOD, size=4, fails_after=5))
    assert whole is None
