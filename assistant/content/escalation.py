"""The written replies to a crisis: ``knowledge/crisis/replies/*.md``.

One Markdown file with front matter each. A reply answers a message that is a crisis; a file with
``concern: true`` holds a check-in, a sentence or two that is added to an ordinary reply.
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Final, Literal, get_args

from pydantic import Field, model_validator

from ..errors import ContentError
from ..types import CATEGORIES, Category, Subject
from .base import Data, files, read_text, split_front_matter, validate
from .principles import Line, Slug

Barrier = Literal[
    "not_safe",
    "suicidal",
    "methods",
    "will_call",
    "safe",
    "safe_unclear",
    "watched",
    "cannot_talk",
    "found_out",
    "cost",
    "chat",
    "wont_call",
    "secret",
    "nothing_helps",
    "alone",
    "with_someone",
    "kidding",
    "hostile",
    "topic",
    "leaving",
    "doubt",
]
"""What a message answers or brings up; where two fit, the earlier one here is answered. ``doubt``
is said by check-ins alone, after a crisis that was only suspected."""
Question = Literal["safe", "danger", "suicidal", "company"]

BARRIERS: Final[tuple[Barrier, ...]] = get_args(Barrier)
SLOTS: Final = frozenset({"emergency", "line", "quiet"})
MIN_WORDS: Final = 35
MAX_WORDS: Final = 95
MAX_CONCERN_WORDS: Final = 30

_SLOT = re.compile(r"\{([^{}]*)\}")


class EscalationReply(Data):
    """A written text and when it may be said.

    ``order`` is 1 for the first reply of a crisis and higher for what comes later. A reply with
    ``for`` answers a certain kind of message instead; its ``cues`` are how that kind is
    recognised, and ``answers`` the words that mean it when the reply before asked a question
    (``asks``). A cue is found anywhere in a message; ``=cue`` must be the whole of it, ``cue *``
    its beginning. Words under ``answers`` are whole messages unless they end with ``*``. A message
    with one of the words under ``unless`` is not of this kind after all.
    ``opens`` lets it be the first reply of a crisis. In the text, ``{emergency}`` stands for the
    emergency number, ``{line}`` for "call NAME on NUMBER (hours)" and ``{quiet}`` for a way to
    write instead of speaking.
    """

    id: Slug
    category: Category | Literal["any"]
    subject: Subject | Literal["any"]
    imminent: bool | Literal["any"] = "any"
    order: int = Field(default=1, ge=1)
    barrier: Barrier | None = Field(default=None, alias="for")
    cues: tuple[Line, ...] = ()
    answers: dict[Question, tuple[str, ...]] = Field(default_factory=dict)
    unless: tuple[Line, ...] = ()
    asks: Question | Literal[""] = ""
    opens: bool = False
    concern: bool = False
    body: Line

    @model_validator(mode="after")
    def _text(self) -> EscalationReply:
        slots = set(_SLOT.findall(self.body))
        words = len(self.body.split())
        unknown = slots - SLOTS
        if unknown:
            raise ValueError(f"unknown slot {{{min(unknown)}}}; known: {sorted(SLOTS)}")
        if not self.body.count("{") == self.body.count("}") == len(_SLOT.findall(self.body)):
            raise ValueError("a brace is not closed")
        if self.concern:
            if slots or words > MAX_CONCERN_WORDS:
                raise ValueError(f"a check-in has no slot and at most {MAX_CONCERN_WORDS} words")
            return self
        if not MIN_WORDS <= words <= MAX_WORDS:
            raise ValueError(f"the text has {words} words, {MIN_WORDS} to {MAX_WORDS} are allowed")
        if not slots:
            raise ValueError("a reply to a crisis needs {emergency}, {line} or {quiet}")
        return self

    @property
    def first(self) -> bool:
        """Whether this is the first reply of a crisis."""
        return self.order == 1 and self.barrier is None and not self.concern

    def fits(self, category: Category, subject: Subject) -> bool:
        """Return whether the reply may be said in this crisis."""
        return self.category in (category, "any") and self.subject in (subject, "any")

    def fits_moment(self, imminent: bool) -> bool:
        """Return whether the reply suits how close the danger is."""
        return self.imminent in (imminent, "any")

    @property
    def pieces(self) -> tuple[str, ...]:
        """The text between the slots, to recognise the reply in a conversation."""
        return tuple(piece.strip() for piece in _SLOT.sub("\0", self.body).split("\0"))


def load_escalation(folder: Path) -> tuple[EscalationReply, ...]:
    """Load every written reply from ``crisis/replies`` of the knowledge folder."""
    replies = []
    for path in files(folder / "crisis" / "replies", "*.md"):
        head, body = split_front_matter(read_text(path), path.name)
        if isinstance(head, dict):
            head = {**head, "body": " ".join(body.split())}
        reply = validate(EscalationReply, head, path.name)
        if reply.id != path.stem:
            raise ContentError(
                f"{path.name}: key 'id': must be the file's name without '.md' "
                f"(value: {reply.id!r})."
            )
        replies.append(reply)
    _check_complete(replies)
    return tuple(sorted(replies, key=lambda r: (r.category == "any", r.order, r.id)))


def _check_complete(replies: list[EscalationReply]) -> None:
    """Every kind of crisis has a first reply, and every kind of message that has cues a reply."""
    for category, subject, imminent in product(CATEGORIES, get_args(Subject), (True, False)):
        if not any(
            r.first and r.fits(category, subject) and r.fits_moment(imminent) for r in replies
        ):
            raise ContentError(
                f"crisis/replies: there is no first reply (order 1) for category {category!r}, "
                f"subject {subject!r}, imminent {imminent}."
            )
    bodies = [reply.body for reply in replies]
    for reply in replies:
        if bodies.count(reply.body) > 1:
            raise ContentError(f"{reply.id}.md: the text stands in another file as well.")
