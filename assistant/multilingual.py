"""Written help in the language that the person writes in, where there is one, else in English."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .content.escalation import EscalationReply, Translation
from .content.helplines import Helplines
from .escalation import Escalation, EscalationText
from .languages import LanguageDetector
from .types import Message, Resources, Screening

SURE_WORDS = 4
"""Words from which a message that looks like no other language is taken for English."""


class Escalations:
    """One :class:`~assistant.escalation.Escalation` a language. It keeps no state."""

    def __init__(
        self,
        replies: Sequence[EscalationReply],
        translations: Mapping[str, Translation],
        helplines: Helplines,
        languages: LanguageDetector,
    ) -> None:
        self._english = Escalation(replies, helplines)
        self._others = {
            code: Escalation(translation.written(), helplines, translation.phrases)
            for code, translation in translations.items()
        }
        self._languages = languages

    def reply(
        self,
        screening: Screening,
        text: str,
        history: Sequence[Message],
        country: str | None,
    ) -> EscalationText:
        """The written reply to ``text``; see :meth:`Escalation.reply`."""
        return self._of(text, history).reply(screening, text, history, country)

    def check_in(self, screening: Screening, text: str, history: Sequence[Message]) -> str | None:
        """The sentence that checks in on a person; see :meth:`Escalation.check_in`."""
        return self._of(text, history).check_in(screening, history)

    def resources(self, screening: Screening, country: str | None, *, soft: bool) -> Resources:
        """The lines of help that fit, which need no language."""
        return self._english.resources(screening, country, soft=soft)

    def _of(self, text: str, history: Sequence[Message]) -> Escalation:
        """The one for the language of the latest message that tells."""
        mine = [m.text for m in history if m.role == "user"]
        for said in reversed([*mine, text]):
            spoken = self._languages.foreign(said)
            if spoken is not None:
                return self._others.get(spoken.code, self._english)
            if len(said.split()) >= SURE_WORDS:
                break
        return self._english
