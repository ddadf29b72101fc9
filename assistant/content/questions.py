"""Kinds of direct question that guided mode meets with written lines: ``guided/questions.yaml``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from pydantic import Field, model_validator

from .base import Data, load_yaml
from .guided import check_line
from .principles import Line, Slug


class QuestionKind(Data):
    """A kind of question ("what if she says no?") and the ways of meeting it.

    Linear-time ``patterns`` over the lower-case sentence that asks; ``unless`` cancel them. One
    that is ``first`` is met before any social or meta message that the text resembles.
    """

    id: Slug
    patterns: tuple[Line, ...] = Field(min_length=1)
    unless: tuple[Line, ...] = ()
    lines: tuple[Line, ...] = Field(min_length=6)
    first: bool = False


class Questions(Data):
    """The kinds, the first that fits first.

    ``begins`` are patterns of what begins a question without a question mark, wherever in the
    sentence; ``reported`` cancel that ("she asked me what I wanted"), and ``told`` a question mark
    ("he said, what now?").
    """

    begins: tuple[Line, ...] = Field(min_length=1)
    reported: tuple[Line, ...] = ()
    told: tuple[Line, ...] = ()
    kinds: tuple[QuestionKind, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _distinct(self) -> Questions:
        lines = Counter(line for kind in self.kinds for line in kind.lines)
        for line, count in lines.items():
            check_line(line)
            if count > 1:
                raise ValueError(f"the line stands twice: {line!r}")
        return self


def load_questions(folder: Path) -> Questions:
    """Load ``guided/questions.yaml`` from the prompts folder."""
    return load_yaml(folder / "guided" / "questions.yaml", Questions)
