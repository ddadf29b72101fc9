"""The written replies to a crisis: ``knowledge/crisis/replies/*.md``, and in other languages
``knowledge/crisis/languages/*.yaml``.

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
from .base import Data, files, load_yaml, read_text, split_front_matter, validate
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
MIN_CHARS: Final = 50
MAX_CHARS: Final = 800

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


AskedAbout = Literal["living", "safety", "other"]
_ASKED_ABOUT: Final[dict[AskedAbout, tuple[Category | Literal["any"], ...]]] = {
    "living": ("suicide", "self_harm"),
    "safety": ("partner_violence", "sexual_violence", "child_abuse"),
    "other": ("any",),
}
"""Which check-in goes with which category."""


class TranslatedReply(Data):
    """A written reply in another language; what the keys mean stands in :class:`EscalationReply`.

    It may be said in any of its ``categories``.
    """

    id: Slug
    categories: tuple[Category | Literal["any"], ...] = Field(min_length=1)
    subject: Subject | Literal["any"] = "any"
    imminent: bool | Literal["any"] = "any"
    order: int = Field(default=1, ge=1)
    asks: Question | Literal[""] = ""
    body: Line

    @model_validator(mode="after")
    def _text(self) -> TranslatedReply:
        slots = set(_SLOT.findall(self.body))
        if not slots or slots - SLOTS:
            raise ValueError("needs {emergency}, {line} or {quiet}, and no other slot")
        if not MIN_CHARS <= len(self.body) <= MAX_CHARS:
            raise ValueError(f"the text must have {MIN_CHARS} to {MAX_CHARS} characters")
        return self

    def replies(self) -> list[EscalationReply]:
        """One reply for each category. The limits on words are English's own and not applied."""
        return [
            EscalationReply.model_construct(
                id=self.id,
                category=category,
                subject=self.subject,
                imminent=self.imminent,
                order=self.order,
                asks=self.asks,
                body=" ".join(self.body.split()),
            )
            for category in self.categories
        ]


class SpokenPhrases(Data):
    """How lines of help are spoken of in another language: templates over the fields of a line.

    ``emergency`` stands for the emergency number where the country isn't known.
    """

    call: Line
    text: Line
    chat: Line
    either: Line
    emergency: Line

    @model_validator(mode="after")
    def _slots(self) -> SpokenPhrases:
        for key, slots in (("call", {"call"}), ("text", {"text"}), ("chat", {"chat"})):
            if not slots <= set(_SLOT.findall(getattr(self, key))):
                raise ValueError(f"{key!r} needs {{{key}}}")
        if set(_SLOT.findall(self.either)) != {"first", "second"}:
            raise ValueError("'either' needs {first} and {second}")
        return self


class Translation(Data):
    """``crisis/languages/CODE.yaml``: the replies to a crisis in one language, and check-ins.

    A check-in asks about wishing to live (``living``) or feeling safe (``safety``), or says that
    help is on the page (``other``).
    """

    code: str
    phrases: SpokenPhrases
    replies: tuple[TranslatedReply, ...] = Field(min_length=1)
    check_ins: dict[AskedAbout, Line]

    @model_validator(mode="after")
    def _whole(self) -> Translation:
        missing = set(_ASKED_ABOUT) - set(self.check_ins)
        if missing:
            raise ValueError(f"'check_ins' lacks {min(missing)!r}")
        return self

    def written(self) -> tuple[EscalationReply, ...]:
        """All of its texts as replies, in the order in which they are tried."""
        every = [reply for translated in self.replies for reply in translated.replies()]
        _check_complete(every, f"crisis/languages/{self.code}.yaml")
        check_ins = [
            EscalationReply.model_construct(
                id=f"{self.code}-check-in-{about}-{category}",
                category=category,
                subject="any",
                concern=True,
                body=self.check_ins[about],
            )
            for about, categories in _ASKED_ABOUT.items()
            for category in categories
        ]
        return (*_in_order(every), *check_ins)


def load_translations(folder: Path) -> dict[str, Translation]:
    """Load ``crisis/languages`` of the knowledge folder, by language code."""
    found = {}
    for path in files(folder / "crisis" / "languages", "*.yaml"):
        translation = load_yaml(path, Translation)
        if translation.code != path.stem:
            raise ContentError(
                f"{path.name}: key 'code': must be the file's name without '.yaml' "
                f"(value: {translation.code!r})."
            )
        translation.written()
        found[translation.code] = translation
    return found


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
    _check_complete(replies, "crisis/replies")
    bodies = [reply.body for reply in replies]
    for reply in replies:
        if bodies.count(reply.body) > 1:
            raise ContentError(f"{reply.id}.md: the text stands in another file as well.")
    return _in_order(replies)


def _in_order(replies: list[EscalationReply]) -> tuple[EscalationReply, ...]:
    return tuple(sorted(replies, key=lambda r: (r.category == "any", r.order, r.id)))


def _check_complete(replies: list[EscalationReply], where: str) -> None:
    """Every kind of crisis has a first reply."""
    for category, subject, imminent in product(CATEGORIES, get_args(Subject), (True, False)):
        if not any(
            r.first and r.fits(category, subject) and r.fits_moment(imminent) for r in replies
        ):
            raise ContentError(
                f"{where}: there is no first reply (order 1) for category {category!r}, "
                f"subject {subject!r}, imminent {imminent}."
            )
