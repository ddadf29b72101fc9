"""What was said before in a conversation: feelings, wishes and facts, and what was just asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..content.language import Language
from ..types import Message
from .addressing import addressed
from .clauses import Clause
from .people import Partner
from .understanding import Reader

_ABOUT = frozenset(["he", "she", "him", "her", "his", "them", "they"])

LATEST = 40
"""How many of the person's messages are gone through again."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the person said in earlier messages, oldest first, and how the last replies ended.

    ``feelings`` are names of feelings they have, ``wants`` and ``facts`` clauses turned round
    ("you want her to ask first", "he walked out"). ``wish`` is the latest want in the person's own
    words, as said to the partner ("I want you to ask first"), if that is certain. ``asked`` counts
    the latest replies in a row that ended with a question; ``last`` is the assistant's last
    message.
    """

    feelings: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    wish: str = ""
    asked: int = 0
    last: str = ""


def remember(
    history: Sequence[Message], reader: Reader, partner: Partner, language: Language
) -> Memory:
    """Gather what was said before the present message."""
    feelings: dict[str, None] = {}
    wants: dict[str, None] = {}
    facts: dict[str, None] = {}
    mine = [m.text for m in history if m.role == "user"][-LATEST:]
    for text in mine:
        for feeling in reader.read(text).named:
            feelings.pop(feeling.name, None)
            feelings[feeling.name] = None
        clauses = reader.clauses(text, partner)
        wanted = reader.wants(clauses)
        wants.update(dict.fromkeys(c.text for c in wanted))
        told = [c for c in clauses if _told(c) and c not in wanted]
        facts.update(dict.fromkeys(c.text for c in told[:1]))
    theirs = [m.text for m in history if m.role == "assistant"]
    asked = 0
    for text in reversed(theirs):
        if not text.rstrip(" \"'”’)").endswith("?"):
            break
        asked += 1
    last = theirs[-1] if theirs else ""
    wish = _wish(mine, reader, partner, language)
    return Memory(tuple(feelings), tuple(wants), tuple(facts), wish, asked, last)


def _wish(mine: Sequence[str], reader: Reader, partner: Partner, language: Language) -> str:
    """The latest want that can be said to the partner, in the person's own words."""
    for text in reversed(mine):
        wanted = reader.wants(reader.clauses(text, partner))
        clause = next((c for c in wanted if not c.negated), None)
        if clause is None:
            continue
        said = addressed(text[clause.start : clause.end], language, partner)
        words = set(said.lower().split())
        if not _ABOUT & words and ("you" in words or clause.verb in ("miss", "need")):
            return said[:1].upper() + said[1:]
    return ""


def _told(clause: Clause) -> bool:
    """Whether a clause tells what somebody did or what was tried, so that it can be summed up."""
    theirs = clause.actor != "person" or clause.verb == "try"
    return theirs and clause.tense == "past" and not clause.negated
