"""Checks of what is about to be said: a linter for supportive replies.

The checks are data (``knowledge/review``). They read an undisguised copy of the reply in which
quoted phrases are masked; a match is excused where the words before it report or deny it, because
naming a hurtful phrase is not saying it. Every finding points at the characters of the reply
itself. Nothing here does I/O; a check that fails is a finding that blocks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import re2

from . import sentences
from .content.review import Check, Mention, ReviewRules
from .languages import LanguageDetector
from .measures import Measures, Ready
from .reading import Copy, Reader, words
from .types import Finding, Message, Review, Screening

MAX_CHARS = 20_000
CLAUSE_MARKS = ",;:—–"  # a match that begins a clause of its own is not excused by the one before
MAX_PATTERN_MEMORY = 64 << 20  # bytes; past it RE2 would fall back to a slower way of matching


class _Compiled:
    """A check with its expressions compiled."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.any = _joined(check.patterns)
        self.patterns = [_compile(pattern) for pattern in check.patterns]
        self.unless = _joined(check.unless)
        self.before = _joined(check.unless_before, r"(?:{})[\s,]*$")
        self.after = _joined(check.unless_after, r"^[\s,]*(?:{})")

    def applies(self, situations: frozenset[str]) -> bool:
        """Say whether the check reads replies in these situations."""
        only, never = self.check.only_in, self.check.not_in
        return (not only or not situations.isdisjoint(only)) and situations.isdisjoint(never)

    def first(self, text: str, guards: _Guards) -> tuple[int, int] | None:
        """Return where the first match of any pattern is that nothing excuses."""
        if self.any.search(text) is None or (self.unless and self.unless.search(text)):
            return None
        best: tuple[int, int] | None = None
        for pattern in self.patterns:
            for match in pattern.finditer(text):
                left, right = match.span()
                if left == right or (best and left >= best[0]):
                    continue
                before = "" if text[left] in CLAUSE_MARKS else guards.blotted(text[:left])
                after = text[right:]
                if self.excused(before, after):
                    continue
                if self.check.mention and guards.mentioned(before, after):
                    continue
                best = (left, right)
                break
        return best

    def excused(self, before: str, after: str) -> bool:
        """Say whether the words around a match excuse it."""
        if self.before and self.before.search(before):
            return True
        return bool(self.after and self.after.search(after))


class _Guards:
    """Tells what the words before a match report or deny from what the reply itself says."""

    def __init__(self, mention: Mention) -> None:
        self._guards = [_compile(pattern) for pattern in (*mention.reported, *mention.negated)]
        self._after = _compile(mention.after)
        self._breaks = _compile(mention.breaks)
        self._not_guards = _compile(mention.not_guards)
        self._reach = mention.reach

    def blotted(self, before: str) -> str:
        """Return ``before`` without words that only look like guards."""
        return str(self._not_guards.sub(" ", before))

    def mentioned(self, before: str, after: str) -> bool:
        """Say whether what stands between the two is reported or negated by them."""
        if self._after.search(after):
            return True
        for guard in self._guards:
            ends = [match.end() for match in guard.finditer(before)]
            if not ends:
                continue
            gap = before[ends[-1] :].lstrip(": ")
            if len(gap.split()) <= self._reach and not self._breaks.search(gap):
                return True
        return False


class Reviewer:
    """Reviews replies with one set of rules.

    With ``languages``, a reply in another language than the person's is a finding too.
    """

    def __init__(self, rules: ReviewRules, languages: LanguageDetector | None = None) -> None:
        self._rules = rules
        self._reader = Reader(rules.shared)
        self._guards = _Guards(rules.shared.mention)
        self._patterns = [_Compiled(check) for check in rules.checks if check.patterns]
        self._measures = Measures(rules.shared, languages)
        self._abuse = frozenset(rules.shared.abuse_categories)

    def review(
        self,
        text: str,
        *,
        user: str = "",
        history: Sequence[Message] = (),
        screening: Screening = Screening(),  # noqa: B008
        exercise: bool = False,
    ) -> Review:
        """Review a reply to ``user``; the verdict blocks if a finding is more than a note.

        ``history`` holds the earlier messages; ``exercise`` says that the reply is a step of an
        exercise, where a list and the person's own drafted words are in place.
        """
        findings: list[Finding] = []
        try:
            reply = self._ready(text, user, history, screening, exercise)
        except Exception:
            findings.append(self._failed(text))
        else:
            for compiled in self._patterns:
                findings += self._guarded(self._matches, compiled, reply)
            for name in self._measures.checks:
                findings += self._guarded(self._measured, name, reply)
        findings = list(dict.fromkeys(findings))
        findings.sort(key=lambda f: (f.start, f.end, f.check))
        blocked = any(finding.severity != "note" for finding in findings)
        return Review("block" if blocked else "pass", tuple(findings))

    def _ready(
        self,
        text: str,
        user: str,
        history: Sequence[Message],
        screening: Screening,
        exercise: bool,
    ) -> Ready:
        if len(text) > MAX_CHARS:
            raise ValueError("too long to review")
        plain = self._reader.copy(text)
        masked, quotations = self._reader.masked(plain, self._reader.quotations(plain))
        situations = set[str]() if screening.level == "none" else {str(screening.level)}
        if screening.abuse_context or (situations and screening.category in self._abuse):
            situations.add("abuse")
        if exercise:
            situations.add("exercise")
        said = tuple(message.text for message in history if message.role == "assistant")
        spans = tuple(_sentences(text))
        return Ready(text, plain, masked, quotations, spans, user, said, frozenset(situations))

    def _guarded(
        self, check: Callable[[Any, Ready], Iterator[Finding]], what: Any, reply: Ready
    ) -> list[Finding]:
        """Run a check; if it fails, that is a finding that blocks."""
        try:
            return list(check(what, reply))
        except Exception:
            return [self._failed(reply.text)]

    def _failed(self, text: str) -> Finding:
        return _finding(self._rules.check("review.failed"), text, (0, len(text)))

    def _measured(self, name: str, reply: Ready) -> Iterator[Finding]:
        span = self._measures.checks[name](reply)
        if span is not None:
            yield _finding(self._rules.check(name), reply.text, span)

    def _matches(self, compiled: _Compiled, reply: Ready) -> Iterator[Finding]:
        if not compiled.applies(reply.situations):
            return
        check = compiled.check
        for part in self._parts(check, reply):
            found = compiled.first(part.text, self._guards)
            if found is None:
                continue
            echoed = check.echo and self._echoes(part.text[slice(*found)], reply.user)
            yield _finding(check, reply.text, part.span(*found), noted=echoed)

    def _parts(self, check: Check, reply: Ready) -> Iterator[Copy]:
        if check.reads == "offered":
            yield from self._reader.offered(reply.plain, reply.quotations)
            return
        copy = reply.plain if check.reads == "all" else reply.masked
        for start, end in reply.spans:
            yield copy.part(start, end)

    def _echoes(self, said: str, user: str) -> bool:
        """Say whether the longer words are all the person's own."""
        longer = [word for word in words(said) if len(word) > 3]
        return bool(longer) and set(longer) <= set(words(self._reader.copy(user).text))


def _finding(check: Check, text: str, span: tuple[int, int], *, noted: bool = False) -> Finding:
    start, end = span
    severity = "note" if noted else check.severity
    return Finding(check.id, severity, start, end, text[start:end], check.why, check.hint)


def _compile(pattern: str) -> Any:
    options = re2.Options()
    options.max_mem = MAX_PATTERN_MEMORY
    options.log_errors = False
    return re2.compile(pattern, options)


def _joined(patterns: Sequence[str], frame: str = "{}") -> Any:
    if not patterns:
        return None
    return _compile(frame.format("|".join(f"(?:{pattern})" for pattern in patterns)))


def _sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of sentences; one that is only broken over a line or dots is whole."""
    merged: list[tuple[int, int]] = []
    for start, end in sentences.spans(text):
        if merged:
            before = text[merged[-1][0] : merged[-1][1]]
            broken = before[-1] in "…," or before[-1].isalpha() or before.endswith("..")
            if broken and text[start].islower():
                merged[-1] = (merged[-1][0], end)
                continue
        merged.append((start, end))
    return merged
