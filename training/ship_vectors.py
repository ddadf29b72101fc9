"""Store the vectors of all examples, so that a new computer need not embed them.

``python -m training.ship_vectors`` writes ``knowledge/encoders/examples.npz``. Nothing breaks
without it, or when examples have changed since: what it lacks is embedded at the first start.
"""

from __future__ import annotations

from pathlib import Path

from assistant.building import load_encoder
from assistant.content import Content
from assistant.encoders import write_shipped
from assistant.knowledge import entries

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Embed every text that is embedded when the assistant starts."""
    content = Content(ROOT)
    texts = [text for moment in content.moments for text in moment.exemplars]
    texts += [text for situation in content.situations for text in situation.exemplars]
    texts += [text for principle in content.principles for text in entries(principle)]
    write_shipped(load_encoder(content), texts, content.example_vectors)
    print(f"wrote {content.example_vectors}: {len(set(texts))} texts")


if __name__ == "__main__":
    main()
