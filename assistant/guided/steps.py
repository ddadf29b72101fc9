"""The steps of an exercise: taking an answer, helping once with it, asking the next."""

from __future__ import annotations

from collections.abc import Mapping

from ..content import Content
from ..content.exercises import DONE, Exercise, Need, Step
from ..prompts import Prompts
from . import walk
from .addressing import addressed
from .draft import Composed, Draft
from .patterns import Patterns, plain
from .people import Partner
from .talk import Talker

_OTHERS = frozenset(["he", "she", "they"])


class Steps:
    """Walks exercises."""

    def __init__(self, content: Content, prompts: Prompts, talker: Talker) -> None:
        composer = content.composer
        self._data = composer
        self._language = content.language
        self._prompts = prompts
        self._talker = talker
        self._blame = Patterns(composer.blame)
        self._excuses = Patterns(composer.excuses)
        self._asides = Patterns(composer.asides)

    def control(self, text: str) -> str | None:
        """Whether a message steers the exercise: ``skip``, ``back``, ``stop``."""
        letters = "".join(c for c in plain(text) if c.isalpha() or c in " '")
        bare = " ".join(letters.split())
        return next((name for name, cues in self._data.cues.items() if bare in cues), None)

    def answers(
        self, exercise: Exercise, given: Mapping[str, str], partner: Partner
    ) -> dict[str, str]:
        """The answers as they are kept, a blank for each step that has none."""
        kept = {step.id: "" for step in exercise.metadata.steps}
        for step_id, answer in given.items():
            step = exercise.step(step_id)
            if step is None or self.control(answer) is not None:
                continue
            if not self._no_answer(step, answer):
                kept[step_id] = self._kept(step, answer, partner)
        return kept

    def _kept(self, step: Step, answer: str, partner: Partner) -> str:
        text = walk.trimmed(step, answer, self._data.fillers, self._data.trailing)
        return addressed(text, self._language, partner) if step.to_partner else text

    def take(self, draft: Draft, where: walk.Place) -> Composed:
        """Take an answer and ask the next step, or help once with the answer."""
        exercise = draft.request.exercise
        answers = self.answers(exercise, where.answers, draft.partner)
        step = exercise.step(where.asked)
        if step is None:
            self._talker.heart(draft, plain=False)
            return self._ask(draft, walk.next_step(exercise, None), answers)
        lack = self._lack(step, draft)
        if lack and step.id not in where.helped:
            draft.add(self._line(draft, step.missing[lack], answers))
            return draft.finish(step=step.id)
        text = draft.request.text
        kept = "" if self._no_answer(step, text) else self._kept(step, text, draft.partner)
        answers[step.id] = kept
        if not lack:
            said = [self._line(draft, template, answers) for template in step.acknowledge]
            draft.add(next((line for line in said if not draft.lines.said(line)), None))
        return self._ask(draft, walk.next_step(exercise, step.id), answers)

    def steer(self, draft: Draft, where: walk.Place, control: str) -> Composed:
        """Skip a step, go back one, or stop."""
        exercise = draft.request.exercise
        answers = self.answers(exercise, where.answers, draft.partner)
        if control == "stop" or where.asked is None:
            draft.add(self._talker.shared(draft, "stopped"))
            return draft.finish(step=DONE)
        if control == "back":
            before = walk.previous_step(exercise, where.asked)
            if before is None:
                draft.add(self._talker.shared(draft, "nothing_before"))
            return self._ask(draft, before or exercise.step(where.asked), answers)
        draft.add(self._talker.shared(draft, "skipped"))
        answers[where.asked] = ""
        return self._ask(draft, walk.next_step(exercise, where.asked), answers)

    def again(self, draft: Draft, where: walk.Place, control: str) -> Composed:
        """After the end: go back to the last step, or begin once more."""
        exercise = draft.request.exercise
        if control == "back":
            answers = self.answers(exercise, where.answers, draft.partner)
            return self._ask(draft, exercise.metadata.steps[-1], answers)
        return self._ask(
            draft, exercise.metadata.steps[0], self.answers(exercise, {}, draft.partner)
        )

    def resume(self, draft: Draft, where: walk.Place) -> Composed:
        """After something else was answered: offer the way back to the step."""
        exercise = draft.request.exercise
        step = exercise.step(where.asked)
        full = draft.words() > self._data.max_words - self._data.pace.room // 3
        if step is None or full or draft.asks():
            return draft.finish(step=where.asked)
        draft.break_paragraph()
        ask = self._line(draft, step.ask[-1], self.answers(exercise, where.answers, draft.partner))
        draft.add(self._talker.shared(draft, "resume", {"ask": ask}) or ask)
        return draft.finish(step=step.id)

    def _ask(self, draft: Draft, step: Step | None, answers: dict[str, str]) -> Composed:
        draft.break_paragraph()
        if step is not None:
            asked = [self._line(draft, template, answers) for template in step.ask]
            draft.add(next((ask for ask in asked if not draft.lines.said(ask)), asked[-1]))
            return draft.finish(step=step.id)
        end = draft.request.exercise.metadata.end
        if end is None:
            return draft.finish(step=DONE)
        draft.add(self._line(draft, end.message, answers))
        takeaway = self._line(draft, end.takeaway, answers) if end.takeaway else ""
        return draft.finish(step=DONE, takeaway=takeaway or None)

    def _line(self, draft: Draft, template: str, answers: Mapping[str, str]) -> str:
        return self._prompts.line(template, answers, draft.request.inputs)

    def _no_answer(self, step: Step, answer: str) -> bool:
        """Whether a text must not be kept as the answer to a step."""
        reproach = "blame" in step.not_if and self._blame.found_in(answer)
        return reproach or self._asides.found_in(answer)

    def _lack(self, step: Step, draft: Draft) -> Need | None:
        """What an answer to a step lacks."""
        if "blame" in step.not_if and self._blame.found_in(draft.request.text):
            return "blame"
        if step.missing and self._asides.found_in(draft.request.text):
            return next(iter(step.missing))
        if "other" in step.not_if and self._tells_of_others(step, draft.request.text):
            return "other"
        if "excuse" in step.not_if and self._excuses.found_in(draft.request.text):
            return "excuse"
        feels = [f for f in draft.understood.feelings if not f.assumed]
        if "feeling" in step.not_if and not feels:
            return "feeling"
        if draft.understood.words < step.min_words and "thin" in step.missing:
            return "thin"
        return None

    def _tells_of_others(self, step: Step, text: str) -> bool:
        """Whether a text is about somebody else only: there is a "he" or "she" and no "I"."""
        kept = walk.trimmed(step, text, self._data.fillers)
        words = set(plain(kept).replace("'", " ").replace(",", " ").split())
        return bool(words & _OTHERS) and "i" not in words
