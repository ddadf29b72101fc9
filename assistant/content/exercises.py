"""Exercises: ``*.prompty`` files with YAML front matter and a Jinja2 body.

The shape follows the Prompty format: front matter with name, description and inputs, then a body in
which a line ``system:``, ``user:`` or ``assistant:`` begins a message. ``steps`` and what follows
them are Softspoken's own: they let an exercise be walked without a model.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from ..errors import ContentError
from ..types import Category, Role
from .base import Data, read_text, split_front_matter, validate
from .principles import Kind, Line, Slug

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Template = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Need = Literal["thin", "feeling", "blame", "other", "excuse"]

_ROLE = re.compile(r"^(system|user|assistant):[ \t]*$", re.MULTILINE)
DONE = "done"
"""The step id of the turn that ends an exercise."""


class Input(Data):
    """Something an exercise asks for before it begins."""

    kind: Literal["string", "choice"] = "string"
    title: Line
    default: str = ""
    choices: tuple[Line, ...] = ()
    required: bool = False

    @model_validator(mode="after")
    def _choices(self) -> Input:
        if self.kind == "choice" and len(self.choices) < 2:
            raise ValueError("an input of kind 'choice' needs at least two choices")
        if self.default and self.choices and self.default not in self.choices:
            raise ValueError(f"the default {self.default!r} is not one of the choices")
        return self


class Retrieval(Data):
    """Which principles the exercise draws on: by section and kind, at most ``k`` of them."""

    sections: tuple[Slug, ...] = ()
    kinds: tuple[Kind, ...] = ()
    k: int = Field(default=2, ge=0, le=5)


class Step(Data):
    """One step of an exercise.

    ``ask`` are ways to ask (templates that may use earlier answers: ``{{ answers.event }}``).
    A good answer has ``min_words`` words and nothing of ``not_if``: ``feeling`` (no feeling is
    named), ``blame`` (it blames or judges), ``other`` (it tells only of somebody else), ``excuse``
    (a "but" after the "sorry"). ``missing`` holds what guided mode says, once, for
    each lack. ``lead_ins`` are phrases cut from the start of the kept answer ("I feel"). An answer
    ``to_partner`` is kept as said to them: "he left" as "you left". One that is ``spoken`` is
    already said to them, so that a question with "you" in it is no question to the assistant.
    """

    id: Name
    title: Line
    ask: tuple[Template, ...] = Field(min_length=1)
    min_words: int = Field(default=1, ge=1, le=40)
    not_if: tuple[Literal["feeling", "blame", "other", "excuse"], ...] = ()
    missing: dict[Need, Template] = Field(default_factory=dict)
    acknowledge: tuple[Template, ...] = ()
    lead_ins: tuple[Line, ...] = ()
    to_partner: bool = False
    spoken: bool = False

    @model_validator(mode="after")
    def _said(self) -> Step:
        needs: set[Need] = set(self.not_if)
        if self.min_words > 1:
            needs.add("thin")
        silent = needs - set(self.missing)
        if silent:
            raise ValueError(f"'missing' says nothing for {sorted(silent)[0]!r}")
        if self.id == DONE:
            raise ValueError(f"the step id {DONE!r} is taken")
        return self


class Ending(Data):
    """How an exercise ends: a message, and what the person takes away (both templates)."""

    message: Template
    takeaway: Template = ""


class Metadata(Data):
    """What the page shows of an exercise and how it is walked."""

    version: int = Field(default=1, ge=1)
    authors: tuple[Line, ...] = ()
    licence: str = ""
    tags: tuple[Line, ...] = ()
    minutes: int = Field(default=5, ge=1, le=60)
    opening: Line
    starters: tuple[Line, ...] = ()
    retrieval: Retrieval = Retrieval()
    not_when: tuple[Category, ...] = ()
    steps: tuple[Step, ...] = ()
    end: Ending | None = None

    @model_validator(mode="after")
    def _whole(self) -> Metadata:
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids):
            raise ValueError("two steps have the same id")
        if self.steps and self.end is None:
            raise ValueError("an exercise with steps needs an 'end'")
        return self


class Exercise(Data):
    """An exercise as it stands in its file. ``hash`` is of the whole file."""

    name: Slug
    displayName: Line  # noqa: N815  (the Prompty format's spelling)
    description: Line
    inputs: dict[Name, Input] = Field(default_factory=dict)
    model: dict[str, Any] = Field(default_factory=dict)
    metadata: Metadata
    body: str
    hash: str

    @field_validator("body")
    @classmethod
    def _roles(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("the body is empty")
        return value

    @property
    def version(self) -> str:
        """The version with the first digits of the file's hash, such as ``1-3fa9c2e1``."""
        return f"{self.metadata.version}-{self.hash[:8]}"

    def step(self, step_id: str | None) -> Step | None:
        """Return the step with this id, if there is one."""
        return next((step for step in self.metadata.steps if step.id == step_id), None)


def split_roles(body: str) -> list[tuple[Role | Literal["system"], str]]:
    """Split a body at its role lines; text before the first one belongs to ``system``."""
    parts = _ROLE.split(body)
    messages: list[tuple[Role | Literal["system"], str]] = []
    if parts[0].strip():
        messages.append(("system", parts[0].strip()))
    for role, text in zip(parts[1::2], parts[2::2], strict=True):
        if text.strip():
            messages.append((role, text.strip()))  # type: ignore[arg-type]
    return messages


def load_exercise(path: Path) -> Exercise:
    """Load one exercise; its name is the file's name."""
    text = read_text(path)
    head, body = split_front_matter(text, path.name)
    if not isinstance(head, dict):
        raise ContentError(f"{path.name}: the front matter must hold keys and values.")
    digest = hashlib.sha256(text.encode()).hexdigest()
    exercise = validate(Exercise, {**head, "body": body, "hash": digest}, path.name)
    if exercise.name != path.stem:
        raise ContentError(
            f"{path.name}: key 'name': must be the file's name without '.prompty' "
            f"(value: {exercise.name!r})."
        )
    return exercise


def load_exercises(folder: Path) -> dict[str, Exercise]:
    """Load the shipped exercises by name; a file that is not valid raises."""
    paths = sorted(folder.glob("*.prompty"))
    if not paths:
        raise ContentError(f"no exercise is in the folder {folder.name!r}.")
    return {path.stem: load_exercise(path) for path in paths}


def load_own_exercises(folder: Path | None) -> tuple[dict[str, Exercise], list[str]]:
    """Load a person's own exercises; a broken file is left out and never stops the rest.

    The second value says, a sentence for each file, why it is not available.
    """
    exercises: dict[str, Exercise] = {}
    problems: list[str] = []
    for path in sorted(folder.glob("*.prompty")) if folder and folder.is_dir() else []:
        try:
            exercises[path.stem] = load_exercise(path)
        except ContentError as error:
            problems.append(str(error))
    return exercises, problems


class Partials(Data):
    """The texts of ``prompts/partials/`` that code adds to every prompt: the safety and style
    ``preamble``, and the request for a ``repair`` of a refused draft; and the ``second_reading``,
    which asks a model how dangerous a message is."""

    preamble: str
    repair: str
    second_reading: str


def load_partials(folder: Path) -> Partials:
    """Load the partials from the prompts folder."""
    partials = folder / "partials"
    return Partials(
        preamble=read_text(partials / "preamble.md"),
        repair=read_text(partials / "repair.md"),
        second_reading=read_text(partials / "second-reading.md"),
    )
