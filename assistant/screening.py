"""The crisis screen: what a person's messages say about danger.

Rules read a normalised copy of the text; a small encoder reads what phrases can't say, and the
graver of the two counts. No language model and no network. The level of a conversation is sticky:
it is worked out by going through the person's messages in order, and only a clear answer that they
are safe lowers it, one level at a time; a crisis that no rule saw falls to a concern when something
harmless follows. A part that fails raises the level, it never lowers it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import re2

from . import sentences
from .content.crisis import CompiledAnswer, CompiledGuard, CompiledRule, CrisisRules
from .languages import LanguageDetector
from .normalise import Normaliser
from .risk import RiskEncoder, word_count
from .types import LEVELS, Category, Evidence, Level, Message, Screening, Subject

FAILED: Final = "screen.failed"
_ABUSE: Final[frozenset[Category]] = frozenset(
    {"partner_violence", "sexual_violence", "child_abuse"}
)
ENCODER: Final = "encoder."
UNSURE: Final = ".unsure"
"""Ends the rule of a guess of the encoder that is too unsure to be spoken of."""
_ANSWER_WORDS: Final = 9
_CACHED_TEXTS: Final = 512
_MAX_EVIDENCE: Final = 8
_MAX_QUOTE: Final = 80
_MAX_HITS: Final = 40
_MAX_CLAUSE: Final = 240
_MAX_SENTENCE: Final = 480


@dataclass(frozen=True, slots=True)
class _Hit:
    """A rule that fired and what it stands for."""

    rule: str
    level: Level
    category: Category
    subject: Subject
    imminent: bool
    quote: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one text says alone: its normalised copy, the hits with the gravest first, and what the
    encoder would guess at, with its odds (0 to 1)."""

    copy: str
    hits: tuple[_Hit, ...] = ()
    guess: _Hit | None = None
    odds: float = 0.0

    @property
    def level(self) -> Level:
        return self.hits[0].level if self.hits else "none"


@dataclass(frozen=True, slots=True)
class _Course:
    """Where a conversation stands, what of it the rules saw (a mere guess weighs less), and the
    odds of the latest messages."""

    state: Screening = Screening()
    firm: Level = "none"
    firm_abuse: bool = False
    odds: tuple[float, ...] = ()


class Screener:
    """Screens messages with one set of rules. It keeps no state between conversations."""

    def __init__(
        self,
        rules: CrisisRules,
        encoder: RiskEncoder | None = None,
        languages: LanguageDetector | None = None,
    ) -> None:
        """``encoder`` reads what phrases can't say; without it the rules read alone. It knows other
        languages less well: ``languages`` tells which texts are written in one."""
        self._rules = rules
        self._languages = languages
        self._encoder = encoder
        self._normaliser = Normaliser(rules.spelling)
        self._rank = {category: rank for rank, category in enumerate(rules.priority)}
        self._filter = re2.Filter()
        self._sources: list[tuple[CompiledRule, int]] = []
        for rule in rules.rules:
            for index, source in enumerate(rule.sources):
                self._filter.Add(source)
                self._sources.append((rule, index))
        self._filter.Compile()
        self._read = lru_cache(maxsize=_CACHED_TEXTS)(self._reading)

    def screen(self, text: str, history: Sequence[Message] = ()) -> Screening:
        """Return the screening of ``text`` in its conversation.

        ``history`` are the earlier messages of both sides, oldest first. Never raises.
        """
        messages = (*history, Message("user", text))
        last = sum(message.role == "user" for message in messages) - 1
        course = _Course()
        question = ""
        turn = 0
        for message in messages:
            if message.role == "assistant":
                question = message.text
                continue
            course = self._after(course, message.text, question, last - turn)
            question = ""
            turn += 1
        return course.state

    def _after(self, course: _Course, text: str, question: str, ago: int) -> _Course:
        """Return where the conversation stands after one more message of the person."""
        state = course.state
        try:
            reading = self._read(text)
            answer = self._answer(reading.copy, question)
        except Exception:
            reading, answer = _Reading("", (_failure(""),)), None
        hits = reading.hits
        if not hits and reading.guess is not None and self._builds_up(course, reading.odds):
            hits = (reading.guess,)
        if answer is not None and answer.answer.meaning == "safe":
            hits = self._beside_the_answer(text, question, hits)
        if answer is not None and answer.answer.meaning == "danger":
            hits = (_danger(answer, state), *hits)
        safe = answer is not None and answer.answer.meaning == "safe"
        seen = [hit for hit in hits if not hit.rule.startswith(ENCODER)]
        before = _one_less(course.firm) if safe else course.firm
        firm = max(before, seen[0].level if seen else "none", key=LEVELS.index)
        firm_abuse = course.firm_abuse or any(h.category in _ABUSE for h in seen)
        abuse = state.abuse_context or any(h.category in _ABUSE for h in hits)
        carried = _lowered(state) if safe else state
        if not hits and not safe and self._only_suspected(course, text):
            carried, abuse = replace(_lowered(state), doubted=True), firm_abuse
        if hits and LEVELS.index(hits[0].level) >= LEVELS.index(carried.level):
            new = _screening(hits, ago, abuse)
            still = carried.level == "crisis" and carried.imminent
            after = replace(new, imminent=new.imminent or still)
        else:
            after = replace(carried, carried=carried.level != "none", abuse_context=abuse)
        within = self._rules.limits.builds_within
        return _Course(after, firm, firm_abuse, (*course.odds, reading.odds)[-within:])

    def _builds_up(self, course: _Course, odds: float) -> bool:
        """Whether two suspicious messages close to each other are one concern."""
        limits = self._rules.limits
        return odds >= limits.builds_from and odds + max(course.odds, default=0) >= limits.builds

    def _only_suspected(self, course: _Course, text: str) -> bool:
        """Whether a crisis that no rule saw is followed by a harmless message that says something.

        The encoder is wrong more often than the rules. One guess of its own must not shut a
        conversation for good, so it then falls to a concern, which stays.
        """
        telling = len(text.split()) >= self._rules.limits.telling_words
        return course.state.level == "crisis" != course.firm and telling

    def _reading(self, text: str) -> _Reading:
        copy, failures = self._copy(text)
        page = _Page(copy, self._rules)
        hits = [_failure("normalise")] if failures else []
        fired: set[str] = set()
        for rule, index in self._candidates(copy):
            if rule.rule.id in fired:
                continue
            try:
                hit = page.first_hit(rule, index)
            except Exception:
                hit = _failure(rule.rule.id)
            if hit is not None:
                hits.append(hit)
            if hit is not None and hit.level == rule.rule.level:
                fired.add(rule.rule.id)
        found, guess, odds = self._encoded(copy)
        hits += found
        hits.sort(key=self._gravity)
        return _Reading(copy, tuple(hits), guess, odds)

    def _encoded(self, copy: str) -> tuple[list[_Hit], _Hit | None, float]:
        """What the encoder finds in the normalised copy, as it was trained, and its best guess with
        the odds; its failure is a concern."""
        if self._encoder is None:
            return [], None, 0.0
        try:
            risks = self._encoder.read(copy)
        except Exception:
            return [_failure("encoder")], None, 0.0
        limits = self._rules.limits
        foreign = self._languages is not None and self._languages.foreign(copy) is not None
        least = limits.foreign if foreign else 0.0
        hits = []
        guess: _Hit | None = None
        odds = 0.0
        for risk in risks:
            if word_count(risk.text) < limits.least_words:
                continue
            level: Level = "none"
            if risk.crisis >= max(limits.crisis, least):
                level = "crisis"
            elif risk.concern >= max(limits.concern, least):
                level = "concern"
            quote = " ".join(risk.text.split())[:_MAX_QUOTE]
            unsure = UNSURE if risk.concern < limits.aloud else ""
            rule = f"{ENCODER}{risk.category}{unsure}"
            if level != "none":
                hits.append(_Hit(rule, level, risk.category, risk.subject, False, quote))
            if risk.concern > odds and not foreign:
                odds = risk.concern
                guess = _Hit(rule, "concern", risk.category, risk.subject, False, quote)
        return hits, guess, odds

    def _copy(self, text: str) -> tuple[str, bool]:
        try:
            return self._normaliser(text), False
        except Exception:
            return text.encode("utf-8", "replace").decode("utf-8").lower(), True

    def _candidates(self, copy: str) -> list[tuple[CompiledRule, int]]:
        """Return the patterns that may match; all of them if the prefilter fails."""
        try:
            found = self._filter.Match(copy, potential=True) or []
        except Exception:
            return self._sources
        return [self._sources[index] for index in sorted(found)]

    def _gravity(self, hit: _Hit) -> tuple[int, bool, bool, int, str]:
        return (
            -LEVELS.index(hit.level),
            not hit.imminent,
            hit.subject != "self",
            self._rank.get(hit.category, len(self._rank)),
            hit.rule,
        )

    def _beside_the_answer(
        self, text: str, question: str, hits: tuple[_Hit, ...]
    ) -> tuple[_Hit, ...]:
        """The hits of a message that says it is safe, its answer not read by the encoder.

        A short sentence that is the answer ("No, I'm not going to end my life.") is left out of
        what the encoder reads; anything said beside it still counts.
        """
        kept = tuple(hit for hit in hits if not hit.rule.startswith(ENCODER))
        beside = [
            sentence
            for sentence in sentences.split(text)
            if len(sentence.split()) > _ANSWER_WORDS
            or self._answer(self._copy(sentence)[0], question) is None
        ]
        found = self._encoded(self._copy(" ".join(beside))[0])[0] if beside else []
        return (*kept, *found)

    def _answer(self, copy: str, question: str) -> CompiledAnswer | None:
        asked = self._copy(question)[0] if question else ""
        for answer in self._rules.answers:
            if answer.after is not None and not (asked and answer.after.search(asked)):
                continue
            if answer.regex.search(copy) is None:
                continue
            if answer.unless is None or answer.unless.search(copy) is None:
                return answer
        return None


class _Page:
    """A normalised copy, with the sentence and the clause around any part of it."""

    def __init__(self, copy: str, rules: CrisisRules) -> None:
        self.copy = copy
        self._ends = [end for _, end in sentences.spans(copy)]
        self._clause_end = rules.clause_end
        self._messages: dict[int, bool] = {}

    def first_hit(self, rule: CompiledRule, index: int) -> _Hit | None:
        """Return the first hit that no guard cancels, best one that no guard softens either.

        So many cancelled hits that reading on would take long count as a hit.
        """
        softened: _Hit | None = None
        for count, match in enumerate(rule.regexes[index].finditer(self.copy)):
            start, end = match.span()
            guard = None if count >= _MAX_HITS else self._guard(rule.guards, start, end)
            if guard is not None and not guard.softens:
                continue
            hit = _hit(rule, " ".join(match.group().split())[:_MAX_QUOTE], guard is not None)
            if guard is None:
                return hit
            softened = softened or hit
        return softened

    def _guard(
        self, guards: tuple[CompiledGuard, ...], start: int, end: int
    ) -> CompiledGuard | None:
        """Return the guard that holds for this hit, one that cancels before one that softens."""
        if not guards:
            return None
        sentence = self._sentence(start, end)
        clause = self._clause(sentence, start, end)
        for guard in guards:
            if guard.scope == "message":
                if self._in_message(guard):
                    return guard
                continue
            left, right = clause if guard.scope == "clause" else sentence
            if guard.regex.search(self.copy[left:right]) is not None:
                return guard
        return None

    def _in_message(self, guard: CompiledGuard) -> bool:
        key = id(guard)
        if key not in self._messages:
            self._messages[key] = guard.regex.search(self.copy) is not None
        return self._messages[key]

    def _sentence(self, start: int, end: int) -> tuple[int, int]:
        first, last = bisect_right(self._ends, start), bisect_right(self._ends, end - 1)
        left = self._ends[first - 1] if first else 0
        right = self._ends[last] if last < len(self._ends) else len(self.copy)
        return max(left, start - _MAX_SENTENCE), min(right, end + _MAX_SENTENCE)

    def _clause(self, sentence: tuple[int, int], start: int, end: int) -> tuple[int, int]:
        left, right = max(sentence[0], start - _MAX_CLAUSE), min(sentence[1], end + _MAX_CLAUSE)
        cuts = [match.end() for match in self._clause_end.finditer(self.copy[left:start])]
        after = self._clause_end.search(self.copy[end:right])
        return left + (cuts[-1] if cuts else 0), end + after.start() if after else right


def _hit(compiled: CompiledRule, quote: str, softened: bool) -> _Hit:
    rule = compiled.rule
    if softened and rule.level == "crisis":
        return _Hit(rule.id, "concern", rule.category, rule.subject, False, quote)
    return _Hit(rule.id, rule.level, rule.category, rule.subject, rule.imminent, quote)


def _failure(what: str) -> _Hit:
    return _Hit(FAILED, "concern", "none", "self", False, what)


def _danger(answer: CompiledAnswer, state: Screening) -> _Hit:
    category = answer.answer.category if answer.answer.category != "none" else state.category
    return _Hit(answer.answer.id, "crisis", category, state.subject, answer.answer.imminent, "")


def _one_less(level: Level) -> Level:
    return LEVELS[max(0, LEVELS.index(level) - 1)]


def _lowered(state: Screening) -> Screening:
    level = _one_less(state.level)
    if level == "none":
        return Screening(abuse_context=state.abuse_context)
    return replace(state, level=level, imminent=False, doubted=False)


def _screening(hits: tuple[_Hit, ...], ago: int, abuse: bool) -> Screening:
    first = hits[0]
    return Screening(
        level=first.level,
        category=first.category,
        subject=first.subject,
        evidence=tuple(Evidence(hit.rule, hit.quote, ago) for hit in hits[:_MAX_EVIDENCE]),
        imminent=first.imminent,
        abuse_context=abuse,
    )
