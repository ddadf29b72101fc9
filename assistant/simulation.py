"""Playing scripted persons against the assistant, to read and to rate what it answers.

A person is a YAML file: who they are, their temper, and the messages they send one after another,
each of which makes sense after any sensible reply.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import Field

from .content.base import Data, files, load_yaml
from .content.principles import Slug
from .errors import ContentError
from .types import Message, Reply

ITEMS = 18
"""Items of the rubric for a supportive reply, numbered from 1."""
SHOWN_BEFORE = 4
"""Earlier messages that a rating sheet shows with a reply."""

Part = Literal["dev", "aside", "fresh", "blind"]


class Person(Data):
    """A scripted person. ``part`` keeps those that were tuned on apart from those that were not."""

    id: Slug
    who: str = Field(min_length=1)
    temper: str = Field(min_length=1)
    part: Part
    exercise: str | None = None
    messages: tuple[str, ...] = Field(min_length=8, max_length=25)


class Answers(Protocol):
    """What answers a message; :class:`~assistant.conversation.Assistant` does."""

    async def reply(
        self, text: str, history: Sequence[Message], exercise: str | None = None
    ) -> Reply:
        """Return the reply to a message."""


@dataclass(frozen=True, slots=True)
class Played:
    """One conversation: each message of the person with the reply to it."""

    person: Person
    turns: tuple[tuple[str, Reply], ...]


def load_persons(folder: Path, part: Part | None = None) -> list[Person]:
    """Load the persons of a folder, of one part only if it is given; ids are the files' names."""
    persons = []
    for path in files(folder, "*.yaml"):
        person = load_yaml(path, Person)
        if person.id != path.stem:
            raise ContentError(
                f"{path.name}: key 'id': must be the file's name without '.yaml' "
                f"(value: {person.id!r})."
            )
        if part in (None, person.part):
            persons.append(person)
    return persons


async def play(person: Person, assistant: Answers) -> Played:
    """Send a person's messages one after another and keep the replies."""
    history: list[Message] = []
    turns: list[tuple[str, Reply]] = []
    for text in person.messages:
        reply = await assistant.reply(text, history, person.exercise)
        turns.append((text, reply))
        history.append(Message("user", text, reply.exercise))
        history.append(Message("assistant", reply.text, reply.exercise, reply.step, reply.outcome))
    return Played(person, tuple(turns))


def transcript(played: Played) -> str:
    """A conversation as Markdown: the person's lines quoted, the replies plain."""
    person = played.person
    about = [f"temper: {person.temper}", f"part: {person.part}"]
    if person.exercise:
        about.append(f"exercise: {person.exercise}")
    lines = [f"# {person.id}", "", person.who, "", f"({', '.join(about)})", ""]
    for text, reply in played.turns:
        lines += [*(f"> {line}".rstrip() for line in text.splitlines()), "", reply.text, ""]
        if reply.takeaway:
            lines += ["To take away:", "", "```text", reply.takeaway, "```", ""]
        if reply.outcome == "escalated":
            lines += [f"*(crisis reply: {reply.screening.category})*", ""]
    return "\n".join(lines).rstrip() + "\n"


def rating_sheet(conversations: Sequence[Played], count: int, seed: int) -> list[dict[str, Any]]:
    """Draw replies at random for a reader to rate; one JSON-ready row each.

    ``items`` are the rubric's items 1 to 18, to be filled in with true (passes), false, or left
    null where an item does not apply; then "who did what to whom is right", "the feeling fits",
    "would not embarrass us" and "I'd keep talking".
    """
    places = [(p, i) for p in conversations for i in range(len(p.turns))]
    drawn = random.Random(seed).sample(places, min(count, len(places)))  # noqa: S311
    return [_row(played, number) for played, number in drawn]


def _row(played: Played, number: int) -> dict[str, Any]:
    before = [
        {"role": role, "text": said}
        for text, reply in played.turns[:number]
        for role, said in (("user", text), ("assistant", reply.text))
    ]
    text, reply = played.turns[number]
    row: dict[str, Any] = {
        "id": f"{played.person.id}-{number + 1}",
        "exercise": played.person.exercise,
        "before": before[-SHOWN_BEFORE:],
        "message": text,
        "reply": reply.text,
        "items": {str(item): None for item in range(1, ITEMS + 1)},
    }
    if reply.takeaway:
        row["takeaway"] = reply.takeaway
    return row | dict.fromkeys(("who_did_what", "feeling_fits", "not_embarrassing", "keep_talking"))


def tally(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """Count, for each judgement of rated rows, how many pass and how many were judged.

    ``all`` counts the replies of which no item fails.
    """
    counts: dict[str, tuple[int, int]] = {}
    judged = [row["items"] | {k: row[k] for k in _OVERALL if k in row} for row in rows]
    for name in [*(str(item) for item in range(1, ITEMS + 1)), *_OVERALL]:
        given = [j[name] for j in judged if isinstance(j.get(name), bool)]
        counts[name] = (sum(given), len(given))
    whole = [all(v is not False for v in row["items"].values()) for row in rows]
    counts["all"] = (sum(whole), len(whole))
    return counts


_OVERALL = ("who_did_what", "feeling_fits", "not_embarrassing", "keep_talking")
