"""Whether a clause may be said back: complete, observable, and fair to both partners."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from assistant.content.language import Language

from .scanning import Extent
from .words import Token, has_phrase

_SECOND_PERSON = frozenset(
    ["you", "your", "yours", "yourself", "yourselves", "u", "ur", "y'all", "ya"]
)
_BARE_OBJECTS = frozenset(["me", "us", "him", "her", "them", "it"])
_VAGUE_OBJECTS = frozenset(["things", "stuff", "something", "anything", "everything"])
_SAYING = frozenset(["say", "tell", "ask", "call", "text", "write", "hear", "hide"])
_ASKED_HOW = [["how", "i"], ["how", "he"], ["how", "she"], ["how", "they"]]


class Fitness:
    """Checks a clause's tokens against the word lists."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def complete(self, tokens: Sequence[Token], extent: Extent, end: int) -> bool:
        """Whether nothing is missing at the end of the clause."""
        language = self.language
        verb = extent.verb
        if end < verb.end:
            return False
        last = tokens[-1]
        if not last.word:
            return False
        asked_how = [token.low for token in tokens[-3:-1]] in _ASKED_HOW
        stranded = verb.form == "passive" and last.low in language.prepositions
        if last.low in language.dangling and not stranded and not asked_how:
            return False
        rest = end - verb.end
        after = tokens_at(tokens, extent, end)
        if verb.form == "passive":
            return True
        if after[:1] in (["or"], ["nor"], ["is"], ["are"], ["was"], ["were"]) or self._collides(
            tokens
        ):
            return False
        if verb.lemma == "have" and after[:1] and after[0] in language.prepositions:
            return False
        if verb.lemma == "let" and not any(low in language.lexicon.base for low in after[1:]):
            return "down" in after
        if rest == 0:
            return verb.lemma not in language.wanting
        if rest == 1 and after[0] in _VAGUE_OBJECTS:
            return False
        if rest == 1 and after[0] in _BARE_OBJECTS:
            return verb.lemma not in language.needs_more
        return True

    def _collides(self, tokens: Sequence[Token]) -> bool:
        """Whether a verb stands where none can ("care about is"), so that something was misread."""
        lows = [token.low for token in tokens]
        return any(
            first in self.language.prepositions
            and first not in self.language.particles
            and second in ("is", "are", "was", "were", "has", "does", "did")
            for first, second in itertools.pairwise(lows)
            if first not in ("like", "than", "as")
        ) or any(
            first in ("because", "that", "so") and second in ("when", "if", "while", "after")
            for first, second in itertools.pairwise(lows)
        )

    def fair(self, tokens: Sequence[Token], extent: Extent, actor: str, end: int) -> bool:
        """Whether saying it back judges nobody, reads no mind and repeats nothing grave."""
        language = self.language
        lows = [token.low for token in tokens]
        words = set(lows)
        if words & _SECOND_PERSON or any(token.quoted for token in tokens):
            return False
        if words & (language.grave | language.profane | language.absolutes):
            return False
        phrases = language.grave_phrases + language.absolute_phrases + language.own_fault_phrases
        if has_phrase(lows, phrases):
            return False
        lemma = extent.verb.lemma
        said = any(language.lexicon.lemma(low) in _SAYING for low in lows)
        if words & language.sweeping and not said:
            return False
        judged = words & language.judging
        if judged and (actor == "person" or lemma not in _SAYING or judged - language.quotable):
            return False
        if self._verdict(lows, extent) or self._joined_mind(tokens, actor):
            return False
        if "us" in words and extent.subject.name == "i":
            return False
        if self._maybe_direct_speech(tokens):
            return False
        rest = tokens_at(tokens, extent, end)
        return self._own(extent, rest) if actor == "person" else self._others(extent, rest)

    def _verdict(self, lows: Sequence[str], extent: Extent) -> bool:
        language = self.language
        lemmas = {language.lexicon.lemma(low) for low in lows}
        if lemmas & language.verdict_verbs - language.verdict_only_as_main:
            return True
        main = extent.verb
        return main.lemma in language.verdict_verbs and (
            extent.subject.actor != "person" or main.form == "passive"
        )

    def _joined_mind(self, tokens: Sequence[Token], actor: str) -> bool:
        """Whether a second verb after "and" reads somebody's mind ("he left and doesn't care")."""
        if actor == "person":
            return False
        language = self.language
        for place, token in enumerate(tokens[:-1]):
            if token.low not in ("and", "but", "or"):
                continue
            for after in tokens[place + 1 : place + 4]:
                lemma = language.lexicon.lemma(after.low)
                if lemma in language.mind_verbs and after.low not in language.verbs.doubtful:
                    return True
                if after.low.endswith("n't") or after.low in language.adverbs:
                    continue
                break
        return False

    def _maybe_direct_speech(self, tokens: Sequence[Token]) -> bool:
        """Whether "he said I need space" may be his own words, so that "I" is he.

        With "that", or with the past tense after a past verb, it is reported speech for sure.
        """
        language = self.language
        words = language.lexicon
        for place, token in enumerate(tokens):
            if token.low not in ("i", "my") or place == 0:
                continue
            start = place - 1
            listener = start > 0 and tokens[start].low in _BARE_OBJECTS
            verb = tokens[start - 1 if listener else start]
            if verb.low == "like" and not listener and self._quotative(tokens, start):
                return True
            if words.lemma(verb.low) not in language.speech_verbs or verb.low == "like":
                continue
            if place <= 1 or tokens[max(0, start - 1)].low == "i":
                continue
            if self._present_after(tokens, place) and not listener:
                return True
            if listener and place + 1 < len(tokens) and self._promise(tokens, place):
                return True
        return False

    def _quotative(self, tokens: Sequence[Token], at: int) -> bool:
        before = tokens[at - 1].low if at else ""
        return before in ("was", "were", "is", "'s", "be", "goes", "all", "'m", "'re", "am")

    def _present_after(self, tokens: Sequence[Token], at: int) -> bool:
        words = self.language.lexicon
        mine = tokens[at].low == "my"
        for token in tokens[at + (2 if mine else 1) : at + 4]:
            low = token.low
            if mine and low not in self.language.present_marks:
                continue
            if low in words.past or low in ("was", "were", "wasn't", "didn't", "had", "hadn't"):
                return False
            if low in words.base or low in words.third or low in self.language.present_marks:
                return True
        return tokens[at].low == "i"

    def _promise(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether "told me I" goes on as the teller's own words: "told me I love her"."""
        nexts = [token.low for token in tokens[at + 1 : at + 3]]
        words = self.language.lexicon
        if tokens[at].low == "my":
            return False
        if nexts[:1] == ["'m"] or nexts[:1] == ["am"]:
            return len(nexts) > 1 and nexts[1] in (words.ing.keys() - {"being", "overreacting"})
        return nexts[0] in self.language.own_words or nexts[0] == "'ll"

    def _own(self, extent: Extent, rest: Sequence[str]) -> bool:
        """Fairness of a clause about the person: no blame, no order, no wild guess."""
        language = self.language
        verb = extent.verb
        if verb.lemma in language.own_fault_verbs and verb.form != "passive":
            return False
        if verb.lemma == "want" and "myself" in rest:
            return False
        if set(rest[:2]) & language.order_words or (verb.lemma == "need" and "to" in rest[:1]):
            return False
        if verb.form == "modal":
            wish = (
                verb.modal in ("would", "should") and verb.lemma in language.wishing and bool(rest)
            )
            return wish or (verb.negated and verb.modal in ("could", "can", "would", "will"))
        if verb.lemma == "be" and verb.form == "be":
            return self._state(rest, language.own_states, person=True)
        if verb.lemma == "feel":
            return (rest[:1] == ["like"] and extent.embedding) or self._state(
                rest, language.own_states, person=True
            )
        if verb.lemma == "know":
            return verb.negated and bool(set(rest[:1]) & language.relativizers)
        return True

    def _others(self, extent: Extent, rest: Sequence[str]) -> bool:
        """Fairness of a clause about somebody else: what happened, not what they are or think."""
        language = self.language
        verb = extent.verb
        if verb.lemma in language.mind_verbs and verb.form != "be":
            told = verb.lemma == "want" and set(rest) & language.mind_verb_objects
            return bool(told)
        if verb.negated and rest == ["it"]:
            return False
        if verb.form == "future" or verb.modal == "must":
            return False
        if verb.form == "modal":
            return verb.negated and verb.modal in ("would", "will", "could")
        if verb.lemma == "be" and verb.form == "be":
            if not extent.subject.known or extent.subject.name == "it":
                timed = set(rest) & (language.time_nouns | language.time_words)
                if timed and rest[0] in language.time_heads | language.time_words:
                    return True
                if rest[:1] in (["my"], ["our"]) and set(rest) & language.occasions:
                    return True
            return self._state(rest, language.other_states, person=False)
        thing = extent.subject.name in ("it", "this", "that")
        return not thing or verb.lemma in language.thing_verbs

    def _state(self, rest: Sequence[str], states: frozenset[str], person: bool) -> bool:
        """Whether what follows "be" is a state from the list, past "so" and "not"."""
        language = self.language
        place = 0
        while place < len(rest) and rest[place] in language.degree:
            if rest[place] == "a" and rest[place + 1 : place + 2] not in (["bit"], ["little"]):
                return False
            place += 1
        if place >= len(rest):
            return False
        word = rest[place]
        if word in language.degree or word not in states:
            return False
        follower = rest[place + 1] if place + 1 < len(rest) else ""
        if word in language.state_prepositions:
            return bool(follower)
        del person
        return True


def tokens_at(tokens: Sequence[Token], extent: Extent, end: int) -> list[str]:
    """Return the words of a clause that follow its verb, up to ``end``."""
    count = end - extent.verb.end
    main = end - extent.start
    return [token.low for token in tokens[main - count : main]] if count > 0 else []


def is_purpose(tokens: Sequence[Token], extent: Extent) -> bool:
    """Whether a clause is what something is done for: "I keep quiet so he doesn't get upset"."""
    before = [token.low for token in tokens[max(0, extent.start - 2) : extent.start]]
    if before[-1:] == ["that"]:
        before.pop()
    return before[-1:] == ["so"] and extent.start > 2 and extent.verb.tense == "present"
