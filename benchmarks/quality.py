"""How well each part does on messages that were written without sight of it.

``python -m benchmarks.quality`` prints the figures of ``docs/measurements.md``: retrieval and
situations on their parts kept aside, clauses and the review on ``evals/aside`` (the crisis screen
has :mod:`benchmarks.screening`). Rates come with a Wilson interval of 95 %.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assistant.conversation import Assistant
from assistant.guided.clauses import turn_clauses

EVALS = Path(__file__).parent.parent / "evals"


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a file of cases."""
    return [json.loads(line) for line in (EVALS / name).read_text().splitlines()]


def rate(hits: int, n: int) -> str:
    """A rate with its Wilson interval, such as ``.90 (90/100, .83 to .94)``."""
    if not n:
        return "no cases"
    z, p = 1.96, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return f"{p:.3f} ({hits}/{n}, {low:.3f} to {high:.3f})"


def retrieval(assistant: Assistant) -> None:
    """hit@1, hit@3 and mean reciprocal rank on both parts; silence on what the guide lacks."""
    for part in ("dev", "aside"):
        chosen = [row for row in rows("cases/retrieval.jsonl") if row["part"] == part]
        ranks, silent, off = [], 0, 0
        for row in chosen:
            if not row["principles"]:
                off += 1
                silent += not assistant.knowledge.search(row["query"], 3)
                continue
            ids = [r.id for r in assistant.knowledge.search(row["query"], 56, floor=0.0)]
            ranks.append(next((i for i, x in enumerate(ids, 1) if x in row["principles"]), 999))
        n = len(ranks)
        print(f"retrieval, {part}: hit@1 {rate(sum(r == 1 for r in ranks), n)}")
        print(f"  hit@3 {rate(sum(r <= 3 for r in ranks), n)}")
        print(f"  mean reciprocal rank {sum(1 / r for r in ranks) / n:.3f}")
        print(f"  nothing offered where nothing fits: {rate(silent, off)}")


def situations(assistant: Assistant) -> None:
    """The share of blind messages whose best situation is one a fair reader accepts."""
    reader = assistant._guide.reader
    for part in ("dev", "aside"):
        chosen = [row for row in rows("aside/situations.jsonl") if row["part"] == part]
        right = 0
        for row in chosen:
            read = reader.read(row["text"])
            best = max((*read.topics, *read.others), key=lambda match: match.score)
            right += best.situation.id in row["situations"]
        print(f"situations, {part}: first is right {rate(right, len(chosen))}")


def clauses(assistant: Assistant) -> None:
    """Turned clauses that read exactly as a careful writer's; silence where none should be said."""
    said = exact = silent = quiet = 0
    for row in rows("aside/clauses.jsonl"):
        found = turn_clauses(row["text"], assistant.content.language)
        if not row["turned"]:
            quiet += 1
            silent += not found
        elif found:
            said += 1
            exact += _plain(found[0].text) in {_plain(text) for text in row["turned"]}
    print(f"clauses: exactly right of those said {rate(exact, said)}")
    print(f"  rightly silent {rate(silent, quiet)}")


def review(assistant: Assistant) -> None:
    """Bad replies that are blocked, good ones that are."""
    counts = {"block": [0, 0], "pass": [0, 0]}
    for row in rows("aside/review.jsonl"):
        verdict = assistant._reviewer.review(row["text"], user=row.get("user", "")).verdict
        counts[row["verdict"]][0] += verdict == "block"
        counts[row["verdict"]][1] += 1
    print(f"review: bad replies blocked {rate(*counts['block'])}")
    print(f"review: good replies blocked {rate(*counts['pass'])}")


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("’", "'").replace(",", "").split())


def main(parts: Iterable[Any] = (retrieval, situations, clauses, review)) -> None:
    """Print every part's figures."""
    assistant = Assistant.from_settings(store=False)
    for part in parts:
        part(assistant)


if __name__ == "__main__":
    main()
