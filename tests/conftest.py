"""Fixtures that every test shares: no network beyond this computer, a clean environment."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.content import Content
from assistant.conversation import Assistant
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
LOCAL = {"127.0.0.1", "::1", "localhost", "testserver"}


@pytest.fixture(autouse=True)
def _closed_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No connection leaves this computer, and no setting comes from outside."""
    for name in [n for n in os.environ if n.startswith(("SOFTSPOKEN_", "OPENAI_", "ANTHROPIC_"))]:
        if name != "SOFTSPOKEN_REQUIRE_BROWSER":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SOFTSPOKEN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SOFTSPOKEN_EXERCISES", str(tmp_path / "exercises"))
    monkeypatch.setattr(socket.socket, "connect", _local_only(socket.socket.connect))


def _local_only(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in LOCAL:
            raise AssertionError(f"a test tried to reach {address[0]}")
        return connect(self, address)

    return guarded


@pytest.fixture(scope="session")
def content() -> Content:
    """Every data file, loaded once."""
    return Content(ROOT)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings with a data folder that the whole run shares."""
    data = tmp_path_factory.mktemp("data")
    return Settings(data=data, exercises=data / "exercises", content=ROOT, _env_file=None)


@pytest.fixture(scope="session")
def assistant(settings: Settings) -> Assistant:
    """The assistant in guided mode; conversations in memory."""
    return Assistant.from_settings(settings, store=False)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server in guided mode, in a process of its own."""
    data = tmp_path_factory.mktemp("server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SOFTSPOKEN_")}
    environment |= {"SOFTSPOKEN_DATA": str(data), "SOFTSPOKEN_EXERCISES": str(data / "exercises")}
    command = [sys.executable, "-m", "assistant.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_healthy(process, url)
            yield url
        finally:
            process.terminate()
            process.wait(10)


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the server stopped with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server was not healthy within 60 s")
