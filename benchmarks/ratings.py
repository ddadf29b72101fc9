"""What share of rated replies passes each item: ``python -m benchmarks.ratings FILE...``.

A file is a rating sheet of ``softspoken simulate --sheet`` that a reader has filled in; without
files, those in ``evals/ratings`` are counted. Rates come with a Wilson interval of 95 %.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from assistant.simulation import tally

from .quality import rate

RATINGS = Path(__file__).parent.parent / "evals" / "ratings"


def main() -> None:
    """Print one line for each judgement that was made at least once."""
    files = [Path(name) for name in sys.argv[1:]] or sorted(RATINGS.glob("*.jsonl"))
    for path in files:
        rows = [json.loads(line) for line in path.read_text().splitlines()]
        print(f"{path.name}: {len(rows)} replies")
        for name, (passed, judged) in tally(rows).items():
            label = f"item {name}" if name.isdigit() else name
            if judged:
                print(f"  {label}: {rate(passed, judged)}")


if __name__ == "__main__":
    main()
