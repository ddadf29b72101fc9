"""Choosing written lines: no line twice in a conversation, no slot left open."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from ..content.guided import slots_of

_SLOT = re.compile(r"\{(\w+)\}")
_STATIC_CHARS = 12


class Lines:
    """Picks lines that were not said yet.

    ``said`` is everything the assistant said before in this conversation; ``seed`` makes the
    choice among equals vary from one conversation to the next while staying repeatable.
    """

    def __init__(self, said: Sequence[str], seed: str) -> None:
        self._said = " ".join(_plain(text) for text in said)
        self._seed = seed

    def pick(
        self, lines: Sequence[str], slots: Mapping[str, str], prefer: Sequence[str] = ()
    ) -> str | None:
        """Return one unsaid line whose slots can all be filled, filled; ``None`` if there is none.

        Lines that use a slot of ``prefer`` come first, in that order.
        """
        usable = [
            line for line in lines if slots_of(line) <= set(slots) and not self.was_said(line)
        ]
        if not usable:
            return None

        def rank(line: str) -> tuple[int, str]:
            used = slots_of(line)
            place = next((i for i, slot in enumerate(prefer) if slot in used), len(prefer))
            digest = hashlib.sha256(f"{self._seed}\0{line}".encode()).hexdigest()
            return place, digest

        chosen = fill(min(usable, key=rank), slots)
        self._said += " " + _plain(chosen)
        return chosen

    def was_said(self, line: str) -> bool:
        """Whether the line, whatever filled its slots, stands in what was said before."""
        pieces = [_plain(piece) for piece in _SLOT.split(line)[::2]]
        longest = max(pieces, key=len)
        if len(longest) < _STATIC_CHARS:
            return all(piece in self._said for piece in pieces if piece)
        return longest in self._said

    def said(self, text: str) -> bool:
        """Whether this text stands in what was said before."""
        return bool(text) and _plain(text) in self._said


def fill(line: str, slots: Mapping[str, str]) -> str:
    """Fill the slots of a line; a filled slot at the start of a sentence gets a capital."""
    pieces: list[str] = []
    for number, piece in enumerate(_SLOT.split(line)):
        if number % 2 == 0:
            pieces.append(piece)
            continue
        value = slots[piece]
        before = "".join(pieces).rstrip()
        if not before or before[-1] in ".!?…\"'“":
            value = value[:1].upper() + value[1:]
        pieces.append(value)
    return "".join(pieces)


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").split()).strip(" .,!?…\"'")
