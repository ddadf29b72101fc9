"""The gate between a model and the person: nothing passes that was not reviewed.

A draft is read sentence by sentence, each time with all that came before it. Refused at its start
it is dropped and asked for once more, with the findings; refused later, or again, or if the model
fails, the gate ends without a reply and the caller puts a written one in its place.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from . import sentences
from .errors import ModelError
from .models import ChatModel
from .prompts import ChatMessage
from .types import Event, Finding, Review

_log = logging.getLogger(__name__)

Render = Callable[[Sequence[Finding], str], list[ChatMessage]]
"""Makes the messages for the model from the findings over a refused draft, and that draft."""
Judge = Callable[[str], Review]
"""Reviews a reply, or the beginning of one."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A whole reply that passed, after none (``model``) or one (``repaired``) repair."""

    text: str
    outcome: Literal["model", "repaired"]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Attempt:
    """A draft on its way through: what was written, how much of it was sent, what was found."""

    draft: str = ""
    sent: int = 0
    findings: tuple[Finding, ...] = ()


async def through_gate(
    model: ChatModel, render: Render, judge: Judge
) -> AsyncGenerator[Event | Passed]:
    """Yield ``delta`` events of reviewed text, then ``Passed``; or end without it."""
    refused = _Attempt()
    outcomes: tuple[Literal["model", "repaired"], ...] = ("model", "repaired")
    for outcome in outcomes:
        attempt = _Attempt()
        try:
            async with aclosing(
                _sentences(model, render(refused.findings, refused.draft), attempt, judge)
            ) as ready:
                async for delta in ready:
                    yield delta
        except ModelError as error:
            _log.warning("the model failed: %s", error)
            return
        if not attempt.findings:
            text = attempt.draft.strip()
            review = await asyncio.to_thread(judge, text)
            if review.verdict == "pass":
                if rest := attempt.draft[attempt.sent :].rstrip():
                    yield Event("delta", {"text": rest})
                yield Passed(text, outcome, review.findings)
                return
            attempt.findings = review.findings
        if attempt.sent:
            return
        refused = attempt


async def _sentences(
    model: ChatModel, messages: Sequence[ChatMessage], attempt: _Attempt, judge: Judge
) -> AsyncGenerator[Event]:
    """Stream one draft, a ``delta`` for what passed so far; stops at the first refusal."""
    async with aclosing(_closable(model.stream(messages))) as pieces:
        async for piece in pieces:
            attempt.draft += piece
            if not attempt.sent:
                attempt.draft = attempt.draft.lstrip()
            ready = sentences.complete_length(attempt.draft)
            if ready <= attempt.sent:
                continue
            review = await asyncio.to_thread(judge, attempt.draft[:ready])
            if review.verdict == "block":
                attempt.findings = review.findings
                return
            yield Event("delta", {"text": attempt.draft[attempt.sent : ready]})
            attempt.sent = ready


async def _closable(pieces: AsyncIterator[str]) -> AsyncGenerator[str]:
    async for piece in pieces:
        yield piece
