"""Checks of a reply's form: length, lists, questions, language, sameness.

Each measure gives the span of the reply that it objects to, or nothing. The limits are data
(``knowledge/review/shared.yaml``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import re2

from . import sentences
from .content.review import Shared
from .languages import LanguageDetector
from .reading import MASK, Copy, words

Span = tuple[int, int]
_CLAUSE_END = re2.compile(r"[,;:—.!?]")


@dataclass(frozen=True, slots=True)
class Ready:
    """A reply made ready for the checks.

    ``plain`` is the copy to match on and ``masked`` the same without what is quoted; ``spans`` are
    its sentences; ``said`` are the assistant's earlier messages, ``situations`` what holds.
    """

    text: str
    plain: Copy
    masked: Copy
    quotations: tuple[Span, ...]
    spans: tuple[Span, ...]
    user: str
    said: tuple[str, ...]
    situations: frozenset[str]

    @property
    def whole(self) -> Span:
        """The span of all of it."""
        return 0, len(self.text)


class Measures:
    """The form checks by their ids."""

    def __init__(self, shared: Shared, languages: LanguageDetector | None = None) -> None:
        self._limits = shared.limits
        self._languages = languages
        self._own = frozenset(shared.own_words)
        self._asks_for_list = re2.compile(shared.asks_for_list)
        self._items = (re2.compile(shared.list_item), re2.compile(shared.inline_item))
        self._open = re2.compile(shared.open_question)
        self._offer = re2.compile(shared.offer_question)
        self.checks: Mapping[str, Callable[[Ready], Span | None]] = {
            "empty": self._empty,
            "too_long": self._too_long,
            "repetition": self._repetition,
            "list": self._list,
            "questions": self._questions,
            "closed_question": self._closed,
            "repeated_opener": self._opener,
            "parroting": self._parroting,
            "language": self._language,
        }

    def _empty(self, reply: Ready) -> Span | None:
        signs = [c for c in reply.text if not c.isspace()]
        letters = sum(c.isalpha() for c in signs)
        readable = letters >= 2 and letters >= self._limits.letters * len(signs)
        return None if readable else reply.whole

    def _too_long(self, reply: Ready) -> Span | None:
        return reply.whole if len(reply.text.split()) > self._limits.words else None

    def _repetition(self, reply: Ready) -> Span | None:
        said = words(reply.plain.text)
        row = 1
        for before, word in pairwise(said):
            row = row + 1 if word == before else 1
            if row >= self._limits.same_word:
                return reply.whole
        parts = Counter(tuple(words(reply.plain.part(*span).text)) for span in reply.spans)
        del parts[()]
        most = max(parts.values(), default=0)
        return reply.whole if most >= self._limits.same_sentence else None

    def _list(self, reply: Ready) -> Span | None:
        if "exercise" in reply.situations or self._asks_for_list.search(reply.user.lower()):
            return None
        for pattern in self._items:
            items = [match.span() for match in pattern.finditer(reply.text)]
            if len(items) >= self._limits.items:
                return items[0][0], items[-1][1]
        return None

    def _asked(self, reply: Ready) -> list[tuple[Span, str]]:
        parts = [(span, reply.masked.part(*span).text) for span in reply.spans]
        return [(span, text) for span, text in parts if "?" in text]

    def _questions(self, reply: Ready) -> Span | None:
        asked = self._asked(reply)
        if sum(text.count("?") for _, text in asked) <= self._limits.questions:
            return None
        return asked[0][0][0], asked[-1][0][1]

    def _closed(self, reply: Ready) -> Span | None:
        asked = self._asked(reply)
        if not asked or any(self._open.search(t) or self._offer.search(t) for _, t in asked):
            return None
        return asked[0][0][0], asked[-1][0][1]

    def _opener(self, reply: Ready) -> Span | None:
        if not reply.said or not reply.spans:
            return None
        start, end = reply.spans[0]
        openers = self._openers(reply.text[start:end])
        for said in reply.said:
            first = sentences.spans(said)[:1]
            if first and openers & self._openers(said[first[0][0] : first[0][1]]):
                return start, end
        return None

    def _openers(self, sentence: str) -> set[tuple[str, ...]]:
        """Return the sentence's first words and its first clause, those that are long enough."""
        said = tuple(words(sentence.lower()))
        clause = tuple(words(_CLAUSE_END.split(sentence.lower(), maxsplit=1)[0]))
        openers = set()
        if len(said) >= self._limits.opener_words:
            openers.add(said[: self._limits.opener_words])
        if len(clause) >= self._limits.opener_clause_words:
            openers.add((*clause, ""))
        return openers

    def _parroting(self, reply: Ready) -> Span | None:
        if "exercise" in reply.situations or not reply.user:
            return None
        user = words(reply.user.lower().replace("’", "'"))[: self._limits.parrot_reads]
        for span in reply.spans:
            masked = reply.masked.part(*span).text
            said = words(reply.text[slice(*span)].lower().replace("’", "'"))
            short = len(said) < self._limits.parrot_words
            if short or MASK in masked or self._own.isdisjoint(said):
                continue
            blocks = SequenceMatcher(None, said, user, autojunk=False).get_matching_blocks()
            shared = [word for b in blocks for word in said[b.a : b.a + b.size]]
            own = not self._own.isdisjoint(shared)
            if own and len(shared) >= self._limits.parrot_share * len(said):
                return span
        return None

    def _language(self, reply: Ready) -> Span | None:
        if self._languages is None:
            return None
        language = self._languages.foreign(reply.text)
        if language is None or not reply.user:
            return reply.whole if language else None
        spoken = self._languages.foreign(reply.user)
        return None if spoken and spoken.code == language.code else reply.whole
