"""Moments: the small things people say, how they are told apart, and what may be said to them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from assistant.content import Content
from assistant.content.moments import Moment, load_moments
from assistant.conversation import Assistant
from assistant.errors import ContentError
from assistant.guided.moments import Moments, bare

ONE = """
- id: {id}
  exemplars: [she forgot my birthday, he forgot it, birthday forgotten, no card no cake]
  reply: [That hurts., A day like that is easy to miss and hard to miss being missed on.]
"""


def moment(name: str, *exemplars: str) -> Moment:
    return Moment.model_validate(
        {"id": name, "exemplars": exemplars, "reply": ("One way.", "Another way.")}
    )


def test_there_are_many_moments_with_ways_to_answer(content: Content) -> None:
    assert len(content.moments) >= 600
    assert sum(len(m.reply) for m in content.moments) >= 1500
    for m in content.moments:
        assert len(m.exemplars) >= 5, m.id
        assert len(m.reply) >= 3, m.id
        assert not any("?" in line for line in m.reply) or m.alone, m.id
        assert all(line.endswith("?") for line in m.ask), m.id


def test_no_example_belongs_to_two_moments(content: Content) -> None:
    counts = Counter(text for m in content.moments for text in {bare(t) for t in m.exemplars})
    assert [text for text, n in counts.items() if n > 1 and re.search("[a-z]", text)] == []


def test_replies_are_short(content: Content) -> None:
    for m in content.moments:
        for line in m.reply:
            assert len(line.split()) <= 60, (m.id, line)


def test_same_id_in_two_files_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "guided" / "moments"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(ONE.format(id="same"))
    (folder / "b.yaml").write_text(ONE.format(id="same"))
    with pytest.raises(ContentError, match="two moments"):
        load_moments(tmp_path)


def test_file_without_a_list_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "guided" / "moments"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text("id: alone\n")
    with pytest.raises(ContentError, match="list"):
        load_moments(tmp_path)


def test_nearest_moment_comes_first_and_says_which_view() -> None:
    vectors = np.eye(384, dtype=np.float32)[:8]
    found = Moments([moment("a", *"abcd"), moment("b", *"efgh")], vectors)
    views = np.stack([vectors[5] * 0.6 + vectors[1] * 0.5, vectors[6]])
    first, second = found.find("something else", views)
    assert (first.moment.id, first.view) == ("b", 1)
    assert second.moment.id == "a"
    assert first.score > second.score


def test_example_to_the_letter_is_certain() -> None:
    vectors = np.eye(384, dtype=np.float32)[:8]
    found = Moments([moment("a", *"abcd"), moment("b", "He’s late!", *"efg")], vectors)
    first, *_ = found.find("he's late", np.zeros((1, 384), dtype=np.float32))
    assert (first.moment.id, first.score) == ("b", 1.0)


async def test_a_moment_is_answered_with_its_own_words(
    assistant: Assistant, content: Content
) -> None:
    for m in [m for m in content.moments if not m.alone][::60]:
        reply = await assistant.reply(m.exemplars[0])
        if reply.outcome == "guided" and not reply.principles:
            own = [line.split("{")[0] for line in m.reply]
            assert any(start and start[:25] in reply.text for start in own), (m.id, reply.text)
