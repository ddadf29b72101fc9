"""Chat models through LangChain, against a server here that speaks OpenAI's protocol."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assistant.conversation import Assistant
from assistant.errors import ModelError, SettingsError
from assistant.models import LangChainModel, load_model
from assistant.prompts import ChatMessage
from assistant.settings import Settings

HURT = "My sister laughed at my idea in front of everyone."
KIND = "Being laughed at like that hurts. What did you wish someone had said?"


class Fake(ThreadingHTTPServer):
    """Streams ``draft`` as chat completions, or misbehaves as ``fault`` says."""

    draft = KIND
    fault = ""
    asked: list[dict[str, Any]]


class Handler(BaseHTTPRequestHandler):
    server: Fake

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append(json.loads(body))
        if self.server.fault.isdigit():
            self.send_response(int(self.server.fault))
            self.end_headers()
            self.wfile.write(b'{"error": {"message": "no"}}')
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if self.server.fault == "garbage":
            self.wfile.write(b"data: {not json\n\n")
            return
        pieces = [] if self.server.fault == "empty" else self.server.draft.split(" ")
        for number, piece in enumerate(pieces):
            if self.server.fault == "cut" and number == 4:
                return
            delta = {"content": (" " if number else "") + piece}
            chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
            chunk["choices"] = [{"index": 0, "delta": delta, "finish_reason": None}]
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def fake() -> Iterator[Fake]:
    server = Fake(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def model(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> LangChainModel:
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-real-key")
    return LangChainModel("openai:test", f"http://127.0.0.1:{fake.server_port}/v1")


async def test_draft_is_streamed(model: LangChainModel, fake: Fake) -> None:
    pieces = [piece async for piece in model.stream([ChatMessage("user", "hello")])]
    assert "".join(pieces) == KIND
    assert len(pieces) > 3
    assert model.host == "127.0.0.1"
    assert fake.asked[0]["messages"][-1]["content"] == "hello"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fault", ["429", "500", "400", "empty", "garbage"])
async def test_fault_is_a_model_error_without_a_retry(
    model: LangChainModel, fake: Fake, fault: str
) -> None:
    fake.fault = fault
    with pytest.raises(ModelError):
        _ = [piece async for piece in model.stream([ChatMessage("user", "hello")])]
    assert len(fake.asked) == 1


async def test_endless_draft_is_stopped(model: LangChainModel, fake: Fake) -> None:
    fake.draft = "and again " * 2000
    with pytest.raises(ModelError, match="stop"):
        _ = [piece async for piece in model.stream([ChatMessage("user", "hello")])]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("fault", ["", "500", "cut", "garbage"])
async def test_whole_turn_with_a_model_always_ends_with_a_good_reply(
    settings: Settings, model: LangChainModel, fake: Fake, fault: str
) -> None:
    fake.fault = fault
    assistant = Assistant.from_settings(settings, store=False, model=model)
    reply = await assistant.reply(HURT)
    assert reply.text.strip()
    if fault in ("500", "garbage"):
        assert reply.outcome == "guided"
    if not fault:
        assert (reply.outcome, reply.text, reply.model) == ("model", KIND, "openai:test")
        assert "Softspoken" in fake.asked[0]["messages"][0]["content"]


def test_no_model_is_guided_mode() -> None:
    assert load_model(None) is None


def test_model_that_cannot_be_had_is_one_sentence() -> None:
    with pytest.raises(SettingsError, match="SOFTSPOKEN_MODEL"):
        load_model("nosuchprovider:thing")
