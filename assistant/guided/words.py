"""Tokens of what a person wrote: words with their spans, sentences, and what stands in quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import re2

from assistant.content.language import Language

_TOKEN = re2.compile(
    r"\p{N}+(?:[.,:]\p{N}+)+[\p{L}%]*"
    r"|[$€£]?[\p{L}\p{N}\p{M}]+(?:['’ʼ‘\-/*][\p{L}\p{N}\p{M}]+)*%?"
    r"|\n+|[^\s]"
)
_OPEN, _CLOSE = frozenset("“„«"), frozenset("”»")
_CLITICS = ("'m", "'s", "'re", "'ve", "'d", "'ll")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a mark. ``low`` is lower case, apostrophes straight and missing ones put in.

    ``glued`` says that no space stands before it in a rendered clause ("he" + "'s"); ``text`` is
    the form to render.
    """

    text: str
    low: str
    start: int
    end: int
    word: bool
    glued: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """The tokens of a sentence without its end marks; ``question`` if it ends in one."""

    tokens: tuple[Token, ...]
    question: bool = False
    sarcastic: bool = False


def tokenize(text: str, language: Language) -> list[Token]:
    """Return the tokens of ``text``; contractions of pronouns become two tokens."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        raw, start, end = match.group(), match.start(), match.end()
        if raw in "'’" and found and found[-1].end == start and found[-1].low.endswith("s"):
            last = found[-1]
            found[-1] = replace(last, text=last.text + "'", low=last.low + "'", end=end)
            continue
        if raw == "&":
            found.append(Token("and", "and", start, end, word=True))
            continue
        word = raw[0].isalnum() or (raw[0] in "$€£" and len(raw) > 1)
        if not word:
            found.append(Token(raw, raw, start, end, word=False, glued=raw == ","))
            continue
        plain = raw.replace("’", "'").replace("ʼ", "'").replace("‘", "'")
        low = plain.lower()
        fixed = language.contractions.get(low, low)
        if fixed != low:
            plain, low = fixed, fixed
        found.extend(_split(plain, low, start, end, language))
    return _mark_quotes(_split_copulas(_without_ages(found), language))


def _without_ages(tokens: list[Token]) -> list[Token]:
    """Drop "(35m)" and "(F, 29)", which people put after "my husband"."""
    out: list[Token] = []
    place = 0
    while place < len(tokens):
        if tokens[place].text in "([":
            ends = [at for at in range(place + 2, place + 5) if _texts(tokens, at) in (")", "]")]
            inner = "".join(token.low for token in tokens[place + 1 : ends[0]]) if ends else ""
            letters = inner.strip("0123456789,/")
            if inner and inner != letters and letters in ("", "m", "f", "nb", "x"):
                place = ends[0] + 1
                continue
        out.append(tokens[place])
        place += 1
    return out


def _texts(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if at < len(tokens) else ""


def _split_copulas(tokens: list[Token], language: Language) -> list[Token]:
    """Split "husband's" where the next word shows that it means "husband is" or "has"."""
    out: list[Token] = []
    for place, token in enumerate(tokens):
        host = token.low.removesuffix("'s")
        after = tokens[place + 1].low if place + 1 < len(tokens) else ""
        person = (
            host in language.partners or host in language.everyone or host in language.given_names
        )
        verb = after in language.after_copula or after in language.lexicon.ing
        if host != token.low and person and verb:
            middle = token.end - 2
            out.append(replace(token, text=token.text[:-2], low=host, end=middle))
            out.append(Token("'s", "'s", middle, token.end, word=True, glued=True))
        else:
            out.append(token)
    return out


def _split(plain: str, low: str, start: int, end: int, language: Language) -> list[Token]:
    for clitic in _CLITICS:
        host = low.removesuffix(clitic)
        if host != low and host in language.clitic_hosts:
            cut = len(plain) - len(clitic)
            middle = min(end, start + cut)
            return [
                Token(plain[:cut], host, start, middle, word=True),
                Token(clitic, clitic, middle, end, word=True, glued=True),
            ]
    return [Token(plain, low, start, end, word=True)]


def _mark_quotes(tokens: list[Token]) -> list[Token]:
    """Mark everything from an opening quotation mark to its close, or to the end without one."""
    marked: list[Token] = []
    closing = ""
    for place, token in enumerate(tokens):
        mark = not token.word
        if closing:
            marked.append(replace(token, quoted=True))
            if mark and token.text in closing:
                closing = ""
            continue
        if mark and token.text == '"':
            closing = '"'
        elif mark and token.text in _OPEN:
            closing = '”»"'
        elif mark and token.text in "'‘’`" and _opens(tokens, place):
            closing = "'’`"
        elif not (mark and token.text in _CLOSE):
            marked.append(token)
            continue
        marked.append(replace(token, quoted=True))
    return marked


def _opens(tokens: Sequence[Token], place: int) -> bool:
    """Whether a single mark stands before a word with no word before it."""
    token = tokens[place]
    before = tokens[place - 1] if place else None
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    free = before is None or before.end < token.start or not before.word
    return free and after is not None and after.word and after.start == token.end


def sentences(tokens: Sequence[Token], language: Language) -> list[Sentence]:
    """Group tokens into sentences; an emoji or a dash ends one, commas stay inside."""
    found: list[Sentence] = []
    current: list[Token] = []
    for token in tokens:
        if token.word or token.quoted or token.text in ",'’`":
            current.append(token)
            continue
        if token.text == "." and current and current[-1].low in language.titles:
            continue
        question = token.text in "?？"
        sarcastic = token.text in language.sarcasm_marks
        if current:
            found.append(Sentence(tuple(current), question=question, sarcastic=sarcastic))
            current = []
        elif found:
            last = found[-1]
            question = question or last.question
            sarcastic = sarcastic or last.sarcastic
            found[-1] = replace(last, question=question, sarcastic=sarcastic)
    if current:
        found.append(Sentence(tuple(current)))
    return found


def render(pieces: Sequence[tuple[str, bool]]) -> str:
    """Join texts with spaces, except before a piece that is glued to the one before."""
    out: list[str] = []
    for text, glued in pieces:
        if out and not glued:
            out.append(" ")
        out.append(text)
    return "".join(out)


def has_phrase(lows: Sequence[str], phrases: Sequence[str]) -> bool:
    """Whether one of the phrases stands in the words, at word boundaries."""
    joined = f" {' '.join(lows)} ".replace(" '", "'")
    return any(f" {phrase} " in joined for phrase in phrases)
