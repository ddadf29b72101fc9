"""One turn of a conversation, from the person's message to the last event of the reply.

Nothing that a model writes reaches an event before it was reviewed, and a message that points to
danger is answered with written help alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

from . import sentences
from .building import load_encoder, load_guide, load_prompts
from .content import Content
from .content.exercises import DONE, Exercise
from .errors import Busy
from .export import turn_json
from .gate import through_gate
from .guided import Composed, Guide, Request
from .knowledge import Knowledge
from .languages import LanguageDetector
from .models import ChatModel, load_model
from .multilingual import Escalations
from .prompts import Prompts, Turn
from .reading import MASK
from .records import Records, open_store
from .review import Reviewer
from .risk import RiskEncoder
from .saying import Saying, clean
from .screening import ENCODER, UNSURE, Screener
from .second import second_reading
from .settings import Settings, load_settings
from .shapes import principles_json, reply_details, resources_json, screening_json
from .store import Conversation, Store, StoredTurn, make_private, now
from .types import Event, Finding, Message, Reply, Review, Screening, SearchResult

FOUND = 8
LEAST_BESIDE = 3
"""Words beside the person's own that a reply needs to be reviewed without them."""

_log = logging.getLogger(__name__)


class Assistant:
    """Answers messages. Build it with :meth:`from_settings`; it is safe for many conversations."""

    def __init__(
        self,
        *,
        content: Content,
        knowledge: Knowledge,
        guide: Guide,
        prompts: Prompts,
        screener: Screener,
        reviewer: Reviewer,
        escalation: Escalations,
        model: ChatModel | None = None,
        kept: Store | None = None,
        country: str | None = None,
        second_reading: bool = False,
    ) -> None:
        self.content = content
        self.knowledge = knowledge
        self.prompts = prompts
        self.model = model
        self.country = country
        self._reads_twice = second_reading
        self._guide = guide
        self._screener = screener
        self._reviewer = reviewer
        self._escalation = escalation
        self.records = Records(kept)
        self._titles = {section.id: section.title for section in content.sections}
        self._writing: set[str] = set()

    @classmethod
    def from_settings(
        cls, settings: Settings | None = None, *, store: bool = True, model: ChatModel | None = None
    ) -> Assistant:
        """Load everything the settings name; takes about two seconds.

        With ``store=False`` no database is opened and conversations live in memory only. ``model``
        takes the place of the one that the settings name.
        """
        settings = settings or load_settings()
        content = Content(settings.content, settings.exercises)
        with suppress(OSError):  # what can't be written is told by the part that needs it
            make_private(settings.data)
        encoder = load_encoder(content)
        languages = LanguageDetector(content.languages)
        prompts = load_prompts(content)
        return cls(
            content=content,
            knowledge=Knowledge(
                content.principles, encoder, settings.data / "index", content.retrieval
            ),
            guide=load_guide(content, prompts, languages, encoder, settings),
            prompts=prompts,
            screener=Screener(content.crisis, RiskEncoder(content.crisis.model), languages),
            reviewer=Reviewer(content.review, languages),
            escalation=Escalations(
                content.escalation, content.translations, content.helplines, languages
            ),
            model=model or load_model(settings.model, settings.base_url),
            kept=open_store(settings) if store else None,
            country=settings.country,
            second_reading=settings.second_reading,
        )

    # -- answering -----------------------------------------------------------------------------

    async def respond(
        self,
        conversation_id: str,
        text: str,
        exercise: str | None = None,
        *,
        owner: str = "",
        inputs: Mapping[str, Any] | None = None,
        country: str | None = None,
    ) -> AsyncGenerator[Event]:
        """Answer a message in a conversation, as events; the reply is saved before the last one.

        Raises before the first event: ``InputError`` for a text that can't be used, ``NotFound``,
        ``Busy``, ``StoreError``. If the reader goes away, what was shown so far is saved.
        """
        text = clean(text)
        await asyncio.to_thread(self.records.read, owner, conversation_id)
        if conversation_id in self._writing:
            raise Busy("A reply is still being written in this conversation. Wait for it to end.")
        self._writing.add(conversation_id)
        shown = ""
        known: list[Reply] = []
        try:
            before = await asyncio.to_thread(self.records.read, owner, conversation_id)
            chosen = self.prompts.exercise(exercise or before.exercise)
            same = chosen.name == before.exercise
            values = self.prompts.inputs(chosen, inputs or (before.inputs if same else {}))
            turns = await asyncio.to_thread(
                self.records.append_message, owner, before, text, chosen.name, values
            )
            saying = Saying(text, chosen, [t.message() for t in turns], values, country)
            async with aclosing(self.turn(saying, known)) as steps:
                async for step in steps:
                    if isinstance(step, Reply):
                        shown = ""
                        turn = await asyncio.to_thread(
                            self._save_reply, owner, conversation_id, step
                        )
                        yield Event("done", {"turn": turn_json(turn)})
                        return
                    if step.name == "delta":
                        shown += step.payload["text"]
                    elif step.name == "replace":
                        shown = step.payload["text"]
                    yield step
        except (asyncio.CancelledError, GeneratorExit):
            if part := shown.strip():
                cut = replace(known[-1], text=part, takeaway=None)
                self._save_reply(owner, conversation_id, cut)
            raise
        finally:
            self._writing.discard(conversation_id)

    async def reply(
        self,
        text: str,
        history: Sequence[Message] = (),
        exercise: str | None = None,
        *,
        inputs: Mapping[str, Any] | None = None,
        country: str | None = None,
    ) -> Reply:
        """Answer one message with a whole reply; nothing is stored."""
        chosen = self.prompts.exercise(exercise)
        values = self.prompts.inputs(chosen, inputs or {})
        saying = Saying(clean(text), chosen, history, values, country)
        async with aclosing(self.turn(saying)) as steps:
            async for step in steps:
                if isinstance(step, Reply):
                    return step
        raise AssertionError("a turn ends with a reply")

    async def turn(
        self, saying: Saying, known: list[Reply] | None = None
    ) -> AsyncGenerator[Event | Reply]:
        """One turn: screen, then either escalate or find, draft and review. Ends with the reply.

        ``known`` receives what is known of the reply before its text is shown, for a reader who
        goes away in the middle.
        """
        known = [] if known is None else known
        saying = replace(saying, country=saying.country or self.country)
        screening = await self._screened(saying)
        yield Event("screening", screening_json(screening))
        if screening.level == "crisis":
            reply = await asyncio.to_thread(self._escalate, saying, screening)
            known.append(reply)
            yield Event("resources", resources_json(reply.resources) or {})
            yield Event("delta", {"text": reply.text})
            yield reply
            return
        request = await asyncio.to_thread(self._request, saying, screening)
        written: Reply | None = None
        closed = _closed(saying.exercise, screening)
        known.append(Reply("", "model", screening, exercise=saying.exercise.name))
        if self.model is not None and not closed:
            async with aclosing(self._from_model(saying, request, self.model)) as steps:
                async for step in steps:
                    if isinstance(step, Reply):
                        written = step
                    else:
                        yield step
        if written is None:
            written = await asyncio.to_thread(self._from_guide, saying, request)
            known.append(written)
            for event in _told(written.text, anew=self.model is not None):
                yield event
        if written.principles:
            shown = principles_json(written.principles, self.knowledge.principles, self._titles)
            yield Event("principles", {"principles": shown})
        if screening.level == "concern" and (request.check_in or not screening.carried):
            soft = self._escalation.resources(screening, saying.country, soft=True)
            written = replace(written, resources=soft)
            yield Event("resources", resources_json(soft) or {})
        yield written

    def warm_up(self) -> None:
        """Load everything that a guided turn needs, so that the first one is quick."""
        exercise = self.prompts.exercise(None)
        saying = Saying(exercise.metadata.opening, exercise, (), {}, None)
        self._from_guide(saying, self._request(saying, self.screen(saying.text)))

    def screen(self, text: str, history: Sequence[Message] = ()) -> Screening:
        """Screen a message in its conversation; a screen that fails counts as a concern."""
        try:
            return self._screener.screen(text, history)
        except Exception as error:
            _log.error("the crisis screen failed: %s", type(error).__name__)
            return Screening("concern", "none")

    async def _screened(self, saying: Saying) -> Screening:
        screening = await asyncio.to_thread(self.screen, saying.text, saying.history)
        if self.model is None or not self._reads_twice:
            return screening
        asked = self.content.partials.second_reading
        return await second_reading(self.model, asked, saying.text, saying.history, screening)

    def review(self, text: str, saying: Saying, screening: Screening) -> Review:
        """Review a reply to a message; a review that fails blocks."""
        try:
            return self._reviewer.review(
                text,
                user=saying.text,
                history=saying.history,
                screening=screening,
                exercise=bool(saying.exercise.metadata.steps),
            )
        except Exception as error:
            _log.error("the review failed: %s", type(error).__name__)
            why = "It could not be reviewed."
            return Review("block", (Finding("review.failed", "block", 0, len(text), "", why),))

    def _escalate(self, saying: Saying, screening: Screening) -> Reply:
        """The written reply to a crisis, with the helplines of the person's country."""
        written = self._escalation.reply(screening, saying.text, saying.history, saying.country)
        return Reply(
            written.text,
            "escalated",
            screening,
            resources=written.resources,
            exercise=saying.exercise.name,
            exercise_version=saying.exercise.version,
        )

    def _request(self, saying: Saying, screening: Screening) -> Request:
        """Find the principles for this turn and gather what a reply is composed from."""
        check_in = None
        if screening.level == "concern" and not _only_guessed(screening):
            check_in = self._escalation.check_in(screening, saying.text, saying.history)
        found = self._find(saying, screening)
        return Request(
            saying.text, saying.exercise, saying.history, saying.inputs, found, screening, check_in
        )

    def _find(self, saying: Saying, screening: Screening) -> list[SearchResult]:
        wanted = saying.exercise.metadata.retrieval
        if not wanted.k:
            return []
        risks = {screening.category} - {"none"}
        if screening.abuse_context:
            risks.add("partner_violence")
        try:
            return self.knowledge.search(
                saying.text, FOUND, sections=wanted.sections, kinds=wanted.kinds, not_when=risks
            )
        except Exception as error:
            _log.error("the search for principles failed: %s", type(error).__name__)
            return []

    def _from_guide(self, saying: Saying, request: Request) -> Reply:
        """The guided composer's reply, reviewed as well."""
        composed = self._guide.compose(request)
        review = self.review(_without(composed), saying, request.screening)
        if review.verdict == "block":
            _log.error("a guided line was refused: %s", [f.check for f in review.findings])
            composed = self._guide.plain(request)
            review = self.review(composed.text, saying, request.screening)
        return Reply(
            composed.text,
            "guided",
            request.screening,
            composed.principles,
            review.findings,
            exercise=saying.exercise.name,
            exercise_version=saying.exercise.version,
            step=composed.step,
            takeaway=composed.takeaway,
        )

    async def _from_model(
        self, saying: Saying, request: Request, model: ChatModel
    ) -> AsyncGenerator[Event | Reply]:
        """The model's reply through the gate; ends without a reply if it can't be shown."""
        exercise = saying.exercise
        understood = await asyncio.to_thread(self._guide.understand, request)
        principles = [
            self.knowledge.principles[r.id] for r in request.found[: exercise.metadata.retrieval.k]
        ]
        asked = understood.next_step
        told = (understood.answers, asked, understood.hints, request.screening)
        turn = Turn(principles, saying.inputs, *told)

        def render(findings: Sequence[Finding], draft: str) -> list[Any]:
            return self.prompts.render(exercise, turn, saying.history, saying.text, findings, draft)

        def judge(text: str) -> Review:
            return self.review(text, saying, request.screening)

        async with aclosing(through_gate(model, render, judge)) as steps:
            async for step in steps:
                if isinstance(step, Event):
                    yield step
                    continue
                text = step.text
                if request.check_in:
                    yield Event("delta", {"text": f"\n\n{request.check_in}"})
                    text = f"{text}\n\n{request.check_in}"
                yield Reply(
                    text,
                    step.outcome,
                    request.screening,
                    tuple(p.id for p in principles),
                    step.findings,
                    exercise=exercise.name,
                    exercise_version=exercise.version,
                    step=asked.id if asked else (DONE if exercise.metadata.steps else None),
                    model=model.name,
                )

    def begin(
        self,
        owner: str,
        exercise: str | None = None,
        *,
        keep: bool = True,
        inputs: Mapping[str, Any] | None = None,
    ) -> Conversation:
        """Begin a conversation for a browser's cookie; not kept, it lives in memory only."""
        chosen = self.prompts.exercise(exercise)
        values = self.prompts.inputs(chosen, inputs) if inputs else {}
        return self.records.begin(owner, chosen.name, values, keep=keep)

    def _save_reply(self, owner: str, conversation_id: str, reply: Reply) -> StoredTurn:
        known = self.prompts.exercises.get(reply.exercise)
        details = reply_details(reply, known, self.knowledge.principles, self._titles)
        turn = StoredTurn(
            "assistant", reply.text, now(), reply.exercise, reply.step, reply.outcome, details
        )
        self.records.append(owner, conversation_id, turn)
        return turn


def _only_guessed(screening: Screening) -> bool:
    """Whether nothing but the encoder sees a risk, unsurely or not to the person's own life.

    Help is then shown quietly, and nobody is asked about a fear that no word of theirs names.
    """
    fresh = [e.rule for e in screening.evidence if not e.turn]
    spoken = screening.category in ("suicide", "self_harm")
    guessed = bool(fresh) and all(rule.startswith(ENCODER) for rule in fresh)
    return guessed and (not spoken or all(rule.endswith(UNSURE) for rule in fresh))


def _closed(exercise: Exercise, screening: Screening) -> bool:
    """Whether an exercise must not go on here: then no model is asked, the guided reply says so."""
    risks = {screening.category} | ({"partner_violence"} if screening.abuse_context else set())
    return not risks.isdisjoint(exercise.metadata.not_when)


def _told(text: str, *, anew: bool) -> list[Event]:
    """The events that show a written reply: by sentences, or at once in place of a draft."""
    if anew:
        return [Event("replace", {"text": text})]
    starts = [start for start, _ in sentences.spans(text)]
    ends = [*starts[1:], len(text)]
    return [Event("delta", {"text": text[a:b]}) for a, b in zip(starts, ends, strict=True)]


def _without(composed: Composed) -> str:
    """A composed reply with one mark in the place of the person's own clause.

    Their report of what somebody said ("… that I was making a fuss") is no claim of the reply's.
    A reply that is nothing but their words is reviewed as it is.
    """
    own = composed.own_words
    at = composed.text.lower().find(own.lower()) if own else -1
    if at < 0:
        return composed.text
    before, after = composed.text[:at], composed.text[at + len(own) :]
    if len(before.split()) + len(after.split()) < LEAST_BESIDE:
        return composed.text
    return before + MASK + after
