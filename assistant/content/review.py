"""The rules of the reply review: ``knowledge/review/*.yaml``.

``shared.yaml`` holds words, mention guards, reading aids and limits; every other file holds checks.
A pattern is an RE2 expression over a copy of the reply that is lower-case, has straight quotes and
full forms ("you are", "do not"), and in which quoted phrases are masked. ``<name>`` in a pattern
stands for a group of the expressions listed in ``shared.yaml`` under ``words``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import re2
from pydantic import Field, StringConstraints, ValidationError, model_validator

from ..errors import ContentError
from ..types import Severity
from .base import Data, files, load_yaml
from .principles import Line

Situation = Literal["crisis", "concern", "abuse", "exercise"]
Reads = Literal["masked", "all", "offered"]
FORM_CHECKS = frozenset(
    {
        "too_long",
        "list",
        "questions",
        "closed_question",
        "empty",
        "repetition",
        "language",
        "repeated_opener",
        "parroting",
        "review.failed",
    }
)
CheckId = Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+)?$", max_length=40)]
_MACRO = re.compile(r"<([a-z_]+)>")


class Examples(Data):
    """Replies that a check must find (``bad``) and must leave alone (``ok``); they are tests."""

    bad: tuple[Line, ...] = ()
    ok: tuple[Line, ...] = ()


class Check(Data):
    """One check of a reply.

    A match of ``patterns`` is excused if ``unless`` is found in its sentence, ``unless_before``
    right before the match, or ``unless_after`` right after it; with ``mention``, also if the words
    before it show that they are reported or negated. ``reads`` says which words are read: all but
    quoted ones, all, or only phrases offered for saying. ``only_in`` and ``not_in`` name
    situations. With ``echo``, a finding whose words are the person's own is only noted.
    Form checks have no patterns: they are measured by code, with the limits of ``shared.yaml``.
    """

    id: CheckId
    severity: Severity
    why: Line
    hint: Line
    patterns: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    unless_before: tuple[str, ...] = ()
    unless_after: tuple[str, ...] = ()
    mention: bool = True
    echo: bool = False
    reads: Reads = "masked"
    only_in: tuple[Situation, ...] = ()
    not_in: tuple[Situation, ...] = ()
    examples: Examples = Examples()

    @model_validator(mode="after")
    def _has_patterns(self) -> Check:
        if bool(self.patterns) == (self.id in FORM_CHECKS):
            raise ValueError("a check has patterns, unless it is one of the form checks")
        return self


class Checks(Data):
    """A file of checks."""

    checks: tuple[Check, ...] = Field(min_length=1)


class Mention(Data):
    """How a match is seen to be reported or negated rather than said.

    ``reported`` and ``negated`` are searched in the sentence before the match; at most
    ``reach`` words and none of ``breaks`` may stand between. ``after`` is searched after it.
    ``not_guards`` ("no doubt") are blotted out first.
    """

    reported: tuple[str, ...]
    negated: tuple[str, ...]
    after: str
    breaks: str
    not_guards: str
    reach: int = Field(ge=1)


class Quoting(Data):
    """Quoted phrases of at most ``longest`` characters.

    One of at most ``shortest`` words right after ``scare`` ("you are 'selfish'") is read as if not
    quoted. A phrase is offered for saying if ``offered`` but not ``contrasted`` stands between
    the last quotation or sentence end and it, and ``contrasted_after`` does not follow it."""

    longest: int = Field(ge=20)
    shortest: int = Field(ge=1)
    scare: str
    offered: str
    contrasted: str
    contrasted_after: str


class Limits(Data):
    """The measures of the form checks."""

    words: int = Field(ge=1)
    items: int = Field(ge=2)
    questions: int = Field(ge=1)
    same_word: int = Field(ge=2)
    same_sentence: int = Field(ge=2)
    letters: float = Field(gt=0, lt=1)
    opener_words: int = Field(ge=2)
    opener_clause_words: int = Field(ge=1)
    parrot_words: int = Field(ge=2)
    parrot_reads: int = Field(ge=50)
    parrot_share: float = Field(gt=0, le=1)


class Shared(Data):
    """``shared.yaml``: what the checks have in common; see the comments in the file."""

    words: dict[str, tuple[str, ...]]
    contractions: dict[str, str]
    pronoun_is: str
    mention: Mention
    quoting: Quoting
    limits: Limits
    asks_for_list: str
    list_item: str
    inline_item: str
    open_question: str
    offer_question: str
    own_words: tuple[str, ...]
    abuse_categories: tuple[str, ...]


class ReviewRules(Data):
    """All rules: the shared part, and the checks with every ``<name>`` written out."""

    shared: Shared
    checks: tuple[Check, ...]

    @model_validator(mode="after")
    def _complete(self) -> ReviewRules:
        seen = [check.id for check in self.checks]
        twice = next((i for i in seen if seen.count(i) > 1), None)
        if twice:
            raise ValueError(f"the check {twice!r} stands twice")
        missing = sorted(FORM_CHECKS - set(seen))
        if missing:
            raise ValueError(f"the check {missing[0]!r} is missing")
        return self

    def check(self, name: str) -> Check:
        """Return the check with this id."""
        return next(check for check in self.checks if check.id == name)


def expand(pattern: str, words: dict[str, tuple[str, ...]]) -> str:
    """Write out every ``<name>`` of ``pattern``; raise ``ValueError`` if it can't be used."""
    for _ in range(8):
        names = set(_MACRO.findall(pattern))
        unknown = names - set(words)
        if unknown:
            raise ValueError(f"unknown word group <{sorted(unknown)[0]}> in {pattern!r}")
        if not names:
            break
        pattern = _MACRO.sub(lambda match: f"(?:{'|'.join(words[match.group(1)])})", pattern)
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"not an RE2 expression: {error} in {pattern[:60]!r}") from error
    return pattern


def _expanded(check: Check, words: dict[str, tuple[str, ...]]) -> Check:
    fields = ("patterns", "unless", "unless_before", "unless_after")
    return check.model_copy(
        update={f: tuple(expand(p, words) for p in getattr(check, f)) for f in fields}
    )


def load_review_rules(folder: Path) -> ReviewRules:
    """Load ``review/*.yaml`` from the knowledge folder; raise ``ContentError`` for a bad file."""
    place = folder / "review"
    shared = load_yaml(place / "shared.yaml", Shared)
    checks: list[Check] = []
    try:
        words = shared.words
        mention = shared.mention.model_copy(
            update={
                "reported": tuple(expand(p, words) for p in shared.mention.reported),
                "negated": tuple(expand(p, words) for p in shared.mention.negated),
                "after": expand(shared.mention.after, words),
                "breaks": expand(shared.mention.breaks, words),
                "not_guards": expand(shared.mention.not_guards, words),
            }
        )
        expression_fields = ("asks_for_list", "open_question", "offer_question")
        shared = shared.model_copy(
            update={
                "mention": mention,
                **{f: expand(getattr(shared, f), words) for f in expression_fields},
            }
        )
    except ValueError as error:
        raise ContentError(f"shared.yaml: {error}.") from error
    for path in files(place, "*.yaml"):
        if path.name == "shared.yaml":
            continue
        for check in load_yaml(path, Checks).checks:
            try:
                checks.append(_expanded(check, shared.words))
            except ValueError as error:
                raise ContentError(f"{path.name}: check {check.id!r}: {error}.") from error
    try:
        return ReviewRules(shared=shared, checks=tuple(checks))
    except ValidationError as error:
        message = str(error.errors(include_url=False)[0]["msg"]).removeprefix("Value error, ")
        raise ContentError(f"the review's rules are not complete: {message}.") from error
