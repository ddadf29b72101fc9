"""What a reply is composed from, the reply while it is put together, and what comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..content.exercises import Exercise, Step
from ..content.guided import Situation
from ..content.moments import Moment, Mood
from ..prompts import Hints
from ..types import Message, Screening, SearchResult
from .lines import Lines
from .memory import Memory
from .people import Partner
from .understanding import Understanding


@dataclass(frozen=True, slots=True)
class Request:
    """What a reply is composed from.

    ``found`` are the principles that fit the message, best first; ``check_in`` is a written
    sentence that must end the reply.
    """

    text: str
    exercise: Exercise
    history: Sequence[Message] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    found: Sequence[SearchResult] = ()
    screening: Screening = Screening()
    check_in: str | None = None


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed reply. ``step`` is the step it asks, ``takeaway`` what the person takes away.

    ``own_words`` is the clause of the person's that it says back: a report of theirs, not a claim.
    """

    text: str
    principles: tuple[str, ...] = ()
    step: str | None = None
    takeaway: str | None = None
    own_words: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    """What a chat model is told of a message: hints, and where the exercise stands."""

    hints: Hints
    next_step: Step | None
    answers: Mapping[str, str]


@dataclass(slots=True)
class Draft:
    """A reply while it is being put together.

    ``topic`` is what the message is about by itself (``general`` if that is unclear), ``standing``
    what the conversation is about, ``sure`` whether that is plain enough to put words into the
    person's mouth, ``moment`` the small thing it says, if known. ``turn`` counts
    the assistant's turns so far outside of exercise steps. ``unsafe`` says that nothing may be
    suggested that the person would do with the partner, ``gone`` that the partner has died.
    """

    request: Request
    understood: Understanding
    topic: Situation
    standing: Situation
    sure: bool
    moment: Moment | None
    mood: Mood
    partner: Partner
    memory: Memory
    lines: Lines
    slots: dict[str, str]
    turn: int
    unsafe: bool
    gone: bool
    sentences: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    principles: list[str] = field(default_factory=list)

    def add(self, sentence: str | None) -> bool:
        """Add a sentence to the paragraph; says whether there was one."""
        if sentence:
            self.sentences.append(sentence)
        return bool(sentence)

    def break_paragraph(self) -> None:
        """Begin a new paragraph."""
        if self.sentences:
            self.paragraphs.append(" ".join(self.sentences))
            self.sentences = []

    def words(self) -> int:
        """How many words there are so far."""
        return sum(len(part.split()) for part in (*self.paragraphs, *self.sentences))

    def asks(self) -> bool:
        """Whether a question was asked already."""
        return any("?" in part for part in (*self.paragraphs, *self.sentences))

    def finish(self, *, step: str | None = None, takeaway: str | None = None) -> Composed:
        """Return the reply, with the check-in at its end."""
        self.break_paragraph()
        if self.request.check_in:
            self.add(self.request.check_in)
            self.break_paragraph()
        text = "\n\n".join(self.paragraphs)
        said = (self.slots.get(slot, "") for slot in ("clause", "want", "quote", "echo"))
        own_words = next((words for words in said if words and words.lower() in text.lower()), "")
        return Composed(text, tuple(self.principles), step, takeaway, own_words)
