"""Helplines by country: ``knowledge/helplines.yaml``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from .base import Data, load_yaml
from .principles import Line, Slug

HelpFor = Literal[
    "suicide",
    "self_harm",
    "distress",
    "partner_violence",
    "sexual_violence",
    "child_abuse",
    "harm_to_others",
    "eating_disorder",
    "medical",
    "young_people",
]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]

ALWAYS_OPEN = "24/7"
"""The value of ``hours`` of a line that is open at any hour."""


class Helpline(Data):
    """One service.

    ``text`` is what follows the verb: "HOME to 741741". ``short`` is the name inside a sentence,
    where the full one would read badly; ``say`` replaces the whole phrase ("call NAME on …").
    ``sure`` is false where a number could not be confirmed: it is shown with a note to check it,
    and never first. ``checked`` is the day its entry was last compared with a public source;
    ``source`` is the service's own page, for the next check.
    """

    id: Slug
    name: Line
    help_for: tuple[HelpFor, ...] = Field(min_length=1)
    about: Line
    call: Line | None = None
    text: Line | None = None
    chat: Line | None = None
    hours: Line
    short: Line | None = None
    say: Line | None = None
    source: Line
    checked: date | None = None
    sure: bool = True

    @property
    def always_open(self) -> bool:
        """Whether somebody answers at any hour of any day."""
        return self.hours == ALWAYS_OPEN

    @field_validator("chat", "source")
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith("https://"):
            raise ValueError("must be an address that begins with https://")
        return value

    @model_validator(mode="after")
    def _reachable_and_checked(self) -> Helpline:
        if not (self.call or self.text or self.chat):
            raise ValueError("needs one of call, text and chat")
        if self.sure and self.checked is None:
            raise ValueError("a line that is sure needs the day it was checked")
        return self


class Country(Data):
    """A country, its emergency number and its lines, the most general first."""

    code: CountryCode
    name: Line
    emergency: Line
    lines: tuple[Helpline, ...] = Field(min_length=1)


class Phrases(Data):
    """How a line is spoken of inside a reply; each is a template over the fields of a line.

    ``call``, ``text`` and ``chat`` have ``{name}``, ``{hours}`` and the way of the same name;
    ``either`` joins ``{first}`` and ``{second}``; ``unsure`` is added to what a line is about.
    """

    call: Line
    text: Line
    chat: Line
    either: Line
    unsure: Line


class Helplines(Data):
    """``knowledge/helplines.yaml``: countries, and the fallback where the country is not known.

    The emergency advice of ``international`` is a sentence part ("your local emergency number
    (112 in Europe …)"), its lines work from anywhere or lead to a directory. ``young`` are patterns
    of what somebody under 18 says of themselves.
    """

    phrases: Phrases
    young: tuple[Line, ...] = ()
    international: Country
    countries: tuple[Country, ...] = Field(min_length=25)

    @field_validator("countries")
    @classmethod
    def _unique(cls, value: tuple[Country, ...]) -> tuple[Country, ...]:
        codes = [country.code for country in value]
        if len(set(codes)) != len(codes):
            raise ValueError("a country code stands twice")
        return value

    def country(self, code: str | None) -> Country:
        """Return the country with this two-letter code, or the international fallback."""
        wanted = (code or "").upper()
        return next((c for c in self.countries if c.code == wanted), self.international)


def load_helplines(folder: Path) -> Helplines:
    """Load ``helplines.yaml`` from the knowledge folder."""
    return load_yaml(folder / "helplines.yaml", Helplines)
