"""The principle index: finds the principles of the guide that fit a question or a message.

The only module that imports chromadb. Every principle stands in an embedded Chroma collection with
many entries (its title, its text, its idea, the ways people ask about it). A query is looked up
there, and the principles that come near are ordered by a classifier learned from the same entries
and by keywords (BM25). Entries are written anew when a principle's file changes and never
otherwise; a missing, stale or damaged index heals itself.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import numpy as np

from .classifier import TextClassifier
from .content.principles import Principle, Retrieval
from .encoders import Encoder, Vectors
from .errors import SearchIndexError
from .types import SearchResult

if TYPE_CHECKING:
    import chromadb

FORMAT = 1
COLLECTION = "principles"
LOCK_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Index:
    """An open index: the collection, and what was learned from its entries."""

    collection: chromadb.Collection
    classifier: TextClassifier
    keywords: Any
    order: tuple[str, ...]


class Knowledge:
    """Searches the principles. ``folder`` holds the index and may be deleted at any time."""

    def __init__(
        self,
        principles: Sequence[Principle],
        encoder: Encoder,
        folder: Path,
        settings: Retrieval,
    ) -> None:
        self.principles = {p.id: p for p in principles}
        self._encoder = encoder
        self._folder = folder
        self._settings = settings
        self._lock = threading.Lock()
        self._index: _Index | None = None

    def open(self) -> int:
        """Open the index and bring it up to date; returns how many principles were indexed anew.

        Raises ``SearchIndexError`` if the folder can't be written.
        """
        with self._lock:
            return self._open()

    def search(
        self,
        query: str,
        k: int = 5,
        *,
        sections: Collection[str] = (),
        kinds: Collection[str] = (),
        not_when: Collection[str] = (),
        floor: float | None = None,
    ) -> list[SearchResult]:
        """Return up to ``k`` principles for ``query``, best first, none under the relevance floor.

        ``sections`` and ``kinds`` keep only those; a principle that is marked unsafe in one of the
        risk contexts ``not_when`` is never returned. ``floor`` overrides the floor of
        ``knowledge/retrieval.yaml``.
        """
        if not query.strip() or k < 1:
            return []
        least = self._settings.floor if floor is None else floor
        found: list[SearchResult] = []
        for principle_id, score in self._scores(query):
            principle = self.principles[principle_id]
            if score < least or len(found) == k:
                break
            fits = (not sections or principle.section in sections) and (
                not kinds or principle.kind in kinds
            )
            if fits and not set(not_when) & set(principle.not_when):
                found.append(
                    SearchResult(
                        principle.id, principle.title, principle.section, principle.body, score
                    )
                )
        return found

    def _scores(self, query: str) -> list[tuple[str, float]]:
        """The principles that come near the query with their relevance (0 to 1), best first."""
        vector = self._encoder.embed_one(query)
        with self._lock:
            if self._index is None:
                self._open()
            near = self._near(vector)
            assert self._index is not None
            index = self._index
        learned = index.classifier.scores([query], vector)[0]
        keyword = self._keyword_scores(index, query)
        scores = {
            principle_id: float(np.clip(learned[i] + keyword[i], 0.0, 1.0))
            for i, principle_id in enumerate(index.order)
            if principle_id in near
        }
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))

    def _near(self, vector: Vectors) -> set[str]:
        """The principles that own the nearest entries; heals the index once."""
        for attempt in (1, 2):
            try:
                if self._index is None:
                    self._open()
                assert self._index is not None
                answer = self._index.collection.query(
                    query_embeddings=vector,
                    n_results=self._settings.candidates,
                    include=["metadatas"],
                )
                rows = (answer["metadatas"] or [[]])[0]
                if not rows:
                    raise SearchIndexError("The index of principles is empty.")
                return {str(row["principle"]) for row in rows}
            except BaseException as error:  # the native library's panics are not Exceptions
                if isinstance(error, KeyboardInterrupt | SystemExit) or attempt == 2:
                    raise
                with self._exclusive():
                    self._clear()
        raise AssertionError("unreachable")

    def _open(self) -> int:
        with self._exclusive():
            try:
                return self._synchronise()
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt | SystemExit):
                    raise
                self._clear()
                try:
                    return self._synchronise()
                except Exception as second:
                    raise SearchIndexError(
                        f"The index of principles can't be built in {self._folder}: {second}. "
                        "Free some space, or set SOFTSPOKEN_DATA to another folder."
                    ) from second

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Only one process at a time builds the index."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not os.access(self._folder, os.W_OK):
                raise PermissionError(13, "it is read-only")
            lock = filelock.FileLock(str(self._folder.with_suffix(".lock")), timeout=LOCK_SECONDS)
            lock.acquire()
        except (OSError, filelock.Timeout) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise SearchIndexError(
                f"The folder {self._folder} can't be written ({reason}). "
                "Set SOFTSPOKEN_DATA to a folder that can."
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _clear(self) -> None:
        """Throw the index away."""
        from chromadb.api.shared_system_client import SharedSystemClient

        self._index = None
        SharedSystemClient.clear_system_cache()
        for path in self._folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _synchronise(self) -> int:
        """Make the collection hold just the entries of today's principles, and learn from it."""
        import chromadb
        from chromadb.config import Settings

        client = chromadb.PersistentClient(
            path=str(self._folder), settings=Settings(anonymized_telemetry=False)
        )
        collection = client.get_or_create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "ef_search": 200}},
        )
        wanted = {
            key: (principle.id, text)
            for principle in self.principles.values()
            for key, text in _keyed_entries(principle, self._encoder.name)
        }
        present = set(collection.get(include=[])["ids"])
        if stale := sorted(present - set(wanted)):
            collection.delete(ids=stale)
        missing = sorted(set(wanted) - present)
        limit = client.get_max_batch_size()
        vectors = self._encoder.embed([wanted[key][1] for key in missing])
        for at in range(0, len(missing), limit):
            some = missing[at : at + limit]
            collection.add(
                ids=some,
                embeddings=vectors[at : at + limit],
                metadatas=[{"principle": wanted[key][0]} for key in some],
            )
        self._index = self._learn(collection, wanted)
        return len({wanted[key][0] for key in missing})

    def _learn(self, collection: chromadb.Collection, wanted: dict[str, tuple[str, str]]) -> _Index:
        """Learn from the vectors that the collection holds."""
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)
        stored = collection.get(include=["embeddings"])
        keys = stored["ids"]
        if len(keys) != len(wanted) or stored["embeddings"] is None:
            raise SearchIndexError("The index of principles does not hold what was written to it.")
        order = tuple(self.principles)
        number = {principle_id: i for i, principle_id in enumerate(order)}
        vectors = np.asarray(stored["embeddings"], dtype=np.float32)
        texts = [wanted[key][1] for key in keys]
        labels = [number[wanted[key][0]] for key in keys]
        cache = self._folder.with_suffix(".npz")
        classifier = TextClassifier(texts, vectors, labels, cache)
        corpus = [" ".join(entries(p)) for p in self.principles.values()]
        keywords = bm25s.BM25()
        keywords.index(bm25s.tokenize(corpus, show_progress=False), show_progress=False)
        return _Index(collection, classifier, keywords, order)

    def _keyword_scores(self, index: _Index, query: str) -> Sequence[float]:
        """BM25 of the query against each principle's words, weighted for the blend."""
        import bm25s

        tokens = bm25s.tokenize([query], show_progress=False, return_ids=False)[0]
        if not tokens:
            return [0.0] * len(index.order)
        weighted = self._settings.keyword_weight * index.keywords.get_scores(tokens)
        scores: list[float] = np.minimum(weighted, self._settings.keyword_most).tolist()
        return scores


def entries(principle: Principle) -> list[str]:
    """The texts under which a principle is found."""
    return [
        principle.title,
        f"{principle.title}. {principle.body}",
        f"{principle.idea} {principle.practice}",
        *principle.questions,
    ]


def _keyed_entries(principle: Principle, encoder_name: str) -> list[tuple[str, str]]:
    """A principle's entries by keys that change when its file or the encoder does."""
    texts = entries(principle)
    stable = json.dumps([FORMAT, encoder_name, texts], ensure_ascii=False)
    digest = hashlib.sha256(stable.encode()).hexdigest()[:16]
    return [(f"{principle.id}#{i}#{digest}", text) for i, text in enumerate(texts)]
