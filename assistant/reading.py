"""The copy of a reply that checks read: lower-case, undisguised, with a place for each character.

The copy has straight quotes and full forms ("you are", "do not"). Quoted phrases can be masked in
it, because naming a hurtful phrase is not saying it. Every character of the copy knows which
characters of the reply it stands for. Nothing here does I/O.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import decancer_py
import re2

from .content.review import Shared

MASK = "¤"

_EMPHASIS = "*_`~"
_WORD = re2.compile(r"[\pL\pN']+")
_DRAWN_OUT = re2.compile("|".join(f"{c}{{3,}}" for c in "abcdefghijklmnopqrstuvwxyz"))
_SPELLED = re2.compile(r"\b(?:[a-z](?:[.\-_/|]|\s)){3,}[a-z]\b")
_SIGNS = re2.compile(r"[a-z][013457@$][a-z]")
_SIGN_LETTERS = str.maketrans("013457@$", "oleastas")
_BLANKS = re2.compile(r"\s{2,}")
_QUOTE = re2.compile('"')
_SENTENCE_END = re2.compile(r"[.!?:]\s")


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy to match on; ``starts`` and ``ends`` give each character's place in the reply."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def part(self, start: int, end: int) -> Copy:
        """Return the part that stands for characters ``start`` to ``end`` of the reply."""
        left, right = bisect_left(self.starts, start), bisect_left(self.starts, end)
        return self.cut(left, right)

    def cut(self, left: int, right: int) -> Copy:
        """Return the copy's own characters ``left`` to ``right``."""
        return Copy(self.text[left:right], self.starts[left:right], self.ends[left:right])

    def span(self, left: int, right: int) -> tuple[int, int]:
        """Return the place in the reply of the copy's characters ``left`` to ``right``."""
        return self.starts[left], self.ends[right - 1]

    def rewritten(self, pattern: Any, new: Callable[[str], str]) -> Copy:
        """Return a copy in which every match is replaced, at the place of the match."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        last = 0
        for match in pattern.finditer(self.text):
            left, right = match.span()
            piece = new(match.group())
            pieces += self.text[last:left], piece
            starts += *self.starts[last:left], *([self.starts[left]] * len(piece))
            ends += *self.ends[last:left], *([self.ends[right - 1]] * len(piece))
            last = right
        if not last:
            return self
        pieces.append(self.text[last:])
        return Copy("".join(pieces), [*starts, *self.starts[last:]], [*ends, *self.ends[last:]])


class Reader:
    """Makes the copies that checks read."""

    def __init__(self, shared: Shared) -> None:
        full = {
            k: v if k[0].isalpha() and k != "n't" else f" {v}"
            for k, v in shared.contractions.items()
        }
        parts = sorted(full, key=len, reverse=True)
        whole = [re2.escape(p) for p in parts if p[0].isalpha() and p != "n't"]
        ends = [re2.escape(p) for p in parts if not p[0].isalpha()]
        self._full = full
        self._whole = re2.compile(rf"\b(?:{'|'.join(whole)})\b")
        self._not = re2.compile(r"n't\b")
        self._ends = re2.compile(rf"(?:{'|'.join(ends)})\b")
        self._is = re2.compile(rf"\b(?:{shared.pronoun_is})'s\b")
        quoting = shared.quoting
        self._quoting = quoting
        self._scare = re2.compile(rf"(?:{quoting.scare})\s*$")
        self._offered = re2.compile(quoting.offered)
        self._contrasted = re2.compile(quoting.contrasted)
        self._contrasted_after = re2.compile(rf"^(?:{quoting.contrasted_after})")

    def copy(self, text: str) -> Copy:
        """Return the lower-case, undisguised copy of ``text`` with full forms."""
        pieces = [_plain(char) for char in text]
        starts = [i for i, piece in enumerate(pieces) for _ in piece]
        copy = Copy("".join(pieces), starts, [i + 1 for i in starts])
        copy = copy.rewritten(_SPELLED, _unspelled)
        copy = copy.rewritten(_BLANKS, lambda _: " ")
        copy = copy.rewritten(_SIGNS, lambda m: m.translate(_SIGN_LETTERS))
        copy = copy.rewritten(_DRAWN_OUT, lambda m: m[0])
        copy = copy.rewritten(self._whole, lambda m: self._full[m])
        if "'" in copy.text:
            copy = copy.rewritten(self._not, lambda _: self._full["n't"])
            copy = copy.rewritten(self._is, lambda m: m[:-2] + " is")
            copy = copy.rewritten(self._ends, lambda m: self._full[m])
        return copy

    def quotations(self, copy: Copy) -> tuple[tuple[int, int], ...]:
        """Find quotations; the spans are of what stands between the marks."""
        return tuple(_quotations(copy.text, self._quoting.longest))

    def masked(
        self, copy: Copy, quotations: Sequence[tuple[int, int]]
    ) -> tuple[Copy, tuple[tuple[int, int], ...]]:
        """Mask the quotations; returns the copy and those that count as quotations."""
        outside = len(copy.text) - sum(right - left + 2 for left, right in quotations)
        if outside < 3:
            return copy.rewritten(_QUOTE, lambda _: ""), ()
        chars = list(copy.text)
        kept = []
        for left, right in quotations:
            short = len(copy.text[left:right].split()) <= self._quoting.shortest
            if short and self._scare.search(copy.text[: left - 1]):
                chars[left - 1] = chars[right] = ""
                continue
            chars[left:right] = MASK * (right - left)
            kept.append((left, right))
        starts = [copy.starts[i] for i, c in enumerate(chars) if c]
        ends = [copy.ends[i] for i, c in enumerate(chars) if c]
        return Copy("".join(chars), starts, ends), tuple(kept)

    def offered(self, copy: Copy, quotations: Sequence[tuple[int, int]]) -> Iterator[Copy]:
        """Return the quoted phrases that the reply offers for saying."""
        text, last = copy.text, 0
        for left, right in quotations:
            lead = text[last : max(last, left - 1)]
            ends = [match.end() for match in _SENTENCE_END.finditer(lead.rstrip(" :"))]
            lead = lead[ends[-1] :] if ends else lead
            last = right
            after = text[right + 1 : right + 40]
            if (
                right > left
                and self._offered.search(lead)
                and not self._contrasted.search(lead)
                and not self._contrasted_after.search(after)
            ):
                yield copy.cut(left, right)


def words(text: str) -> list[str]:
    """Return the words of ``text``."""
    return [match.group() for match in _WORD.finditer(text)]


def _unspelled(run: str) -> str:
    return "".join(c for c in run if c.isalpha())


def _quotations(text: str, longest: int) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(text):
        mark = text[at]
        if mark == '"' or (mark == "'" and _opens(text, at)):
            end = _closing(text, at, longest)
            if end is not None:
                yield at + 1, end
                at = end
        at += 1


def _opens(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    return not before.isalnum() and text[at + 1 : at + 2].isalnum()


def _closing(text: str, at: int, longest: int) -> int | None:
    mark = text[at]
    for end in range(at + 1, min(len(text), at + longest)):
        if text[end] != mark:
            continue
        if mark == '"':
            return end
        if not text[end - 1].isspace() and not text[end + 1 : end + 2].isalnum():
            return end
    return None


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """Return what a character is read as: nothing, white space, or lower-case signs."""
    if char in _EMPHASIS:
        return ""
    if char.isascii():
        return " " if char.isspace() else char.lower() if char.isprintable() else ""
    category = unicodedata.category(char)
    if category[0] == "Z":
        return " "
    if category[0] == "C" or category in ("Mn", "Me") or char in "\u115f\u1160\u3164\uffa0":
        return ""
    if char in "‘’‚‛ʼʹ′´＇ʻ":
        return "'"
    if char in "“”„‟″«»＂":
        return '"'
    if category[0] in "LNS":
        read = str(decancer_py.parse(char)) or unicodedata.normalize("NFKC", char)
        return read.lower() if len(read) <= 4 else char
    return unicodedata.normalize("NFKC", char).lower() if char != "…" else "…"
