"""Saying short things back: "my mum" as "your mum", and a short sentence in quotation marks."""

from __future__ import annotations

import re2

from .. import sentences
from ..content.language import Language
from .words import tokenize

MOST_WORDS = 5
_ENDS = re2.compile(r"^[^\pL\pN]+|[^\pL\pN]+$")
QUOTED = range(3, 14)
"""Words of a sentence that may be quoted."""
_TURNED = {"my": "your", "our": "your", "mine": "yours", "ours": "yours"}
_PERSONS = frozenset(
    ["i", "me", "we", "us", "you", "he", "she", "they", "it", "this", "that", "u", "myself"]
)
_BE = frozenset(["is", "are", "was", "were", "am", "be", "has", "have", "had", "do", "does", "did"])


def echo_of(text: str, language: Language) -> str | None:
    """Return a short answer turned round, or ``None`` where it is not surely a bare noun phrase.

    Only what begins with a determiner, a number or "being" counts, and nothing with a verb of its
    own, a person in it, or a word that must not be said back.
    """
    tokens = [t for t in tokenize(text, language) if t.text not in ".…!"]
    lows = [t.low for t in tokens]
    if not 2 <= len(tokens) <= MOST_WORDS or not all(t.word and not t.quoted for t in tokens):
        return None
    if lows[0] not in language.echo_heads and not lows[0].isdigit():
        return None
    words = set(lows)
    unkind = language.grave | language.profane | language.judging | language.absolutes
    if words & (_PERSONS | unkind) or any("'" in low for low in lows):
        return None
    verbs = language.lexicon
    if any(low in verbs.past or low in verbs.third or low in _BE for low in lows[1:]):
        return None
    if lows[-1] in language.dangling:
        return None
    first = tokens[0].low
    rest = [t.text if t.text[:1].isupper() and i else t.low for i, t in enumerate(tokens)]
    return " ".join([_TURNED.get(first, first), *(_TURNED.get(w, w) for w in rest[1:])])


def quote_of(text: str, language: Language) -> str | None:
    """Return the last short sentence of a message as it was written, for quotation marks.

    ``None`` if there is none that can stand alone: no question, nothing quoted itself, nothing
    grave, coarse, or said to the assistant.
    """
    for sentence in reversed(sentences.split(text)):
        kept = str(_ENDS.sub("", sentence))
        tokens = tokenize(kept, language)
        lows = {token.low for token in tokens}
        unfit = lows & (language.grave | language.profane | language.unquoted)
        asks = bool(tokens) and tokens[0].low in language.asking
        marked = any(c in kept for c in '?"“”{}<>') or any(t.quoted for t in tokens)
        if len(kept.split()) in QUOTED and not unfit and not asks and not marked:
            return kept
        if len(kept.split()) >= QUOTED.start:
            return None
    return None
