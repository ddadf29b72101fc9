"""Languages other than English, and what is said in them: ``knowledge/languages.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from .base import Data, load_yaml
from .principles import Line


class Spoken(Data):
    """A language. ``words`` are its most common small words, for a language in Latin letters;
    ``script`` is the start of the Unicode names of its letters, for one that has its own.
    ``reply`` says, in that language, that guided mode speaks English."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
    name: Line
    words: tuple[str, ...] = ()
    script: str = ""
    reply: str = ""

    @model_validator(mode="after")
    def _told_by_something(self) -> Spoken:
        if not self.words and not self.script:
            raise ValueError("needs 'words' or a 'script'")
        return self


class Languages(Data):
    """``languages.yaml``; ``english`` are English's own small words, which speak against others."""

    english: tuple[str, ...]
    least_share: float = Field(gt=0, le=1)
    languages: tuple[Spoken, ...] = Field(min_length=10)


def load_languages(folder: Path) -> Languages:
    """Load ``languages.yaml`` from the knowledge folder."""
    return load_yaml(folder / "languages.yaml", Languages)
