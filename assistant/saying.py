"""What a person sent, and what is needed to answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .content.exercises import Exercise
from .errors import InputError, MessageTooLong
from .types import Message

MAX_CHARS = 8000


@dataclass(frozen=True, slots=True)
class Saying:
    """One message to be answered: its text, what came before, and in which exercise."""

    text: str
    exercise: Exercise
    history: Sequence[Message]
    inputs: Mapping[str, str]
    country: str | None


def clean(text: str) -> str:
    """Return the message without control characters and lone surrogates.

    Raises ``InputError`` for a text with nothing in it, ``MessageTooLong`` past 8,000 characters.
    """
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")
    text = "".join(c for c in text if c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f"))
    text = text.strip()
    if not text:
        raise InputError("There is nothing in this message yet. Write a few words and send again.")
    if len(text) > MAX_CHARS:
        raise MessageTooLong(
            f"This message has {len(text):,} characters, and {MAX_CHARS:,} are allowed. "
            "Nothing was lost: shorten it, or send it in parts."
        )
    return text
