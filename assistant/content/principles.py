"""Principles: what the assistant knows, one Markdown file with front matter each.

``knowledge/sections.yaml`` names the sections of the guide in their order;
``knowledge/principles/`` holds one file per principle.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from ..errors import ContentError
from ..types import Category
from .base import Data, files, load_yaml, read_text, split_front_matter, validate

Kind = Literal["concept", "skill", "ritual", "boundary", "repair", "sign", "misconception", "faq"]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=700)]

MAX_BODY_WORDS = 110
"""An answer from the guide must fit a short reply (at most 120 words with its citation)."""


class Section(Data):
    """A section of the guide."""

    id: Slug
    title: Line


class Sections(Data):
    """``knowledge/sections.yaml``."""

    sections: tuple[Section, ...]


class Principle(Data):
    """One idea of the guide, in our own words.

    ``body`` answers somebody who asks about it; ``idea`` offers it in a conversation in one or two
    sentences. ``say`` are example phrasings, ``avoid`` phrasings that hurt, ``practice`` one small
    thing to try, ``questions`` ways people ask about it (they are indexed beside the text).
    ``not_when`` lists risks in whose presence it must never be offered.
    """

    id: Slug
    title: Line
    section: Slug
    kind: Kind
    source: Line
    idea: Line
    say: tuple[Line, ...] = Field(min_length=1)
    avoid: tuple[Line, ...] = ()
    practice: Line
    questions: tuple[Line, ...] = Field(min_length=6)
    not_when: tuple[Category, ...] = ()
    body: Line

    @field_validator("body")
    @classmethod
    def _short_enough(cls, value: str) -> str:
        words = len(value.split())
        if words > MAX_BODY_WORDS:
            raise ValueError(f"the text has {words} words, {MAX_BODY_WORDS} are allowed")
        return value


class Retrieval(Data):
    """``knowledge/retrieval.yaml``: how principles are found; scores run from 0 to 1.

    ``floor``: below it nothing is offered. ``answer_floor``: above it a question is answered from
    the guide. ``candidates``: nearest entries read for a query. ``keyword_weight``: what a point
    of the keyword score (BM25) adds. ``keyword_most``: the most that keywords add.
    """

    floor: float = Field(ge=0, le=1)
    answer_floor: float = Field(ge=0, le=1)
    candidates: int = Field(ge=10, le=2000)
    keyword_weight: float = Field(ge=0, le=1)
    keyword_most: float = Field(ge=0, le=1)


def load_retrieval(folder: Path) -> Retrieval:
    """Load ``retrieval.yaml`` from the knowledge folder."""
    return load_yaml(folder / "retrieval.yaml", Retrieval)


def load_sections(folder: Path) -> tuple[Section, ...]:
    """Load ``sections.yaml`` from the knowledge folder."""
    return load_yaml(folder / "sections.yaml", Sections).sections


def load_principles(folder: Path, sections: tuple[Section, ...]) -> tuple[Principle, ...]:
    """Load every principle; the id is the file's name and the section one of ``sections``."""
    known = {section.id for section in sections}
    principles = []
    for path in files(folder / "principles", "*.md"):
        head, body = split_front_matter(read_text(path), path.name)
        if isinstance(head, dict):
            head = {**head, "body": body}
        principle = validate(Principle, head, path.name)
        if principle.id != path.stem:
            raise ContentError(
                f"{path.name}: key 'id': must be the file's name without '.md' "
                f"(value: {principle.id!r})."
            )
        if principle.section not in known:
            raise ContentError(
                f"{path.name}: key 'section': must be one of sections.yaml "
                f"(value: {principle.section!r})."
            )
        principles.append(principle)
    order = [section.id for section in sections]
    return tuple(sorted(principles, key=lambda p: (order.index(p.section), p.id)))
