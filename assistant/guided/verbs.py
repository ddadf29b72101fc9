"""Finite verbs: auxiliaries, tense, negation, and agreement with a subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.content.language import Language

from .words import Token

Number = Literal["i", "one", "many", "any"]
Form = Literal["plain", "progressive", "perfect", "passive", "be", "modal", "future"]
Tense = Literal["past", "present", "future"]

_BE: dict[str, tuple[str, Tense]] = {
    "am": ("i", "present"),
    "'m": ("i", "present"),
    "is": ("one", "present"),
    "'s": ("one", "present"),
    "are": ("many", "present"),
    "'re": ("many", "present"),
    "was": ("i one", "past"),
    "were": ("many", "past"),
}
_HAVE = {"have": "i many", "'ve": "i many", "has": "one", "'s": "one", "had": "i one many"}
_HAVE["'d"] = "i one many"
_DO = {"do": "i many", "does": "one", "did": "i one many"}
_MODALS = frozenset(
    ["will", "'ll", "can", "could", "would", "'d", "may", "might", "shall", "should", "must"]
)
_NOT_HOSTS = {"won't": "will", "can't": "can", "shan't": "shall"}
AUXILIARIES = frozenset(_BE) | frozenset(_HAVE) | frozenset(_DO) | _MODALS | {"been", "being", "be"}


@dataclass(frozen=True, slots=True)
class VerbGroup:
    """Auxiliaries and main verb.

    ``end`` is the token after them (after the form of "be" where a
    predicate follows); ``lemma`` the base of the main verb.
    """

    start: int
    end: int
    lemma: str
    form: Form
    tense: Tense
    negated: bool = False
    modal: str = ""


class VerbReader:
    """Reads verb groups in a sentence's tokens."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def group(
        self, tokens: Sequence[Token], at: int, number: Number, known: bool
    ) -> VerbGroup | None:
        """Return the finite verb that starts at ``at`` and agrees with its subject, or None."""
        place, negated = self._skip(tokens, at)
        if place >= len(tokens) or not tokens[place].word or tokens[place].quoted:
            return None
        low = tokens[place].low
        if low.endswith("n't"):
            negated = True
            low = _NOT_HOSTS.get(low, low[:-3])
        after, not_after = self._skip(tokens, place + 1)
        negated = negated or not_after
        group: VerbGroup | None = None
        if low in _BE and _agrees(_BE[low][0], number):
            group = self._be(tokens, place, after, _BE[low][1])
        if group is None and low in _HAVE and _agrees(_HAVE[low], number):
            group = self._have(tokens, place, after, low)
        if group is None and low in _DO and _agrees(_DO[low], number):
            group = self._do(tokens, place, after, low)
        if group is None and low in _MODALS:
            group = self._modal(tokens, place, after, low)
        if group is None and low not in AUXILIARIES:
            group = self._lexical(tokens, place, number, known)
        if group is None:
            return None
        own_not = group.form == "plain" and low not in _DO and not tokens[place].low.endswith("n't")
        return replace(
            group, start=at, negated=negated if not own_not else self._skip(tokens, at)[1]
        )

    def _skip(self, tokens: Sequence[Token], at: int) -> tuple[int, bool]:
        """Pass over at most three adverbs; also say whether one of them negates."""
        place, negated = at, False
        while place < len(tokens) and place < at + 3 and tokens[place].word:
            low = tokens[place].low
            if low in ("not", "never", "hardly", "barely", "scarcely"):
                negated = True
            elif low not in self.language.adverbs or low in ("back", "over"):
                break
            place += 1
        return place, negated

    def _be(
        self, tokens: Sequence[Token], place: int, after: int, tense: Tense
    ) -> VerbGroup | None:
        low = lows_at(tokens, after, 1)
        if not low:
            return None
        words = self.language.lexicon
        if low[0] == "gonna" or lows_at(tokens, after, 2) == ["going", "to"]:
            main = after + (1 if low[0] == "gonna" else 2)
            base = lows_at(tokens, main, 1)
            if base and base[0] in words.base | {"be": "be"}:
                return VerbGroup(place, main + 1, base[0], "future", "future")
        if low[0] in words.ing:
            return VerbGroup(place, after + 1, words.ing[low[0]], "progressive", tense)
        state = low[0] in self.language.own_states or low[0] in self.language.other_states
        if low[0] in words.participle and not state:
            return VerbGroup(place, after + 1, words.participle[low[0]], "passive", tense)
        if low[0] == "been" or low[0] == "being":
            return None
        return VerbGroup(place, place + 1, "be", "be", tense)

    def _have(self, tokens: Sequence[Token], place: int, after: int, low: str) -> VerbGroup | None:
        nexts = lows_at(tokens, after, 1)
        words = self.language.lexicon
        if not nexts:
            return None
        tense: Tense = "past"
        if nexts[0] == "been":
            inner, _ = self._skip(tokens, after + 1)
            found = self._be(tokens, after, inner, tense)
            if found is not None and found.form == "be":
                return replace(found, end=after + 1)
            return found
        if nexts[0] in words.participle:
            return VerbGroup(place, after + 1, words.participle[nexts[0]], "perfect", tense)
        if low in ("'ve", "'d", "'s"):
            return None
        if nexts[0] == "to":
            return VerbGroup(place, after, "have", "modal", "present", modal="must")
        return VerbGroup(place, place + 1, "have", "plain", "past" if low == "had" else "present")

    def _do(self, tokens: Sequence[Token], place: int, after: int, low: str) -> VerbGroup | None:
        nexts = lows_at(tokens, after, 1)
        tense: Tense = "past" if low == "did" else "present"
        if nexts and nexts[0] in self.language.lexicon.base:
            return VerbGroup(place, after + 1, nexts[0], "plain", tense)
        if tokens[place].low.endswith("n't"):
            return None
        return VerbGroup(place, place + 1, "do", "plain", tense)

    def _modal(self, tokens: Sequence[Token], place: int, after: int, low: str) -> VerbGroup | None:
        nexts = lows_at(tokens, after, 1)
        modal = {"'ll": "will", "'d": "would"}.get(low, low)
        tense: Tense = "future" if modal == "will" else "present"
        if modal in ("could", "would"):
            tense = "past"
        if nexts and nexts[0] in self.language.lexicon.base:
            return VerbGroup(place, after + 1, nexts[0], "modal", tense, modal=modal)
        if nexts == ["be"]:
            return VerbGroup(place, after + 1, "be", "modal", tense, modal=modal)
        return None

    def _lexical(
        self, tokens: Sequence[Token], place: int, number: Number, known: bool
    ) -> VerbGroup | None:
        words = self.language.lexicon
        low = tokens[place].low
        if low == "used" and lows_at(tokens, place + 1, 1) == ["to"]:
            base = lows_at(tokens, place + 2, 1)
            if base and base[0] in words.base:
                return VerbGroup(place, place + 3, base[0], "plain", "past", modal="used")
            return None
        unsure = not known and low in self.language.verbs.doubtful
        if low in words.past and not (unsure and low in words.base):
            return VerbGroup(place, place + 1, words.past[low], "plain", "past")
        if unsure:
            return None
        if low in words.base and number in ("i", "many"):
            return VerbGroup(place, place + 1, low, "plain", "present")
        third = words.third.get(low)
        if third is not None and number in ("one", "any"):
            if not known and third in self.language.verbs.doubtful:
                return None
            return VerbGroup(place, place + 1, third, "plain", "present")
        if low == "wanna" and number in ("i", "many"):
            return VerbGroup(place, place + 1, "want", "plain", "present")
        if known and low.endswith("ed") and len(low) > 4 and low.isalpha():
            return VerbGroup(place, place + 1, low, "plain", "past")
        return None


def _agrees(numbers: str, number: Number) -> bool:
    return number == "any" or number in numbers.split()


def lows_at(tokens: Sequence[Token], at: int, count: int) -> list[str]:
    """Return the words in lower case from ``at`` on, leaving out marks and quotations."""
    return [token.low for token in tokens[at : at + count] if token.word and not token.quoted]
