"""Turning a sentence about the partner into one said to them: "he left" becomes "you left".

As with clauses the rule is *correctly or not at all*: where somebody else of that pronoun may be
meant, the text is returned as it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..content.language import Language, Pronoun
from .people import Partner
from .words import Token, tokenize

_FAMILY: dict[str, Pronoun] = {
    "he": "he", "him": "he", "his": "he", "himself": "he",
    "she": "she", "her": "she", "hers": "she", "herself": "she",
}  # fmt: skip
_TURNED = {
    "he": "you", "she": "you", "him": "you", "his": "your",
    "himself": "yourself", "herself": "yourself", "hers": "yours",
}  # fmt: skip
_AGREEING = {
    "is": "are", "was": "were", "has": "have", "does": "do", "isn't": "aren't",
    "wasn't": "weren't", "hasn't": "haven't", "doesn't": "don't",
}  # fmt: skip


def addressed(text: str, language: Language, partner: Partner) -> str:
    """Return ``text`` as said to the partner, or as it is where that isn't certain."""
    tokens = tokenize(text, language)
    lows = [token.low for token in tokens]
    families = {_FAMILY[low] for low in lows if low in _FAMILY}
    others = language.everyone - set(language.partners)
    if len(families) > 1 or set(lows) & {"you", "your", "u"} or set(lows) & others:
        return text
    if any(token.quoted for token in tokens):
        return text
    changes = _Changes(tokens, language, partner).all()
    out: list[str] = []
    at = 0
    for start, end, new in changes:
        before = text[at:start]
        capital = not "".join(out).strip() + before.strip() and text[start].isupper()
        out += [before, new[0].upper() + new[1:] if capital else new]
        at = end
    return "".join([*out, text[at:]])


class _Changes:
    """Goes through the tokens and notes what becomes what."""

    def __init__(self, tokens: Sequence[Token], language: Language, partner: Partner) -> None:
        self.tokens = tokens
        self.language = language
        self.name = "" if partner.reference.startswith("your ") else partner.reference.lower()
        self.found: list[tuple[int, int, str]] = []

    def all(self) -> list[tuple[int, int, str]]:
        """Return (start, end, new text) in order."""
        place, subject = 0, False
        while place < len(self.tokens):
            token = self.tokens[place]
            low = token.low
            named = self._named(place)
            if named:
                new = "your" if self.tokens[place + named - 1].low.endswith("'s") else "you"
                self._note(place, place + named, new)
                place += named
                subject = new == "you"
                continue
            if low in _FAMILY:
                new = ("your" if self._owned(place) else "you") if low == "her" else _TURNED[low]
                self._note(place, place + 1, new)
                subject = low in ("he", "she")
            elif subject and low in self.language.adverbs:
                pass
            elif subject and low == "'s":
                participle = self._low(place + 1) in self.language.lexicon.participle
                self._note(place, place + 1, "'ve" if participle else "'re")
                subject = False
            elif subject:
                self._agree(place)
                subject = False
            elif low in ("and", "but", "then"):
                subject = self._third(place + 1) or self._low(place + 1) in _AGREEING
            place += 1
        return self.found

    def _note(self, first: int, last: int, new: str) -> None:
        self.found.append((self.tokens[first].start, self.tokens[last - 1].end, new))

    def _agree(self, place: int) -> None:
        low = self.tokens[place].low
        if low in _AGREEING:
            self._note(place, place + 1, _AGREEING[low])
        elif self._third(place):
            base = self.language.lexicon.lemma(low)
            if base:
                self._note(place, place + 1, base)

    def _third(self, place: int) -> bool:
        low = self._low(place)
        words = self.language.lexicon
        return low in words.third and low not in words.past

    def _low(self, place: int) -> str:
        return self.tokens[place].low if place < len(self.tokens) else ""

    def _named(self, place: int) -> int:
        """How many tokens here name the partner: "my husband", "Tom"."""
        low = self._low(place).removesuffix("'s")
        if self.name and low == self.name:
            return 1
        after = self._low(place + 1).removesuffix("'s")
        return 2 if low == "my" and after in self.language.partners else 0

    def _owned(self, place: int) -> bool:
        """Whether the "her" at ``place`` says whose the next word is."""
        after = self._low(place + 1)
        language = self.language
        closed = language.prepositions | language.conjunctions | language.adverbs
        plain = after in closed or after in language.determiners or after in ("to", "and", "or", "")
        return bool(after) and self.tokens[place + 1].word and not plain
