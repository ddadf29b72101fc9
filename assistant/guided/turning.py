"""Turning a clause round: "my sister laughed at me" becomes "your sister laughed at you"."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.content.language import Language

from .parsing import Parser
from .words import Token, render

_PLAIN = {
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "our": "your",
    "ours": "yours",
    "ourselves": "yourselves",
    "me": "you",
}
_AGREEING = {
    "am": "are",
    "'m": "'re",
    "was": "were",
    "wasn't": "weren't",
    "ain't": "aren't",
}
_OPENED = {"'m": "are", "'re": "are", "'ve": "have", "'ll": "will"}
_LEFT_OVER = frozenset(
    [
        "i",
        "me",
        "my",
        "mine",
        "myself",
        "we",
        "us",
        "our",
        "ours",
        "ourselves",
        "am",
        "i'm",
        "im",
        "u",
        "ur",
    ]
)
_WRONG_AFTER_YOU = frozenset(
    [
        "am",
        "'m",
        "is",
        "'s",
        "was",
        "has",
        "does",
        "isn't",
        "wasn't",
        "hasn't",
        "doesn't",
        "your",
        "yours",
        "you",
        "yourself",
    ]
)
_POSSESSIVE = frozenset(["my", "our", "his", "her", "their", "the"])


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    glued: bool = False


def turn(tokens: Sequence[Token], parser: Parser, shouted: bool) -> str | None:
    """Return the clause with the person as "you", or None if that can't be done surely."""
    ordered = _you_first(list(tokens))
    if ordered is None:
        return None
    pieces = _Turner(ordered, parser, shouted).pieces()
    if pieces is None:
        return None
    words = [piece.text.lower() for piece in pieces]
    if not _sound(words):
        return None
    return render([(piece.text, piece.glued) for piece in pieces])


def _you_first(tokens: list[Token]) -> list[Token] | None:
    """Reorder "my husband and I" and "me and him" so that "you" comes first."""
    place = 0
    while place < len(tokens):
        low = tokens[place].low
        nexts = tokens[place + 1].low if place + 1 < len(tokens) else ""
        after_object = place and tokens[place - 1].low in ("him", "her", "them") and nexts == "i"
        if low == "and" and nexts in ("i", "me", "myself") and not after_object:
            start = _phrase_start(tokens, place)
            if start is None:
                return None
            me = replace(tokens[place + 1], low="me", text="me")
            tokens[start : place + 2] = [me, tokens[place], *tokens[start:place]]
        place += 1
    return tokens


def _phrase_start(tokens: Sequence[Token], end: int) -> int | None:
    """Return where the noun phrase before ``end`` begins: a pronoun, a name, or "my" and a noun."""
    for length in (2, 3, 4):
        start = end - length
        if start >= 0 and tokens[start].low in _POSSESSIVE:
            return start
    last = tokens[end - 1] if end else None
    if last is not None and (
        last.low in ("he", "she", "him", "her", "they", "them") or last.text[:1].isupper()
    ):
        return end - 1
    return None


class _Turner:
    """One pass over the tokens of a clause."""

    def __init__(self, tokens: list[Token], parser: Parser, shouted: bool) -> None:
        self.tokens = tokens
        self.parser = parser
        self.language: Language = parser.language
        self.shouted = shouted
        self.both_said = False
        self.mine = False  # the last subject was "I"
        self.between = False  # another subject came since

    def pieces(self) -> list[_Piece] | None:
        out: list[_Piece] = []
        tokens = self.tokens
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.low == "i":
                found = self._i(place, out)
                if found is None:
                    return None
                place = found
                continue
            if token.low == "we":
                place = self._we(place, out)
                continue
            piece = self._word(place)
            if piece is None:
                return None
            text = piece.text
            if out and out[-1].text.lower() == "you" and text in ("you", "your"):
                if not self._listener(place):
                    return None
                out.append(_Piece("that"))
            out.append(piece)
            place += 1
        return out

    def _listener(self, place: int) -> bool:
        """Whether the word before is whom something was told, so that "that" may come between."""
        before = self.tokens[place - 2].low if place >= 2 else ""
        listener = self.language.lexicon.lemma(before) in self.language.takes_listener
        return listener and self.parser.head(self.tokens, place) is not None

    def _i(self, place: int, out: list[_Piece]) -> int | None:
        """Turn "I" with the auxiliary that follows it, past adverbs."""
        if out and out[-1].text == "you":
            if not self._listener(place):
                return None
            out.append(_Piece("that"))
        head = self.parser.head(self.tokens, place)
        if head is None:
            return None
        out.append(_Piece("you"))
        self.mine, self.between = True, False
        return self._agree(place + 1, out)

    def _agree(self, place: int, out: list[_Piece]) -> int:
        tokens = self.tokens
        while place < len(tokens) and tokens[place].low in self.language.adverbs:
            out.append(_Piece(self._text(place)))
            place += 1
        if place < len(tokens) and tokens[place].low in _AGREEING:
            out.append(_Piece(_AGREEING[tokens[place].low], tokens[place].glued))
            place += 1
        return place

    def _we(self, place: int, out: list[_Piece]) -> int:
        self.mine = False
        tokens = self.tokens
        after = tokens[place + 1] if place + 1 < len(tokens) else None
        if after is not None and after.low in ("both", "two"):
            out.append(_Piece("you both"))
            self.both_said = True
            return place + 2
        if self.both_said:
            out.append(_Piece("you"))
            return place + 1
        self.both_said = True
        out.append(_Piece("the two of you"))
        if after is None or not after.glued:
            return place + 1
        if after.low in _OPENED:
            out.append(_Piece(_OPENED[after.low]))
            return place + 2
        out.append(_Piece(self._would_or_had(place + 2)))
        return place + 2

    def _would_or_had(self, place: int) -> str:
        nexts = self.tokens[place].low if place < len(self.tokens) else ""
        words = self.language.lexicon
        return "would" if nexts in words.base and nexts not in words.participle else "had"

    def _word(self, place: int) -> _Piece | None:
        token = self.tokens[place]
        low = token.low
        if low == "us":
            before = self.tokens[place - 1].low if place else ""
            if before in ("of", "between") or self.both_said:
                return _Piece("you")
            self.both_said = True
            return _Piece("you both")
        if low in ("my", "our") and place + 1 >= len(self.tokens):
            return None
        if low in _PLAIN:
            return _Piece(_PLAIN[low])
        if low in ("he", "she", "they", "it", "who", "that", "which", "what"):
            self.between = True
        if low in ("was", "wasn't", "am", "'m") and self.mine:
            return self._coordinated(place)
        return _Piece(self._text(place), token.glued)

    def _coordinated(self, place: int) -> _Piece | None:
        """Turn the "was" of "I sat there and was shaking"; None if it may not be I who was."""
        before = self.tokens[place - 1].low if place else ""
        if before in self.language.adverbs and place >= 2:
            before = self.tokens[place - 2].low
        if before in ("and", "but", "or", "then"):
            return None if self.between else _Piece(_AGREEING[self.tokens[place].low])
        return _Piece(self._text(place)) if self.tokens[place].low.startswith("was") else None

    def _text(self, place: int) -> str:
        """Return a word with sensible capitals."""
        token = self.tokens[place]
        low, language = token.low, self.language
        host = low.removesuffix("'s")
        if low in language.proper or host in language.proper:
            return low.capitalize()
        if low in language.proper_with_capital and place > 0 and not self.shouted:
            return token.text
        if low in language.acronyms:
            return low.upper() if token.text.isupper() or low == "tv" else token.text
        named = host in language.given_names or host == self.parser.partner_name
        plain = host in language.names_with_capital and host not in language.names_anyway
        if named and not plain:
            return low[:1].upper() + low[1:]
        if self.shouted:
            return low
        text = token.text
        if text.isupper() and len(text) > 1 and text.isalpha():
            known = language.lexicon.lemma(low) is not None or self.parser.is_word(low)
            return low if known or len(text) > 4 else text
        if text[:1].isupper() and not text.isupper():
            is_name = self.parser._is_name([self.tokens[0], token], 1)
            return text if is_name and place > 0 else self._start(place, named)
        return low if text.lower() == low else token.text

    def _start(self, place: int, named: bool) -> str:
        token = self.tokens[place]
        return token.text if named else token.low


def _sound(words: Sequence[str]) -> bool:
    """Whether the turned words hold nothing that must not be there."""
    flat = " ".join(words).split()
    if any(word in _LEFT_OVER for word in flat):
        return False
    for first, second in itertools.pairwise(flat):
        if first == second or (first == "you" and second in _WRONG_AFTER_YOU):
            return False
    return True
