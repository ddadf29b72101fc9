"""Plain values of what a turn is made of, as events carry them and the store keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from .content.exercises import Exercise
from .content.principles import Principle
from .types import Reply, Resources, Screening


def screening_json(screening: Screening) -> dict[str, Any]:
    """The part of a screening that is shown and kept: no evidence, that is the person's text."""
    return {
        "level": screening.level,
        "category": screening.category,
        "subject": screening.subject,
    }


def resources_json(resources: Resources | None) -> dict[str, Any] | None:
    """Lines of help as the page shows them."""
    if resources is None:
        return None
    return {**asdict(resources), "lines": [asdict(line) for line in resources.lines]}


def principles_json(
    ids: Sequence[str], principles: Mapping[str, Principle], titles: Mapping[str, str]
) -> list[dict[str, str]]:
    """Principles with the titles of their sections; an id that is gone is left out."""
    found = [principles[i] for i in ids if i in principles]
    return [{"id": p.id, "title": p.title, "section": titles[p.section]} for p in found]


def step_json(exercise: Exercise | None, step_id: str | None) -> dict[str, Any] | None:
    """The step that a reply asks, with its place in the exercise."""
    step = exercise.step(step_id) if exercise else None
    if exercise is None or step is None:
        return None
    steps = exercise.metadata.steps
    return {
        "id": step.id,
        "index": steps.index(step) + 1,
        "total": len(steps),
        "title": step.title,
    }


def reply_details(
    reply: Reply,
    exercise: Exercise | None,
    principles: Mapping[str, Principle],
    titles: Mapping[str, str],
) -> dict[str, Any]:
    """What is kept of a reply beside its text."""
    return {
        "screening": screening_json(reply.screening),
        "principles": principles_json(reply.principles, principles, titles),
        "findings": [finding.check for finding in reply.findings],
        "resources": resources_json(reply.resources),
        "exercise_version": reply.exercise_version,
        "model": reply.model,
        "takeaway": reply.takeaway,
        "step": step_json(exercise, reply.step),
    }
