"""The routes under ``/api``."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.sse import EventSourceResponse, format_sse_event
from pydantic import BaseModel, ConfigDict, Field

from ..conversation import Assistant
from ..errors import SoftspokenError
from ..export import ExportFormat, conversation_json, export
from ..saying import MAX_CHARS
from ..store import Conversation
from ..types import Event
from .country import country_of
from .security import owner

router = APIRouter(prefix="/api")
_log = logging.getLogger(__name__)


def _assistant(request: Request) -> Assistant:
    assistant: Assistant = request.app.state.assistant
    return assistant


TheAssistant = Annotated[Assistant, Depends(_assistant)]
Owner = Annotated[str, Depends(owner)]
Country = Annotated[str, Field(pattern="^[A-Za-z]{2}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class NewConversation(_Body):
    """What begins a conversation. ``keep`` false: it lives in the server's memory only."""

    model_config = ConfigDict(extra="forbid", strict=True)

    exercise: str | None = Field(default=None, max_length=100)
    keep: bool = True
    inputs: dict[str, str] | None = None


class NewMessage(_Body):
    """A message of the person; its length is checked where it is used, to say so kindly."""

    text: str
    exercise: str | None = Field(default=None, max_length=100)
    inputs: dict[str, str] | None = None
    country: Country | None = None


@router.get("/about")
def about(request: Request, assistant: TheAssistant) -> dict[str, Any]:
    """What the page says about where messages go, and the countries with help lines."""
    model = assistant.model
    local = model is None or model.host in {"", "localhost", "127.0.0.1", "::1"}
    helplines = assistant.content.helplines
    country = country_of(request, assistant.country)
    return {
        "version": version("softspoken"),
        "model": model.name if model else None,
        "where": (
            "Runs on this computer. Nothing you write leaves it."
            if local
            else f"Messages go to {model.host if model else ''}."
        ),
        "country": country if helplines.country(country).code == country else None,
        "countries": [
            {"code": c.code, "name": c.name}
            for c in sorted(helplines.countries, key=lambda c: c.name)
        ],
        "max_chars": MAX_CHARS,
    }


@router.get("/exercises")
def exercises(assistant: TheAssistant) -> dict[str, Any]:
    """The exercises, the default one first."""
    prompts = assistant.prompts
    ordered = sorted(
        prompts.exercises.values(), key=lambda e: (e.name != prompts.default, e.displayName)
    )
    return {
        "exercises": [
            {
                "name": e.name,
                "title": e.displayName,
                "description": e.description,
                "minutes": e.metadata.minutes,
                "opening": e.metadata.opening,
                "starters": list(e.metadata.starters),
                "steps": [{"id": s.id, "title": s.title} for s in e.metadata.steps],
                "inputs": {name: spec.model_dump() for name, spec in e.inputs.items()},
                "default": e.name == prompts.default,
            }
            for e in ordered
        ]
    }


@router.get("/conversations")
def list_conversations(assistant: TheAssistant, owner: Owner) -> dict[str, Any]:
    """This browser's conversations, newest first, without their turns."""
    rows = [conversation_json(c) for c in assistant.records.list(owner)]
    for row in rows:
        del row["turns"]
    return {"conversations": rows}


@router.post("/conversations", status_code=201)
def begin(body: NewConversation, assistant: TheAssistant, owner: Owner) -> dict[str, Any]:
    """Begin a conversation."""
    conversation = assistant.begin(owner, body.exercise, keep=body.keep, inputs=body.inputs)
    return _whole(assistant, conversation)


@router.get("/conversations/{conversation_id}")
def read(conversation_id: str, assistant: TheAssistant, owner: Owner) -> dict[str, Any]:
    """One conversation with its turns."""
    return _whole(assistant, assistant.records.read(owner, conversation_id))


@router.delete("/conversations/{conversation_id}", status_code=204)
def delete(conversation_id: str, assistant: TheAssistant, owner: Owner) -> None:
    """Delete one conversation for good."""
    assistant.records.delete(owner, conversation_id)


@router.get("/conversations/{conversation_id}/export")
def export_one(
    conversation_id: str,
    assistant: TheAssistant,
    owner: Owner,
    form: Annotated[ExportFormat, Query(alias="format")] = "json",
) -> Response:
    """One conversation as a file."""
    return _download([assistant.records.read(owner, conversation_id)], form)


@router.get("/export")
def export_all(
    assistant: TheAssistant,
    owner: Owner,
    form: Annotated[ExportFormat, Query(alias="format")] = "json",
) -> Response:
    """All of this browser's conversations as a file."""
    return _download(assistant.records.list(owner, whole=True), form)


@router.delete("/data", status_code=204)
def erase(assistant: TheAssistant, owner: Owner) -> None:
    """Erase everything of this browser for good."""
    assistant.records.erase(owner)


@router.post("/conversations/{conversation_id}/messages")
async def send(
    conversation_id: str,
    body: NewMessage,
    request: Request,
    assistant: TheAssistant,
    owner: Owner,
) -> EventSourceResponse:
    """Send a message; the reply is a stream of server-sent events.

    What is wrong with the message is known before the stream begins and has a proper status.
    """
    country = country_of(request, assistant.country, body.country)
    events = assistant.respond(
        conversation_id, body.text, body.exercise, owner=owner, inputs=body.inputs, country=country
    )
    first = await anext(events)
    return EventSourceResponse(_stream(first, events))


async def _stream(first: Event, events: AsyncGenerator[Event]) -> AsyncGenerator[bytes]:
    """The events on the wire. An error midway is an event too, in a plain sentence."""
    async with aclosing(events):
        yield _wire(first)
        try:
            async for event in events:
                yield _wire(event)
        except SoftspokenError as error:
            yield _wire(Event("error", {"error": {"code": error.code, "message": str(error)}}))
        except Exception as error:
            _log.error("a turn failed: %s", type(error).__name__)
            message = "Something went wrong on this side. Please try again."
            yield _wire(Event("error", {"error": {"code": "error", "message": message}}))


def _wire(event: Event) -> bytes:
    return format_sse_event(
        event=event.name, data_str=json.dumps(dict(event.payload), ensure_ascii=False)
    )


def _whole(assistant: Assistant, conversation: Conversation) -> dict[str, Any]:
    known = assistant.prompts.exercises.get(conversation.exercise)
    opening = known.metadata.opening if known else ""
    return {**conversation_json(conversation), "opening": opening}


def _download(conversations: Sequence[Conversation], form: ExportFormat) -> Response:
    kind, ending = {"json": ("application/json", "json"), "markdown": ("text/markdown", "md")}[form]
    return Response(
        export(conversations, form),
        media_type=f"{kind}; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="softspoken.{ending}"'},
    )
