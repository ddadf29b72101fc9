"""Where clauses begin and end inside a sentence, also where nobody put a comma.

A clause may start only where nothing above it could change its truth: at the start of a sentence,
after a comma or conjunction, or where a new subject and verb follow a finished clause. What stands
under "if", "that", "I dreamed" or "he said" is never taken by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .parsing import Parser, Subject
from .verbs import VerbGroup
from .words import Sentence, Token

_SECOND_PERSON = frozenset(
    ["you", "your", "yours", "yourself", "yourselves", "u", "ur", "y'all", "ya"]
)
_OBJECTS = frozenset(["me", "us", "him", "her", "them", "it", "that", "he", "she", "i", "they"])
_JOINING = frozenset(["and", "but", "or", "so", "then", "plus", "yet", "nor"])


@dataclass(frozen=True, slots=True)
class Extent:
    """A clause in a sentence's tokens.

    It starts at ``start`` and may end at any of ``ends`` (best
    first). ``tail`` is a leading "when …" that may be put behind it; ``embedding`` says that it
    holds a clause of its own.
    """

    start: int
    subject: Subject
    verb: VerbGroup
    ends: tuple[int, ...]
    tail: tuple[int, int] | None = None
    embedding: bool = False
    alone: bool = True


@dataclass(slots=True)
class _Reach:
    """How far a clause goes, while it is being read."""

    end: int
    following: int
    boundary: str = ""
    cuts: list[int] = field(default_factory=list)
    spoiled: bool = False
    embedding: bool = False
    conditional: bool = False
    embedded_verbs: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Opening:
    start: int
    subject: Subject
    verb: VerbGroup
    tail: tuple[int, int] | None = None
    alone: bool = True


class Scanner:
    """Reads the clauses of a sentence from left to right."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        self.language = parser.language

    def extents(self, sentence: Sentence) -> Iterator[Extent]:
        """Yield the clauses that stand for themselves."""
        tokens = sentence.tokens
        at, shaded, bare = 0, False, False
        while at < len(tokens):
            if self._asks(tokens, at):
                if sentence.question:
                    return
                at = self._next_comma(tokens, at)
                continue
            opening = self._open(tokens, at)
            if opening is None:
                resumed = self._resume(tokens, at)
                if resumed is None:
                    return
                at = resumed
                continue
            reach = self._reach(tokens, opening.verb)
            whole_question = sentence.question and reach.following >= len(tokens)
            told = not (bare and self._gap(tokens, opening.verb))
            alone = not (reach.spoiled or shaded or whole_question or reach.boundary == "or")
            if alone and told:
                ends = tuple(dict.fromkeys([reach.end, *reversed(reach.cuts)]))
                yield Extent(
                    opening.start, opening.subject, opening.verb, ends, opening.tail,
                    reach.embedding, opening.alone,
                )  # fmt: skip
            if reach.spoiled or reach.boundary in ("if", "or"):
                return
            lemma = opening.verb.lemma
            if lemma in ("dream", "wish", "imagine", "pretend") and reach.embedding:
                return
            unreal = reach.embedding and lemma in self.language.unreal_verbs
            shaded = (unreal or shaded or reach.conditional) and reach.boundary in ("and", "or")
            at = max(reach.following, at + 1)
            bare = reach.boundary == "new" and at < len(tokens) and tokens[at].low not in _JOINING

    def _gap(self, tokens: Sequence[Token], verb: VerbGroup) -> bool:
        """Whether a verb lacks its object, as in "(a guy) I met online"."""
        after = tokens[verb.end].low if verb.end < len(tokens) else ""
        objects = self.language.determiners | _OBJECTS
        return verb.lemma in self.language.gap_verbs and after not in objects

    def _open(self, tokens: Sequence[Token], at: int) -> _Opening | None:
        """Pass over what may lead a clause, and find its subject and verb."""
        for _ in range(14):
            if at >= len(tokens) or tokens[at].quoted:
                return None
            token = tokens[at]
            if not token.word:
                at += 1
                continue
            skipped = self._phrase(tokens, at, self.language.lead_phrases)
            if skipped:
                at += skipped
                continue
            if token.low in self.language.condition_subordinators:
                return None
            fronted = self._fronted(tokens, at)
            if fronted is not None:
                return fronted
            adverbial = self._adverbial(tokens, at)
            head = self.parser.head(tokens, adverbial)
            if head is not None:
                return _Opening(at, head[0], head[1])
            if token.low not in self.language.lead_words and token.low not in _JOINING:
                return None
            at += 1
        return None

    def _fronted(self, tokens: Sequence[Token], at: int) -> _Opening | None:
        """Read "when I got home my husband was gone": the leading part, then the main clause."""
        low = tokens[at].low
        language = self.language
        habit = low == "whenever"
        first = at + 1
        if low == "every" and first < len(tokens) and tokens[first].low == "time":
            first, habit = at + 2, True
        elif low not in language.time_subordinators and low not in language.reason_subordinators:
            return None
        head = self.parser.head(tokens, first)
        if head is None:
            return None
        reach = self._reach(tokens, head[1])
        if reach.spoiled or reach.boundary not in ("comma", "new"):
            return None
        main = self._open(tokens, reach.following) if reach.following < len(tokens) else None
        if main is None or main.tail is not None:
            return main if low == "because" else None
        alone = main.verb.tense == "past" and not habit
        movable = low not in language.reason_subordinators and head[0].name in ("i", "we")
        if main.subject.name in ("he", "she", "they", "it"):
            movable = movable and not self._names_somebody(tokens[first : reach.end])
        tail = (at, reach.end) if movable and reach.end > first else None
        if tail is None and not alone:
            return None
        return _Opening(main.start, main.subject, main.verb, tail, alone)

    def _names_somebody(self, tokens: Sequence[Token]) -> bool:
        language = self.language
        known = language.everyone | language.partners.keys() | language.given_names.keys()
        return any(token.low in known for token in tokens)

    def _adverbial(self, tokens: Sequence[Token], at: int) -> int:
        """Return where the subject would start after "last night", "on our anniversary"."""
        place = at
        for _ in range(3):
            after = self._one_adverbial(tokens, place)
            if after == place:
                break
            place = after
            if place < len(tokens) and tokens[place].text == ",":
                place += 1
        return place

    def _one_adverbial(self, tokens: Sequence[Token], at: int) -> int:
        language = self.language
        if at >= len(tokens) or not tokens[at].word:
            return at
        low = tokens[at].low
        if low in language.time_words or (low in language.proper and low in language.time_nouns):
            following = tokens[at + 1].low if at + 1 < len(tokens) else ""
            return at + 2 if following in language.time_nouns else at + 1
        if low in language.time_heads and self.parser.head(tokens, at) is None:
            for place in range(at + 1, min(at + 4, len(tokens))):
                if tokens[place].low in language.time_nouns:
                    later = tokens[place + 1].low if place + 1 < len(tokens) else ""
                    return place + 2 if later in ("ago", "later", "long") else place + 1
        if low in language.lead_prepositions:
            for place in range(at + 1, min(at + 7, len(tokens))):
                token = tokens[place]
                if token.text == ",":
                    return place if place > at + 1 else at
                if not token.word or token.quoted or token.low in _SECOND_PERSON:
                    return at
                if place > at + 1 and self.parser.head(tokens, place) is not None:
                    closed = tokens[place - 1].low in language.determiners
                    if not closed and tokens[place - 1].low not in language.prepositions:
                        return place
        return at

    def _reach(self, tokens: Sequence[Token], verb: VerbGroup) -> _Reach:
        """Read on from the verb to where its clause ends."""
        reach = _Reach(len(tokens), len(tokens))
        bridge = verb.end if self._bridges(verb.lemma, verb.form) else -1
        at = verb.end
        while at < len(tokens):
            token = tokens[at]
            low = token.low
            if token.quoted or low in _SECOND_PERSON:
                if self._phrase(tokens, at, self.language.trail_phrases) and not token.quoted:
                    return self._close(reach, at, at + 2, "comma")
                reach.spoiled = True
                return reach
            if not token.word:
                return self._close(reach, at, at + 1, self._after_comma(tokens, at))
            if low in _JOINING and self._joins(tokens, at, verb, reach):
                boundary = low if low in ("and", "or") else "new"
                return self._close(reach, at, at, boundary)
            if self._is_subordinator(low):
                head = self.parser.head(tokens, at + 1)
                if head is not None:
                    self._subordinate(reach, at, low, verb)
                    bridge, at = self._enter(head, reach)
                    continue
            kind, head = self._inner(tokens, at, verb, bridge)
            if kind == "inside" and head is not None:
                reach.embedding = True
                bridge, at = self._enter(head, reach)
                continue
            if kind == "new":
                return self._close(reach, at, at, "new")
            if kind == "spoiled":
                reach.spoiled = True
                return reach
            lemma = self.language.lexicon.lemma(low)
            if lemma in self.language.bridging or low in self.language.bridging_adjectives:
                bridge = at + 1
            at += 1
        return reach

    def _inner(
        self, tokens: Sequence[Token], at: int, verb: VerbGroup, bridge: int
    ) -> tuple[str, tuple[Subject, VerbGroup] | None]:
        """Say what a subject and verb at ``at`` are: "inside", "new", "spoiled"; "on" if none."""
        if tokens[at - 1].low == "to":
            return "on", None
        head = self.parser.head(tokens, at, joined=self._may_say(tokens, at))
        if head is not None and self._licensed(tokens, at, bridge, head):
            return "inside", head
        head = self.parser.head(tokens, at, joined=False)
        return ("on", None) if head is None else (self._run_on(tokens, at, verb, head), head)

    def _bridges(self, lemma: str, form: str) -> bool:
        return form != "be" and lemma in self.language.bridging

    def _enter(self, head: tuple[Subject, VerbGroup], reach: _Reach) -> tuple[int, int]:
        verb = head[1]
        reach.embedded_verbs.append(verb.lemma)
        bridge = verb.end if self._bridges(verb.lemma, verb.form) else -1
        return bridge, verb.end

    def _close(self, reach: _Reach, end: int, following: int, boundary: str) -> _Reach:
        reach.end, reach.following, reach.boundary = end, following, boundary
        return reach

    def _after_comma(self, tokens: Sequence[Token], at: int) -> str:
        """Return how a clause that ends in a comma is bounded, by the word after it."""
        low = tokens[at + 1].low if at + 1 < len(tokens) else ""
        if low in self.language.condition_subordinators or low in ("until", "except", "or"):
            return "if" if low != "or" else "or"
        return low if low == "and" else "comma"

    def _is_subordinator(self, low: str) -> bool:
        language = self.language
        return (
            low in language.time_subordinators
            or low in language.reason_subordinators
            or low in language.condition_subordinators
            or low == "cause"
        )

    def _subordinate(self, reach: _Reach, at: int, low: str, verb: VerbGroup) -> None:
        """Note whether the clause may be cut before a subordinate one without changing sense."""
        language = self.language
        if low in language.condition_subordinators:
            reach.conditional = True
            reach.cuts.clear()
            return
        free = verb.tense == "past" or low in language.reason_subordinators
        if free and not verb.negated and low not in ("where", "as", "until", "till"):
            reach.cuts.append(at)

    def _joins(self, tokens: Sequence[Token], at: int, verb: VerbGroup, reach: _Reach) -> bool:
        """Whether a conjunction ends the clause; a joined verb phrase or noun goes on with it."""
        place = at + 1
        while place < len(tokens) and tokens[place].low in (self.language.lead_words | _JOINING):
            if self.parser.head(tokens, place) is not None:
                break
            place += 1
        if place >= len(tokens):
            return True
        token = tokens[place]
        low = token.low
        if not token.word or self.parser.head(tokens, place) is not None:
            return True
        language = self.language
        if low in language.condition_subordinators or low in ("please", "maybe", "perhaps"):
            return True
        joined = tokens[at].low
        if joined in ("and", "but", "so", "then") and self._asks(tokens, place):
            return True
        if self._is_subordinator(low) or self._adverbial(tokens, place) != place:
            return True
        words = language.lexicon
        finite_past = verb.tense == "past" and verb.form in ("plain", "be", "perfect")
        if low in words.base and low not in words.past and low not in language.verbs.doubtful:
            open_verb = any(
                t.low == "to" or t.low in words.base or t.low in words.ing
                for t in tokens[verb.end - 1 : at]
            )
            if finite_past and not open_verb:
                return True
        if not verb.negated and (low in words.past or low in words.third or low.endswith("n't")):
            reach.cuts.append(at)
        return False

    def _licensed(
        self, tokens: Sequence[Token], at: int, bridge: int, head: tuple[Subject, VerbGroup]
    ) -> bool:
        """Whether a subject and verb go on with the clause ("he said he was tired")."""
        language = self.language
        place = at - 1
        while place > 0 and tokens[place].low in language.adverbs and place > at - 3:
            if tokens[place].low in ("so", "again", "today", "yesterday", "too", "now", "once"):
                break
            place -= 1
        before = tokens[place].low
        if before in language.relativizers or before in language.bridging_adjectives:
            return True
        if 0 <= bridge <= at and self._only_listener(tokens, bridge, at):
            return True
        earlier = tokens[place - 1].low if place > 0 else ""
        openers = ("the", "every", "each") if before in ("time", "times", "moment") else ("the",)
        the_last = place > 1 and tokens[place - 2].low == "the"
        if before in language.clause_nouns and (earlier in openers or the_last):
            return True
        return before in language.gap_nouns and head[1].lemma in language.gap_verbs

    def _may_say(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether "my mom and I" after this word may be a subject ("said", "think", "that")."""
        before = tokens[at - 1].low
        lemma = self.language.lexicon.lemma(before)
        told = lemma in self.language.speech_verbs or lemma in self.language.unreal_verbs
        return told or before in self.language.relativizers

    def _only_listener(self, tokens: Sequence[Token], bridge: int, at: int) -> bool:
        """Whether between "told" and "he" stands nothing but whom it was told to."""
        between = [token.low for token in tokens[bridge:at]]
        if all(low in self.language.adverbs or low in ("that", "out") for low in between):
            return True
        verb = self.language.lexicon.lemma(tokens[bridge - 1].low)
        if verb not in self.language.takes_listener or len(between) > 4:
            return False
        return not any(
            low in self.language.prepositions or low in self.language.conjunctions
            for low in between
        )

    def _run_on(
        self, tokens: Sequence[Token], at: int, verb: VerbGroup, head: tuple[Subject, VerbGroup]
    ) -> str:
        """Say whether a subject and verb begin a new clause: "new", "spoiled" or "on"."""
        subject = head[0]
        language = self.language
        before = tokens[at - 1].low
        nominative = subject.name in ("i", "we", "he", "she", "they")
        if subject.name in ("this", "that") or (subject.name == "it" and at == verb.end):
            return "on"
        open_before = (
            at == verb.end
            or (before in language.determiners and before not in ("her", "no", "that"))
            or (before in language.prepositions and before not in language.particles)
            or before in ("and", "or", "but", "not")
        )
        if nominative:
            return "spoiled" if open_before else "new"
        if open_before or before in language.lexicon.base or before in language.lexicon.ing:
            return "on"
        if before in language.particles or before in language.lexicon.past:
            sure = head[1].form != "plain" or head[1].lemma not in language.verbs.doubtful
            return "spoiled" if subject.known and sure else "on"
        return "new"

    def _asks(self, tokens: Sequence[Token], at: int) -> bool:
        """Whether a question begins here: "what should I do", "did he mean it"."""
        place = at
        while place < len(tokens) and (
            not tokens[place].word or tokens[place].low in self.language.lead_words
        ):
            place += 1
        if place >= len(tokens) or tokens[place].low not in self.language.interrogatives:
            return False
        if tokens[place].low in self.language.time_subordinators | {"where"}:
            return self.parser.head(tokens, place + 1) is None
        return True

    def _next_comma(self, tokens: Sequence[Token], at: int) -> int:
        for place in range(at, len(tokens)):
            if tokens[place].text == "," and place > at:
                return place + 1
        return len(tokens)

    def _resume(self, tokens: Sequence[Token], at: int) -> int | None:
        """Return where to try again after something that could not be read; None to give up."""
        shaded = False
        language = self.language
        for place in range(at, len(tokens)):
            token = tokens[place]
            if token.low in language.condition_subordinators:
                return None
            if token.text == "," and place > at:
                listed = any(s.end == place for s in self.parser.subjects(tokens, at))
                return None if listed else place + 1
            shaded = shaded or token.low in language.relativizers or token.low in _SECOND_PERSON
            shaded = shaded or language.lexicon.lemma(token.low) in language.unreal_verbs
            joining = token.low in ("and", "but", "so") and place > at
            if joining and not shaded and self.parser.head(tokens, place + 1) is not None:
                return place + 1
        return None

    @staticmethod
    def _phrase(tokens: Sequence[Token], at: int, phrases: Sequence[str]) -> int:
        """Return how many tokens a phrase that starts here covers, or 0."""
        for phrase in phrases:
            words = phrase.split()
            if [token.low for token in tokens[at : at + len(words)]] == words:
                return len(words)
        return 0
