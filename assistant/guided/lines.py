"""Choosing written lines: no line twice in a conversation, no slot left open."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from .. import sentences
from ..content.guided import slots_of
from .patterns import plain

_SLOT = re.compile(r"\{(\w+)\}")
_STATIC_CHARS = 12
NOTICED = 4
"""Words from which a sentence must not come back."""
OWN_WORDS = frozenset({"clause", "want", "echo", "feeling", "quote"})
"""Slots that hold what the person said."""


class Lines:
    """Picks lines that were not said yet.

    ``said`` is everything the assistant said before in this conversation; ``seed`` makes the
    choice among equals vary from one conversation to the next while staying repeatable. Lines with
    one of the words ``without`` are not picked: feelings that the person ruled out.
    """

    def __init__(self, said: Sequence[str], seed: str, without: Iterable[str] = ()) -> None:
        self._without = frozenset(without)
        self._said = " ".join(_plain(text) for text in said)
        self._seed = f"{seed}\0{len(said)}"

    def pick(self, lines: Sequence[str], slots: Mapping[str, str]) -> str | None:
        """Return one unsaid line whose slots can all be filled, filled, if there is one."""
        usable = [
            line
            for line in lines
            if slots_of(line) <= set(slots)
            and not self._used_up(line, slots)
            and self._without.isdisjoint(_plain(line).replace(",", " ").replace(".", " ").split())
        ]
        if not usable:
            return None

        def rank(line: str) -> str:
            return hashlib.sha256(f"{self._seed}\0{line}".encode()).hexdigest()

        chosen = fill(min(usable, key=rank), slots)
        self._said += " " + _plain(chosen)
        return chosen

    def _used_up(self, line: str, slots: Mapping[str, str]) -> bool:
        """Whether a line can't be said again. One that is hardly more than the person's own words
        ("So {clause}.") may be, with other words of theirs."""
        own = slots_of(line) & OWN_WORDS
        bare = max(len(_plain(piece)) for piece in _SLOT.split(line)[::2]) < _STATIC_CHARS
        return self.said(fill(line, slots)) if own and bare else self.was_said(line)

    def was_said(self, line: str) -> bool:
        """Whether the line, whatever filled its slots, stands in what was said before."""
        pieces = [_plain(piece) for piece in _SLOT.split(line)[::2]]
        longest = max(pieces, key=len)
        if len(longest) < _STATIC_CHARS:
            return all(piece in self._said for piece in pieces if piece)
        return longest in self._said or any(whole in self._said for whole in _wholes(line))

    def said(self, text: str) -> bool:
        """Whether this text stands in what was said before."""
        return bool(text) and _plain(text) in self._said


@lru_cache(maxsize=8192)
def _wholes(line: str) -> tuple[str, ...]:
    """The sentences of a line that are long enough to be noticed again and hold no slot."""
    pieces = sentences.split(line)
    return tuple(_plain(p) for p in pieces if len(p.split()) >= NOTICED and not slots_of(p))


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
    return " ".join(plain(text).split()).strip(" .,!?…\"'")
