"""Talking: the heart of a reply, and what is put beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..content import Content
from ..content.guided import GENERAL, Extra, Move, Row, SharedLine, Situation
from ..prompts import Prompts
from .advice import Advice
from .asking import Asking
from .draft import Draft
from .patterns import Patterns

WITH_THE_PARTNER = frozenset({"offer_idea", "deepen", "normalise", "recap"})
"""What is left out where the partner may not be safe, or has died."""


class Talker:
    """Fills a draft."""

    def __init__(self, content: Content, prompts: Prompts, advice: Advice) -> None:
        self._data = content.composer
        self._pace = content.composer.pace
        self._general = next(s for s in content.situations if s.id == GENERAL)
        self._feelings = {f.id: f for f in content.feelings.feelings}
        self._question = Patterns([content.composer.plain_question])
        self._asking = Asking(content.questions)
        self._prompts = prompts
        self._advice = advice

    def shared(
        self, draft: Draft, name: SharedLine, values: Mapping[str, str] | None = None
    ) -> str | None:
        """An unsaid line of those that all situations share."""
        return draft.lines.pick(self._data.lines[name], values or draft.slots)

    def plain_line(self, draft: Draft) -> str:
        """A line that fits anything, for when nothing else is left."""
        return (
            self.shared(draft, "plain")
            or self.shared(draft, "fallback")
            or draft.lines.pick(self._general.lines["ask_more"], draft.slots)
            or self._data.lines["fallback"][-1]
        )

    def talk(self, draft: Draft) -> None:
        """The ordinary turn: what answers this message, and this turn's row beside it."""
        row = self._row(draft)
        heart = self.heart(draft)
        if heart == "question":
            return
        if draft.mood == "heavy" and heart != "plain":
            self._extra(draft, row, heart)
        elif draft.mood == "plain" and "offer_idea" in row.extra and draft.standing.id != GENERAL:
            draft.add(None if draft.unsafe or draft.gone else self._offer_idea(draft))
        if heart in ("plain", "quote") or draft.mood == "plain":
            if row.ask and (heart == "moment" or draft.turn % self._pace.plainly == 0):
                self._ask_plainly(draft, heart)
        elif row.ask and draft.mood != "light":
            self._ask(draft)
        self._offer_exercise(draft)

    def asks_first(self, draft: Draft) -> bool:
        """Whether the message asks a question that outranks what it looks like as a whole."""
        kind = self._asking.kind(draft.request.text)
        return kind is not None and kind.first

    def moves(self, draft: Draft) -> tuple[str, ...]:
        """What this turn would do beside answering, in words for a chat model."""
        row = self._row(draft)
        allowed = (e for e in row.extra if not (draft.unsafe and e in WITH_THE_PARTNER))
        extra = [self._data.hints[name] for name in allowed][:1]
        return (*extra, self._data.hints["ask" if row.ask else "no_question"])

    def say_back(self, draft: Draft) -> None:
        """Say the person's clause back with next to nothing around it, unless a question waits."""
        if not draft.asks():
            draft.add(self._barely(draft))

    def _row(self, draft: Draft) -> Row:
        plans, again = self._data.plans, self._data.again
        turn = draft.turn
        if turn >= len(plans):
            turn = again + (turn - len(plans)) % (len(plans) - again)
        return plans[turn]

    # -- the heart -----------------------------------------------------------------------------

    def heart(self, draft: Draft, *, plain: bool = True) -> str:
        """Answer this message; returns what the answer rests on.

        Where nothing in it can be answered, a ``plain`` line asks for more, if allowed.
        """
        if draft.moment is not None and draft.turn % self._pace.say_back == 0:
            draft.add(self._barely(draft))
        for rests_on, said in (
            ("moment", self.of_moment),
            ("light", self._of_joke),
            ("good", self._of_good_news),
            ("question", self._of_question),
            ("want", self._of_want),
            ("clause", self._of_clause),
            ("feeling", self._of_feeling),
            ("topic", self._of_topic),
            ("echo", self._of_echo),
            ("question", self._of_odd_question),
            ("quote", self._of_quote),
        ):
            if draft.add(said(draft)):
                if rests_on in ("moment", "want", "clause", "topic"):
                    self._name_feeling(draft)
                return rests_on
        if plain:
            draft.add(self._nod(draft) or self.plain_line(draft))
        return "plain"

    def _nod(self, draft: Draft) -> str | None:
        """What is said to a story in which nothing was recognised."""
        if not draft.turn:
            return self.shared(draft, "opening")
        if draft.standing.holds:
            for move in ("validate", "deepen"):
                if said := draft.lines.pick(draft.standing.lines.get(move, ()), draft.slots):
                    return said
        if draft.mood == "heavy":
            return self.shared(draft, "soft")
        return self.shared(draft, "listening") if draft.understood.words > self._pace.long else None

    def of_moment(self, draft: Draft) -> str | None:
        """An unsaid reply of the moment, if there is one."""
        moment = draft.moment
        return draft.lines.pick(moment.reply, draft.slots) if moment else None

    def _barely(self, draft: Draft) -> str | None:
        """The person's clause with next to nothing around it."""
        told = [
            line for line in self._data.lines["told"] if len(line.split()) <= self._pace.short_line
        ]
        return draft.lines.pick(told, draft.slots)

    def _of_good_news(self, draft: Draft) -> str | None:
        if draft.mood != "good":
            return None
        celebrate = draft.lines.pick(draft.topic.lines.get("celebrate", ()), draft.slots)
        return celebrate or self._using(draft, self._data.lines["glad"], "feeling", must=False)

    def _of_joke(self, draft: Draft) -> str | None:
        return self.shared(draft, "light") if draft.mood == "light" else None

    def _of_question(self, draft: Draft) -> str | None:
        """What is said to a question of its kind, after a story's own answer if it ends one."""
        kind = self._asking.kind(draft.request.text)
        said = draft.lines.pick(kind.lines, draft.slots) if kind else None
        if said and draft.understood.words > self._pace.long:
            draft.add(self._of_clause(draft) or self._of_feeling(draft))
        return said

    def _of_odd_question(self, draft: Draft) -> str | None:
        """What is said to a question of no known kind."""
        if not self._question.found_in(draft.request.text):
            return None
        gently = self.shared(draft, "unanswered_heavy") if draft.mood == "heavy" else None
        return gently or self.shared(draft, "unanswered")

    def _of_want(self, draft: Draft) -> str | None:
        return self.shared(draft, "wanted") if "want" in draft.slots else None

    def _of_clause(self, draft: Draft) -> str | None:
        if "clause" not in draft.slots:
            return None
        own = self._own_reflection(draft, "clause")
        if own or draft.mood == "heavy":
            return own or self.shared(draft, "told")
        return self.shared(draft, "told_plainly") or self._barely(draft)

    def _of_feeling(self, draft: Draft) -> str | None:
        if "feeling" not in draft.slots:
            return None
        earlier = draft.memory.feelings[-1:]
        if earlier and earlier[0] not in draft.slots["feeling"] and draft.turn % 2:
            shift = self.shared(draft, "shift", {**draft.slots, "earlier": earlier[0]})
            if shift:
                return shift
        return self._own_reflection(draft, "feeling") or self.shared(draft, "felt")

    def _own_reflection(self, draft: Draft, slot: str) -> str | None:
        """A reflection of the topic with this slot, if the message has a topic."""
        if draft.topic.id == GENERAL:
            return None
        return self._using(draft, draft.topic.lines["reflect"], slot)

    def _of_topic(self, draft: Draft) -> str | None:
        if draft.topic.id == GENERAL:
            return None
        return draft.lines.pick(draft.topic.lines["reflect"], draft.slots)

    def _of_echo(self, draft: Draft) -> str | None:
        return self.shared(draft, "echo") if "echo" in draft.slots else None

    def _of_quote(self, draft: Draft) -> str | None:
        heavy = draft.mood == "heavy" and "quote" in draft.slots
        return self.shared(draft, "quote") if heavy else None

    def _name_feeling(self, draft: Draft) -> None:
        """Say the feeling that was named, if what was said so far leaves it out."""
        feeling = draft.slots.get("feeling")
        said = " ".join(draft.sentences).lower()
        if feeling and not any(word in said for word in feeling.split(" and ")):
            draft.add(self.shared(draft, "named"))

    def _using(
        self, draft: Draft, lines: Sequence[str], slot: str, *, must: bool = True
    ) -> str | None:
        """An unsaid line with this slot in it, or, unless it ``must``, another one."""
        own = [line for line in lines if f"{{{slot}}}" in line]
        others = [] if must else [line for line in lines if line not in own]
        return draft.lines.pick(own, draft.slots) or draft.lines.pick(others, draft.slots)

    # -- what is put beside it -----------------------------------------------------------------

    def _extra(self, draft: Draft, row: Row, heart: str) -> None:
        if draft.asks() or draft.words() > self._data.max_words - self._pace.room:
            return
        for extra in row.extra:
            if (draft.unsafe or draft.gone) and extra in WITH_THE_PARTNER:
                continue
            if draft.add(self._say(draft, extra, heart)):
                return

    def _say(self, draft: Draft, extra: Extra, heart: str) -> str | None:
        if extra == "recap":
            return self._recap(draft)
        if extra == "offer_idea":
            return self._offer_idea(draft)
        if extra == "guess_feeling":
            return self._guess(draft)
        if heart == "moment":
            return None  # what a moment says is whole
        if draft.topic.id == GENERAL and extra in ("validate", "normalise", "deepen"):
            return self.shared(draft, "soft")
        return draft.lines.pick(draft.topic.lines.get(extra, ()), draft.slots)

    def _recap(self, draft: Draft) -> str | None:
        memory = draft.memory
        values: dict[str, str] = {}
        if memory.facts:
            values["fact"] = memory.facts[0]
        if memory.feelings:
            values["feeling"] = memory.feelings[-1]
        if memory.wants:
            values["want"] = memory.wants[-1]
        if len(values) < 2:
            return None
        return self.shared(draft, "recap", values)

    def _offer_idea(self, draft: Draft) -> str | None:
        if draft.asks() or draft.request.check_in:
            return None
        principle = self._advice.next_principle(draft, sure=True)
        if principle is None:
            return None
        return self.shared(draft, "offer_idea", {"title": principle.title})

    def _guess(self, draft: Draft) -> str | None:
        """A feeling that may be there though it was not named, never one the person ruled out."""
        if "feeling" in draft.slots:
            return None
        found = draft.understood.feelings
        ruled_out = {f.id for f in found if f.negated}
        candidates = [f.id for f in found if f.assumed and f.owner == "person"]
        if draft.understood.guessed:
            candidates.append(draft.understood.guessed)
        if draft.turn < self._pace.guessing_turns and draft.moment is None:
            candidates += draft.topic.feelings
        for feeling_id in candidates:
            feeling = self._feelings.get(feeling_id)
            fits = feeling is not None and not feeling.pleasant and feeling_id not in ruled_out
            if feeling and fits and not draft.lines.said(feeling.name):
                return self.shared(draft, "guess_feeling", {"feeling": feeling.name})
        return None

    # -- asking --------------------------------------------------------------------------------

    def _ask(self, draft: Draft) -> None:
        """One open question, about what is not known yet."""
        if (
            draft.asks()
            or draft.request.check_in
            or draft.memory.asked >= self._pace.most_questions
        ):
            return
        if draft.words() > self._data.max_words - self._pace.room:
            return
        if draft.moment is not None:
            if draft.moment.ask:
                draft.add(draft.lines.pick(draft.moment.ask, draft.slots))
            return
        for move in self._curious(draft):
            for situation in (draft.topic, self._general):
                if question := draft.lines.pick(situation.lines.get(move, ()), draft.slots):
                    draft.add(question)
                    return

    def _ask_plainly(self, draft: Draft, heart: str) -> None:
        """A question that fits any story, while it isn't clear what this one is about."""
        if draft.asks() or draft.request.check_in or draft.memory.asked:
            return
        if heart == "moment" and draft.moment is not None:
            draft.add(draft.lines.pick(draft.moment.ask, draft.slots))
        else:
            draft.add(self.shared(draft, "ask_plain"))

    def _curious(self, draft: Draft) -> list[Move]:
        """The kinds of question that would help most now, best first."""
        if draft.mood in ("good", "light"):
            return ["ask_more"]
        kinds: list[Move] = []
        known = "feeling" in draft.slots or draft.memory.feelings
        if not known and draft.turn < self._pace.guessing_turns:
            kinds.append("ask_feeling")
        calm = all(f.grade < self._pace.strong for f in draft.understood.named)
        partner = "partner_side" in draft.topic.lines and not (draft.unsafe or draft.gone)
        if draft.turn >= self._pace.partner_side_from and calm and partner and draft.turn % 2:
            kinds.append("partner_side")
        if not draft.memory.wants and draft.turn >= 1 and draft.turn % 2:
            kinds.append("ask_need")
        return [*kinds, "ask_more", "ask_need"]

    def _offer_exercise(self, draft: Draft) -> None:
        """Mention a fitting exercise, once in a conversation."""
        if draft.turn < self._data.offer_exercise_from or draft.unsafe or draft.asks():
            return
        if draft.request.exercise.metadata.steps or draft.request.check_in or draft.gone:
            return
        offers = self._data.lines["offer_exercise"]
        if draft.mood != "heavy" or any(draft.lines.was_said(line) for line in offers):
            return
        if draft.topic.id == GENERAL or draft.standing.holds:
            return
        for name in draft.topic.exercises:
            exercise = self._prompts.exercises.get(name)
            walked = exercise is not None and exercise.metadata.steps
            if exercise and walked and draft.words() < self._data.max_words - self._pace.room:
                draft.break_paragraph()
                draft.add(draft.lines.pick(offers, {"exercise": exercise.displayName}))
                return

    # -- social and meta messages --------------------------------------------------------------

    def answer_other(self, draft: Draft, other: Situation) -> None:
        """Answer a social or meta message with its written lines."""
        lines = other.lines.get("answer", ())
        draft.add(draft.lines.pick(lines, draft.slots) or self.plain_line(draft))
