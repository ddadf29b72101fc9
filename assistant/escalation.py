"""Which written reply a crisis gets, which check-in a concern gets, and which lines of help.

Nothing here is generated: the replies come from ``knowledge/crisis/replies``, the numbers from
``knowledge/helplines.yaml``, and code only chooses among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import re2

from .content.escalation import BARRIERS, Barrier, EscalationReply, SpokenPhrases
from .content.helplines import Country, HelpFor, Helpline, Helplines
from .types import Category, Message, Resource, Resources, Screening, Subject

MAX_LINES: Final = 3
CHECK_IN_PAUSE: Final = 2
"""How many of the assistant's last turns must be free of a check-in before the next one."""

_GRAVE: Final[frozenset[Barrier]] = frozenset({"not_safe", "suicidal"})
_FALLBACK: Final[frozenset[HelpFor]] = frozenset({"suicide", "distress"})
_FITTING: Final[dict[Category, tuple[HelpFor, ...]]] = {
    "suicide": ("suicide",),
    "self_harm": ("self_harm",),
    "partner_violence": ("partner_violence",),
    "sexual_violence": ("sexual_violence",),
    "child_abuse": ("child_abuse", "young_people"),
    "harm_to_others": ("harm_to_others",),
    "medical": ("medical",),
    "eating_disorder": ("eating_disorder",),
    "psychosis": (),
    "none": (),
}
"""What a line must be for, the best fit first; after these come the lines of ``_FALLBACK``."""

_SLOT = re.compile(r"\{(\w+)\}")
_NOT_WORD = re.compile(r"[^\w']+")
_SCHEME = re.compile(r"^https://(?:www\.)?|/+$")
_SENTENCE_START = re.compile(r"(?:^|[.!?]\s+)$")


@dataclass(frozen=True, slots=True)
class EscalationText:
    """A written reply with its numbers filled in, and the lines shown beside it."""

    text: str
    resources: Resources


class Escalation:
    """Chooses written replies, check-ins and lines of help, in one language. It keeps no state."""

    def __init__(
        self,
        replies: Iterable[EscalationReply],
        helplines: Helplines,
        phrases: SpokenPhrases | None = None,
    ) -> None:
        """``phrases`` are how another language than English speaks of a line of help."""
        every = tuple(replies)
        self._foreign = phrases
        self._replies = tuple(r for r in every if not r.concern)
        self._check_ins = tuple(r for r in every if r.concern)
        self._helplines = helplines
        self._minors = [re2.compile(pattern) for pattern in helplines.young]

    # -- replies -------------------------------------------------------------------------------

    def reply(
        self,
        screening: Screening,
        text: str,
        history: Sequence[Message],
        country: str | None,
    ) -> EscalationText:
        """Return the written reply to ``text``.

        ``history`` are the earlier messages, oldest first. A reply is not said twice in a
        conversation while another one fits; after that the one said longest ago comes again.
        """
        told = [_squeezed(m.text) for m in history if m.role == "assistant"]
        said = self._said(told)
        asker = self._asker(told)
        chosen = self._choose(screening, self._barrier(text, asker, screening), asker, said)
        young = self._young([*(m.text for m in history if m.role == "user"), text])
        resources = self.resources(screening, country, soft=False, young=young)
        return EscalationText(self.fill(chosen, screening, country, young=young), resources)

    def _choose(
        self,
        screening: Screening,
        barrier: Barrier | None,
        asker: EscalationReply | None,
        said: dict[str, int],
    ) -> EscalationReply:
        fitting = [r for r in self._replies if r.fits(screening.category, screening.subject)]
        imminent = screening.imminent or barrier == "not_safe"
        fresh = [r for r in fitting if r.id not in said]
        first = next((r for r in fitting if r.first and r.fits_moment(imminent)), fitting[0])
        answering = [r for r in fresh if r.barrier is not None and r.barrier == barrier]
        begun = any(r.id in said for r in fitting if r.category == first.category)
        if not begun:
            return next((r for r in answering if r.opens), first)
        asked_apart = asker is not None and bool(asker.asks) and asker.category == "any"
        if imminent and first.id not in said and not (asked_apart and answering):
            return first
        if answering:
            return answering[0]
        later = [
            r for r in fitting if r.barrier is None and not r.first and r.fits_moment(imminent)
        ]
        unsaid = next((r for r in later if r.id not in said), None)
        return unsaid or min(later or [first], key=lambda r: said.get(r.id, -1))

    def _said(self, told: Sequence[str]) -> dict[str, int]:
        """Return for each reply that was said the place of the message it was last said in."""
        return {
            reply.id: place
            for place, message in enumerate(told)
            for reply in self._replies
            if _spoken(reply, message)
        }

    def _asker(self, told: Sequence[str]) -> EscalationReply | None:
        """Return the written reply that the last message of the assistant was, if it was one."""
        if not told:
            return None
        return next((r for r in self._replies if _spoken(r, told[-1])), None)

    def _barrier(
        self, text: str, asker: EscalationReply | None, screening: Screening
    ) -> Barrier | None:
        """Return what the message answers or brings up."""
        words = _words(text)
        kinds = [
            r
            for r in self._replies
            if r.barrier
            and r.fits(screening.category, screening.subject)
            and not any(_cued(cue, words) for cue in r.unless)
        ]
        question = asker.asks if asker else ""
        answered = {
            r.barrier for r in kinds if question and _answers(r.answers.get(question, ()), words)
        }
        if answered & _GRAVE:
            return next(b for b in BARRIERS if b in answered)
        brought_up = {r.barrier for r in kinds if any(_cued(cue, words) for cue in r.cues)}
        return next((b for b in BARRIERS if b in brought_up | answered), None)

    def fill(
        self,
        reply: EscalationReply,
        screening: Screening,
        country_code: str | None,
        *,
        young: bool = False,
    ) -> str:
        """Return the text of a reply with the numbers of a country that fit the crisis."""
        country = self._helplines.country(country_code)
        lines = self._lines(country, screening.category, screening.subject, young)

        def value(match: re.Match[str]) -> str:
            phrase = {
                "emergency": lambda: self._emergency(country),
                "line": lambda: self._phrase(lines, reply.first),
                "quiet": lambda: self._quiet_phrase(lines),
            }[match[1]]()
            if _SENTENCE_START.search(reply.body[: match.start()]):
                phrase = phrase[:1].upper() + phrase[1:]
            return phrase

        return _SLOT.sub(value, reply.body)

    # -- check-ins -----------------------------------------------------------------------------

    def check_in(self, screening: Screening, history: Sequence[Message]) -> str | None:
        """Return the sentence that checks in on a person, or ``None`` when it isn't the time.

        The first turn after a crisis gets one that steps down: it takes the person's word that
        they are safe, or owns that the danger was only suspected. Otherwise only a message with a
        reason of its own gets one, none while one of the assistant's last turns had one, and none
        is said twice.
        """
        told = [_squeezed(m.text) for m in history if m.role == "assistant"]
        recent = told[-CHECK_IN_PAUSE:]
        if screening.level != "concern" or any(
            c.body in message for c in self._check_ins for message in recent
        ):
            return None
        stepping_down = self._asker(told) is not None
        if screening.carried and not stepping_down:
            return None
        steps: tuple[Barrier, Barrier] = ("safe", "doubt")
        wanted = steps[screening.doubted] if stepping_down else None
        unsaid = [
            c
            for c in self._check_ins
            if c.fits(screening.category, screening.subject)
            and not any(c.body in message for message in told)
        ]
        words = _words(" ".join(_clues(screening, history)))
        specific = [c for c in unsaid if c.cues and any(_cued(cue, words) for cue in c.cues)]
        general = [c for c in unsaid if not c.cues]
        for check_in in (*specific, *general):
            if check_in.barrier == wanted:
                return check_in.body
        return None

    # -- lines of help -------------------------------------------------------------------------

    def resources(
        self, screening: Screening, country: str | None, soft: bool, *, young: bool = False
    ) -> Resources:
        """Return at most three lines of help that fit, the best first.

        An unknown country gets the international directory, never another country's numbers.
        ``young`` puts lines for young people first.
        """
        place = self._helplines.country(country)
        name = "" if place is self._helplines.international else place.name
        lines = self._lines(place, screening.category, screening.subject, young)
        return Resources(
            name, place.emergency, tuple(self._resource(line) for line in lines[:MAX_LINES]), soft
        )

    def _young(self, said: Iterable[str]) -> bool:
        """Whether somebody says that they are under 18."""
        return any(pattern.search(text.lower()) for text in said for pattern in self._minors)

    def _lines(
        self, country: Country, category: Category, subject: Subject, young: bool
    ) -> list[Helpline]:
        """Return the lines that fit: sure ones first, then the best fit, then those always open."""
        wanted = _wanted(category, subject)
        if young and subject == "self":
            wanted = (frozenset({"young_people"}), *wanted)
        ranked = [(_rank(line, wanted), line) for line in country.lines]
        fitting = [(rank, line) for rank, line in ranked if rank is not None]
        fitting.sort(key=lambda pair: (not pair[1].sure, pair[0], not pair[1].always_open))
        return [line for _, line in fitting] or list(country.lines)

    def _resource(self, line: Helpline) -> Resource:
        about = line.about if line.sure else f"{line.about} {self._helplines.phrases.unsure}"
        return Resource(
            line.name, about, line.call, line.text, line.chat, line.hours, sure=line.sure
        )

    def _phrase(self, lines: Sequence[Helpline], first: bool) -> str:
        """Return how to reach the best line.

        In the ``first`` reply one that is always open stands beside a line that is not.
        """
        best = lines[0]
        phrase = self._spoken_of(best)
        always = next((line for line in lines if line.always_open and line.call), None)
        if not first or best.always_open or always is None:
            return phrase
        return (self._foreign or self._helplines.phrases).either.format(
            first=phrase, second=self._spoken_of(always)
        )

    def _emergency(self, country: Country) -> str:
        unknown = country is self._helplines.international
        return self._foreign.emergency if self._foreign and unknown else country.emergency

    def _spoken_of(self, line: Helpline) -> str:
        if line.say and not self._foreign:
            return line.say
        phrases = self._foreign or self._helplines.phrases
        template = phrases.call if line.call else phrases.text if line.text else phrases.chat
        return self._said_of(line, template)

    def _said_of(self, line: Helpline, template: str) -> str:
        return template.format(
            name=line.name if self._foreign else line.short or line.name,
            call=line.call,
            text=line.text,
            chat=_SCHEME.sub("", line.chat or ""),
            hours=line.hours,
        )

    def _quiet_phrase(self, lines: Sequence[Helpline]) -> str:
        """Return a way to reach somebody in writing."""
        phrases = self._foreign or self._helplines.phrases
        for line in lines:
            if line.sure and (line.text or line.chat):
                return (
                    line.say
                    if line.say and not line.call and not self._foreign
                    else self._said_of(line, phrases.text if line.text else phrases.chat)
                )
        return self._spoken_of(self._helplines.international.lines[0])


def _wanted(category: Category, subject: Subject) -> tuple[frozenset[HelpFor], ...]:
    """Return what a line may be for, in groups of falling fit."""
    fitting = _FITTING[category]
    if category == "child_abuse" and subject == "self":
        fitting = tuple(reversed(fitting))
    if category == "harm_to_others" and subject == "other":
        fitting = ()
    return (*(frozenset({help_for}) for help_for in fitting), _FALLBACK)


def _rank(line: Helpline, wanted: Sequence[frozenset[HelpFor]]) -> int | None:
    return next((i for i, group in enumerate(wanted) if group.intersection(line.help_for)), None)


def _clues(screening: Screening, history: Sequence[Message]) -> list[str]:
    """Return what is known of the message: what fired, and its own words if they are at hand."""
    clues = [f"{e.rule.replace('-', ' ')} {e.quote}" for e in screening.evidence]
    if history and history[-1].role == "user":
        clues.append(history[-1].text)
    return clues


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _spoken(reply: EscalationReply, message: str) -> bool:
    """Return whether ``message`` is ``reply`` with whatever filled its slots."""
    start = 0
    for piece in reply.pieces:
        place = message.find(piece, start)
        if place < 0:
            return False
        start = place + len(piece)
    return True


def _words(text: str) -> str:
    """Return the lower-case words of a text between single spaces, with straight apostrophes."""
    plain = text.lower().replace("’", "'").replace("‘", "'").replace("ʼ", "'")
    return " ".join(_NOT_WORD.sub(" ", plain).split())


def _cued(cue: str, words: str) -> bool:
    if cue.startswith("="):
        return words == cue[1:]
    if cue.endswith(" *"):
        return f"{words} ".startswith(f"{cue[:-2]} ")
    return f" {cue} " in f" {words} "


def _answers(cues: Sequence[str], words: str) -> bool:
    """Return whether a message is one of these answers: the whole of it, unless a cue has ``*``."""
    return any(_cued(cue if cue.endswith(" *") else f"={cue}", words) for cue in cues)
