"""Keeping conversations: private, durable, and really gone when they are erased."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.errors import NotFound, StoreError
from assistant.export import export
from assistant.store import Store, StoredTurn, now

SECRET = "a sentence that must not stay behind"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.in_folder(tmp_path / "data")


def say(store: Store, owner: str, conversation: str, text: str = SECRET) -> None:
    store.append(owner, conversation, StoredTurn("user", text, now(), "open-reflection"))


def on_disk(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def test_survives_a_restart(tmp_path: Path) -> None:
    first = Store.in_folder(tmp_path)
    conversation = first.create("me", "open-reflection", {"name": "Sam"})
    say(first, "me", conversation.id)
    first.close()
    again = Store.in_folder(tmp_path).read("me", conversation.id)
    assert [t.text for t in again.turns] == [SECRET]
    assert again.inputs == {"name": "Sam"}
    assert again.title == SECRET


def test_is_durable_and_wipes_what_it_deletes(store: Store, tmp_path: Path) -> None:
    store.check()
    with store._engine.connect() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert pragma == {
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "foreign_keys": 1,
    }


def test_erased_text_is_not_on_disk(store: Store, tmp_path: Path) -> None:
    conversation = store.create("me", "open-reflection")
    say(store, "me", conversation.id)
    assert SECRET.encode() in on_disk(tmp_path)
    assert store.erase("me") == 1
    assert SECRET.encode() not in on_disk(tmp_path)
    with pytest.raises(NotFound):
        store.read("me", conversation.id)


def test_deleted_conversation_is_not_on_disk_and_others_stay(store: Store, tmp_path: Path) -> None:
    gone, stays = store.create("me", "x"), store.create("me", "x")
    say(store, "me", gone.id)
    say(store, "me", stays.id, "this one stays")
    store.delete("me", gone.id)
    assert SECRET.encode() not in on_disk(tmp_path)
    assert [c.id for c in store.conversations("me")] == [stays.id]
    assert [t.text for t in store.read("me", stays.id).turns] == ["this one stays"]


def test_erasing_one_owner_leaves_the_others(store: Store) -> None:
    mine, yours = store.create("me", "x"), store.create("you", "x")
    assert store.erase("me") == 1
    assert not store.holds("me", mine.id)
    assert store.read("you", yours.id).id == yours.id
    assert store.erase(None) == 1


def test_what_belongs_to_another_is_not_found(store: Store) -> None:
    conversation = store.create("me", "x")
    for attempt in (
        lambda: store.read("you", conversation.id),
        lambda: store.delete("you", conversation.id),
        lambda: say(store, "you", conversation.id),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_memory_store_leaves_nothing_on_disk(tmp_path: Path, monkeypatch: object) -> None:
    store = Store("sqlite://")
    conversation = store.create("me", "x")
    say(store, "me", conversation.id)
    assert store.read("me", conversation.id).keep is False
    assert list(tmp_path.rglob("*")) == []


def test_memory_store_bears_many_threads() -> None:
    store = Store("sqlite://")

    def use(number: int) -> int:
        owner = f"owner {number}"
        for _ in range(5):
            conversation = store.create(owner, "x")
            say(store, owner, conversation.id)
            store.read(owner, conversation.id)
        return store.erase(owner)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(use, range(16))) == [5] * 16


def test_conversations_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    Store.in_folder(tmp_path / "data")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data" / "conversations.sqlite3").stat().st_mode & 0o077 == 0


def test_long_titles_are_cut_at_a_word(store: Store) -> None:
    conversation = store.create("me", "x")
    say(store, "me", conversation.id, "word " * 40)
    title = store.read("me", conversation.id).title
    assert len(title) <= 49
    assert title.endswith("word…")


def test_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="SOFTSPOKEN_DATA"):
        Store.in_folder(tmp_path / "file" / "data")


def test_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "conversations.sqlite3").write_bytes(b"not a database " * 100)
    with pytest.raises(StoreError, match="can't be read or written"):
        Store.in_folder(tmp_path)


def test_locked_file_is_one_sentence(store: Store, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "data" / "conversations.sqlite3")
    other.execute("BEGIN EXCLUSIVE")
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=50")
    with pytest.raises(StoreError, match="locked"):
        store.create("me", "x")
    other.close()


def test_bad_database_url_is_one_sentence() -> None:
    with pytest.raises(StoreError, match="SOFTSPOKEN_DATABASE_URL"):
        Store("nonsense")


def test_export_quotes_every_line(store: Store) -> None:
    conversation = store.create("me", "open-reflection")
    say(store, "me", conversation.id, "first\n# second")
    text = export([store.read("me", conversation.id)], "markdown")
    assert "> first\n> # second" in text


def test_crises_are_counted_by_category_without_any_text(store: Store, tmp_path: Path) -> None:
    from assistant.records import Records

    records = Records(store)
    kept = records.begin("cookie", "open-reflection", {}, keep=True)
    passing = records.begin("cookie", "open-reflection", {}, keep=False)
    for conversation, outcome, category in (
        (kept, "escalated", "suicide"),
        (kept, "escalated", "suicide"),
        (kept, "escalated", "medical"),
        (kept, "guided", "self_harm"),
        (passing, "escalated", "psychosis"),
    ):
        details = {"screening": {"category": category}}
        turn = StoredTurn("assistant", SECRET, now(), "x", None, outcome, details)  # type: ignore[arg-type]
        records.append("cookie", conversation.id, turn)
    assert store.escalations() == {"medical": 1, "suicide": 2}
    records.erase("cookie")
    assert store.escalations() == {"medical": 1, "suicide": 2}
    assert SECRET.encode() not in on_disk(tmp_path)
    store.erase(None)
    assert store.escalations() == {}
