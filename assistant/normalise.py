"""A normalised copy of what a person wrote, so that rules can read through a disguise.

The copy is lower-case, has straight quotes, full forms ("i am", "do not", "want to") and no hidden
characters; look-alike letters, starred, spelled-out and numbered words are read as what they stand
for. It is made for rules to read and is never shown. Words of other scripts stay as they are.
Every step takes time in proportion to the text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import decancer_py
from anyascii import anyascii

from .content.crisis import Spelling, load_spelling

_SPELLED = re.compile(r"(?<![\w'])(?:[a-z0-9][^\w\n']{1,4}){2,}[a-z0-9](?![\w'])")
_LINE_SPACE = re.compile(r" ?\n\s*")
_SPACE = re.compile(r"[ \t]+")
_GLUED = re.compile(r"(?<=[a-z])([.!?;,:]+|-{2,})(?=[a-z]{2})")
_CHAIN = re.compile(r"(?<![a-z])[a-z]{1,20}(?:[._\-/][a-z]{1,20})+(?![a-z])")
_LOUD = re.compile(r"([.!?…]{3})[.!?…]+")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
_STRIP = "\"'([{<~_*“”.,;:!?)]}>-/\\#…"
_JOINERS = re.compile(r"[._\-*/|+~^'`]")
_MARKS = (
    (0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE2F),
    (0x064B, 0x065F), (0x0670, 0x0670), (0x0640, 0x0640), (0xE0100, 0xE01EF),
)  # fmt: skip
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_FULL_SCRIPTS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "ARABIC", "DEVANAGARI", "HEBREW", "THAI")
_LOOKALIKE = frozenset("аеіорсухѕјһԁԛԝӏкмнтвαορνικτυχγϲϳѵɡ")
_LONGEST_RUN = 80
_ASCII = {"\t": " ", "`": "'"}
_ALEF = {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي"}


class Normaliser:
    """Makes normalised copies with one :class:`Spelling`."""

    def __init__(self, spelling: Spelling) -> None:
        self._words = dict(spelling.words)
        self._endings = dict(spelling.endings)
        self._flipped = dict(spelling.flipped)
        self._turned = {**spelling.flipped, **spelling.flipped_plain}
        self._signs = tuple(str.maketrans(dict(signs)) for signs in spelling.signs)
        self._sign_marks = frozenset(mark for signs in spelling.signs for mark in signs)
        self._disguised = frozenset(spelling.disguised.split())
        self._by_length: dict[int, list[str]] = {}
        for word in spelling.disguised.split():
            self._by_length.setdefault(len(word), []).append(word)
        self._joined = self._disguised | frozenset(spelling.joined.split())
        self._longest = max(map(len, self._joined))
        self._doubled = self._disguised | frozenset(spelling.doubled.split())
        self._emoji = {ord(c): f" {name} " for name, signs in spelling.emoji.items() for c in signs}
        self._phrases = tuple((re.compile(p), new) for p, new in spelling.phrases)
        self._fold = _Fold()

    def __call__(self, text: str) -> str:
        """Return the normalised copy of ``text``."""
        if not text.isascii():
            text = self._plain_characters(text)
        elif "&" in text:
            text = html.unescape(text)
        text = text.lower().translate(self._fold)
        text = _SPELLED.sub(self._spelled_out, text)
        text = _LINE_SPACE.sub("\n", _SPACE.sub(" ", text)).strip()
        text = _LOUD.sub(r"\1", text)
        text = _CHAIN.sub(self._unchained, text)
        text = _GLUED.sub(r"\1 ", text)
        text = "\n".join(
            " ".join(self._word(word) for word in line.split(" ")) for line in text.split("\n")
        )
        for pattern, new in self._phrases:
            text = pattern.sub(new, text)
        return text

    def _plain_characters(self, text: str) -> str:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        text = html.unescape(text) if "&" in text else text
        if any(c in text for c in self._flipped):
            text = "\n".join(self._upright(line) for line in text.split("\n"))
        text = text.translate(self._emoji)
        text = unicodedata.normalize("NFKC", text).lower().translate(self._fold)
        if text.isascii():
            return text
        letters = sum(c.isalpha() for c in text)
        latin = sum(c.isascii() and c.isalpha() for c in text)
        mostly_latin = latin * 10 >= letters * 4
        return "".join(
            piece if piece.isascii() or piece.isspace() else _unmask(piece, mostly_latin)
            for piece in re.split(r"(\s+)", text)
        )

    def _upright(self, line: str) -> str:
        turned = sum(c in self._flipped for c in line)
        letters = sum(c.isalpha() for c in line)
        if turned < 2 or turned * 4 < letters:
            return line
        return "".join(self._turned.get(c, c) for c in reversed(line.lower()))

    def _spelled_out(self, match: re.Match[str]) -> str:
        """Join single letters with something between them into the words they spell."""
        run = match.group()
        letters = [c for c in run if c.isalnum()]
        if sum(c.isalpha() for c in letters) * 3 < len(letters) * 2:
            return run
        gaps = re.split(r"[a-z0-9]", run)[1:-1]
        shortest = min(map(len, gaps))
        words = [letters[0]]
        for gap, letter in zip(gaps, letters[1:], strict=True):
            if len(gap) > shortest:
                words.append(letter)
            else:
                words[-1] += letter
        return " ".join(self._apart(word) or word for word in words)

    def _unchained(self, match: re.Match[str]) -> str:
        words = re.split(r"[._\-/]", match.group())
        return " ".join(words) if self._joined.issuperset(words) else match.group()

    def _apart(self, word: str) -> str | None:
        """Return ``word`` with spaces between the known words it is made of, if it is."""
        if word in self._joined or len(word) > _LONGEST_RUN:
            return None
        best: list[list[str] | None] = [[]] + [None] * len(word)
        for end in range(1, len(word) + 1):
            for start in range(max(0, end - self._longest), end):
                before, piece = best[start], word[start:end]
                if before is None or piece not in self._joined:
                    continue
                known = best[end]
                if known is None or len(before) + 1 < len(known):
                    best[end] = [*before, piece]
        found = best[len(word)]
        return " ".join(found) if found else None

    def _word(self, word: str) -> str:
        known = self._words.get(word)
        if known is not None:
            return known
        if word.isalpha() and word.isascii() and len(word) < 7 and not _DRAWN_OUT.search(word):
            return word
        core = word.strip(_STRIP)
        if not core:
            return word
        start = word.index(core)
        before, after = word[:start], word[start + len(core) :]
        return before.strip("*_~") + self._core(core) + after.strip("*_~")

    def _core(self, core: str) -> str:
        known = self._words.get(core)
        if known is not None:
            return known
        if core.isalpha():
            core = _DRAWN_OUT.sub(self._shorten, core) if _DRAWN_OUT.search(core) else core
            return self._words.get(core, self._unjoined(core))
        for ending, new in self._endings.items():
            if core.endswith(ending) and len(core) > len(ending):
                return f"{core[: -len(ending)]} {new}"
        return self._undisguised(core)

    def _shorten(self, match: re.Match[str]) -> str:
        whole, letter = match.string, match.group(1)
        for times in (2, 1):
            if whole[: match.start()] + letter * times + whole[match.end() :] in self._doubled:
                return letter * times
        return letter

    def _unjoined(self, core: str) -> str:
        if len(core) < 7 or not core.isascii():
            return core
        parts = self._apart(core)
        words = (parts or "").split(" ")
        if self._disguised.isdisjoint(words) or not (len(words) > 2 or "myself" in words):
            return core
        return " ".join(words)

    def _undisguised(self, core: str) -> str:
        """Read a word with signs or numbers in it, if it then is one that people disguise."""
        if len(core) > 40 or not any(c.isalpha() for c in core):
            return core
        bare = _JOINERS.sub("", core)
        if bare in self._disguised:
            return bare
        if "*" in core or "#" in core:
            return self._unstarred(core)
        if not self._sign_marks.isdisjoint(core):
            for signs in self._signs:
                read = core.translate(signs)
                read = _DRAWN_OUT.sub(self._shorten, read)
                if read in self._disguised:
                    return read
                if read in self._words and not any(c.isdigit() for c in self._words[read]):
                    return self._words[read]
        if "-" in core or "/" in core:
            return "".join(self._words.get(part, part) for part in re.split(r"([-/])", core))
        return core

    def _unstarred(self, core: str) -> str:
        letters = sum(c.isalpha() for c in core)
        if letters * 2 < len(core) and len(core) < 6:
            return core
        for candidate in self._by_length.get(len(core), ()):
            if all(a == b or a in "*#" for a, b in zip(core, candidate, strict=True)):
                return candidate
        return core


class _Fold(dict[int, str]):
    """A translation table that works out each character when it first meets it."""

    def __missing__(self, code: int) -> str:
        new = self[code] = _folded(chr(code))
        return new


def _folded(char: str) -> str:
    code = ord(char)
    if char in "\n\r\u2028\u2029\x85\x0b\x0c":
        return "\n"
    if code <= 0x7F:
        return _ASCII.get(char, char if char.isprintable() else "")
    return _folded_beyond_ascii(char, code)


def _folded_beyond_ascii(char: str, code: int) -> str:
    if char in _FILLERS or any(low <= code <= high for low, high in _MARKS):
        return ""
    category = unicodedata.category(char)
    if category[0] == "C":
        return ""
    if category[0] == "Z":
        return " "
    if char in "‘’‚‛ʼʹ′´＇":
        return "'"
    if char in "“”„‟″«»":
        return '"'
    if category == "Pd":
        return " - " if char in "—–―" else "-"
    if char in _ALEF:
        return _ALEF[char]
    name = unicodedata.name(char, "")
    if name.startswith(("LATIN ", "MODIFIER LETTER")):
        return anyascii(char).lower() or char
    squared = re.search(
        r"(?:LATIN (?:CAPITAL|SMALL) LETTER|INDICATOR SYMBOL LETTER) ([A-Z])$", name
    )
    return squared.group(1).lower() if squared else char


def _unmask(piece: str, mostly_latin: bool) -> str:
    """Read a word of mixed scripts, or one of look-alikes only, as the Latin word it imitates."""
    letters = [c for c in piece if c.isalpha() and not c.isascii()]
    if not letters or any(_script(c) in _FULL_SCRIPTS for c in letters):
        return piece
    mixed = any(c.isascii() and c.isalpha() for c in piece)
    masked = mostly_latin and all(c in _LOOKALIKE for c in letters)
    if not (mixed or masked):
        return piece
    return str(decancer_py.parse(piece))


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    return unicodedata.name(char, " ").split(" ", 1)[0]


@lru_cache(maxsize=1)
def _shipped() -> Normaliser:
    here = Path(__file__).resolve().parent
    folder = next(p for p in (here / "knowledge", here.parent / "knowledge") if p.is_dir())
    return Normaliser(load_spelling(folder))


def normalise(text: str) -> str:
    """Return the normalised copy of ``text`` with the shipped spelling data.

    Never raises: if a step fails, the copy is only lower-case and without lone surrogates.
    """
    normaliser = _shipped()
    try:
        return normaliser(text)
    except Exception:
        return text.encode("utf-8", "replace").decode("utf-8").lower()
