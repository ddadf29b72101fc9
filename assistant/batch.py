"""JSON lines in, JSON lines out: the shapes that the batch commands read and write."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any

from .content.exercises import Exercise
from .errors import InputError, SoftspokenError
from .types import Finding, Message, Reply, Review, Screening, SearchResult

_log = logging.getLogger(__name__)

Row = dict[str, Any]
MAX_HISTORY = 1000


def rows(lines: Iterable[str], answer: Callable[[Row], Row]) -> Iterator[Row]:
    """Answer each line in order; a line that can't be answered gives ``{"id", "error"}``.

    ``id`` is echoed if present. Blank lines are passed over.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        row: Any = None
        try:
            row = _parse(line, number)
            given = answer(row)
            yield ({"id": row["id"]} if "id" in row else {}) | given
        except SoftspokenError as error:
            yield {"id": row.get("id") if isinstance(row, dict) else None, "error": str(error)}
        except Exception as error:
            _log.error("line %d failed: %s", number, type(error).__name__)
            says = f"Line {number} could not be answered ({type(error).__name__})."
            yield {"id": row.get("id") if isinstance(row, dict) else None, "error": says}


def _parse(line: str, number: int) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"Line {number} is not valid JSON.") from error
    if not isinstance(row, dict):
        raise InputError(f"Line {number} must be a JSON object, with braces.")
    return row


def text(row: Row, key: str = "text", *, blank: bool = False) -> str:
    """The text of a row; raises ``InputError`` if it isn't there."""
    value = row.get(key)
    if not isinstance(value, str):
        raise InputError(f"{key!r} must be a string.")
    if not blank and not value.strip():
        raise InputError(f"{key!r} is empty.")
    return value.encode("utf-8", "replace").decode("utf-8")


def optional_text(row: Row, key: str) -> str | None:
    """A text that a row may have."""
    return None if row.get(key) is None else text(row, key, blank=True)


def history(row: Row) -> list[Message]:
    """The earlier messages of a row: a list of ``{"role", "text"}``."""
    given = row.get("history") or []
    if not isinstance(given, list) or len(given) > MAX_HISTORY:
        raise InputError(f"'history' must be a list of at most {MAX_HISTORY} messages.")
    messages = []
    for item in given:
        if not isinstance(item, dict) or item.get("role") not in ("user", "assistant"):
            raise InputError("each message of 'history' needs 'role': \"user\" or \"assistant\".")
        said = text(item, "text" if "text" in item else "content", blank=True)
        messages.append(Message(item["role"], said))
    return messages


def screening_json(screening: Screening) -> Row:
    """A screening as ``softspoken screen`` writes it."""
    return {
        "level": screening.level,
        "category": screening.category,
        "subject": screening.subject,
        "evidence": [
            {"rule": e.rule, "quote": e.quote, "turn": e.turn} for e in screening.evidence
        ],
    }


def finding_json(finding: Finding) -> Row:
    """A finding as ``softspoken review`` writes it."""
    keys = ("check", "severity", "start", "end", "quote", "why")
    return {key: getattr(finding, key) for key in keys}


def review_json(review: Review) -> Row:
    """A review as ``softspoken review`` writes it."""
    return {"verdict": review.verdict, "findings": [finding_json(f) for f in review.findings]}


def reply_json(reply: Reply) -> Row:
    """A reply as ``softspoken reply`` writes it."""
    screening = screening_json(reply.screening)
    del screening["evidence"]
    return {
        "reply": reply.text,
        "outcome": reply.outcome,
        "screening": screening,
        "principles": list(reply.principles),
        "findings": [finding_json(f) for f in reply.findings],
        "exercise": reply.exercise,
        "step": reply.step,
        "takeaway": reply.takeaway,
        "resources": asdict(reply.resources) if reply.resources else None,
    }


def result_json(result: SearchResult) -> Row:
    """A search result as ``softspoken search`` writes it."""
    keys = ("id", "title", "section", "text", "score")
    return {key: getattr(result, key) for key in keys}


def exercise_json(exercise: Exercise) -> Row:
    """An exercise as ``softspoken exercises`` writes it."""
    return {
        "name": exercise.name,
        "title": exercise.displayName,
        "description": exercise.description,
        "version": exercise.version,
        "minutes": exercise.metadata.minutes,
        "opening": exercise.metadata.opening,
        "starters": list(exercise.metadata.starters),
        "inputs": {name: spec.model_dump() for name, spec in exercise.inputs.items()},
        "steps": [
            {"id": s.id, "title": s.title, "ask": list(s.ask)} for s in exercise.metadata.steps
        ],
    }
