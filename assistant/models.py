"""Chat models: the seam between a turn and whatever writes a draft.

The only module that imports langchain and openai, and only when a model is named.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Protocol
from urllib.parse import urlsplit

from .errors import ModelError, SettingsError
from .prompts import ChatMessage

FIRST_TOKEN_SECONDS = 20.0
GAP_SECONDS = 15.0
TOTAL_SECONDS = 60.0
MAX_DRAFT_CHARS = 6000


class ChatModel(Protocol):
    """Anything that can write a draft."""

    @property
    def name(self) -> str:
        """What the model is called, such as ``openai:gpt-5-mini``."""

    @property
    def host(self) -> str:
        """Where messages go: a host name, or an empty string for this computer."""

    def stream(self, messages: Sequence[ChatMessage]) -> AsyncIterator[str]:
        """Yield the draft piece by piece; raises ``ModelError`` if it can't be had."""


class LangChainModel:
    """A chat model of any LangChain provider, named ``provider:name``."""

    def __init__(self, spec: str, base_url: str | None = None) -> None:
        self.name = spec
        options: dict[str, Any] = {
            "temperature": 0.6,
            "max_tokens": 400,
            "timeout": FIRST_TOKEN_SECONDS,
            "max_retries": 0,
        }
        if base_url:
            options["base_url"] = base_url
        try:
            from langchain.chat_models import init_chat_model

            self._chat = init_chat_model(spec, **options)
        except Exception as error:
            provider = spec.partition(":")[0]
            raise SettingsError(
                f"The model {spec!r} can't be used ({type(error).__name__}). Check that its "
                f"package (langchain-{provider}) is installed and its key is set, or unset "
                "SOFTSPOKEN_MODEL."
            ) from error
        self.host = _host(base_url or _address(self._chat)) or spec.partition(":")[0]

    async def stream(self, messages: Sequence[ChatMessage]) -> AsyncIterator[str]:
        """Yield the draft; limits: 20 s to the first piece, 15 s between pieces, 60 s in all."""
        pairs = [(message.role, message.text) for message in messages]
        length = 0
        try:
            deadline = time.monotonic() + TOTAL_SECONDS
            wait = FIRST_TOKEN_SECONDS
            async with aclosing(self._chat.astream(pairs)) as chunks:
                while True:
                    left = min(wait, deadline - time.monotonic())
                    try:
                        chunk = await asyncio.wait_for(anext(chunks), max(0.0, left))
                    except StopAsyncIteration:
                        break
                    piece = chunk.text
                    if not isinstance(piece, str):
                        raise ModelError("The model sent something that is not text.")
                    if not piece:
                        continue
                    wait = GAP_SECONDS
                    length += len(piece)
                    if length > MAX_DRAFT_CHARS:
                        raise ModelError("The model did not stop writing.")
                    yield piece
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"The model could not be reached ({type(error).__name__}).") from error
        if not length:
            raise ModelError("The model answered with nothing.")


def load_model(spec: str | None, base_url: str | None = None) -> ChatModel | None:
    """Return the chat model that the settings name, or ``None`` for guided mode."""
    return LangChainModel(spec, base_url) if spec else None


def _address(chat: object) -> str:
    for name in ("openai_api_base", "base_url", "anthropic_api_url"):
        value = getattr(chat, name, None)
        if isinstance(value, str) and value:
            return value
    return ""


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""
