"""Turning what the partner did into words said to them: correctly, or not at all."""

from __future__ import annotations

import pytest

from assistant.content import Content
from assistant.guided.addressing import addressed
from assistant.guided.people import Partner


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "he looked at his phone for most of the meal",
            "you looked at your phone for most of the meal",
        ),
        (
            "My husband forgot our anniversary and went out",
            "You forgot our anniversary and went out",
        ),
        ("She's been reading my messages", "You've been reading my messages"),
        ("he's on his phone", "you're on your phone"),
        ("He gives me the list and leaves", "You give me the list and leave"),
        ("Tom said he'd call and didn't", "You said you'd call and didn't"),
        ("she took her bag and left", "you took your bag and left"),
        ("I asked her to stop", "I asked you to stop"),
        ("He doesn't say thanks", "You don't say thanks"),
        ("my wife's phone rang all evening", "your phone rang all evening"),
        ("he was late and wasn't sorry", "you were late and weren't sorry"),
    ],
)
def test_partner_becomes_you(content: Content, text: str, said: str) -> None:
    assert addressed(text, content.language, Partner("Tom", "he")) == said


@pytest.mark.parametrize(
    "text",
    [
        "she told her sister about me",
        "her dad was looking at her different",
        "he said she was late",
        'he said "you are late"',
        "the dishes were in the sink",
    ],
)
def test_what_is_not_certain_stays_as_it_was(content: Content, text: str) -> None:
    assert addressed(text, content.language, Partner("your partner", "they")) == text
