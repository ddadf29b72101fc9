"""Writing conversations out, for the person they belong to: Markdown to read, JSON to keep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from .store import Conversation, StoredTurn

ExportFormat = Literal["json", "markdown"]


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """A conversation with its turns, as plain values."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "exercise": conversation.exercise,
        "keep": conversation.keep,
        "created": conversation.created,
        "updated": conversation.updated,
        "turns": [turn_json(turn) for turn in conversation.turns],
    }


def turn_json(turn: StoredTurn) -> dict[str, Any]:
    """A turn as the API shows it; what came of the assistant says how it came to be."""
    shape: dict[str, Any] = {
        "role": turn.role,
        "text": turn.text,
        "at": turn.at,
        "exercise": turn.exercise,
    }
    if turn.role == "assistant":
        kept = ("screening", "principles", "resources", "step", "takeaway")
        shape |= {"outcome": turn.outcome} | {key: turn.details.get(key) for key in kept}
    return shape


def export(conversations: Sequence[Conversation], form: ExportFormat) -> str:
    """Write conversations out whole."""
    if form == "json":
        whole = {"conversations": [conversation_json(c) for c in conversations]}
        return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
    return "\n\n---\n\n".join(_markdown(c) for c in conversations) + "\n"


def _markdown(conversation: Conversation) -> str:
    title = " ".join(conversation.title.split()) or "A conversation"
    lines = [f"# {title}", "", f"{conversation.created[:10]}, exercise: {conversation.exercise}"]
    for turn in conversation.turns:
        who = "You" if turn.role == "user" else "Softspoken"
        lines += ["", f"**{who}** ({turn.at[:16].replace('T', ' ')} UTC)", ""]
        lines += [f"> {line}".rstrip() for line in turn.text.splitlines()]
        if takeaway := turn.details.get("takeaway"):
            lines += [
                "",
                "To take away:",
                "",
                *[f"> {line}".rstrip() for line in takeaway.splitlines()],
            ]
        if resources := turn.details.get("resources"):
            lines += ["", f"Help: emergency {resources['emergency']}"]
            for line in resources["lines"]:
                ways = [line[key] for key in ("call", "text", "chat") if line[key]]
                lines.append(f"- {line['name']}: {', '.join(ways)} ({line['hours']})")
    return "\n".join(lines)
