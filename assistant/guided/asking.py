"""Which kind of direct question a message ends with, if it ends with one."""

from __future__ import annotations

from .. import sentences
from ..content.questions import QuestionKind, Questions
from .patterns import Patterns, plain

_QUOTES = frozenset('"“”')
LATEST = 2
"""How many of the last sentences of a message may hold its question."""
TAIL = 5
"""Words that may follow the question: more of them, and it was only part of a story."""


class Asking:
    """Tells questions apart."""

    def __init__(self, questions: Questions) -> None:
        self._begins = Patterns(questions.begins)
        self._reported = Patterns(questions.reported)
        self._told = Patterns(questions.told)
        self._kinds = [
            (kind, Patterns(kind.patterns), Patterns(kind.unless)) for kind in questions.kinds
        ]

    def asked(self, text: str) -> str | None:
        """The sentence near the end of a message that asks something, in lower case."""
        for sentence in reversed(sentences.split(text)[-LATEST:]):
            if self._begins.found_in(sentence) and not self._reported.found_in(sentence):
                return plain(sentence)
            if "?" in sentence:
                quoted = _QUOTES & set(sentence) or self._told.found_in(sentence)
                return None if quoted else plain(sentence)
            if len(sentence.split()) > TAIL:
                return None
        return None

    def kind(self, text: str) -> QuestionKind | None:
        """The kind of question that a message asks, if it is one of those known."""
        asked = self.asked(text)
        if asked is None:
            return None
        for kind, patterns, unless in self._kinds:
            if patterns.found_in(asked) and not unless.found_in(asked):
                return kind
        return None
