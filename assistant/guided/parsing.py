"""Subjects and verbs: the little grammar that says who did what in a clause.

It recognises only what it is sure of: a subject is a pronoun, a first name, or a short noun phrase
with a determiner; it counts only if a finite verb that agrees with it follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.content.language import Language, Pronoun

from .verbs import AUXILIARIES, Number, VerbGroup, VerbReader, lows_at
from .words import Token

_PRONOUNS = frozenset(
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
        "you",
        "your",
        "yours",
        "he",
        "him",
        "his",
        "himself",
        "she",
        "her",
        "hers",
        "herself",
        "they",
        "them",
        "their",
        "theirs",
        "themselves",
        "it",
        "its",
        "itself",
        "who",
        "whom",
        "u",
        "ur",
    ]
)
_SUBJECTS: dict[str, Number] = {
    "i": "i", "we": "many", "he": "one", "she": "one", "they": "many", "it": "one", "this": "one",
    "that": "one",
}  # fmt: skip
_PRONOUN_OF: dict[str, Pronoun] = {"he": "he", "she": "she", "they": "they"}
_POSSESSIVE = frozenset(["my", "our", "his", "her", "their"])
_PHRASE_STARTS = _POSSESSIVE | frozenset(
    ["the", "this", "that", "a", "an", "some", "these", "those", "another"]
)
_OF_SOMEBODY = [["of", whose] for whose in ("mine", "ours", "his", "hers", "theirs")]
_LONGEST_HEAD = 4


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a clause is about.

    ``start`` and ``end`` count tokens; ``name`` is the pronoun or the
    head word; ``known`` that the head is a person we know the word for.
    """

    start: int
    end: int
    name: str
    number: Number
    actor: Literal["person", "partner", "other"]
    pronoun: Pronoun | None = None
    known: bool = True


class Parser:
    """Finds subjects with their verbs in a sentence's tokens."""

    def __init__(self, language: Language, partner_name: str = "") -> None:
        self.language = language
        self.verbs = VerbReader(language)
        self.partner_name = partner_name.lower()

    def head(
        self, tokens: Sequence[Token], at: int, joined: bool = True
    ) -> tuple[Subject, VerbGroup] | None:
        """Return the subject that starts at ``at`` with its finite verb, or None.

        Without ``joined``, "my birthday and I cried" has no subject of two.
        """
        if at >= len(tokens) or not tokens[at].word or tokens[at].quoted:
            return None
        for subject in self.subjects(tokens, at):
            if not joined and any(token.low == "and" for token in tokens[at : subject.end]):
                continue
            verb = self.verbs.group(tokens, subject.end, subject.number, subject.known)
            if verb is not None:
                return subject, verb
        return None

    def subjects(self, tokens: Sequence[Token], at: int) -> Iterator[Subject]:
        """Yield the subjects that may start at ``at``, the likeliest first."""
        for first in self._simple(tokens, at):
            end = first.end
            if end < len(tokens) and tokens[end].low == "and":
                for second in self._simple(tokens, end + 1):
                    yield self._both(first, second)
                after = tokens[end + 1].low if end + 1 < len(tokens) else ""
                if tokens[at].low == "me" and after in ("him", "her", "them"):
                    yield Subject(at, end + 2, "we", "many", "person", "they")
            if tokens[at].low != "me":
                yield first

    def _both(self, first: Subject, second: Subject) -> Subject:
        actors = {first.actor, second.actor}
        mine = "person" in actors
        actor: Literal["person", "partner", "other"] = "other"
        if mine:
            actor = "person"
        elif "partner" in actors:
            actor = "partner"
        name = "we" if mine else "they"
        return Subject(first.start, second.end, name, "many", actor, "they")

    def _simple(self, tokens: Sequence[Token], at: int) -> Iterator[Subject]:
        if at >= len(tokens) or not tokens[at].word or tokens[at].quoted:
            return
        low = tokens[at].low
        language = self.language
        if low in _SUBJECTS:
            yield self._pronoun(tokens, at, low)
            if low not in ("this", "that"):
                return
        if low == "me":
            yield Subject(at, at + 1, "i", "i", "person")
            return
        if low in ("both", "neither", "none", "one", "some", "all") and lows_at(
            tokens, at + 1, 1
        ) == ["of"]:
            yield from self._of(tokens, at)
            return
        if low in language.relations.they and low in language.pronoun_nouns:
            yield Subject(at, at + 1, low, "one", "other", "they")
            return
        if low == "people":
            yield Subject(at, at + 1, low, "many", "other", "they")
            return
        if low in _PHRASE_STARTS:
            yield from self._phrase(tokens, at)
            return
        yield from self._named(tokens, at)

    def _pronoun(self, tokens: Sequence[Token], at: int, low: str) -> Subject:
        end = at + 1
        if low == "we" and lows_at(tokens, end, 1) == ["both"]:
            end += 1
        actor: Literal["person", "other"] = "person" if low in ("i", "we") else "other"
        return Subject(at, end, low, _SUBJECTS[low], actor, _PRONOUN_OF.get(low))

    def _of(self, tokens: Sequence[Token], at: int) -> Iterator[Subject]:
        """Yield "both of us", "one of my friends"."""
        low = tokens[at].low
        if lows_at(tokens, at + 2, 1) == ["us"]:
            if low in ("both", "neither"):
                yield Subject(at, at + 3, "we", "many" if low == "both" else "any", "person")
            return
        for inner in self._simple(tokens, at + 2):
            if inner.number in ("many", "any") and inner.actor != "person":
                number: Number = "one" if low == "one" else "many"
                yield replace(inner, start=at, number=number)

    def _phrase(self, tokens: Sequence[Token], at: int) -> Iterator[Subject]:
        for length in range(1, _LONGEST_HEAD + 1):
            place = at + length
            if place >= len(tokens) or not self._may_be_noun(tokens[place], last=True):
                return
            low = tokens[place].low
            if low.endswith(("'s", "s'")):
                continue
            subject = self._headed(tokens, at, place)
            yield from self._with_name(tokens, subject)
            if not self._may_be_noun(tokens[place], last=False):
                return

    def _may_be_noun(self, token: Token, last: bool) -> bool:
        low = token.low
        if not token.word or token.quoted or token.glued or low in _PRONOUNS or low in AUXILIARIES:
            return False
        language = self.language
        if low in language.partners or low in language.everyone:
            return True
        closed = (
            low in language.prepositions
            or low in language.conjunctions
            or low in language.determiners
            or low in language.interrogatives
            or low.endswith("n't")
        )
        if closed or (last and low in language.adverbs):
            return False
        return low not in language.lexicon.past

    def _headed(self, tokens: Sequence[Token], at: int, place: int) -> Subject:
        """Return the noun phrase from ``at`` whose head stands at ``place``."""
        language = self.language
        low = tokens[place].low
        between = [token.low for token in tokens[at + 1 : place]]
        if between and f"{between[-1]}-{low}" in language.partners:
            low = f"{between.pop()}-{low}"
        own = tokens[at].low == "my" or (
            tokens[at].low == "the" and low not in language.partners_only_after_my
        )
        owned = any(word.endswith("'s") for word in between)
        if (
            low in language.partners
            and own
            and not owned
            and not language.not_partners & set(between)
        ):
            number: Number = "one"
            return Subject(at, place + 1, low, number, "partner", language.partners[low][1])
        kin = language.relations
        if low in kin.plural:
            return Subject(at, place + 1, low, "many", "other", "they")
        if low in kin.she:
            return Subject(at, place + 1, low, "one", "other", "she")
        if low in kin.he:
            return Subject(at, place + 1, low, "one", "other", "he")
        if low in kin.they or low in language.partners:
            return Subject(at, place + 1, low, "one", "other", "they")
        number = "any" if low.endswith("s") and not low.endswith(("ss", "us", "is")) else "one"
        return Subject(at, place + 1, low, number, "other", None, known=False)

    def _with_name(self, tokens: Sequence[Token], subject: Subject) -> Iterator[Subject]:
        """Yield "my husband Tom" and "my friend from work" before the bare phrase."""
        end = subject.end
        if subject.known and end < len(tokens):
            comma = tokens[end].text == ","
            place = end + 1 if comma else end
            closed = not comma or _texts(tokens, place + 1, 1) == [","]
            if place < len(tokens) and closed and self._is_name(tokens, place):
                yield replace(subject, end=place + (2 if comma else 1))
        relative = _texts(tokens, end, 1) == [","] and lows_at(tokens, end + 1, 1)
        if subject.known and relative in (["who"], ["which"]):
            for place in range(end + 2, min(end + 13, len(tokens))):
                if tokens[place].text == ",":
                    yield replace(subject, end=place + 1)
                    break
        yield subject
        yield from self._with_phrase(tokens, subject)

    def _with_phrase(self, tokens: Sequence[Token], subject: Subject) -> Iterator[Subject]:
        """Yield "a friend of mine" and "my friend from work"."""
        end = subject.end
        if lows_at(tokens, end, 2) in _OF_SOMEBODY:
            yield replace(subject, end=end + 2)
        if end < len(tokens) and tokens[end].low in ("of", "from", "at", "in"):
            for length in (2, 3, 4):
                last = end + length - 1
                if last >= len(tokens):
                    return
                word = tokens[last]
                if word.low in _POSSESSIVE or word.low in self.language.determiners:
                    continue
                if word.word and self._may_be_noun(word, last=True):
                    yield replace(subject, end=last + 1)

    def _named(self, tokens: Sequence[Token], at: int) -> Iterator[Subject]:
        if self._is_name(tokens, at):
            low = tokens[at].low
            pronoun = self.language.given_names.get(low, "they")
            actor: Literal["partner", "other"] = "partner" if low == self.partner_name else "other"
            yield Subject(at, at + 1, low, "one", actor, pronoun)
        elif tokens[at].low.endswith("'s"):
            host = replace(tokens[at], low=tokens[at].low[:-2])
            if self._is_name([*tokens[:at], host], at):
                yield from self._phrase(tokens, at)

    def _is_name(self, tokens: Sequence[Token], at: int) -> bool:
        language = self.language
        token = tokens[at]
        low = token.low
        capital = token.text[:1].isupper() and (at > 0 or not token.text[:1].isascii())
        if low == self.partner_name:
            return True
        if low in language.given_names:
            if low not in language.names_with_capital or low in language.names_anyway:
                return True
            return token.text[:1].isupper() and not token.text.isupper()
        if not capital or token.text.isupper() or not token.text.isalpha():
            return False
        closed = low in language.proper or low in language.everyone or low in language.partners
        return not (closed or self.is_word(low))

    def is_word(self, low: str) -> bool:
        """Whether it is a word of the lists that is no name."""
        language = self.language
        return (
            low in _PRONOUNS
            or low in AUXILIARIES
            or low in language.adverbs
            or low in language.prepositions
            or low in language.conjunctions
            or low in language.determiners
            or low in language.lead_words
            or low in language.interrogatives
            or low in language.time_subordinators
            or low in language.reason_subordinators
            or low in language.condition_subordinators
            or low in language.time_heads
            or low in language.time_nouns
            or low in language.everyone
            or low in language.partners
            or language.lexicon.lemma(low) is not None
        )


def _texts(tokens: Sequence[Token], at: int, count: int) -> list[str]:
    return [token.text for token in tokens[at : at + count]]
