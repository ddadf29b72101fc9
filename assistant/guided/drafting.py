"""Beginning a reply: what a message says in its conversation, before anything is answered."""

from __future__ import annotations

from collections.abc import Sequence

from ..content import Content
from ..content.guided import CORRECTION, GENERAL, Situation
from ..content.moments import Moment, Mood
from .clauses import Clause
from .draft import Draft, Request
from .echo import echo_of, quote_of
from .lines import Lines
from .memory import remember
from .patterns import Patterns
from .people import Partner, find_partner
from .understanding import Match, Reader, Understanding


class Drafter:
    """Reads a message and its history into a draft that says nothing yet."""

    def __init__(self, content: Content, reader: Reader) -> None:
        self._data = content.composer
        self._language = content.language
        self._situations = {s.id: s for s in content.situations}
        self._general = self._situations[GENERAL]
        self._light = Patterns(content.composer.light)
        self._gone = Patterns(content.composer.gone)
        self._reader = reader

    def begin(self, request: Request) -> Draft:
        """Return the draft of a reply to a message."""
        understood = self._reader.read(request.text)
        mine = [m.text for m in request.history if m.role == "user"]
        theirs = [m for m in request.history if m.role == "assistant"]
        partner = find_partner([*mine, request.text], self._language)
        fitting = self._fitting(understood, partner)
        moment = self._moment(understood, partner)
        sure = fitting and fitting[0].score >= self._data.thresholds.topic
        sure = sure and not _spared(understood)
        topic = fitting[0].situation if sure else self._general
        standing, score = self._standing(fitting, moment, mine, partner)
        ruled_out = {f.name for f in understood.feelings if f.negated and f.owner == "person"}
        ruled_out -= {f.name for f in understood.named}
        seed = mine[0] if mine else request.text
        lines = Lines([m.text for m in theirs], seed, without=ruled_out)
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
            gone=any(self._gone.found_in(text) for text in (*mine, request.text)),
        )

    def _standing(
        self,
        fitting: Sequence[Match],
        moment: Moment | None,
        earlier: Sequence[str],
        partner: Partner,
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
        for age, text in enumerate(reversed(earlier[-self._data.pace.earlier_messages :])):
            understood = self._reader.read(text)
            if understood.other is not None and understood.other.situation.id == CORRECTION:
                break
            for match in self._fitting(understood, partner)[:1]:
                score = match.score * self._data.pace.fading**age
                if score > best_score:
                    best, best_score, sure = match.situation, score, match.score
        return best, sure

    def _moment(self, understood: Understanding, partner: Partner) -> Moment | None:
        """The moment that the message is, if one is near enough and by the right person."""
        limits = self._data.thresholds
        best = understood.other
        guide = best is not None and best.situation.id in self._data.guide_situations
        guide = guide and best is not None and best.score >= limits.interrupts
        for match in understood.moments:
            moment = match.moment
            happy = moment.mood in ("good", "light") and not moment.alone
            least = limits.alone if moment.alone else limits.glad if happy else limits.moment
            if match.score < least + (limits.part if match.view else 0) or (
                happy and understood.pained
            ):
                continue
            if moment.alone and (match.view or guide):
                continue
            if moment.actor is None or self._did(understood, partner, moment.actor):
                return moment
        return None

    def _mood(self, understood: Understanding, topic: Situation, moment: Moment | None) -> Mood:
        """How a reply should sound: light to light messages, glad to glad ones."""
        if moment is not None:
            return moment.mood
        if not understood.pained and self._light.found_in(understood.text):
            return "light"
        if "celebrate" in topic.lines or (understood.named and not understood.pained):
            return "good"
        if topic.id != GENERAL or understood.pained or any(f.assumed for f in understood.feelings):
            return "heavy"
        tone, sure = understood.tone
        limits = self._data.thresholds
        return tone if sure >= (limits.tone if tone == "heavy" else limits.tone_bright) else "plain"

    def _fitting(self, understood: Understanding, partner: Partner) -> list[Match]:
        """The topics that a message is about; none if it fits any moment as well."""
        found: list[Match] = []
        for match in understood.topics:
            if match.situation.id == GENERAL:
                break
            celebrates = "celebrate" in match.situation.lines
            least = max(self._data.thresholds.standing, match.situation.least)
            if (
                match.score >= least
                and not (celebrates and understood.pained)
                and self._did(understood, partner, match.situation.actor)
            ):
                found.append(match)
        return found

    def _did(self, understood: Understanding, partner: Partner, wanted: str | None) -> bool:
        """Whether what was done was done by the one wanted; yes if nothing tells."""
        if wanted is None:
            return True
        clauses = self._reader.clauses(understood.text, partner)
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
        pace = self._data.pace
        most = [
            c
            for c in told
            if c.end - c.start >= pace.most_of_it * whole
            or (
                len(c.text.split()) >= pace.whole_words
                and c.end - c.start >= pace.part_of_it * whole
            )
        ]
        if most:
            slots["clause"] = most[0].text
        quote = quote_of(understood.text, self._language)
        if quote and not lines.said(quote) and len(quote) < self._data.pace.most_quoted * whole:
            slots["quote"] = quote
        echo = echo_of(understood.text, self._language)
        if echo and not lines.said(f"{echo}."):
            slots["echo"] = echo
        named = list(dict.fromkeys(f.name for f in understood.named))[
            : self._data.pace.feelings_named
        ]
        if named:
            slots["feeling"] = " and ".join(named)
        return slots


def _reproaches(clause: Clause) -> bool:
    """Whether saying a clause back could sound like a reproach ("you didn't ask how he was"), or
    would put back a feeling that was ruled out ("you're not angry")."""
    alone = clause.actor == "person" and not clause.text.startswith(("the two of you", "you and"))
    return alone and clause.negated and (clause.tense == "past" or clause.verb in ("be", "feel"))


def _spared(understood: Understanding) -> bool:
    """Whether the person says what they do not feel, and nothing else: "not even that sad"."""
    mine = [f for f in understood.feelings if f.owner == "person" and not f.pleasant]
    return bool(mine) and all(f.negated for f in mine)
