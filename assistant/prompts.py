"""Exercises and rendering: from an exercise, principles and a history to chat messages.

Templates run in Jinja2's immutable sandbox with strict undefined names. The safety preamble is put
first by this module; no prompt file can remove it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from jinja2 import StrictUndefined, TemplateError, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from . import sentences
from .content.exercises import Exercise, Partials, Step, split_roles
from .content.principles import Principle
from .errors import ContentError, InputError, UnknownExercise
from .types import Finding, Message, Role, Screening

PROMPT_NAMES = frozenset(
    {"exercise", "inputs", "answers", "principles", "step", "hints", "screening"}
)
LINE_NAMES = frozenset({"inputs", "answers"})
MAX_RENDERED = 20_000
HISTORY_CHARS = 12_000
MAX_INPUT_CHARS = 200


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message for a chat model."""

    role: Role | Literal["system"]
    text: str


@dataclass(frozen=True, slots=True)
class Hints:
    """What guided mode understood and would do, given to a model as hints (all plain words).

    ``told`` holds what was said before ("he walked out", "you want her to ask first"), ``moves``
    what this reply would do beside answering.
    """

    situations: tuple[str, ...] = ()
    feelings: tuple[str, ...] = ()
    partner: str = ""
    told: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What a prompt is rendered from, beside the exercise itself."""

    principles: Sequence[Principle] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    step: Step | None = None
    hints: Hints = Hints()
    screening: Screening = Screening()


class Prompts:
    """The exercises, checked, and the renderer for their templates."""

    def __init__(
        self,
        exercises: Mapping[str, Exercise],
        partials: Partials,
        default: str,
        own: Mapping[str, Exercise] | None = None,
    ) -> None:
        """``own`` exercises add to and override the shipped ``exercises``.

        A template that is not valid raises for a shipped exercise; an own one is left out, and
        ``problems`` says why.
        """
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.globals.clear()
        self._environment.filters["fragment"] = fragment
        self._environment.filters["opening"] = opening
        self._environment.filters["sentence"] = sentence
        self.exercises = dict(exercises)
        self.default = default
        self._partials = partials
        if default not in self.exercises:
            raise ContentError(f"the default exercise {default!r} is not there.")
        self._check("preamble.md", partials.preamble, PROMPT_NAMES)
        self._check("repair.md", partials.repair, frozenset({"notes"}))
        for exercise in self.exercises.values():
            self._check_exercise(exercise)
        self.problems: list[str] = []
        for name, exercise in (own or {}).items():
            try:
                self._check_exercise(exercise)
                self.exercises[name] = exercise
            except ContentError as error:
                self.problems.append(str(error))

    def exercise(self, name: str | None) -> Exercise:
        """Return the exercise with this name, or the default one for ``None``."""
        wanted = name or self.default
        if wanted not in self.exercises:
            known = ", ".join(sorted(self.exercises))
            raise UnknownExercise(f"There is no exercise {wanted[:60]!r}. There are: {known}.")
        return self.exercises[wanted]

    def inputs(self, exercise: Exercise, given: Mapping[str, Any]) -> dict[str, str]:
        """Check what was given for the exercise's inputs; returns a value for each of them."""
        unknown = set(given) - set(exercise.inputs)
        if unknown:
            raise InputError(f"{exercise.name} has no input {sorted(unknown)[0][:60]!r}.")
        values = {}
        for name, spec in exercise.inputs.items():
            value = given.get(name, spec.default)
            if not isinstance(value, str) or len(value) > MAX_INPUT_CHARS:
                raise InputError(
                    f"The input {name!r} must be text of at most {MAX_INPUT_CHARS} characters."
                )
            if spec.required and not value.strip():
                raise InputError(f"The input {name!r} is needed: {spec.title}.")
            if spec.choices and value and value not in spec.choices:
                raise InputError(f"The input {name!r} must be one of: {', '.join(spec.choices)}.")
            values[name] = value.strip()
        return values

    def line(
        self, template: str, answers: Mapping[str, str], inputs: Mapping[str, str] | None = None
    ) -> str:
        """Render one line of an exercise with the answers kept so far."""
        return self._render(template, {"answers": dict(answers), "inputs": dict(inputs or {})})

    def render(
        self,
        exercise: Exercise,
        turn: Turn,
        history: Sequence[Message],
        text: str,
        findings: Sequence[Finding] = (),
        draft: str = "",
    ) -> list[ChatMessage]:
        """Return the chat messages for one turn.

        The preamble and the exercise's own system text come first, then the exercise's examples,
        as much of the history as fits, and the person's message. With ``findings`` the refused
        ``draft`` and what to mend are added, for a repair.
        """
        values: dict[str, Any] = {
            "exercise": exercise.displayName,
            "inputs": dict(turn.inputs),
            "answers": dict(turn.answers),
            "principles": [{"title": p.title, "text": p.body} for p in turn.principles],
            "step": turn.step.title if turn.step else "",
            "hints": turn.hints,
            "screening": turn.screening,
        }
        system = [self._render(self._partials.preamble, values)]
        examples: list[ChatMessage] = []
        for role, body in split_roles(exercise.body):
            rendered = self._render(body, values)
            if role == "system":
                system.append(rendered)
            else:
                examples.append(ChatMessage(role, rendered))
        messages = [ChatMessage("system", "\n\n".join(system)), *examples]
        messages += [ChatMessage(m.role, m.text) for m in _recent(history)]
        messages.append(ChatMessage("user", text))
        if findings:
            notes = "\n".join(f"- {f.quote!r}: {f.why} {f.hint}".rstrip() for f in findings)
            messages.append(ChatMessage("assistant", draft))
            repair = self._render(self._partials.repair, {"notes": notes})
            messages.append(ChatMessage("user", repair))
        return messages

    def _check_exercise(self, exercise: Exercise) -> None:
        for role, body in split_roles(exercise.body):
            self._check(f"{exercise.name}.prompty ({role})", body, PROMPT_NAMES)
        known: set[str] = set()
        for step in exercise.metadata.steps:
            known.add(step.id)
        blank = dict.fromkeys(exercise.inputs, "x")
        sample = dict.fromkeys(known, "x")
        lines = [
            (f"step {step.id}", template)
            for step in exercise.metadata.steps
            for template in (*step.ask, *step.missing.values(), *step.acknowledge)
        ]
        if end := exercise.metadata.end:
            lines += [("end", end.message), ("end", end.takeaway)]
        for where, template in lines:
            self._check(f"{exercise.name}.prompty, {where}", template, LINE_NAMES)
            try:
                self.line(template, sample, blank)
            except ContentError as error:
                raise ContentError(f"{exercise.name}.prompty, {where}: {error}") from error

    def _check(self, where: str, template: str, names: frozenset[str]) -> None:
        try:
            undeclared = meta.find_undeclared_variables(self._environment.parse(template))
        except TemplateError as error:
            raise ContentError(f"{where}: the template is not valid: {error}.") from error
        if unknown := undeclared - names:
            raise ContentError(
                f"{where}: the template uses {sorted(unknown)[0]!r}; it may use: "
                f"{', '.join(sorted(names))}."
            )

    def _render(self, template: str, values: Mapping[str, Any]) -> str:
        try:
            rendered = self._environment.from_string(template).render(values)
        except (TemplateError, ArithmeticError, TypeError, ValueError) as error:
            raise ContentError(f"a template can't be rendered: {error}.") from error
        if len(rendered) > MAX_RENDERED:
            raise ContentError(f"a template renders more than {MAX_RENDERED:,} characters.")
        return rendered.strip()


def fragment(value: str) -> str:
    """Make an answer fit inside a sentence: no outer marks, small first letter unless "I"."""
    text = " ".join(value.split()).strip(" .!?,;:\"'“”‘’")
    first = re.match(r"[^\s']+", text)
    if first and first.group() != "I" and first.group()[1:].islower():
        text = text[0].lower() + text[1:]
    return text


def opening(value: str) -> str:
    """The first sentence of an answer, made to fit inside a sentence."""
    return fragment(next(iter(sentences.split(value)), ""))


def sentence(value: str) -> str:
    """Make an answer stand as a sentence: a capital first, a full stop last."""
    text = " ".join(value.split()).strip(" ,;:")
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")


def _recent(history: Sequence[Message]) -> list[Message]:
    """The newest messages that fit the budget, in order."""
    kept: list[Message] = []
    room = HISTORY_CHARS
    for message in reversed(history):
        room -= len(message.text)
        if room < 0:
            break
        kept.append(message)
    return kept[::-1]
