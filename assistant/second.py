"""A second reading of a message by the language model, where one is set up and wanted.

It can only raise what the screen found; its failure, silence or nonsense changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final, cast

from .errors import ModelError
from .models import ChatModel
from .prompts import ChatMessage
from .types import CATEGORIES, LEVELS, Category, Evidence, Level, Message, Screening, Subject

RULE: Final = "model.second-reading"
SECONDS: Final = 6.0
EARLIER: Final = 4
"""How many earlier messages of the person are shown to it."""
_MOST_CHARS: Final = 60
_ABUSE: Final = ("partner_violence", "sexual_violence", "child_abuse")

_log = logging.getLogger(__name__)


async def second_reading(
    model: ChatModel, instructions: str, text: str, history: Sequence[Message], first: Screening
) -> Screening:
    """Return ``first``, or a graver screening if the model sees one within six seconds.

    A conversation in which a crisis was answered stays at least a concern.
    """
    if first.level == "crisis":
        return first
    if first.level == "none" and any(m.outcome == "escalated" for m in history):
        first = replace(first, level="concern", carried=True)
    mine = [m.text for m in history if m.role == "user"][-EARLIER:]
    earlier = "".join(f"Earlier message: {said}\n" for said in mine)
    asked = [ChatMessage("system", instructions), ChatMessage("user", f"{earlier}Message: {text}")]
    try:
        said = await asyncio.wait_for(_answer(model, asked), SECONDS)
    except (ModelError, TimeoutError) as error:
        _log.warning("the second reading failed: %s", type(error).__name__)
        return first
    except Exception as error:
        _log.error("the second reading failed: %s", type(error).__name__)
        return first
    return _raised(first, said)


async def _answer(model: ChatModel, asked: Sequence[ChatMessage]) -> str:
    said = ""
    async with aclosing(model.stream(asked)) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            said += piece
            if len(said) > _MOST_CHARS:
                break
    return said


def _raised(first: Screening, said: str) -> Screening:
    words = said.lower().replace(",", " ").strip(" .\n`").split()
    if len(words) != 3:
        return first
    level, category, subject = words
    known = level in LEVELS and category in CATEGORIES and subject in ("self", "other")
    if (
        not known
        or category == "none"
        or LEVELS.index(cast("Level", level)) <= LEVELS.index(first.level)
    ):
        return first
    return replace(
        first,
        level=cast("Level", level),
        category=cast("Category", category),
        subject=cast("Subject", subject),
        evidence=(Evidence(RULE, "", 0), *first.evidence),
        carried=False,
        abuse_context=first.abuse_context or category in _ABUSE,
    )
