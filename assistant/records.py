"""A browser's conversations: those that are kept, and those that live in memory only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .errors import NotFound
from .settings import Settings
from .store import Conversation, Store, StoredTurn, now, owner_of


class Records:
    """Finds a conversation wherever it lives. ``owner`` is a browser's secret cookie."""

    def __init__(self, kept: Store | None) -> None:
        self._memory = Store("sqlite://")
        self._kept = kept or self._memory
        self._stores = [self._memory] if kept is None else [kept, self._memory]

    def begin(
        self, owner: str, exercise: str, inputs: Mapping[str, Any], *, keep: bool
    ) -> Conversation:
        """Begin a conversation; one that is not kept is gone when the server stops."""
        store = self._kept if keep else self._memory
        return store.create(owner_of(owner), exercise, dict(inputs))

    def read(self, owner: str, conversation_id: str) -> Conversation:
        """Return a conversation of this owner whole; raises ``NotFound``."""
        return self._of(owner, conversation_id).read(owner_of(owner), conversation_id)

    def list(self, owner: str, *, whole: bool = False) -> Sequence[Conversation]:
        """The kept conversations of this owner, newest first."""
        kept = self._kept.conversations(owner_of(owner), whole=whole)
        return [c for c in kept if c.keep or self._kept is self._memory]

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete one conversation for good; raises ``NotFound``."""
        self._of(owner, conversation_id).delete(owner_of(owner), conversation_id)

    def erase(self, owner: str) -> int:
        """Delete everything of this owner for good; returns how many conversations."""
        return sum(store.erase(owner_of(owner)) for store in self._stores)

    def append(self, owner: str, conversation_id: str, turn: StoredTurn) -> None:
        """Add a turn to a conversation of this owner."""
        store = self._of(owner, conversation_id)
        store.append(owner_of(owner), conversation_id, turn)
        if turn.outcome == "escalated":
            store.count_escalation(turn.details["screening"]["category"])

    def append_message(
        self,
        owner: str,
        before: Conversation,
        text: str,
        exercise: str,
        inputs: Mapping[str, Any],
    ) -> Sequence[StoredTurn]:
        """Add the person's message; returns the turns before it.

        A message that was left unanswered and is sent again is not added twice.
        """
        turns = before.turns
        if inputs != before.inputs:
            self._of(owner, before.id).set_inputs(owner_of(owner), before.id, dict(inputs))
        if turns and turns[-1].role == "user" and turns[-1].text == text:
            return turns[:-1]
        self.append(owner, before.id, StoredTurn("user", text, now(), exercise))
        return turns

    def _of(self, owner: str, conversation_id: str) -> Store:
        for store in self._stores:
            if store.holds(owner_of(owner), conversation_id):
                return store
        raise NotFound("There is no such conversation here.")


def open_store(settings: Settings) -> Store:
    """Open the store that the settings name."""
    if settings.database_url:
        return Store(settings.database_url)
    return Store.in_folder(settings.data)
