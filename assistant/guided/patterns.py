"""Patterns over what a person wrote, whatever its capitals and apostrophes."""

from __future__ import annotations

from collections.abc import Iterable

import re2


def plain(text: str) -> str:
    """The text in lower case with straight apostrophes."""
    return text.lower().replace("’", "'")


class Patterns:
    """Linear-time patterns (RE2), looked for in the :func:`plain` form of a text."""

    def __init__(self, sources: Iterable[str]) -> None:
        """``sources`` are written for lower-case text."""
        self._regexes = [re2.compile(source) for source in sources]

    def found_in(self, text: str) -> bool:
        """Whether one of them matches somewhere in a text."""
        lowered = plain(text)
        return any(regex.search(lowered) for regex in self._regexes)
