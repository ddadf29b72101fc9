"""The written lines of guided mode: situations, feelings and what the composer needs.

``prompts/guided/situations/*.yaml`` hold one situation each; ``knowledge/feelings.yaml`` the
feelings; ``prompts/guided/composer.yaml`` thresholds and the lines every situation shares.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field, field_validator, model_validator

from ..errors import ContentError
from .base import Data, files, load_yaml
from .principles import Line, Slug

SharedLine = Literal[
    "guess_feeling",
    "named",
    "shift",
    "told",
    "told_plainly",
    "felt",
    "wanted",
    "echo",
    "glad",
    "opening",
    "plain",
    "quote",
    "soft",
    "listening",
    "ask_plain",
    "light",
    "unanswered",
    "unanswered_heavy",
    "unanswered_step",
    "own_script",
    "recap",
    "offer_idea",
    "idea",
    "idea_declined",
    "advice",
    "phrase",
    "cite",
    "more_of_guide",
    "offer_exercise",
    "resume",
    "skipped",
    "stopped",
    "nothing_before",
    "unsafe_exercise",
    "fallback",
]
Move = Literal[
    "reflect",
    "deepen",
    "validate",
    "normalise",
    "affirm",
    "ask_feeling",
    "ask_need",
    "ask_more",
    "partner_side",
    "small_step",
    "script",
    "celebrate",
    "answer",
]
SituationKind = Literal["topic", "social", "meta"]

GENERAL = "general"
"""The situation that any hard moment is."""
CORRECTION, SCRIPT, ADVICE = "correction", "wants-script", "wants-advice"
GREETING, THANKS, GOODBYE = "greeting", "thanks", "goodbye"
NEEDED = (GENERAL, CORRECTION, SCRIPT, ADVICE, GREETING, THANKS, GOODBYE)
"""Situations that code asks for by name."""

SLOTS = frozenset(
    {"clause", "feeling", "partner", "Partner", "them", "their", "Their", "they", "They"}
)
_SLOT = re.compile(r"\{([^{}]*)\}")
_ASKED_WITH_MODAL = re.compile(r"\b(?:would|could|might|can|will|did) \{they\} ")
_THEY_AND_PRESENT = re.compile(
    r"\{[Tt]hey\}(?:'(?:s|re|ve)\b|\s+(?:is|are|was|were|has|have|does|do|\w+s)\b)"
)


def slots_of(line: str) -> frozenset[str]:
    """Return the names of the slots in a line, such as ``clause`` for ``{clause}``."""
    return frozenset(_SLOT.findall(line))


def check_line(line: str) -> str:
    """Check the slots of a line; raise ``ValueError`` with the reason."""
    unknown = slots_of(line) - SLOTS
    if unknown:
        raise ValueError(
            f"unknown slot {{{sorted(unknown)[0]}}}; known: {', '.join(sorted(SLOTS))}"
        )
    if line.count("{") != line.count("}"):
        raise ValueError("a brace is not closed")
    if _THEY_AND_PRESENT.search(_ASKED_WITH_MODAL.sub("", line)):
        raise ValueError(
            "a verb after {they} must be a plain past tense or a modal verb, so that it fits "
            "he, she and they alike"
        )
    return line


class Situation(Data):
    """Something people come with, how it is recognised, and what may be said to it.

    ``exemplars`` are messages in a person's own voice, compared by the sentence encoder; ``cues``
    are short phrases that alone are a sign of it (whole message for ``social`` situations).
    ``lines`` maps a move to the ways of making it. A line is used at most once in a conversation,
    and only if each of its slots can be filled. ``least`` is a score that a message must reach
    where taking it for this situation wrongly would hurt ("what you did" to somebody who was hurt).
    ``actor`` says who did it, the person or another, where that is what tells it from its twin.
    A topic that ``holds`` is so grave that its lines also answer what follows in the conversation.
    """

    id: Slug
    title: Line
    kind: SituationKind = "topic"
    exemplars: tuple[Line, ...] = Field(min_length=8)
    cues: tuple[Line, ...] = ()
    feelings: tuple[Slug, ...] = ()
    principles: tuple[Slug, ...] = ()
    exercises: tuple[Slug, ...] = ()
    least: float = Field(default=0.0, ge=0, le=1)
    actor: Literal["person", "other"] | None = None
    holds: bool = False
    lines: dict[Move, tuple[Line, ...]]

    @field_validator("lines")
    @classmethod
    def _lines(cls, value: dict[Move, tuple[Line, ...]]) -> dict[Move, tuple[Line, ...]]:
        every: Counter[str] = Counter()
        for move, lines in value.items():
            if not lines:
                raise ValueError(f"move {move!r} has no line")
            for line in lines:
                check_line(line)
            every.update(lines)
        twice = [line for line, n in every.items() if n > 1]
        if twice:
            raise ValueError(f"the line stands twice: {twice[0]!r}")
        return value

    @model_validator(mode="after")
    def _complete(self) -> Situation:
        needed: tuple[Move, ...] = (
            ("reflect", "validate", "ask_feeling", "ask_need", "ask_more")
            if self.kind == "topic"
            else ("answer",)
        )
        for move in needed:
            if move not in self.lines:
                raise ValueError(f"a {self.kind} situation needs lines for {move!r}")
        return self


class Feeling(Data):
    """A feeling and its words.

    ``name`` fits "you feel {name}"; ``words`` are the forms a person may use; ``grade`` is 1 (mild)
    to 3 (strong); ``family`` groups grades of one feeling; ``pleasant`` feelings are celebrated,
    not soothed. ``exemplars`` show it without naming it, for the encoder.
    """

    id: Slug
    name: Line
    family: Slug
    grade: int = Field(ge=1, le=3)
    pleasant: bool = False
    words: tuple[Line, ...] = Field(min_length=1)
    exemplars: tuple[Line, ...] = ()


class Feelings(Data):
    """``knowledge/feelings.yaml``. ``not_feelings`` are words that sound like feelings but judge
    somebody's conduct ("ignored", "attacked"), each with the feeling that may lie under it."""

    feelings: tuple[Feeling, ...] = Field(min_length=20)
    not_feelings: dict[str, Slug]


class Thresholds(Data):
    """Scores from which guided mode takes something for what it looks like.

    0 to 1; those of moments are over what is usual, so about -0.3 to 0.4.
    """

    topic: float = Field(ge=0, le=1)
    standing: float = Field(ge=0, le=1)
    moment: float = Field(ge=-1, le=1)
    alone: float = Field(ge=-1, le=1)
    glad: float = Field(ge=-1, le=1)
    part: float = Field(ge=0, le=1)
    tone: float = Field(ge=0, le=1)
    tone_bright: float = Field(ge=0, le=1)
    other: float = Field(ge=0, le=1)
    social: float = Field(ge=0, le=1)
    social_long: float = Field(ge=0, le=1)
    interrupts: float = Field(ge=0, le=1)
    feeling: float = Field(ge=0, le=1)


class Pace(Data):
    """How far back, how much and how often. Turns are the assistant's, counted from 0.

    ``earlier_messages`` may tell what a conversation is about, each one ``fading`` times as much as
    the one after it. A clause is the heart of a message from ``most_of_it`` of its characters on,
    one of at least ``whole_words`` words from ``part_of_it`` on; a quote of more than
    ``most_quoted`` of them would be an echo. Every ``say_back`` turns the
    person's clause goes before what is said of a moment, with at most ``short_line`` words around
    it; every ``plainly`` turns a question is asked though it isn't clear what the message is about.
    ``room`` are the words that must be left for one more move. Messages of more than ``long`` words
    are stories and get a nod, those of up to ``short_words`` may be social at a lower score.
    ``below_floor`` is how much less sure the guide may be where advice was asked for outright.
    """

    earlier_messages: int = Field(ge=0)
    fading: float = Field(gt=0, le=1)
    most_of_it: float = Field(ge=0, le=1)
    part_of_it: float = Field(ge=0, le=1)
    whole_words: int = Field(ge=1)
    most_quoted: float = Field(ge=0, le=1)
    feelings_named: int = Field(ge=1)
    say_back: int = Field(ge=1)
    short_line: int = Field(ge=1)
    plainly: int = Field(ge=1)
    room: int = Field(ge=0)
    short_words: int = Field(ge=1)
    long: int = Field(ge=1)
    below_floor: float = Field(ge=0, le=1)
    guessing_turns: int = Field(ge=0)
    partner_side_from: int = Field(ge=0)
    most_questions: int = Field(ge=1)
    strong: int = Field(ge=1, le=3)


Extra = Literal["guess_feeling", "validate", "deepen", "normalise", "affirm", "recap", "offer_idea"]


class Row(Data):
    """What one turn adds to its heart: the first of ``extra`` that fits, and maybe a question."""

    extra: tuple[Extra, ...] = ()
    ask: bool = False


class Composer(Data):
    """``prompts/guided/composer.yaml``: how lines are chosen and joined, and the shared lines.

    Every reply has a heart: what answers this message. ``plans`` says, turn by turn, what is put
    beside it; after the last row, those from ``again`` on are walked again. ``cues`` are whole
    messages that steer an exercise or answer an offer. ``fillers`` are cut from the start of an
    answer in an exercise, ``trailing`` from the end of it and of its sentences.

    Patterns: ``blame`` make an answer blaming, ``questions`` make a message a question,
    ``plain_question`` one that waits for an answer, ``guide_questions`` one that the guide may
    answer, ``script_questions`` one for words to say (``own_script`` finds those words in it),
    ``light`` make it light, ``thanking``, ``parting`` and ``greeting`` a thank-you, a goodbye or a
    hello, ``gone`` say that the partner has died, ``excuses`` follow a "sorry", and ``asides`` are
    no answer to a step (a question about it, a complaint).

    In ``guide_situations`` the guide answers first; ``answers_to_steps`` may be answers within an
    exercise. ``hints`` say the moves to a chat model. ``lines`` are shared by all situations;
    their slots are filled by code.
    """

    thresholds: Thresholds
    pace: Pace
    max_words: int = Field(ge=40, le=120)
    max_answer_words: int = Field(ge=40, le=120)
    plans: tuple[Row, ...] = Field(min_length=1)
    again: int = Field(ge=0)
    offer_exercise_from: int = Field(ge=1)
    cues: dict[Literal["skip", "back", "stop", "again", "yes", "no"], tuple[Line, ...]]
    fillers: tuple[Line, ...]
    trailing: tuple[Line, ...]
    blame: tuple[Line, ...]
    gone: tuple[Line, ...]
    asides: tuple[Line, ...]
    excuses: tuple[Line, ...]
    questions: tuple[Line, ...]
    plain_question: Line
    guide_questions: tuple[Line, ...]
    script_questions: tuple[Line, ...]
    own_script: Line
    light: tuple[Line, ...]
    social_words: int = Field(ge=1, le=60)
    thanking: Line
    parting: Line
    greeting_words: int = Field(ge=1, le=60)
    greeting: Line
    guide_situations: tuple[Slug, ...]
    answers_to_steps: tuple[Slug, ...]
    hints: dict[Extra | Literal["ask", "no_question"], Line]
    lines: dict[SharedLine, tuple[Line, ...]]

    @model_validator(mode="after")
    def _complete(self) -> Composer:
        missing = set(get_args(SharedLine)) - set(self.lines)
        if missing:
            raise ValueError(f"'lines' lacks {sorted(missing)[0]!r}")
        unsaid = {*get_args(Extra), "ask", "no_question"} - set(self.hints)
        if unsaid:
            raise ValueError(f"'hints' lacks {sorted(unsaid)[0]!r}")
        if self.again >= len(self.plans):
            raise ValueError("'again' must be the number of a row of 'plans', counted from 0")
        return self


def load_composer(folder: Path) -> Composer:
    """Load ``guided/composer.yaml`` from the prompts folder."""
    return load_yaml(folder / "guided" / "composer.yaml", Composer)


def load_situations(folder: Path) -> tuple[Situation, ...]:
    """Load every situation from ``prompts/guided/situations``."""
    situations = []
    for path in files(folder / "guided" / "situations", "*.yaml"):
        situation = load_yaml(path, Situation)
        if situation.id != path.stem:
            raise ContentError(
                f"{path.name}: key 'id': must be the file's name without '.yaml' "
                f"(value: {situation.id!r})."
            )
        situations.append(situation)
    missing = [name for name in NEEDED if name not in {s.id for s in situations}]
    if missing:
        raise ContentError(f"guided/situations: there is no situation {missing[0]!r}.")
    return tuple(situations)


def load_feelings(folder: Path) -> Feelings:
    """Load ``feelings.yaml`` from the knowledge folder."""
    return load_yaml(folder / "feelings.yaml", Feelings)
