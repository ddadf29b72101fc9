"""Talking with the assistant, for tests."""

from __future__ import annotations

from assistant.conversation import Assistant
from assistant.types import Message, Reply


async def talk(assistant: Assistant, *said: str, exercise: str | None = None) -> list[Reply]:
    """Send messages one after another; returns the replies."""
    history: list[Message] = []
    replies = []
    for text in said:
        reply = await assistant.reply(text, history, exercise, country="GB")
        history.append(Message("user", text, reply.exercise))
        history.append(Message("assistant", reply.text, reply.exercise, reply.step, reply.outcome))
        replies.append(reply)
    return replies
