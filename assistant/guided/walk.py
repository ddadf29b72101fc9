"""Walking an exercise step by step, without a model.

Where a conversation stands is read from its messages alone: from the step that each message of the
assistant is known to ask or, where that was not kept, from the words of the question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from .. import sentences
from ..content.exercises import DONE, Exercise, Need, Step
from ..types import Message
from .lines import Lines
from .patterns import plain

Judge = Callable[[Step, str], Need | None]
"""Says what an answer to a step lacks, if anything."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an exercise stands: the step last asked (``None``: not begun), answers by step id,
    and the steps with which help was given already."""

    asked: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    helped: frozenset[str] = frozenset()


def place(exercise: Exercise, history: Sequence[Message]) -> Place:
    """Read where the conversation stands in the exercise."""
    asked: str | None = None
    answers: dict[str, str] = {}
    helped: set[str] = set()
    latest: str | None = None
    for message in _since_start(exercise, history):
        if message.role == "user":
            latest = message.text
            continue
        if message.outcome == "escalated":
            latest = None
            continue
        step = message.step or _recognise(exercise, message.text)
        if step is None:
            continue
        if asked not in (None, DONE) and latest is not None and step != asked:
            answers[str(asked)] = latest
        if asked == DONE and step == exercise.metadata.steps[0].id:
            answers, helped = {}, set()  # begun once more
        if _helps(exercise, step, message.text):
            helped.add(step)
        asked = step
    return Place(asked, answers, frozenset(helped))


def next_step(exercise: Exercise, step_id: str | None) -> Step | None:
    """The step after this one; the first for ``None``; ``None`` after the last."""
    steps = exercise.metadata.steps
    if step_id is None:
        return steps[0] if steps else None
    ids = [step.id for step in steps]
    number = ids.index(step_id) + 1 if step_id in ids else len(ids)
    return steps[number] if number < len(steps) else None


def previous_step(exercise: Exercise, step_id: str) -> Step | None:
    """The step before this one, if there is one."""
    ids = [step.id for step in exercise.metadata.steps]
    number = ids.index(step_id) - 1 if step_id in ids else -1
    return exercise.metadata.steps[number] if number >= 0 else None


def trimmed(
    step: Step, answer: str, fillers: Sequence[str] = (), trailing: Sequence[str] = ()
) -> str:
    """The answer as it is kept: without the step's lead-ins and ``fillers`` at its start, and
    without ``trailing`` words at the end of its sentences."""
    text = " ".join(_untrailed(piece, trailing) for piece in sentences.split(answer))
    leads = sorted((*step.lead_ins, *fillers), key=len, reverse=True)
    again = True
    while again:
        again = False
        for lead in leads:
            head = plain(text[: len(lead)])
            rest = text[len(lead) :]
            if head == lead.lower() and rest.strip(" .,!?…") and not rest[0].isalnum():
                text, again = rest.lstrip(" ,:-–—.…"), True
    return text


def _untrailed(sentence: str, trailing: Sequence[str]) -> str:
    """A sentence without the small words at its end: "lonely I suppose." is "lonely."."""
    text = " ".join(sentence.split())
    for tail in trailing:
        bare = text.rstrip(" ,.!?…")
        kept = bare[: len(bare) - len(tail)]
        if bare[len(kept) :].lower() == tail and kept.strip(" ,") and not kept[-1].isalnum():
            text = kept.rstrip(" ,") + text[len(bare) :]
    return text


def _since_start(exercise: Exercise, history: Sequence[Message]) -> Sequence[Message]:
    """The messages since this exercise was last begun."""
    start = len(history)
    while start and history[start - 1].exercise in (None, exercise.name):
        start -= 1
    return history[start:]


def _recognise(exercise: Exercise, text: str) -> str | None:
    """The step whose question (or end) stands in a message of the assistant."""
    said = Lines([text], "")
    for step in exercise.metadata.steps:
        if any(said.was_said(_static(line)) for line in (*step.ask, *step.missing.values())):
            return step.id
    end = exercise.metadata.end
    return DONE if end and said.was_said(_static(end.message)) else None


def _helps(exercise: Exercise, step_id: str, text: str) -> bool:
    step = exercise.step(step_id)
    said = Lines([text], "")
    return step is not None and any(said.was_said(_static(t)) for t in step.missing.values())


def _static(template: str) -> str:
    """The longest part of a template that stands in it to the letter."""
    pieces = template.replace("{%", "{{").replace("%}", "}}").split("{{")
    told = (piece.partition("}}")[2] if "}}" in piece else piece for piece in pieces)
    return max((piece.strip() for piece in told), key=len)
