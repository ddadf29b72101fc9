"""Frozen value types that travel between the modules, and the vocabulary they use.

Nothing here reads a file, a clock or a setting; every type can be built in a test by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Level = Literal["none", "concern", "crisis"]
Category = Literal[
    "suicide",
    "self_harm",
    "partner_violence",
    "sexual_violence",
    "child_abuse",
    "harm_to_others",
    "medical",
    "eating_disorder",
    "psychosis",
    "none",
]
Subject = Literal["self", "other"]
Role = Literal["user", "assistant"]
Outcome = Literal["model", "repaired", "guided", "escalated"]
Severity = Literal["block", "repair", "note"]
Verdict = Literal["pass", "block"]

LEVELS: tuple[Level, ...] = get_args(Level)
CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation as a chat model or a check sees it.

    ``exercise``, ``step`` and ``outcome`` are known for turns that were kept: the exercise the
    message belongs to, the step that the assistant's message asks, and how it came to be.
    """

    role: Role
    text: str
    exercise: str | None = None
    step: str | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a screening has its level: the rule that fired and the words it fired on.

    ``quote`` comes from the normalised copy of the message, so it may differ from the
    person's own spelling. ``turn`` is how many messages of the person ago it was said
    (0: the present one).
    """

    rule: str
    quote: str
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Screening:
    """What the crisis screen made of a message in its conversation.

    ``imminent`` says that something is happening now or about to; ``carried`` that the level
    comes from an earlier message rather than from this one; ``doubted`` that a crisis no rule saw
    was followed by a harmless message, and fell to a concern; ``abuse_context`` that couple
    exercises and principles marked unsafe are out of reach for the rest of the conversation.
    """

    level: Level = "none"
    category: Category = "none"
    subject: Subject = "self"
    evidence: tuple[Evidence, ...] = ()
    imminent: bool = False
    carried: bool = False
    doubted: bool = False
    abuse_context: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a check found in a reply. ``start`` and ``end`` count characters of the text."""

    check: str
    severity: Severity
    start: int
    end: int
    quote: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The verdict over a reply: ``block`` if any finding is severe enough, with all findings."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A principle found for a query; ``score`` is a relevance from 0 to 1."""

    id: str
    title: str
    section: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Resource:
    """One line of help as it is shown: a service and the ways to reach it.

    ``sure`` is false for an entry that could not be confirmed: it is shown with a note.
    """

    name: str
    about: str
    call: str | None = None
    text: str | None = None
    chat: str | None = None
    hours: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Resources:
    """Help as it is shown: at most three lines of one country.

    ``country`` is its name, empty for the international fallback; ``emergency`` the number to call
    in an emergency, or how to find it. ``soft`` resources stand quietly under a reply; the others
    are a card that stays in view.
    """

    country: str
    emergency: str
    lines: tuple[Resource, ...]
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply of the assistant, with what is kept about how it came to be."""

    text: str
    outcome: Outcome
    screening: Screening = field(default_factory=Screening)
    principles: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    resources: Resources | None = None
    exercise: str = ""
    exercise_version: str = ""
    step: str | None = None
    takeaway: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a turn on its way to the person; ``name`` is also the SSE event's name."""

    name: Literal["screening", "principles", "delta", "replace", "resources", "done", "error"]
    payload: Mapping[str, Any]
