"""Softspoken: a supportive reflection assistant, grounded in a guide about emotional safety.

>>> from assistant import Assistant
>>> assistant = Assistant.from_settings(store=False)
>>> reply = await assistant.reply("My sister laughed at my idea and my wife joined in.")

Importing the package opens no file and no socket; the parts are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conversation import Assistant
    from .types import Event, Message, Reply

__all__ = ["Assistant", "Event", "Message", "Reply"]


def __getattr__(name: str) -> object:
    if name == "Assistant":
        from .conversation import Assistant

        return Assistant
    if name in ("Event", "Message", "Reply"):
        from . import types

        return getattr(types, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
