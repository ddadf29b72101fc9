"""Scripted persons: they load, they play, and their replies can be drawn for rating."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.errors import ContentError
from assistant.simulation import (
    Person,
    Played,
    load_persons,
    play,
    rating_sheet,
    tally,
    transcript,
)
from assistant.types import Message, Reply, Screening

PERSONS = Path(__file__).parent.parent / "evals" / "persons"


class Parrot:
    """Answers with what it was told, and remembers how much history it was given."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    async def reply(
        self, text: str, history: Sequence[Message], exercise: str | None = None
    ) -> Reply:
        self.seen.append(len(history))
        return Reply(f"You say: {text}", "guided", Screening(), exercise=exercise or "none")


def person(**changes: object) -> Person:
    values = {
        "id": "someone",
        "who": "Somebody.",
        "temper": "hurt",
        "part": "dev",
        "messages": tuple(f"message {n}" for n in range(8)),
    }
    return Person.model_validate(values | changes)


def test_there_are_forty_persons_of_many_tempers() -> None:
    persons = load_persons(PERSONS)
    assert len(persons) >= 40
    assert len({p.temper for p in persons}) >= 10
    assert {p.part for p in persons} == {"dev", "aside", "fresh", "blind"}
    assert sum(1 for p in persons if p.exercise) >= 5
    for p in persons:
        assert 8 <= len(p.messages) <= 25, p.id


def test_persons_of_one_part_can_be_chosen() -> None:
    assert {p.part for p in load_persons(PERSONS, "aside")} == {"aside"}


def test_person_whose_id_is_not_its_file_is_refused(tmp_path: Path) -> None:
    text = "id: other\nwho: x\ntemper: hurt\npart: dev\nmessages: [a, b, c, d, e, f, g, h]\n"
    (tmp_path / "someone.yaml").write_text(text)
    with pytest.raises(ContentError, match="'id'"):
        load_persons(tmp_path)


async def test_each_message_is_sent_with_all_that_came_before() -> None:
    parrot = Parrot()
    played = await play(person(), parrot)
    assert parrot.seen == list(range(0, 16, 2))
    assert [text for text, _ in played.turns] == list(person().messages)


async def test_transcript_shows_both_sides_unedited() -> None:
    played = await play(person(messages=("two\nlines", *"bcdefgh")), Parrot())
    text = transcript(played)
    assert "> two\n> lines\n\nYou say: two\nlines\n" in text
    assert "temper: hurt, part: dev" in text


async def test_sheet_draws_different_replies_and_the_same_ones_for_a_seed() -> None:
    played = [await play(person(id=name), Parrot()) for name in ("ann", "bob")]
    sheet = rating_sheet(played, 10, seed=3)
    assert len({row["id"] for row in sheet}) == 10
    assert sheet == rating_sheet(played, 10, seed=3)
    assert sheet != rating_sheet(played, 10, seed=4)
    assert set(sheet[0]["items"]) == {str(n) for n in range(1, 19)}
    assert len(rating_sheet(played, 100, seed=3)) == 16


async def test_tally_counts_only_what_was_judged() -> None:
    played: list[Played] = [await play(person(), Parrot())]
    first, second = rating_sheet(played, 2, seed=1)
    first["items"] |= {"1": True, "5": True}
    second["items"] |= {"1": False}
    first["keep_talking"] = True
    counts = tally([first, second])
    assert counts["1"] == (1, 2)
    assert counts["5"] == (1, 1)
    assert counts["6"] == (0, 0)
    assert counts["keep_talking"] == (1, 1)
    assert counts["all"] == (1, 2)
