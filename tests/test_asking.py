"""Direct questions: told apart, and met with a line of their kind."""

from __future__ import annotations

import pytest
from talking import talk

from assistant.content import Content
from assistant.conversation import Assistant
from assistant.guided.asking import Asking


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("you know what i mean?", "check"),
        ("Are you even listening", "there"),
        ("do you remember what I said about my mum?", "remember"),
        ("what did he mean by that", "means"),
        ("Why does she always do that when we're tired?", "why"),
        ("How come I'm the one who says sorry?", "why"),
        ("should i just call her", "decide"),
        ("its her birthday soon so do i wait or is that worse", "decide"),
        ("what if he laughs", "whatif"),
        ("how tho", "how"),
        ("I want to stop. But how do I stop checking?", "how"),
        ("is that normal", "judge"),
        ("am I overreacting?", "feelings"),
        ("is it weird to be this sad about a cat", "feelings"),
        ("He said, what now? So I left the room and drove home.", None),
        ("does it ever stop hurting?", "will"),
        ("will she come back", "will"),
        ("what do you think", "opinion"),
        ("which one would you take", "opinion"),
        ("have u ever been to the sea lol", "you"),
        ("how many couples split up after a baby?", "fact"),
        ("She asked me what I wanted.", None),
        ("What hurts is that he forgot", None),
        ('He said "should I go?" and left', None),
        ("I don't know how he does it.", None),
        ("We talked.", None),
        ("can you help me write it?", None),
    ],
)
def test_kind_of_question(content: Content, text: str, kind: str | None) -> None:
    found = Asking(content.questions).kind(text)
    assert (found.id if found else None) == kind


@pytest.mark.parametrize("text", ["what if she says i make a fuss about it", "how tho"])
async def test_question_is_met_with_a_line_of_its_kind(
    assistant: Assistant, content: Content, text: str
) -> None:
    kind = Asking(content.questions).kind(text)
    assert kind is not None
    [reply] = await talk(assistant, text)
    assert any(line in reply.text for line in kind.lines), reply.text


async def test_same_question_gets_another_answer_each_time(assistant: Assistant) -> None:
    replies = await talk(assistant, *["should i call her or not?"] * 6)
    assert len({reply.text for reply in replies}) == 6
