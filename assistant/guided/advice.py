"""What comes from the guide: ideas that were asked for or accepted, answers, and phrases to try."""

from __future__ import annotations

import re2

from .. import sentences
from ..content import Content
from ..content.guided import GENERAL
from ..content.principles import Principle
from .draft import Draft
from .lines import fill


class Advice:
    """Fills a draft from the principles of the guide."""

    def __init__(self, content: Content) -> None:
        self._data = content.composer
        self._principles = {p.id: p for p in content.principles}
        self._titles = {section.id: section.title for section in content.sections}
        self._answer_floor = content.retrieval.answer_floor
        self._own_script = re2.compile(content.composer.own_script)

    def next_principle(self, draft: Draft, *, sure: bool = False) -> Principle | None:
        """The best principle that is safe here and was not offered yet; if it must be ``sure``, one
        of what the conversation is plainly about, or that fits this message as well."""
        topical = [self._principles[i] for i in draft.standing.principles if i in self._principles]
        found = [
            self._principles[r.id]
            for r in draft.request.found
            if r.id in self._principles and r.score >= self._answer_floor
        ]
        both = [p for p in found if p in topical]
        others = [*topical, *found] if not sure else topical if draft.sure else []
        for principle in dict.fromkeys([*both, *others]):
            if self._allowed(draft, principle) and not self._told(draft, principle):
                return principle
        return None

    def offered(self, draft: Draft) -> Principle | None:
        """The principle that the last reply offered to tell, if it did."""
        last = draft.memory.last
        if not last.rstrip().endswith("?"):
            return None
        named = (p for p in self._principles.values() if f'"{p.title}"' in last)
        return next(named, None)

    def give(self, draft: Draft, principle: Principle, name: str = "idea") -> bool:
        """Tell an idea with something to try; says whether there was a way to."""
        values = {"idea": principle.idea, "practice": principle.practice}
        said = draft.lines.pick(self._data.lines[name], values)  # type: ignore[index]
        if said is None:
            return False
        draft.add(said)
        draft.principles.append(principle.id)
        return True

    def advise(self, draft: Draft) -> bool:
        """Advice that was asked for, as a choice; says whether there is some."""
        if draft.sure and not draft.gone:
            step = draft.lines.pick(draft.standing.lines.get("small_step", ()), draft.slots)
            if draft.add(step):
                return True
        principle = self.next_principle(draft)
        return principle is not None and self.give(draft, principle, "advice")

    def words_to_say(self, draft: Draft) -> bool:
        """A phrase to say or send: the person's own, or one of the topic or the guide."""
        own = self._own_script.search(draft.request.text.replace("’", "'"))
        said = own.group("own").strip() if own else draft.memory.wish
        if said and not draft.lines.said(said):
            values = {**draft.slots, "own": said}
            if draft.add(draft.lines.pick(self._data.lines["own_script"], values)):
                return True
        if draft.standing.id == GENERAL or not draft.sure:
            return False
        if draft.add(draft.lines.pick(draft.standing.lines.get("script", ()), draft.slots)):
            return True
        principle = self.next_principle(draft)
        phrases = [s for s in principle.say if not draft.lines.said(s)] if principle else []
        if principle is None or not phrases:
            return False
        values = {**draft.slots, "say": phrases[0]}
        if not draft.add(draft.lines.pick(self._data.lines["phrase"], values)):
            return False
        draft.principles.append(principle.id)
        return True

    def answer(self, draft: Draft, floor: float | None = None) -> bool:
        """Answer a question with the principle that fits it; says whether one does."""
        least = self._answer_floor if floor is None else floor
        for result in draft.request.found:
            principle = self._principles.get(result.id)
            if principle is None or result.score < least or not self._allowed(draft, principle):
                continue
            answer: str | None = principle.body
            if draft.lines.said(principle.body):
                if draft.lines.said(principle.practice):
                    continue
                more = f"{principle.idea} {principle.practice}"
                answer = draft.lines.pick(self._data.lines["more_of_guide"], {"idea": more})
            if not answer:
                continue
            cite = self._cite(draft, principle, len(answer.split()))
            draft.add(self._fitting(answer, cite))
            draft.break_paragraph()
            draft.add(cite)
            draft.principles.append(principle.id)
            return True
        return False

    def _told(self, draft: Draft, principle: Principle) -> bool:
        lines = draft.lines
        return any(map(lines.said, (principle.idea, principle.body, f'"{principle.title}"')))

    def _allowed(self, draft: Draft, principle: Principle) -> bool:
        screening = draft.request.screening
        if screening.abuse_context and "partner_violence" in principle.not_when:
            return False
        return screening.category not in principle.not_when

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
