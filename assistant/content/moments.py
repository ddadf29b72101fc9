"""Moments: small, specific things people say, each with replies written for it alone.

``prompts/guided/moments/*.yaml`` hold lists of them. A situation is a topic ("not listened to"); a
moment is one way it happens ("told it, and was asked again as if it were news").
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from ..errors import ContentError
from .base import Data, files, parse_yaml, read_text, validate
from .guided import check_line
from .principles import Line, Slug

Mood = Literal["heavy", "plain", "light", "good"]


class Moment(Data):
    """Something people say, how it is recognised, and what may be said to it.

    ``exemplars`` are compared by the sentence encoder. ``reply`` holds whole small replies of one
    to three sentences, ``ask`` questions that fit after any of them. ``topic`` is the situation it
    belongs to. Nothing is put beside the reply of a moment that stands ``alone``. ``actor`` says
    who does it, where that tells it from its twin.
    """

    id: Slug
    topic: Slug = "general"
    mood: Mood = "heavy"
    actor: Literal["person", "other"] | None = None
    exemplars: tuple[Line, ...] = Field(min_length=4)
    reply: tuple[Line, ...] = Field(min_length=2)
    ask: tuple[Line, ...] = ()
    alone: bool = False

    @field_validator("reply", "ask")
    @classmethod
    def _lines(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for line in value:
            check_line(line)
        if len(set(value)) < len(value):
            raise ValueError("a line stands twice")
        return value


def load_moments(folder: Path) -> tuple[Moment, ...]:
    """Load every moment from ``prompts/guided/moments``; ids are unique among all files."""
    moments: dict[str, Moment] = {}
    for path in files(folder / "guided" / "moments", "*.yaml"):
        entries = parse_yaml(read_text(path), path.name)
        if not isinstance(entries, list):
            raise ContentError(f"{path.name} must hold a list of moments.")
        for number, entry in enumerate(entries, 1):
            name = entry.get("id") if isinstance(entry, dict) else None
            moment = validate(Moment, entry, f"{path.name}, moment {name or number}")
            if moment.id in moments:
                raise ContentError(
                    f"{path.name}: key 'id': two moments have it (value: {moment.id!r})."
                )
            moments[moment.id] = moment
    return tuple(moments.values())
