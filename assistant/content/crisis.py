"""The rules of the crisis screen: ``knowledge/crisis/rules/*.yaml`` and how text is normalised.

Patterns are written for :func:`~assistant.normalise.normalise`'s copy of a message: lower-case,
"i am" and "do not" in full. In a pattern ``{name}`` stands for a list of words declared in any of
the files, a space for a space or a line break, and the edges of the pattern are edges of words
(``~`` at either end lifts that, and so does a letter beyond ASCII). The syntax is RE2's, so
matching takes linear time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import re2
from pydantic import Field, StringConstraints

from ..errors import ContentError
from ..types import Category, Level, Subject
from .base import Data, files, load_yaml

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\.[a-z0-9-]+)+$", max_length=60)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
Scope = Literal["clause", "sentence", "message"]
Patterns = tuple[str, ...]

_MACRO = re.compile(r"\{([a-z][a-z_]*)\}")
_SPACE = re.compile(r"\[[^\]]*\]| ")
_MAX_DEPTH = 8


class Examples(Data):
    """Messages on which a rule must fire (``yes``) or must not (``no``); they are tests."""

    yes: Annotated[tuple[str, ...], Field(min_length=1)]
    no: tuple[str, ...] = ()


class Guard(Data):
    """Patterns that cancel a rule's hit when they match in the same clause, sentence or message.

    One that ``softens`` does not cancel: the hit then counts as ``concern``.
    """

    scope: Scope = "clause"
    softens: bool = False
    patterns: Annotated[Patterns, Field(min_length=1)]


class Rule(Data):
    """One construction that means danger.

    ``guards`` names shared guards; ``unless`` holds the rule's own guard patterns, which are read
    in the clause of the hit.
    """

    id: RuleId
    level: Level
    category: Category
    subject: Subject = "self"
    imminent: bool = False
    patterns: Annotated[Patterns, Field(min_length=1)]
    guards: tuple[Name, ...] = ()
    unless: Patterns = ()
    examples: Examples


class Answer(Data):
    """What a person answers when asked about their safety.

    ``after`` are patterns of the assistant's message before; without them it counts anywhere.
    ``safe`` lowers the level of the conversation by one, ``danger`` raises it to ``crisis``.
    ``category`` applies where the conversation has none yet.
    """

    id: RuleId
    meaning: Literal["safe", "danger"]
    after: Patterns = ()
    category: Category = "none"
    imminent: bool = False
    patterns: Annotated[Patterns, Field(min_length=1)]
    unless: Patterns = ()


class RuleFile(Data):
    """One file of the folder; any part may be left out."""

    words: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    guards: dict[Name, Guard] = Field(default_factory=dict)
    clause_ends: Patterns = ()
    priority: tuple[Category, ...] = ()
    answers: tuple[Answer, ...] = ()
    rules: tuple[Rule, ...] = ()


class Spelling(Data):
    """``knowledge/crisis/normalise.yaml``: what normalised copies are made with."""

    emoji: dict[str, str]
    flipped: dict[str, str]
    flipped_plain: dict[str, str]
    signs: tuple[dict[str, str], ...]
    disguised: str
    joined: str
    doubled: str
    words: dict[str, str]
    endings: dict[str, str]
    phrases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CompiledGuard:
    """A guard ready to be searched for."""

    scope: Scope
    regex: Any
    softens: bool = False


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its patterns as RE2 source (for a prefilter) and ready to be searched for."""

    rule: Rule
    sources: tuple[str, ...]
    regexes: tuple[Any, ...]
    guards: tuple[CompiledGuard, ...]


@dataclass(frozen=True, slots=True)
class CompiledAnswer:
    """An answer ready to be searched for."""

    answer: Answer
    after: Any | None
    regex: Any
    unless: Any | None


class EncoderLimits(Data):
    """``crisis/encoder.yaml``: the encoder's file, and probabilities that raise a level.

    Under ``aloud`` nobody is asked about a guess. Under ``least_words`` the encoder says nothing by
    itself; from ``telling_words`` on, a harmless message tells against what only it suspected. In
    other languages than English it must be at least as sure as ``foreign``. Two guesses, of which
    the second is at least ``builds_from`` and no more than ``builds_within`` messages of the person
    later, are a concern if they add up to ``builds``.
    """

    model: str
    concern: float = Field(gt=0, lt=1)
    aloud: float = Field(gt=0, lt=1)
    crisis: float = Field(gt=0, lt=1)
    foreign: float = Field(gt=0, lt=1)
    builds: float = Field(gt=0, lt=2)
    builds_from: float = Field(gt=0, lt=1)
    builds_within: int = Field(ge=1, le=10)
    least_words: int = Field(ge=1, le=40)
    telling_words: int = Field(ge=1, le=40)


@dataclass(frozen=True, slots=True)
class CrisisRules:
    """Everything the screen needs. ``priority`` orders categories, the gravest first; ``model`` is
    the encoder's file."""

    rules: tuple[CompiledRule, ...]
    answers: tuple[CompiledAnswer, ...]
    clause_end: Any
    priority: tuple[Category, ...]
    spelling: Spelling
    limits: EncoderLimits
    model: Path


def expand(pattern: str, words: Mapping[str, tuple[str, ...]], where: str, depth: int = 0) -> str:
    """Return RE2 source for a pattern: word lists put in, spaces that match line breaks too."""
    if depth > _MAX_DEPTH:
        raise ContentError(f"{where}: word lists refer to each other in a circle.")

    def one(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in words:
            raise ContentError(f"{where}: no word list is called {name!r}.")
        return "(?:" + "|".join(expand(w, words, where, depth + 1) for w in words[name]) + ")"

    return _MACRO.sub(one, pattern)


def _or_line_break(match: re.Match[str]) -> str:
    found = match.group()
    return r"[ \n]" if found == " " else found.replace(" ", r" \n")


def compiled(pattern: str, words: Mapping[str, tuple[str, ...]], where: str) -> tuple[str, Any]:
    """Return the RE2 source of a pattern and its compiled form."""
    source = _SPACE.sub(_or_line_break, expand(pattern, words, where))
    left = "" if source.startswith("~") or not source.isascii() else r"\b"
    right = "" if source.endswith("~") or not source.isascii() else r"\b"
    source = f"{left}(?:{source.strip('~')}){right}"
    options = re2.Options()
    options.never_capture = True
    options.log_errors = False
    try:
        return source, re2.compile(source, options)
    except re2.error as error:
        raise ContentError(f"{where}: the pattern {pattern!r} is not valid: {error}.") from error


def load_spelling(folder: Path) -> Spelling:
    """Load ``crisis/normalise.yaml`` from the knowledge folder."""
    path = folder / "crisis" / "normalise.yaml"
    spelling = load_yaml(path, Spelling)
    for pattern, _new in spelling.phrases:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ContentError(
                f"{path.name}: key 'phrases': the pattern {pattern!r} is not valid: {error}."
            ) from error
    return spelling


def load_crisis_rules(folder: Path) -> CrisisRules:
    """Load every rule file of ``crisis/rules`` in the knowledge folder, and compile it."""
    paths = files(folder / "crisis" / "rules", "*.yaml")
    loaded = [(path.name, load_yaml(path, RuleFile)) for path in paths]
    words = _merged(loaded, "words")
    guards = {
        name: CompiledGuard(
            guard.scope, _any_of(guard.patterns, words, f"guard {name}"), guard.softens
        )
        for name, guard in _merged(loaded, "guards").items()
    }
    rules: list[CompiledRule] = []
    answers: list[CompiledAnswer] = []
    seen: set[str] = set()
    for file_name, file in loaded:
        for item_id in [r.id for r in file.rules] + [a.id for a in file.answers]:
            if item_id in seen:
                raise ContentError(f"{file_name}: the id {item_id!r} stands twice.")
            seen.add(item_id)
        rules += [_rule(rule, words, guards, file_name) for rule in file.rules]
        answers += [_answer(answer, words, file_name) for answer in file.answers]
    ends = tuple(end for _, file in loaded for end in file.clause_ends)
    priority = tuple(category for _, file in loaded for category in file.priority)
    if not rules or not ends or not priority:
        raise ContentError("crisis/rules needs rules, 'clause_ends' and 'priority'.")
    clause_end = re2.compile("|".join(ends).replace(" ", r"[ \n]"))
    limits = load_yaml(folder / "crisis" / "encoder.yaml", EncoderLimits)
    return CrisisRules(
        rules=tuple(rules),
        answers=tuple(answers),
        clause_end=clause_end,
        priority=priority,
        spelling=load_spelling(folder),
        limits=limits,
        model=folder / limits.model,
    )


def _merged(loaded: list[tuple[str, RuleFile]], key: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for file_name, file in loaded:
        for name, value in getattr(file, key).items():
            if name in merged:
                raise ContentError(f"{file_name}: key {key!r}: {name!r} is declared twice.")
            merged[name] = value
    return merged


def _any_of(patterns: Patterns, words: Mapping[str, tuple[str, ...]], where: str) -> Any:
    sources = [compiled(pattern, words, where)[0] for pattern in patterns]
    return re2.compile("|".join(sources))


def _rule(
    rule: Rule,
    words: Mapping[str, tuple[str, ...]],
    guards: Mapping[str, CompiledGuard],
    file_name: str,
) -> CompiledRule:
    where = f"{file_name}: rule {rule.id!r}"
    unknown = [name for name in rule.guards if name not in guards]
    if unknown:
        raise ContentError(f"{where}: no guard is called {unknown[0]!r}.")
    chosen = [guards[name] for name in rule.guards]
    if rule.unless:
        chosen.append(CompiledGuard("clause", _any_of(rule.unless, words, where)))
    chosen.sort(key=lambda guard: guard.softens)
    pairs = [compiled(pattern, words, where) for pattern in rule.patterns]
    return CompiledRule(rule, tuple(p[0] for p in pairs), tuple(p[1] for p in pairs), tuple(chosen))


def _answer(answer: Answer, words: Mapping[str, tuple[str, ...]], file_name: str) -> CompiledAnswer:
    where = f"{file_name}: answer {answer.id!r}"
    return CompiledAnswer(
        answer,
        _any_of(answer.after, words, where) if answer.after else None,
        _any_of(answer.patterns, words, where),
        _any_of(answer.unless, words, where) if answer.unless else None,
    )
