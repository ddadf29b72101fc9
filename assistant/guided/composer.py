"""The composer: a whole reply from written lines, with no model.

A reply is a few moves (reflect, name the feeling, validate, ask, offer an idea of the guide), and
each move is one authored line fitted to what the person said. See ``prompts/guided/``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import re2

from ..content import Content
from ..content.exercises import DONE, Step
from ..content.guided import Situation
from ..content.moments import Moment, Mood
from ..languages import LanguageDetector
from ..prompts import Hints, Prompts
from . import walk
from .advice import Advice
from .clauses import Clause
from .draft import GENERAL, Composed, Draft, Request, Understood
from .echo import echo_of, quote_of
from .lines import Lines
from .memory import remember
from .people import Partner, find_partner
from .steps import Steps
from .talk import Talker
from .understanding import Match, Reader, Understanding

SHORT_WORDS = 8
EARLIER_MESSAGES = 4
FADING = 0.7
"""How much less an earlier message's topic counts with each message since."""
FEELINGS_NAMED = 2
CORRECTION = "correction"
GOODBYE = "goodbye"
THANKS = "thanks"
GREETING = "greeting"
SCRIPT = "wants-script"
MOST_OF_IT = 0.4
"""How much of a message a clause must be, to be said back as the heart of it."""
BELOW_FLOOR = 0.08
"""How much less sure the guide may be where advice was asked for outright."""
MOST_QUOTED = 0.75
"""How much of a message may be quoted: all of it back is an echo, not an answer."""
NOBODY = Partner("your partner", "they")


class Guide:
    """Composes replies. Stateless: everything it knows of a conversation is in the request."""

    def __init__(
        self, content: Content, reader: Reader, prompts: Prompts, languages: LanguageDetector
    ) -> None:
        self._data = content.composer
        self._language = content.language
        self._general = next(s for s in content.situations if s.id == GENERAL)
        self._answer_floor = content.retrieval.answer_floor
        self._guide_questions = [re2.compile(p) for p in content.composer.guide_questions]
        self._script_questions = [re2.compile(p) for p in content.composer.script_questions]
        self._parting = re2.compile(content.composer.parting)
        self._greeting = re2.compile(content.composer.greeting)
        self._thanking = re2.compile(content.composer.thanking)
        self._light = [re2.compile(p) for p in content.composer.light]
        self._gone_patterns = [re2.compile(p) for p in content.composer.gone]
        self._reader = reader
        self._languages = languages
        self._situations = {s.id: s for s in content.situations}
        self._advice = Advice(content)
        self._talker = Talker(content, prompts, self._advice)
        self._steps = Steps(content, prompts, self._talker)

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
        control = self._steps.control(request.text)
        if where.asked == DONE and control in ("back", "again") and not draft.unsafe:
            return self._steps.again(draft, where, control)
        if walking and not draft.unsafe:
            if where.asked and control and control not in ("yes", "no"):
                return self._steps.steer(draft, where, control)
            if not self._interrupts(draft, other, request.exercise.step(where.asked)):
                return self._steps.take(draft, where)
        if walking and where.asked and not draft.unsafe:
            self._answer_aside(draft, other)
        else:
            self._answer(draft, other)
        if walking and draft.unsafe:
            draft.break_paragraph()
            draft.add(self._talker.shared(draft, "unsafe_exercise"))
        elif walking and where.asked and (other is None or other.id != GOODBYE):
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
        situations = () if draft.standing.id == GENERAL else (draft.standing.title,)
        where = walk.place(request.exercise, request.history)
        asked = walk.next_step(request.exercise, where.asked) if where.asked != DONE else None
        answers = self._steps.answers(request.exercise, where.answers, draft.partner)
        if where.asked in answers:
            answers[str(where.asked)] = request.text
        told = (*draft.memory.facts[-2:], *draft.memory.wants[-2:])
        moves = self._talker.moves(draft)
        hints = Hints(situations, feelings, draft.slots["partner"], told, moves)
        return Understood(hints, asked, answers)

    def _answer(self, draft: Draft, other: Situation | None) -> None:
        """Answer an offer, a social or meta message, a question to the guide; else talk."""
        if self._accepts(draft):
            return
        if self._wants_words(draft, other):
            if draft.unsafe or draft.gone or not self._advice.words_to_say(draft):
                self._talker.answer_other(draft, self._situations[SCRIPT])
        elif draft.moment is not None and draft.moment.alone:
            draft.add(self._talker.of_moment(draft) or self._talker.plain_line(draft))
        elif other is not None:
            self._answer_other(draft, other)
        elif not (self._asks(self._guide_questions, draft) and self._advice.answer(draft)):
            self._talker.talk(draft)

    def _wants_words(self, draft: Draft, other: Situation | None) -> bool:
        """Whether the person asks for words to say or send."""
        free = other is None or other.id in self._data.guide_situations
        clear = draft.moment is None or draft.moment.alone
        return free and clear and self._asks(self._script_questions, draft)

    def _accepts(self, draft: Draft) -> bool:
        """Whether the message takes, or turns down, the idea that the last reply offered."""
        offered = self._advice.offered(draft)
        said = self._steps.control(draft.request.text)
        if offered is None or said not in ("yes", "no"):
            return False
        if said == "yes" and not draft.unsafe:
            return self._advice.give(draft, offered)
        return draft.add(self._talker.shared(draft, "idea_declined"))

    def _answer_other(self, draft: Draft, other: Situation) -> None:
        if other.id in self._data.guide_situations and not draft.gone:
            if other.id == SCRIPT:
                told = not draft.unsafe and self._advice.words_to_say(draft)
            else:
                floor = self._answer_floor - BELOW_FLOOR
                told = self._advice.answer(draft, floor) or (
                    draft.standing.id != GENERAL and not draft.unsafe and self._advice.advise(draft)
                )
            if told:
                return
        self._talker.answer_other(draft, other)
        if other.id == CORRECTION:
            self._talker.say_back(draft)

    def _asks(self, patterns: Sequence[Any], draft: Draft) -> bool:
        """Whether the message is a question of this kind."""
        return draft.understood.question and _found(patterns, draft.request.text)

    def _begin(self, request: Request) -> Draft:
        understood = self._reader.read(request.text)
        mine = [m.text for m in request.history if m.role == "user"]
        theirs = [m for m in request.history if m.role == "assistant"]
        fitting = self._fitting(understood)
        moment = self._moment(understood)
        sure = fitting and fitting[0].score >= self._data.thresholds.topic
        sure = sure and not _spared(understood)
        topic = fitting[0].situation if sure else self._general
        standing, score = self._standing(fitting, moment, mine)
        lines = Lines([m.text for m in theirs], seed=(mine[0] if mine else request.text))
        partner = find_partner([*mine, request.text], self._language)
        memory = remember(request.history, self._reader, partner, self._language)
        risk = request.screening.category
        return Draft(
            request=request,
            understood=understood,
            topic=topic,
            standing=standing,
            sure=score >= self._data.thresholds.topic,
            moment=moment,
            mood=self._mood(understood, topic, moment),
            partner=partner,
            memory=memory,
            lines=lines,
            slots=self._slots(understood, partner, lines),
            turn=sum(1 for m in theirs if not m.step),
            unsafe=request.screening.abuse_context or risk in request.exercise.metadata.not_when,
            gone=self._gone([*mine, request.text]),
        )

    def _gone(self, said: Sequence[str]) -> bool:
        """Whether the person has said that the partner died."""
        return any(_found(self._gone_patterns, text) for text in said)

    def _standing(
        self, fitting: Sequence[Match], moment: Moment | None, earlier: Sequence[str]
    ) -> tuple[Situation, float]:
        """What the conversation is about, and how sure that is (0 to 1).

        It is this message's topic or, if unclear, an earlier one's. What was said before a
        correction no longer counts.
        """
        if fitting:
            return fitting[0].situation, fitting[0].score
        if moment is not None and moment.topic != GENERAL:
            return self._situations[moment.topic], 1.0
        best, best_score, sure = self._general, 0.0, 0.0
        for age, text in enumerate(reversed(earlier[-EARLIER_MESSAGES:])):
            understood = self._reader.read(text)
            if understood.others and understood.others[0].situation.id == CORRECTION:
                break
            for match in self._fitting(understood)[:1]:
                score = match.score * FADING**age
                if score > best_score:
                    best, best_score, sure = match.situation, score, match.score
        return best, sure

    def _moment(self, understood: Understanding) -> Moment | None:
        """The moment that the message is, if one is near enough and by the right person."""
        limits = self._data.thresholds
        pained = any(not f.pleasant for f in understood.named)
        best = next(iter(understood.others), None)
        guide = best is not None and best.situation.id in self._data.guide_situations
        guide = guide and best is not None and best.score >= limits.interrupts
        for match in understood.moments:
            moment = match.moment
            happy = moment.mood in ("good", "light") and not moment.alone
            least = limits.alone if moment.alone else limits.glad if happy else limits.moment
            if match.score < least + (limits.part if match.view else 0) or (happy and pained):
                continue
            if moment.alone and (match.view or guide):
                continue
            if moment.actor is None or self._did(understood, moment.actor):
                return moment
        return None

    def _mood(self, understood: Understanding, topic: Situation, moment: Moment | None) -> Mood:
        """How a reply should sound: light to light messages, glad to glad ones."""
        pained = any(not f.pleasant for f in understood.named)
        if moment is not None:
            return moment.mood
        if not pained and _found(self._light, understood.text):
            return "light"
        if "celebrate" in topic.lines or (understood.named and not pained):
            return "good"
        if topic.id != GENERAL or pained or any(f.assumed for f in understood.feelings):
            return "heavy"
        tone, sure = understood.tone
        limits = self._data.thresholds
        return tone if sure >= (limits.tone if tone == "heavy" else limits.tone_bright) else "plain"

    def _fitting(self, understood: Understanding) -> list[Match]:
        """The topics that a message is about; none if it fits any moment as well."""
        found: list[Match] = []
        for match in understood.topics:
            if match.situation.id == GENERAL:
                break
            celebrates = "celebrate" in match.situation.lines
            pained = any(not f.pleasant for f in understood.named)
            least = max(self._data.thresholds.standing, match.situation.least)
            if (
                match.score >= least
                and not (celebrates and pained)
                and self._did(understood, match.situation.actor)
            ):
                found.append(match)
        return found

    def _did(self, understood: Understanding, wanted: str | None) -> bool:
        """Whether what was done was done by the one wanted; yes if nothing tells."""
        if wanted is None:
            return True
        clauses = self._reader.clauses(understood.text, NOBODY)
        actors = {"person" if clause.actor == "person" else "other" for clause in clauses}
        return not actors or wanted in actors

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
        clauses = [
            c
            for c in self._reader.clauses(understood.text, partner)
            if " you both" not in c.text and not lines.said(c.text)
        ]
        wants = self._reader.wants(clauses)
        told = [c for c in clauses if c not in wants and not _reproaches(c)]
        if wants:
            slots["want"] = wants[0].text
        whole = len(understood.text)
        most = [c for c in told if c.end - c.start >= MOST_OF_IT * whole]
        if most:
            slots["clause"] = most[0].text
        quote = quote_of(understood.text, self._language)
        if quote and not lines.said(quote) and len(quote) < MOST_QUOTED * whole:
            slots["quote"] = quote
        echo = echo_of(understood.text, self._language)
        if echo and not lines.said(f"{echo}."):
            slots["echo"] = echo
        named = list(dict.fromkeys(f.name for f in understood.named))[:FEELINGS_NAMED]
        if named:
            slots["feeling"] = " and ".join(named)
        return slots

    def _other(self, draft: Draft) -> Situation | None:
        """The social or meta situation of the message, if it is one."""
        plain = draft.request.text.lower().replace("’", "'")
        if draft.understood.words <= self._data.social_words and "?" not in plain:
            if self._parting.search(plain) and not draft.understood.named:
                return self._situations[GOODBYE]
            if self._thanking.search(plain) and " but " not in plain:
                return self._situations[THANKS]
        few = draft.understood.words <= self._data.greeting_words
        open_yet = draft.mood == "plain" and draft.standing.id == GENERAL and draft.moment is None
        if not draft.turn and few and open_yet and self._greeting.search(plain):
            return self._situations[GREETING]
        best = next(iter(draft.understood.others), None)
        if best is None or best.score < self._data.thresholds.other:
            return None
        limits = self._data.thresholds
        long = draft.understood.words > SHORT_WORDS
        sure = limits.social_long if long else limits.social
        if best.situation.kind == "social" and best.score < sure:
            return None
        topics = draft.understood.topics
        return best.situation if not topics or best.score > topics[0].score else None

    def _interrupts(self, draft: Draft, other: Situation | None, asked: Step | None) -> bool:
        """Whether a message in an exercise is not an answer to its step."""
        best = next(iter(draft.understood.others), None)
        sure = best is not None and best.score >= self._data.thresholds.interrupts
        if other is not None and sure and other.id not in self._data.answers_to_steps:
            return True
        words = draft.request.text.lower().replace(",", " ").split()
        spoken = asked is not None and asked.spoken and "you" in words
        return asked is not None and "?" in draft.request.text and not spoken

    def _answer_aside(self, draft: Draft, other: Situation | None) -> None:
        """Answer what was asked or said in the middle of an exercise, without a new question."""
        if other is None and draft.moment is None and not self._advice.answer(draft):
            draft.add(self._talker.shared(draft, "unanswered_step"))
        elif not draft.words():
            self._answer(draft, other)


def _found(patterns: Sequence[Any], text: str) -> bool:
    plain = text.lower().replace("’", "'")
    return any(pattern.search(plain) for pattern in patterns)


def _reproaches(clause: Clause) -> bool:
    """Whether saying a clause back could sound like a reproach ("you didn't ask how he was"), or
    would put back a feeling that was ruled out ("you're not angry")."""
    alone = clause.actor == "person" and not clause.text.startswith(("the two of you", "you and"))
    return alone and clause.negated and (clause.tense == "past" or clause.verb in ("be", "feel"))


def _spared(understood: Understanding) -> bool:
    """Whether the person says what they do not feel, and nothing else: "not even that sad"."""
    mine = [f for f in understood.feelings if f.owner == "person" and not f.pleasant]
    return bool(mine) and all(f.negated for f in mine)
