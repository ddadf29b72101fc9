"""Where sentences begin and end, in text that people and chat models write."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s|$)|[。！？]+|\n+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘])(?:mr|mrs|ms|dr|st|e\.g|i\.e|vs|etc|a\.m|p\.m|no)\.$", re.IGNORECASE
)


def spans(text: str) -> list[tuple[int, int]]:
    """Return ``(start, end)`` character spans of the sentences of ``text``, without outer space.

    Every character that is not white space belongs to exactly one span.
    """
    found: list[tuple[int, int]] = []
    start = 0
    for end in (*_ends(text), len(text)):
        piece = text[start:end]
        if stripped := piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            found.append((left, left + len(stripped)))
        start = end
    return found


def split(text: str) -> list[str]:
    """Return the sentences of ``text``."""
    return [text[start:end] for start, end in spans(text)]


def complete_length(text: str) -> int:
    """Return how many leading characters of ``text`` are whole sentences.

    A sentence is whole once white space follows its end, so that a stream cut inside ``3.5`` or
    ``...`` is not taken for one.
    """
    whole = [end for end in _ends(text) if text[end - 1] == "\n" or text[end : end + 1].isspace()]
    return len(text[: whole[-1]].rstrip()) if whole else 0


def _ends(text: str) -> Iterator[int]:
    """The places right behind each end of a sentence."""
    for match in _END.finditer(text):
        end = match.end()
        dot = text[match.start()] == "."
        if not (dot and _ABBREVIATION.search(text[max(0, end - 12) : end])):
            yield end
