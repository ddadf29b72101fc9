"""The composer: a whole reply from written lines, with no model.

A reply is a few moves (reflect, name the feeling, validate, ask, offer an idea of the guide), and
each move is one authored line fitted to what the person said. See ``prompts/guided/``.
"""

from __future__ import annotations

from collections.abc import Sequence

import re2

from ..content import Content
from ..content.exercises import DONE
from ..content.guided import Situation
from ..languages import LanguageDetector
from ..prompts import Hints, Prompts
from . import walk
from .clauses import turn_clauses
from .draft import Composed, Draft, Request, Understood
from .lines import Lines
from .people import Partner, find_partner
from .steps import Steps
from .talk import GENERAL, Talker
from .understanding import Match, Reader, Understanding

SHORT_WORDS = 8
SOCIAL_MARGIN = 0.08
EARLIER_MESSAGES = 3
STILL_FITS = 0.12
"""The least score that a message must have for a topic to be carried on to it."""
FADING = 0.7
"""How much less an earlier message's topic counts with each message since."""
FEELINGS_NAMED = 2


class Guide:
    """Composes replies. Stateless: everything it knows of a conversation is in the request."""

    def __init__(
        self, content: Content, reader: Reader, prompts: Prompts, languages: LanguageDetector
    ) -> None:
        self._data = content.composer
        self._language = content.language
        self._general = next(s for s in content.situations if s.id == GENERAL)
        self._answer_floor = content.retrieval.answer_floor
        self._gone_patterns = [re2.compile(pattern) for pattern in content.composer.gone]
        self._reader = reader
        self._languages = languages
        self._talker = Talker(content, prompts)
        self._steps = Steps(content.composer, prompts, self._talker)

    def compose(self, request: Request) -> Composed:
        """Return the reply to a message. Any text gets one."""
        draft = self._begin(request)
        foreign = self._languages.foreign(request.text)
        if foreign and foreign.reply and not draft.lines.said(foreign.reply):
            draft.add(foreign.reply)
            return draft.finish()
        where = walk.place(request.exercise, request.history)
        other = self._other(draft)
        walking = bool(request.exercise.metadata.steps) and where.asked != DONE
        if walking and not draft.unsafe:
            control = self._steps.control(request.text)
            if where.asked and control and control != "yes":
                return self._steps.steer(draft, where, control)
            if not self._interrupts(draft, other):
                return self._steps.take(draft, where)
        self._answer(draft, other)
        if walking and draft.unsafe:
            draft.break_paragraph()
            draft.add(self._talker.shared(draft, "unsafe_exercise"))
        elif walking and where.asked and (other is None or other.id != "goodbye"):
            return self._steps.resume(draft, where)
        return draft.finish()

    def plain(self, request: Request) -> Composed:
        """A reply that fits anything, for when a composed one can't be said."""
        draft = self._begin(request)
        draft.add(self._talker.plain_line(draft))
        asked = walk.place(request.exercise, request.history).asked
        return draft.finish(step=asked if asked != DONE else None)

    def understand(self, request: Request) -> Understood:
        """What a chat model is told of a message."""
        draft = self._begin(request)
        feelings = tuple(dict.fromkeys(f.name for f in draft.understood.named))
        situations = () if draft.topic.id == GENERAL else (draft.topic.title,)
        where = walk.place(request.exercise, request.history)
        asked = walk.next_step(request.exercise, where.asked) if where.asked != DONE else None
        answers = self._steps.answers(request.exercise, where.answers)
        if where.asked in answers:
            answers[str(where.asked)] = request.text
        return Understood(Hints(situations, feelings, draft.slots["partner"]), asked, answers)

    def _answer(self, draft: Draft, other: Situation | None) -> None:
        if other is not None:
            self._talker.answer_other(draft, other)
        elif not (draft.understood.question and self._talker.answer_from_guide(draft)):
            self._talker.talk(draft)

    def _begin(self, request: Request) -> Draft:
        understood = self._reader.read(request.text)
        mine = [m.text for m in request.history if m.role == "user"]
        theirs = [m for m in request.history if m.role == "assistant"]
        topic, second = self._topics(understood, mine)
        lines = Lines([m.text for m in theirs], seed=(mine[0] if mine else request.text))
        partner = find_partner([*mine, request.text], self._language)
        risk = request.screening.category
        return Draft(
            request=request,
            understood=understood,
            topic=topic,
            second=second,
            lines=lines,
            slots=self._slots(understood, partner, lines),
            turn=sum(1 for m in theirs if not m.step),
            unsafe=request.screening.abuse_context or risk in request.exercise.metadata.not_when,
            gone=self._gone([*mine, request.text]),
        )

    def _gone(self, said: Sequence[str]) -> bool:
        """Whether the person has said that the partner died."""
        plain = [text.lower().replace("’", "'") for text in said]
        return any(pattern.search(text) for pattern in self._gone_patterns for text in plain)

    def _topics(
        self, understood: Understanding, earlier: Sequence[str]
    ) -> tuple[Situation, Situation | None]:
        """The topic of the message or, where it names none, of the messages before it."""
        limits = self._data.thresholds
        fitting = self._fitting(understood)
        if fitting:
            second = next((m for m in fitting[1:] if m.score >= limits.second_topic), None)
            return fitting[0].situation, second.situation if second else None
        still = {m.situation.id for m in understood.topics if m.score >= STILL_FITS}
        short = understood.words <= SHORT_WORDS
        best, best_score = self._general, 0.0
        for age, text in enumerate(reversed(earlier[-EARLIER_MESSAGES:])):
            for match in self._fitting(self._reader.read(text))[:1]:
                fits = short or match.situation.id in still
                if fits and (score := match.score * FADING**age) > best_score:
                    best, best_score = match.situation, score
        return best, None

    def _fitting(self, understood: Understanding) -> list[Match]:
        """The topics that a message is about; none if it fits any moment as well."""
        found: list[Match] = []
        for match in understood.topics:
            if match.situation.id == GENERAL:
                break
            celebrates = "celebrate" in match.situation.lines
            pained = any(not f.pleasant for f in understood.named)
            least = max(self._data.thresholds.topic, match.situation.least)
            if (
                match.score >= least
                and not (celebrates and pained)
                and self._did(understood, match)
            ):
                found.append(match)
        return found

    def _did(self, understood: Understanding, match: Match) -> bool:
        """Whether what was done was done by whom the situation says; yes if nothing tells."""
        wanted = match.situation.actor
        clauses = turn_clauses(understood.text, self._language)
        actors = {"person" if clause.actor == "person" else "other" for clause in clauses}
        return wanted is None or not actors or wanted in actors

    def _slots(self, understood: Understanding, partner: Partner, lines: Lines) -> dict[str, str]:
        """What the slots of lines can be filled with in this turn."""
        slots = {
            "partner": partner.reference,
            "Partner": partner.reference[:1].upper() + partner.reference[1:],
            "them": partner.them,
            "their": partner.their,
            "Their": partner.their.capitalize(),
            "they": partner.pronoun,
            "They": partner.pronoun.capitalize(),
        }
        clauses = turn_clauses(understood.text, self._language, partner)
        told = (
            c
            for c in clauses
            if not (c.negated and c.actor == "person") and " you both" not in c.text
        )
        fresh = next((c.text for c in told if not lines.said(c.text)), None)
        if fresh:
            slots["clause"] = fresh
        named = list(dict.fromkeys(f.name for f in understood.named))[:FEELINGS_NAMED]
        if named:
            slots["feeling"] = " and ".join(named)
        return slots

    def _other(self, draft: Draft) -> Situation | None:
        """The social or meta situation of the message, if it is one."""
        best = next(iter(draft.understood.others), None)
        if best is None or best.score < self._data.thresholds.other:
            return None
        sure = self._data.thresholds.other + SOCIAL_MARGIN
        long = draft.understood.words > SHORT_WORDS
        if best.situation.kind == "social" and (long or best.score < sure):
            return None
        topics = draft.understood.topics
        return best.situation if not topics or best.score > topics[0].score else None

    def _interrupts(self, draft: Draft, other: Situation | None) -> bool:
        """Whether a message in an exercise is not an answer to its step."""
        if other is not None and other.id not in self._data.answers_to_steps:
            return True
        best = next(iter(draft.request.found), None)
        asks = draft.understood.question and "?" in draft.request.text
        return asks and best is not None and best.score >= self._answer_floor
