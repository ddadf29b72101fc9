"""What happened, in the person's own words turned round, so that a reply can speak of it.

"my sister laughed at my idea in front of everyone" becomes "your sister laughed at your idea in
front of everyone". The law here is *correctly or not at all*: a clause is given back only if its
subject, its verb and its end are certain, and only if telling it again is kind and fair. Verdicts
on somebody, guesses at a mind, absolutes, self-blame, sarcasm, questions, requests, quotations, and
what belongs to the crisis screen are left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.content.language import Language, Pronoun

from .fitness import Fitness, is_purpose
from .parsing import Parser, Subject
from .people import Partner
from .scanning import Extent, Scanner
from .turning import turn
from .verbs import Tense, VerbGroup
from .words import Sentence, Token, has_phrase, sentences, tokenize

MAX_WORDS = 18
MIN_WORDS = 3
_COMFORTABLE = range(4, 17)
Actor = Literal["person", "partner", "other"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause turned round; ``start`` and ``end`` are its span in the original.

    ``verb`` is the base form of its main verb.
    """

    text: str
    start: int
    end: int
    actor: Actor
    negated: bool
    tense: Tense
    verb: str


def turn_clauses(text: str, language: Language, partner: Partner | None = None) -> list[Clause]:
    """Return the clauses of ``text`` that can be said back, the most telling first.

    Concrete events come first: somebody did something to the person, in the past. The list is
    empty when nothing can be turned correctly.
    """
    name = "" if partner is None or partner.reference.startswith("your ") else partner.reference
    turner = _Message(language, Parser(language, name), partner)
    groups = sentences(tokenize(text, language), language)
    if any(group.sarcastic for group in groups):
        groups = [group for group in groups if group.question]
    scored: list[tuple[float, int, Clause]] = []
    for group in groups:
        scored.extend(turner.clauses(group))
    scored.sort(key=lambda entry: (-entry[0], entry[1]))
    unique: dict[str, Clause] = {}
    for _, _, clause in scored:
        unique.setdefault(clause.text.lower(), clause)
    return list(unique.values())


class _Message:
    """Walks the sentences of one message, and remembers who "he" and "she" are."""

    def __init__(self, language: Language, parser: Parser, partner: Partner | None) -> None:
        self.language = language
        self.parser = parser
        self.scanner = Scanner(parser)
        self.fitness = Fitness(language)
        self.partner_pronoun: Pronoun | None = partner.pronoun if partner else None
        self.referents: dict[str, Actor] = {}

    def clauses(self, sentence: Sentence) -> list[tuple[float, int, Clause]]:
        """Return scored clauses of one sentence with their place in the text."""
        tokens = sentence.tokens
        lows = [token.low for token in tokens]
        if has_phrase(lows, self.language.unreal_phrases + self.language.sarcasm_phrases):
            return []
        found: list[tuple[float, int, Clause]] = []
        shouted = _shouted(tokens)
        for extent in self.scanner.extents(sentence):
            actor = self._actor(extent.subject)
            self._remember(extent.subject, actor)
            if is_purpose(tokens, extent) or self._others_too(tokens, extent):
                continue
            clause = self._clause(tokens, extent, actor, shouted)
            if clause is not None:
                found.append((self._score(extent, clause), clause.start, clause))
        return found

    def _clause(
        self, tokens: Sequence[Token], extent: Extent, actor: Actor, shouted: bool
    ) -> Clause | None:
        options: list[tuple[int, tuple[int, int] | None]] = []
        if extent.tail is not None:
            options.append((extent.ends[0], extent.tail))
        if extent.alone:
            options += [(end, None) for end in extent.ends]
        for until, tail in options:
            end = self._trimmed(tokens, extent, until)
            main = [*tokens[extent.start : end]]
            chosen = main if tail is None else [*main, *tokens[tail[0] : tail[1]]]
            words = sum(1 for token in chosen if token.word and not token.glued)
            if not MIN_WORDS <= words <= MAX_WORDS:
                continue
            if not self.fitness.complete(main, extent, end):
                continue
            if not self.fitness.fair(chosen, extent, actor, end):
                continue
            said = turn(chosen, self.parser, shouted)
            if said is None:
                continue
            verb = extent.verb
            start = min(token.start for token in chosen)
            stop = max(token.end for token in chosen)
            said = self._unhedged(said)
            return Clause(said, start, stop, actor, verb.negated, verb.tense, verb.lemma)
        return None

    def _others_too(self, tokens: Sequence[Token], extent: Extent) -> bool:
        """Whether the "we" of a clause may be a family or friends, not the couple."""
        before = [token.low for token in tokens[: extent.subject.end]]
        return extent.subject.name == "we" and bool(self.language.groups & set(before))

    def _unhedged(self, said: str) -> str:
        """The clause without a "you guess" before what the person says of themselves."""
        words = said.split()
        hedged = len(words) > 4 and words[0] == "you" and words[1] in self.language.hedging
        return " ".join(words[2:]) if hedged and words[2] == "you" else said

    def _trimmed(self, tokens: Sequence[Token], extent: Extent, end: int) -> int:
        """Return the end without a trailing "lol" or "you know"."""
        language = self.language
        floor = extent.verb.end
        while end > floor:
            lows = [token.low for token in tokens[extent.start : end]]
            phrase = next((p for p in language.trail_phrases if _ends(lows, p.split())), "")
            loose = self._loose_end(lows)
            if phrase or loose:
                end -= len(phrase.split()) or loose
            elif lows[-1] in language.trail_words or not tokens[end - 1].word:
                end -= 1
            else:
                break
        return max(end, floor)

    def _loose_end(self, lows: Sequence[str]) -> int:
        """How many words at the end begin something that is cut off: "and by Wednesday"."""
        for length in (3, 4):
            if len(lows) > length + MIN_WORDS and lows[-length] in ("and", "but"):
                cut = lows[1 - length] in self.language.prepositions or lows[-1] == "thing"
                return length if cut else 0
        return 0

    def _actor(self, subject: Subject) -> Actor:
        if subject.pronoun is not None and subject.name in ("he", "she", "they"):
            known = self.referents.get(subject.name)
            if known is not None:
                return known
            fits = self.partner_pronoun in (None, "they", subject.name)
            return "partner" if fits else "other"
        return subject.actor

    def _remember(self, subject: Subject, actor: Actor) -> None:
        if subject.pronoun is not None and actor != "person":
            self.referents[subject.pronoun] = actor
            if subject.pronoun == "they" and subject.number == "one":
                self.referents.setdefault("he", actor)
                self.referents.setdefault("she", actor)

    def _score(self, extent: Extent, clause: Clause) -> float:
        verb: VerbGroup = extent.verb
        score = 0.0
        if clause.actor != "person":
            score += 3
        if clause.tense == "past":
            score += 2
        if verb.form in ("plain", "progressive", "passive", "perfect"):
            score += 1
        if verb.form == "be":
            score -= 1.5
        if verb.lemma in self.language.bridging and clause.actor == "person":
            score -= 1.5
        if clause.actor == "other" and not extent.subject.known:
            score -= 1.5
        if extent.subject.name in ("it", "this", "that"):
            score -= 3
        words = clause.text.split()
        if "you" in words[1:] or "your" in words[1:] or "yours" in words:
            score += 1
        if extent.subject.name in ("he", "she", "they"):
            score -= 0.5
        if len(words) not in _COMFORTABLE:
            score -= 1
        if len(words) >= 6:
            score += 0.5
        return score


def _ends(lows: Sequence[str], words: Sequence[str]) -> bool:
    return list(lows[-len(words) :]) == list(words)


def _shouted(tokens: Sequence[Token]) -> bool:
    letters = [c for token in tokens if token.word for c in token.text if c.isalpha()]
    upper = sum(1 for c in letters if c.isupper())
    return len(letters) > 8 and upper > 0.7 * len(letters)
