"""Talking: the ordinary turn, answers to questions about the guide, and the social ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .. import sentences
from ..content import Content
from ..content.guided import Move, PlanMove, Situation
from ..content.principles import Principle
from ..prompts import Prompts
from .draft import Draft
from .lines import fill

GENERAL = "general"
QUESTIONS = frozenset({"ask_feeling", "ask_need", "ask_more", "partner_side"})
WITH_THE_PARTNER = frozenset({"partner_side", "small_step", "idea", "deepen", "normalise"})
"""Moves that are left out where the partner may not be safe."""
ROOM = 30
"""Words that must be left for one more move."""
GUESSING_TURNS = 3


class Talker:
    """Fills a draft with moves."""

    def __init__(self, content: Content, prompts: Prompts) -> None:
        self._data = content.composer
        self._situations = {s.id: s for s in content.situations}
        self._general = self._situations[GENERAL]
        self._principles = {p.id: p for p in content.principles}
        self._titles = {section.id: section.title for section in content.sections}
        self._feelings = {f.id: f for f in content.feelings.feelings}
        self._answer_floor = content.retrieval.answer_floor
        self._prompts = prompts

    def shared(
        self, draft: Draft, name: str, values: Mapping[str, str] | None = None
    ) -> str | None:
        """An unsaid line of those that all situations share."""
        return draft.lines.pick(self._data.lines[name], values or draft.slots)  # type: ignore[index]

    def plain_line(self, draft: Draft) -> str:
        """A line that fits anything, for when nothing else is left."""
        return (
            self.shared(draft, "fallback")
            or draft.lines.pick(self._general.lines["ask_more"], draft.slots)
            or self._data.lines["fallback"][-1]
        )

    def talk(self, draft: Draft) -> None:
        """The ordinary turn: this turn's row of moves, each with one line."""
        for move in self._plan(draft):
            if move in QUESTIONS and (draft.asks() or draft.request.check_in):
                continue
            if move == "partner_side" and move not in draft.topic.lines:
                continue  # left out on purpose, after a serious hurt
            if draft.words() > self._data.max_words - ROOM:
                break
            if move == "idea":
                self.offer_idea(draft)
            elif move == "reflect":
                self.reflect(draft)
            else:
                draft.add(self.pick(draft, move, draft.slots))
        if not draft.words():
            draft.add(self.plain_line(draft))
        self._offer_exercise(draft)

    def _plan(self, draft: Draft) -> list[PlanMove]:
        plans, again = self._data.plans, self._data.again
        turn = draft.turn
        if turn >= len(plans):
            turn = again + (turn - len(plans)) % (len(plans) - again)
        moves: Sequence[str] = plans[turn]
        if "celebrate" in draft.topic.lines:
            moves = ["celebrate" if m in ("validate", "normalise", "deepen") else m for m in moves]
        if draft.unsafe or draft.gone:
            moves = ["validate" if m in WITH_THE_PARTNER else m for m in moves]
        return list(dict.fromkeys(moves))  # type: ignore[arg-type]

    def reflect(self, draft: Draft) -> None:
        """Say back the heart of it, then name the feeling: the person's own, or a guess."""
        slots = draft.slots
        without_feeling = {k: v for k, v in slots.items() if k != "feeling"}
        if "clause" in slots:
            said = self.pick(draft, "reflect", without_feeling, first="clause")
        else:
            said = self.pick(draft, "reflect", slots, first="feeling")
        draft.add(said)
        feeling = slots.get("feeling")
        if feeling:
            if said is None or feeling not in said:
                without_clause = {k: v for k, v in slots.items() if k != "clause"}
                draft.add(self._only(draft, "reflect", without_clause, "feeling"))
            return
        guess = self._guess(draft)
        if guess and (said is None or guess not in said):
            draft.add(self.shared(draft, "guess_feeling", {**slots, "feeling": guess}))

    def _guess(self, draft: Draft) -> str | None:
        """A feeling that may be there though it was not named.

        It comes from a judging word ("ignored"), from the encoder or, on the first turns, from
        the topic; never one the person ruled out.
        """
        found = draft.understood.feelings
        ruled_out = {f.id for f in found if f.negated}
        candidates = [f.id for f in found if f.assumed and f.owner == "person"]
        if draft.turn < GUESSING_TURNS:
            candidates += draft.topic.feelings
        if draft.understood.guessed and draft.topic.id == GENERAL:
            candidates.append(draft.understood.guessed)
        for feeling_id in candidates:
            feeling = self._feelings.get(feeling_id)
            if feeling and feeling_id not in ruled_out and not draft.lines.said(feeling.name):
                return feeling.name
        return None

    def pick(
        self, draft: Draft, move: Move, slots: Mapping[str, str], first: str | None = None
    ) -> str | None:
        """A line for the move: from the topic, a second topic, or those that fit any moment.

        Lines with the slot ``first`` go before all others.
        """
        chosen = self._only(draft, move, slots, first) if first in slots else None
        if chosen:
            return chosen
        for situation in self._pools(draft):
            if chosen := draft.lines.pick(situation.lines.get(move, ()), slots):
                return chosen
        return None

    def _only(
        self, draft: Draft, move: Move, slots: Mapping[str, str], slot: str | None
    ) -> str | None:
        """A line for the move that uses the slot."""
        for situation in self._pools(draft):
            own = [line for line in situation.lines.get(move, ()) if f"{{{slot}}}" in line]
            if chosen := draft.lines.pick(own, slots):
                return chosen
        return None

    def _pools(self, draft: Draft) -> list[Situation]:
        return [draft.topic, *([draft.second] if draft.second else []), self._general]

    # -- the guide -----------------------------------------------------------------------------

    def offer_idea(self, draft: Draft) -> None:
        """One idea of the guide, in a paragraph of its own."""
        principle = self.next_principle(draft)
        idea = self.shared(draft, "idea", {"idea": principle.idea}) if principle else None
        if principle is None or idea is None:
            draft.add(self.pick(draft, "deepen", draft.slots))
            return
        draft.break_paragraph()
        draft.add(idea)
        draft.break_paragraph()
        draft.principles.append(principle.id)

    def next_principle(self, draft: Draft) -> Principle | None:
        """The best principle that is safe here and was not offered yet."""
        topical = [self._principles[i] for i in draft.topic.principles if i in self._principles]
        found = [
            self._principles[r.id]
            for r in draft.request.found
            if r.id in self._principles and r.score >= self._answer_floor
        ]
        both = [p for p in found if p in topical]
        for principle in dict.fromkeys([*both, *topical, *found]):
            told = draft.lines.said(principle.idea) or draft.lines.said(principle.body)
            if self._allowed(draft, principle) and not told:
                return principle
        return None

    def _allowed(self, draft: Draft, principle: Principle) -> bool:
        screening = draft.request.screening
        if screening.abuse_context and "partner_violence" in principle.not_when:
            return False
        return screening.category not in principle.not_when

    def answer_from_guide(self, draft: Draft, floor: float | None = None) -> bool:
        """Answer a question with the principle that fits it; says whether one does."""
        least = self._answer_floor if floor is None else floor
        for result in draft.request.found:
            principle = self._principles.get(result.id)
            if principle is None or result.score < least or not self._allowed(draft, principle):
                continue
            answer: str | None = principle.body
            if draft.lines.said(principle.body):
                more = f"{principle.idea} {principle.practice}"
                answer = self.shared(draft, "more_of_guide", {"idea": more})
                if draft.lines.said(principle.practice):
                    continue
            if not answer:
                continue
            cite = self._cite(draft, principle, len(answer.split()))
            draft.add(self._fitting(answer, cite))
            draft.break_paragraph()
            draft.add(cite)
            draft.principles.append(principle.id)
            return True
        return False

    def _cite(self, draft: Draft, principle: Principle, words: int) -> str:
        """Where an answer of so many words comes from, as fully as there is room for."""
        values = {"title": principle.title, "section": self._titles[principle.section]}
        cites = [fill(cite, values) for cite in self._data.lines["cite"]]
        turned = cites[draft.turn % len(cites) :] + cites
        room = self._data.max_answer_words - words
        fits = (cite for cite in turned if len(cite.split()) <= room)
        return next(fits, min(cites, key=lambda cite: len(cite.split())))

    def _fitting(self, answer: str, cite: str) -> str:
        """The answer, without its last sentences if there is no room for them."""
        kept = sentences.split(answer)
        while len(kept) > 1 and len(" ".join((*kept, cite)).split()) > self._data.max_answer_words:
            kept.pop()
        return " ".join(kept)

    # -- social and meta messages --------------------------------------------------------------

    def answer_other(self, draft: Draft, other: Situation) -> None:
        """Answer a social or meta message with its written lines, or from the guide."""
        if other.id in self._data.guide_situations:
            if self.answer_from_guide(draft, self._answer_floor - 0.08):
                return
            if draft.topic.id != GENERAL and self.next_principle(draft) and not draft.unsafe:
                draft.add(self._answer_line(draft, other))
                self.offer_idea(draft)
                return
        draft.add(self._answer_line(draft, other))
        follows = other.kind == "social" and other.id not in self._data.quiet_situations
        if follows and draft.turn and not draft.asks() and not draft.request.check_in:
            draft.add(self.pick(draft, "ask_more", draft.slots))

    def _answer_line(self, draft: Draft, other: Situation) -> str:
        lines = other.lines.get("answer", ())
        return draft.lines.pick(lines, draft.slots) or self.plain_line(draft)

    def _offer_exercise(self, draft: Draft) -> None:
        """Mention a fitting exercise, once in a conversation."""
        if draft.turn < self._data.offer_exercise_from or draft.unsafe or draft.asks():
            return
        if draft.request.exercise.metadata.steps or draft.request.check_in:
            return
        offers = self._data.lines["offer_exercise"]
        if any(draft.lines.was_said(line) for line in offers):
            return
        for name in draft.topic.exercises:
            exercise = self._prompts.exercises.get(name)
            if exercise and draft.words() < self._data.max_words - ROOM:
                draft.break_paragraph()
                draft.add(draft.lines.pick(offers, {"exercise": exercise.displayName}))
                return
