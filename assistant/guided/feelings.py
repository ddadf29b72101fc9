"""Which feelings somebody names, whose they are, and whether they say that they have them.

A word counts only in a place where it is a feeling: "down the street", "happy to help" and "would
you be angry?" name none. Words that judge conduct instead ("ignored") come back as a guess at what
may lie under them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.content.guided import Feeling, Feelings
from assistant.content.language import Language

from .words import Sentence, Token, has_phrase, sentences, tokenize

Owner = Literal["person", "other"]
_FIRST = frozenset(["i", "we", "my", "our", "me", "us", "myself", "ourselves"])
_THIRD = frozenset(["he", "she", "they", "who"])
_OBJECT = frozenset(["him", "her", "them"])
_BECOMING = frozenset(
    [
        "be",
        "feel",
        "feeling",
        "being",
        "get",
        "getting",
        "become",
        "stay",
        "more",
        "less",
        "so",
        "as",
    ]
)
_WINDOW = 7
_LOOK_BACK = 24


@dataclass(frozen=True, slots=True)
class NamedFeeling:
    """A feeling found in a text; ``start`` and ``end`` count characters.

    ``grade`` is 1 to 3 with "so" and "a bit" reckoned in. ``assumed``: it was not named itself but
    may lie under a word such as "ignored".
    """

    id: str
    name: str
    grade: int
    negated: bool
    pleasant: bool
    start: int
    end: int
    owner: Owner
    assumed: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    words: tuple[str, ...]
    feeling: Feeling
    assumed: bool


@dataclass(frozen=True, slots=True)
class _Governor:
    """Who a word is said of: the place of the subject (-1: none), and whose feeling it is."""

    place: int
    owner: Owner | None


class FeelingFinder:
    """Finds feelings by their words; built once, then used for every message."""

    def __init__(self, feelings: Feelings, language: Language) -> None:
        self.language = language
        by_id = {feeling.id: feeling for feeling in feelings.feelings}
        self.entries: dict[str, list[_Entry]] = {}
        for feeling in feelings.feelings:
            for word in feeling.words:
                self._index(word, feeling, assumed=False)
        for word, under in feelings.not_feelings.items():
            self._index(word, by_id[under], assumed=True)
        for entries in self.entries.values():
            entries.sort(key=lambda entry: -len(entry.words))
        self.idioms: dict[str, list[tuple[str, ...]]] = {}
        for idiom in language.feeling_idioms:
            words = tuple(token.low for token in tokenize(idiom, language))
            self.idioms.setdefault(words[0], []).append(words)

    def _index(self, word: str, feeling: Feeling, assumed: bool) -> None:
        words = tuple(token.low for token in tokenize(word, self.language))
        self.entries.setdefault(words[0], []).append(_Entry(words, feeling, assumed))

    def find(self, text: str) -> list[NamedFeeling]:
        """Return the feelings of ``text`` in order. Time grows with the length of the text only."""
        found: list[NamedFeeling] = []
        for sentence in sentences(tokenize(text, self.language), self.language):
            fresh = self._in_sentence(sentence)
            if len(sentence.tokens) == 1:  # "She says I'm lucky. Lucky!" repeats her word
                theirs = {f.id for f in found if f.owner == "other"}
                fresh = [f for f in fresh if f.id not in theirs]
            found.extend(fresh)
        return found

    def _in_sentence(self, sentence: Sentence) -> list[NamedFeeling]:
        tokens = sentence.tokens
        lows = [token.low for token in tokens]
        masked = self._masked(lows)
        found: list[NamedFeeling] = []
        last_end = -1
        last_negated = False
        at = 0
        while at < len(tokens):
            entry = self._entry(tokens, lows, at)
            if entry is None:
                at += 1
                continue
            end = at + len(entry.words)
            joined = last_end >= 0 and self._joined(lows, last_end, at)
            if any(place in masked for place in range(at, end)) and len(entry.words) < 3:
                at += 1
                continue
            named = self._named(sentence, lows, at, entry, found[-1:] if joined else [])
            if named is not None:
                carry = joined and last_negated and lows[at - 1] in ("or", "nor")
                if carry and not named.negated:
                    named = _replaced(named, negated=True)
                found.append(named)
                last_end, last_negated = end, named.negated
            at = end if named is not None else at + 1
        return found

    def _masked(self, lows: Sequence[str]) -> set[int]:
        """Return the places of words that belong to an idiom."""
        masked: set[int] = set()
        for at, low in enumerate(lows):
            for words in self.idioms.get(low, ()):
                if tuple(lows[at : at + len(words)]) == words:
                    masked.update(range(at, at + len(words)))
        return masked

    def _entry(self, tokens: Sequence[Token], lows: Sequence[str], at: int) -> _Entry | None:
        if not tokens[at].word or tokens[at].quoted:
            return None
        for entry in self.entries.get(lows[at], ()):
            if tuple(lows[at : at + len(entry.words)]) == entry.words:
                return entry
        return None

    def _joined(self, lows: Sequence[str], last_end: int, at: int) -> bool:
        """Whether only "and", a comma or an adverb lies between two feelings."""
        between = lows[last_end:at]
        language = self.language
        fillers = language.intensifiers | language.softeners | language.adverbs
        plain = {",", "and", "or", "but", "nor", "a", "of", "even", "more", "not"}
        return len(between) <= 4 and all(low in plain or low in fillers for low in between)

    def _named(
        self,
        sentence: Sentence,
        lows: Sequence[str],
        at: int,
        entry: _Entry,
        before: Sequence[NamedFeeling],
    ) -> NamedFeeling | None:
        """Return the feeling at ``at`` if it is one there; ``before`` holds one joined to it."""
        language = self.language
        end = at + len(entry.words)
        tokens = sentence.tokens
        word = " ".join(entry.words)
        own_object = end < len(lows) and lows[end] in ("me", "us")
        copula = self._after_copula(lows, at)
        alone = self._back(lows, at) < 0
        needs = word in language.feeling_needs_copula or (entry.assumed and len(entry.words) == 1)
        if needs and not (copula or before or alone or (entry.assumed and own_object)):
            return None
        governor = self._governor(lows, at)
        if governor.owner is None:
            return None
        owner = governor.owner
        if before and governor.place < 0:
            owner = before[0].owner
        if own_object or entry.words[-1] in ("me", "my") or "my" in entry.words:
            owner = "person"
        elif entry.assumed and len(entry.words) == 1 and not copula and not before and not alone:
            return None
        if sentence.question and not self._own_question(lows, owner):
            return None
        start_of_clause = self._clause_start(lows, at, governor.place, own_object)
        if self._unreal(lows, start_of_clause, governor.place, at):
            return None
        if self._attributed(lows, governor.place):
            owner = "other"
        return NamedFeeling(
            id=entry.feeling.id,
            name=entry.feeling.name,
            grade=self._grade(lows, at, end, entry.feeling.grade),
            negated=self._negated(lows, start_of_clause, governor.place, at),
            pleasant=entry.feeling.pleasant,
            start=tokens[at].start,
            end=tokens[end - 1].end,
            owner=owner,
            assumed=entry.assumed,
        )

    def _back(self, lows: Sequence[str], at: int) -> int:
        """Return the place before ``at`` past degree words and adverbs."""
        language = self.language
        place = at - 1
        while place >= 0 and place > at - _WINDOW:
            low = lows[place]
            skipped = (
                low in language.intensifiers
                or low in language.softeners
                or low in language.adverbs
                or low in language.degree
                or low in language.negators
                or low in ("like", "more", "less", "as", "of", "a")
            )
            if not skipped or low in ("feeling", "back"):
                break
            place -= 1
        return place

    def _after_copula(self, lows: Sequence[str], at: int) -> bool:
        place = self._back(lows, at)
        return place >= 0 and lows[place] in self.language.feeling_copulas

    def _governor(self, lows: Sequence[str], at: int) -> _Governor:
        """Return who the word at ``at`` is said of, the nearest possible subject to its left."""
        near = self._back(lows, at)
        while near >= 0 and lows[near] in _BECOMING and near > at - _WINDOW:
            near -= 1
        for place in range(at - 1, max(-1, at - _LOOK_BACK), -1):
            low = lows[place]
            if low in _FIRST:
                owned = low in ("my", "our") and place + 1 < at and self._person(lows[place + 1])
                if not owned:
                    return _Governor(place, "person")
            elif low in _THIRD:
                return _Governor(place, "other")
            elif low in _OBJECT or low in ("his", "their"):
                if place == near:
                    return _Governor(place, "other")
            elif low in ("you", "u"):
                if self._verb_follows(lows, place, at):
                    return _Governor(place, None)
            elif self._person(low) and (low.endswith("'s") or self._verb_follows(lows, place, at)):
                return _Governor(place, "other")
            elif low in ("it", "this", "that", "there") and self._verb_follows(lows, place, at):
                # "there's shame in it" doesn't say whose
                return _Governor(place, None if low == "there" else "person")
        return _Governor(-1, "person")

    def _person(self, low: str) -> bool:
        language = self.language
        host = low.removesuffix("'s")
        named = host in language.given_names and (
            host not in language.names_with_capital or host in language.names_anyway
        )
        return host in language.everyone or host in language.partners or named

    def _verb_follows(self, lows: Sequence[str], place: int, at: int) -> bool:
        """Whether what stands at ``place`` is a subject: a verb or the feeling itself follows."""
        language = self.language
        after = place + 1
        while after < at and lows[after] in language.adverbs:
            after += 1
        if after >= at:
            return True
        low = lows[after]
        words = language.lexicon
        finite = low in words.past or low in words.third or low in words.base
        return (
            low in language.feeling_copulas or low.endswith("n't") or finite or low in ("'d", "'ll")
        )

    def _clause_start(self, lows: Sequence[str], at: int, subject: int, own_object: bool) -> int:
        """Return where the clause around a feeling begins, for negation and wishes."""
        low = lows[subject] if subject >= 0 else ""
        wide = own_object or low in ("me", "us", "him", "her", "them", "it", "this", "that")
        floor = max(0, at - 10) if wide or subject < 0 else subject
        for place in range(at - 1, floor, -1):
            if lows[place] in (",", "but", "because", "so", "and") and place < at - 1:
                return place + 1
            if lows[place] == ",":
                return place + 1
        return floor

    def _unreal(self, lows: Sequence[str], start: int, subject: int, at: int) -> bool:
        """Whether the feeling is wished for, feared or only possible."""
        language = self.language
        for place in range(at - 1, start - 1, -1):
            low = lows[place]
            if low == "to":
                earlier = lows[place - 1] if place else ""
                lemma = language.lexicon.lemma(earlier)
                if earlier == "used" or lemma in ("start", "begin", "seem", "continue", "come"):
                    continue
                if lows[place + 1] in _BECOMING or place + 1 == at:
                    return True
            elif low in language.feeling_unreal and low != "to":
                if low in ("need", "want") and "to" in lows[place + 1 : place + 2]:
                    nexts = lows[place + 2 : place + 3]
                    if nexts and nexts[0] not in _BECOMING:
                        continue
                return True
        before = lows[max(0, subject - 2) : max(0, subject)]
        return subject > 0 and any(
            low in ("if", "unless", "whether", "wish", "imagine", "hope", "until", "pretend")
            for low in before
        )

    def _attributed(self, lows: Sequence[str], subject: int) -> bool:
        """Whether somebody else says it of the person: "she says I'm too angry"."""
        if subject < 1 or lows[subject] not in ("i", "me"):
            return False
        language = self.language
        place = subject - 1
        if lows[place] in ("me", "that") and place > 0:
            place -= 1
        if lows[place] == "me" and place > 0:
            place -= 1
        if language.lexicon.lemma(lows[place]) not in language.feeling_attribution:
            return False
        for earlier in range(place - 1, max(-1, place - 5), -1):
            low = lows[earlier]
            if low in ("i", "we"):
                return False
            if low in _THIRD or self._person(low):
                return True
        return False

    def _negated(self, lows: Sequence[str], start: int, subject: int, at: int) -> bool:
        language = self.language
        window = list(lows[max(start, at - _WINDOW) : at])
        if "used" in window and "to" in window:
            return True
        reach = list(lows[max(0, at - _WINDOW - 3) : at])
        if has_phrase(reach, language.feeling_not_negating):
            return False
        if any(low in language.feeling_negators for low in window):
            return True
        before = lows[max(0, subject - 2) : max(0, subject)]
        return len(before) == 2 and before[0] in ("don't", "didn't") and before[1] == "think"

    def _own_question(self, lows: Sequence[str], owner: Owner) -> bool:
        """Whether a question says that the person feels it: "why am I so sad?"."""
        if owner != "person" or not set(lows) & {"i", "me", "my", "i'm"}:
            return False
        return not set(lows) & (self.language.hypothetical_modals | {"if"})

    def _grade(self, lows: Sequence[str], at: int, end: int, grade: int) -> int:
        language = self.language
        near = lows[max(0, at - 3) : at]
        soft = any(low in language.softeners for low in near[-2:])
        if soft:
            return max(1, grade - 1)
        strong = any(low in language.intensifiers for low in near[-2:])
        after = f" {' '.join(lows[end : end + 4])} "
        strong = strong or any(after.startswith(f" {phrase} ") for phrase in language.more_after)
        return min(3, grade + 1) if strong else grade


def _replaced(named: NamedFeeling, negated: bool) -> NamedFeeling:
    return NamedFeeling(
        named.id, named.name, named.grade, negated, named.pleasant, named.start, named.end,
        named.owner, named.assumed,
    )  # fmt: skip
