"""Conversations, kept in SQLite or another database, private to the browser that began them.

The only module that imports SQLAlchemy. An owner is the hash of a browser's cookie; every read and
write names its owner, and what belongs to another is simply not found.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.pool import StaticPool

from .errors import NotFound, StoreError
from .types import Message, Outcome, Role

TITLE_CHARS = 48


class _Base(orm.DeclarativeBase):
    type_annotation_map = {dict[str, Any]: sa.JSON}  # noqa: RUF012  (SQLAlchemy's own form)


class _Conversation(_Base):
    __tablename__ = "conversations"

    id: orm.Mapped[str] = orm.mapped_column(sa.String(32), primary_key=True)
    owner: orm.Mapped[str] = orm.mapped_column(sa.String(64), index=True)
    title: orm.Mapped[str] = orm.mapped_column(sa.Text, default="")
    exercise: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    inputs: orm.Mapped[dict[str, Any]]
    created: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    updated: orm.Mapped[str] = orm.mapped_column(sa.String(40), index=True)
    turns: orm.Mapped[list[_Turn]] = orm.relationship(
        order_by="_Turn.id", cascade="all, delete-orphan", passive_deletes=True
    )


class _Turn(_Base):
    __tablename__ = "turns"

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True, autoincrement=True)
    conversation: orm.Mapped[str] = orm.mapped_column(
        sa.ForeignKey("conversations.id", ondelete="CASCADE"), index=True
    )
    role: orm.Mapped[str] = orm.mapped_column(sa.String(10))
    text: orm.Mapped[str] = orm.mapped_column(sa.Text)
    at: orm.Mapped[str] = orm.mapped_column(sa.String(40))
    exercise: orm.Mapped[str] = orm.mapped_column(sa.String(80))
    step: orm.Mapped[str | None] = orm.mapped_column(sa.String(60))
    outcome: orm.Mapped[str | None] = orm.mapped_column(sa.String(12))
    details: orm.Mapped[dict[str, Any]]


class _Count(_Base):
    __tablename__ = "escalations"

    category: orm.Mapped[str] = orm.mapped_column(sa.String(24), primary_key=True)
    count: orm.Mapped[int]


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One message as it was shown. ``details`` holds screening, principles, findings and so on."""

    role: Role
    text: str
    at: str
    exercise: str
    step: str | None = None
    outcome: Outcome | None = None
    details: dict[str, Any] = field(default_factory=dict)

    def message(self) -> Message:
        """The turn as a message of the history."""
        return Message(self.role, self.text, self.exercise, self.step, self.outcome)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation; ``turns`` is empty where only the list was asked for. Times are ISO UTC."""

    id: str
    title: str
    exercise: str
    created: str
    updated: str
    keep: bool = True
    inputs: dict[str, Any] = field(default_factory=dict)
    turns: tuple[StoredTurn, ...] = ()


def owner_of(cookie: str) -> str:
    """The owner's name in the store for a browser's secret cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest()


class Store:
    """Keeps conversations. ``url`` is SQLAlchemy's; ``sqlite://`` keeps them in memory only."""

    def __init__(self, url: str) -> None:
        self.keep = url != "sqlite://"
        # In memory all threads share one connection, so only one at a time may use it.
        self._turnstile: AbstractContextManager[Any] = nullcontext() if self.keep else RLock()
        options: dict[str, Any] = {}
        if not self.keep:
            options = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
        try:
            self._engine = sa.create_engine(url, hide_parameters=True, **options)
        except (sa.exc.ArgumentError, ImportError) as error:
            raise StoreError(f"SOFTSPOKEN_DATABASE_URL can't be used: {error}.") from error
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _sqlite_pragmas)
        with self._mapped_errors():
            _Base.metadata.create_all(self._engine)
        self._session = orm.sessionmaker(self._engine, expire_on_commit=False)

    @classmethod
    def in_folder(cls, folder: Path) -> Store:
        """Open (or make) the SQLite file of a data folder."""
        try:
            make_private(folder)
        except OSError as error:
            raise StoreError(
                f"The folder {folder} can't be made ({error.strerror}). "
                "Set SOFTSPOKEN_DATA to a folder that can be written."
            ) from error
        file = folder / "conversations.sqlite3"
        with suppress(OSError):
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        return cls(f"sqlite:///{file}")

    def create(
        self, owner: str, exercise: str, inputs: dict[str, Any] | None = None
    ) -> Conversation:
        """Begin a conversation and return it."""
        moment = now()
        row = _Conversation(
            id=secrets.token_hex(12),
            owner=owner,
            exercise=exercise,
            inputs=inputs or {},
            title="",
            created=moment,
            updated=moment,
        )
        with self._transaction() as session:
            session.add(row)
            session.flush()
            return self._plain(row, with_turns=False)

    def conversations(self, owner: str | None, *, whole: bool = False) -> list[Conversation]:
        """The conversations of an owner (of everyone for ``None``), newest first."""
        query = sa.select(_Conversation).order_by(
            _Conversation.updated.desc(), _Conversation.id.desc()
        )
        if owner is not None:
            query = query.where(_Conversation.owner == owner)
        with self._transaction() as session:
            return [self._plain(row, with_turns=whole) for row in session.scalars(query)]

    def holds(self, owner: str, conversation_id: str) -> bool:
        """Whether this owner has a conversation with this id here."""
        with self._transaction() as session:
            row = session.get(_Conversation, conversation_id)
            return row is not None and secrets.compare_digest(row.owner, owner)

    def read(self, owner: str, conversation_id: str) -> Conversation:
        """Return one conversation whole; raises ``NotFound``."""
        with self._transaction() as session:
            return self._plain(self._find(session, owner, conversation_id), with_turns=True)

    def append(self, owner: str, conversation_id: str, turn: StoredTurn) -> None:
        """Add a turn; the first message of the person gives the title. Durable on return."""
        with self._transaction() as session:
            row = self._find(session, owner, conversation_id)
            row.updated = turn.at
            row.exercise = turn.exercise
            if not row.title and turn.role == "user":
                row.title = _title(turn.text)
            session.add(
                _Turn(
                    conversation=conversation_id,
                    role=turn.role,
                    text=turn.text,
                    at=turn.at,
                    exercise=turn.exercise,
                    step=turn.step,
                    outcome=turn.outcome,
                    details=turn.details,
                )
            )

    def set_inputs(self, owner: str, conversation_id: str, inputs: dict[str, Any]) -> None:
        """Replace what was given for the exercise's inputs."""
        with self._transaction() as session:
            self._find(session, owner, conversation_id).inputs = inputs

    def delete(self, owner: str, conversation_id: str) -> None:
        """Delete one conversation; its pages are overwritten. Raises ``NotFound``."""
        with self._transaction() as session:
            session.delete(self._find(session, owner, conversation_id))
        self._wipe()

    def erase(self, owner: str | None) -> int:
        """Delete all conversations of an owner for good; of everyone for ``None``, with the counts
        of crises. Returns how many."""
        with self._transaction() as session:
            chosen = sa.select(_Conversation.id)
            if owner is not None:
                chosen = chosen.where(_Conversation.owner == owner)
            ids = list(session.scalars(chosen))
            session.execute(sa.delete(_Turn).where(_Turn.conversation.in_(chosen)))
            session.execute(sa.delete(_Conversation).where(_Conversation.id.in_(ids)))
            if owner is None:
                session.execute(sa.delete(_Count))
        self._wipe()
        return len(ids)

    def count_escalation(self, category: str) -> None:
        """Count one more reply to a crisis of this category; nothing else of it is kept."""
        with self._transaction() as session:
            row = session.get(_Count, category)
            if row is None:
                session.add(_Count(category=category, count=1))
            else:
                row.count = _Count.count + 1

    def escalations(self) -> dict[str, int]:
        """How many replies to a crisis there were, by category."""
        with self._transaction() as session:
            rows = session.scalars(sa.select(_Count).order_by(_Count.category))
            return {row.category: row.count for row in rows}

    def check(self) -> None:
        """Raise ``StoreError`` if nothing can be written."""
        with self._mapped_errors(), self._engine.connect() as connection:
            trial = {"id": "trial", "owner": "", "title": "", "exercise": "", "inputs": {}}
            connection.execute(
                sa.insert(_Conversation).values(**trial, created=now(), updated=now())
            )
            connection.rollback()

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _find(self, session: orm.Session, owner: str, conversation_id: str) -> _Conversation:
        row = session.get(_Conversation, conversation_id)
        if row is None or not secrets.compare_digest(row.owner, owner):
            raise NotFound("There is no such conversation here.")
        return row

    def _plain(self, row: _Conversation, *, with_turns: bool) -> Conversation:
        turns = (
            tuple(
                StoredTurn(t.role, t.text, t.at, t.exercise, t.step, t.outcome, t.details)  # type: ignore[arg-type]
                for t in row.turns
            )
            if with_turns
            else ()
        )
        return Conversation(
            row.id, row.title, row.exercise, row.created, row.updated, self.keep, row.inputs, turns
        )

    def _wipe(self) -> None:
        """Leave no trace of deleted rows in the file or its write-ahead log."""
        if self._engine.dialect.name != "sqlite":
            return
        with self._turnstile, self._mapped_errors(), self._engine.connect() as connection:
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            plain.exec_driver_sql("VACUUM")
            plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _transaction(self) -> Iterator[orm.Session]:
        with self._turnstile, self._mapped_errors(), self._session.begin() as session:
            yield session

    @contextmanager
    def _mapped_errors(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.SQLAlchemyError as error:
            reason = str(getattr(error, "orig", None) or type(error).__name__)
            raise StoreError(
                f"Conversations can't be read or written ({reason}). Check that the data folder "
                "can be written and has room, or set SOFTSPOKEN_DATA to another one."
            ) from error


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can look into; one that is there is left as it is."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def now() -> str:
    """The present moment as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _title(text: str) -> str:
    words = " ".join(text.split())
    if len(words) <= TITLE_CHARS:
        return words
    return words[:TITLE_CHARS].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def _sqlite_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "busy_timeout=5000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
