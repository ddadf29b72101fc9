"""Speed and memory of a real server in guided mode, over HTTP: ``python -m benchmarks.turns``.

Prints the time of ``import assistant``, of a first and of a warm start until the server is healthy,
the time of a whole guided turn (message sent to last event read), and the server's resident memory.
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent
MESSAGES = [
    "My husband forgot our anniversary and then said I was making a fuss about nothing.",
    "I feel invisible when she scrolls through dinner.",
    "We had the same fight about money again and he slept on the sofa.",
    "how do I bring it up without starting another argument?",
    "I said something cruel last night and I can't take it back",
    "idk",
    "What is a repair attempt?",
    "His mother let herself in with her own key on Sunday and rearranged the kitchen.",
]
CONVERSATIONS = 25


def start(data: str, port: int) -> tuple[subprocess.Popen[bytes], float]:
    """Start a server; returns it with the seconds until it answered ``/healthz``."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant.cli", "serve", "--port", str(port)],
        env=os.environ | {"SOFTSPOKEN_DATA": data},
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
    )
    while True:
        try:
            httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=1).raise_for_status()
            return process, time.monotonic() - began
        except httpx.HTTPError:
            if process.poll() is not None:
                raise SystemExit("the server stopped") from None
            time.sleep(0.02)


def resident(pid: int) -> float:
    """Resident memory of a process in MB (Linux)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def turns(port: int) -> list[float]:
    """Seconds of each turn of many conversations."""
    took = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(CONVERSATIONS):
            conversation = client.post("/api/conversations", json={}).json()["id"]
            for text in MESSAGES:
                began = time.monotonic()
                client.post(f"/api/conversations/{conversation}/messages", json={"text": text})
                took.append(time.monotonic() - began)
    return took


def main() -> None:
    """Measure and print."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", ""], check=True)
    bare = time.monotonic() - began
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import assistant"], check=True, cwd=ROOT)
    print(f"import assistant: {max(0.0, time.monotonic() - began - bare):.3f} s")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        process, first = start(data, port)
        process.terminate()
        process.wait()
        process, warm = start(data, port)
        print(f"healthy after: first start {first:.1f} s, warm start {warm:.1f} s")
        took = sorted(turns(port))
        print(
            f"guided turn over HTTP, n={len(took)}: p50 {1000 * statistics.median(took):.1f} ms, "
            f"p95 {1000 * took[int(0.95 * len(took))]:.1f} ms, max {1000 * took[-1]:.1f} ms"
        )
        print(f"resident memory after them: {resident(process.pid):.0f} MB")
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
