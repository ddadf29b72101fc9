"""The composer: a whole reply from written lines, with no model.

A reply is a few moves (reflect, name the feeling, validate, ask, offer an idea of the guide), and
each move is one authored line fitted to what the person said. See ``prompts/guided/``.
"""

from __future__ import annotations

from ..content import Content
from ..content.exercises import DONE, Step
from ..content.guided import (
    ADVICE,
    CORRECTION,
    GENERAL,
    GOODBYE,
    GREETING,
    SCRIPT,
    THANKS,
    Situation,
)
from ..languages import LanguageDetector
from ..prompts import Hints, Prompts
from . import walk
from .advice import Advice
from .draft import Composed, Draft, Request, Understood
from .drafting import Drafter
from .patterns import Patterns, plain
from .steps import Steps
from .talk import Talker
from .understanding import Reader


class Guide:
    """Composes replies. Stateless: everything it knows of a conversation is in the request.

    ``reader`` is what reads the messages.
    """

    def __init__(
        self, content: Content, reader: Reader, prompts: Prompts, languages: LanguageDetector
    ) -> None:
        self._data = content.composer
        self._answer_floor = content.retrieval.answer_floor
        self._guide_questions = Patterns(content.composer.guide_questions)
        self._script_questions = Patterns(content.composer.script_questions)
        self._parting = Patterns([content.composer.parting])
        self._greeting = Patterns([content.composer.greeting])
        self._thanking = Patterns([content.composer.thanking])
        self._languages = languages
        self.reader = reader
        self._drafter = Drafter(content, reader)
        self._situations = {s.id: s for s in content.situations}
        self._advice = Advice(content)
        self._talker = Talker(content, prompts, self._advice)
        self._steps = Steps(content, prompts, self._talker)

    def compose(self, request: Request) -> Composed:
        """Return the reply to a message. Any text gets one."""
        draft = self._drafter.begin(request)
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
        draft = self._drafter.begin(request)
        draft.add(self._talker.plain_line(draft))
        asked = walk.place(request.exercise, request.history).asked
        return draft.finish(step=asked if asked != DONE else None)

    def understand(self, request: Request) -> Understood:
        """What a chat model is told of a message."""
        draft = self._drafter.begin(request)
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
        leaving = other is not None and other.id == GOODBYE
        if self._wants_words(draft, other):
            if draft.unsafe or draft.gone or not self._advice.words_to_say(draft):
                self._talker.answer_other(draft, self._situations[SCRIPT])
        elif draft.moment is not None and draft.moment.alone and not leaving:
            draft.add(self._talker.of_moment(draft) or self._talker.plain_line(draft))
        elif other is not None and not self._talker.asks_first(draft):
            self._answer_other(draft, other)
        elif not (self._asks(self._guide_questions, draft) and self._advice.answer(draft)):
            self._talker.talk(draft)

    def _wants_words(self, draft: Draft, other: Situation | None) -> bool:
        """Whether the person asks for words to say or send."""
        alone = draft.moment is not None and draft.moment.alone
        if other is not None and other.id == SCRIPT and not alone:
            return True
        free = other is None or other.id in self._data.guide_situations
        clear = draft.moment is None or alone
        return free and clear and self._asks(self._script_questions, draft)

    def _accepts(self, draft: Draft) -> bool:
        """Whether the message takes, or turns down, the idea that the last reply offered."""
        offered = self._advice.offered(draft)
        said = self._steps.control(draft.request.text)
        if offered is None or said not in ("yes", "no"):
            return False
        if said == "no":
            return draft.add(self._talker.shared(draft, "idea_declined"))
        return not draft.unsafe and self._advice.give(draft, offered)

    def _answer_other(self, draft: Draft, other: Situation) -> None:
        if (
            other.id in self._data.guide_situations
            and not draft.gone
            and self._advises(draft, other)
        ):
            return
        self._talker.answer_other(draft, other)
        if other.id == CORRECTION:
            self._talker.say_back(draft)

    def _advises(self, draft: Draft, other: Situation) -> bool:
        """Answer a request for advice from the guide; says whether it has some."""
        known = draft.standing.id != GENERAL and not draft.unsafe
        if other.id == ADVICE and known and draft.sure and self._advice.advise(draft):
            return True
        if self._advice.answer(draft, self._answer_floor - self._data.pace.below_floor):
            return True
        return known and self._advice.advise(draft)

    def _asks(self, patterns: Patterns, draft: Draft) -> bool:
        """Whether the message is a question of this kind."""
        return draft.understood.question and patterns.found_in(draft.request.text)

    def _other(self, draft: Draft) -> Situation | None:
        """The social or meta situation of the message, if it is one."""
        text, understood, limits = draft.request.text, draft.understood, self._data.thresholds
        if understood.words <= self._data.social_words and "?" not in text:
            if self._parting.found_in(text) and not understood.named:
                return self._situations[GOODBYE]
            if self._thanking.found_in(text) and " but " not in plain(text):
                return self._situations[THANKS]
        few = understood.words <= self._data.greeting_words
        open_yet = draft.mood == "plain" and draft.standing.id == GENERAL and draft.moment is None
        if not draft.turn and few and open_yet and self._greeting.found_in(text):
            return self._situations[GREETING]
        best = understood.other
        if best is None or best.score < max(limits.other, best.situation.least):
            return None
        long = understood.words > self._data.pace.short_words
        sure = limits.social_long if long else limits.social
        if best.situation.kind == "social" and best.score < sure:
            return None
        topics = understood.topics
        return best.situation if not topics or best.score > topics[0].score else None

    def _interrupts(self, draft: Draft, other: Situation | None, asked: Step | None) -> bool:
        """Whether a message in an exercise is not an answer to its step."""
        best = draft.understood.other
        sure = best is not None and best.score >= self._data.thresholds.interrupts
        if other is not None and sure and other.id not in self._data.answers_to_steps:
            return True
        words = draft.request.text.lower().replace(",", " ").split()
        spoken = asked is not None and asked.spoken and "you" in words
        return asked is not None and "?" in draft.request.text and not spoken

    def _answer_aside(self, draft: Draft, other: Situation | None) -> None:
        """Answer what was asked or said in the middle of an exercise, without a new question."""
        if other is not None or draft.moment is not None:
            self._answer(draft, other)
        elif not self._advice.answer(draft):
            draft.add(self._talker.shared(draft, "unanswered_step"))
