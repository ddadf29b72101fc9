"""Telling in which language a short text is written.

By its letters or by its small words: a statistical identifier was tried, and it was unsure of
chat-length texts and cost 120 MB of memory.
"""

from __future__ import annotations

import unicodedata

from .content.languages import Languages, Spoken

MAX_CHARS = 2000
MIN_HITS = 2


class LanguageDetector:
    """Tells foreign languages from English; unsure means English."""

    def __init__(self, languages: Languages) -> None:
        self._english = frozenset(languages.english)
        self._least_share = languages.least_share
        self._spoken = [(spoken, frozenset(spoken.words)) for spoken in languages.languages]

    def foreign(self, text: str) -> Spoken | None:
        """Return the language of a text that is not English, or ``None``."""
        sample = text[:MAX_CHARS].lower()
        return self._by_script(sample) or self._by_words(sample)

    def _by_script(self, text: str) -> Spoken | None:
        letters = [c for c in text if c.isalpha()]
        if not letters:
            return None
        own = [unicodedata.name(c, "").split(" ")[0] for c in letters]
        for spoken, _ in self._spoken:
            if spoken.script and own.count(spoken.script) > 0.3 * len(own):
                return spoken
        return None

    def _by_words(self, text: str) -> Spoken | None:
        words = "".join(
            c if c.isalpha() or c == "'" else " " for c in text.replace("’", "'")
        ).split()
        if not words:
            return None
        english = len(self._english.intersection(words))
        best, hits = None, 0
        for spoken, small in self._spoken:
            count = len(small.intersection(words))
            if count > hits:
                best, hits = spoken, count
        if hits >= MIN_HITS and hits > english and hits >= self._least_share * len(set(words)):
            return best
        return None
