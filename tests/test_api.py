"""The HTTP contract: shapes, statuses, privacy between browsers, headers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.api import create_app
from assistant.conversation import Assistant

HURT = "My husband forgot our anniversary and then said I was making a fuss."
CRISIS = "I want to end my life tonight."


@pytest.fixture
def app(assistant: Assistant) -> Any:
    return create_app(assistant)


@pytest.fixture
def client(app: Any) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def begin(client: TestClient, **body: Any) -> str:
    response = client.post("/api/conversations", json=body)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def send(client: TestClient, conversation: str, text: str, **more: Any) -> list[tuple[str, Any]]:
    response = client.post(
        f"/api/conversations/{conversation}/messages", json={"text": text, **more}
    )
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    events = []
    for block in response.text.strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines())
        events.append((fields["event"], json.loads(fields["data"])))
    return events


def assert_error(response: Any, status: int, code: str) -> None:
    assert response.status_code == status
    error = response.json()["error"]
    assert error["code"] == code
    assert error["message"].endswith((".", "?"))
    assert "Traceback" not in response.text


def test_turn_over_http(client: TestClient) -> None:
    conversation = begin(client)
    events = send(client, conversation, HURT)
    assert events[0][0] == "screening"
    assert events[-1][0] == "done"
    text = "".join(data["text"] for name, data in events if name == "delta")
    assert "your husband forgot your anniversary" in text.lower()
    read = client.get(f"/api/conversations/{conversation}").json()
    assert [t["role"] for t in read["turns"]] == ["user", "assistant"]
    assert read["turns"][1]["text"] == text.strip()
    assert read["title"].startswith("My husband forgot")
    assert read["opening"]


def test_crisis_over_http_shows_help_first(client: TestClient) -> None:
    events = send(client, begin(client), CRISIS, country="GB")
    assert [name for name, _ in events] == ["screening", "resources", "delta", "done"]
    assert events[0][1]["level"] == "crisis"
    assert events[1][1]["country"] == "United Kingdom"


def test_country_comes_from_the_browsers_language(client: TestClient) -> None:
    client.headers["accept-language"] = "de-AT,de;q=0.9"
    events = send(client, begin(client), CRISIS)
    assert events[1][1]["country"] == "Austria"


def test_country_is_never_assumed(client: TestClient) -> None:
    client.headers["accept-language"] = "en"
    events = send(client, begin(client), CRISIS)
    assert events[1][1]["country"] == ""


def test_another_browser_finds_nothing(app: Any, client: TestClient) -> None:
    conversation = begin(client)
    send(client, conversation, HURT)
    with TestClient(app, base_url="http://127.0.0.1") as other:
        assert other.get("/api/conversations").json() == {"conversations": []}
        path = f"/api/conversations/{conversation}"
        assert_error(other.get(path), 404, "not_found")
        assert_error(other.delete(path), 404, "not_found")
        assert_error(other.get(f"{path}/export"), 404, "not_found")
        assert_error(other.post(f"{path}/messages", json={"text": "hi"}), 404, "not_found")
        assert other.get("/api/export").json() == {"conversations": []}
        assert other.delete("/api/data").status_code == 204
    assert client.get(path).status_code == 200


def test_cookie_is_private_to_the_browser(client: TestClient) -> None:
    header = client.get("/").headers["set-cookie"].lower()
    assert "httponly" in header
    assert "samesite=lax" in header
    assert len(client.cookies["softspoken"]) >= 40


def test_delete_and_erase(client: TestClient) -> None:
    first, second = begin(client), begin(client)
    assert client.delete(f"/api/conversations/{first}").status_code == 204
    assert_error(client.get(f"/api/conversations/{first}"), 404, "not_found")
    assert client.delete("/api/data").status_code == 204
    assert_error(client.get(f"/api/conversations/{second}"), 404, "not_found")


def test_export_as_markdown_and_json(client: TestClient) -> None:
    conversation = begin(client)
    send(client, conversation, HURT)
    path = f"/api/conversations/{conversation}/export"
    markdown = client.get(path, params={"format": "markdown"})
    assert "attachment" in markdown.headers["content-disposition"]
    assert f"> {HURT}" in markdown.text
    whole = client.get("/api/export", params={"format": "json"}).json()
    assert whole["conversations"][0]["turns"][0]["text"] == HURT
    assert_error(client.get(path, params={"format": "pdf"}), 400, "bad_input")


def test_exercise_inputs_and_unknown_exercise(client: TestClient) -> None:
    names = [e["name"] for e in client.get("/api/exercises").json()["exercises"]]
    assert names[0] == "open-reflection"
    assert {"i-statements", "daily-check-in", "repair-attempt"} <= set(names)
    response = client.post("/api/conversations", json={"exercise": "no-such-thing"})
    assert_error(response, 400, "unknown_exercise")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"text": ""}', 400, "bad_input"),
        (b'{"text": "   "}', 400, "bad_input"),
        (b'{"text": 7}', 400, "bad_input"),
        (b'{"text": null}', 400, "bad_input"),
        (b"{}", 400, "bad_input"),
        (b"[]", 400, "bad_input"),
        (b"not json", 400, "bad_input"),
        (b"", 400, "bad_input"),
        (b'{"text": "hi", "exercise": "nope"}', 400, "unknown_exercise"),
        (b'{"text": "hi", "country": "Narnia"}', 400, "bad_input"),
        (b'{"text": "hi", "inputs": {"x": "y"}}', 400, "bad_input"),
        (json.dumps({"text": "a" * 100_000}).encode(), 413, "too_long"),
        (json.dumps({"text": "a" * 2_000_000}).encode(), 413, "too_long"),
    ],
)
def test_bad_message_is_one_sentence_and_changes_nothing(
    client: TestClient, body: bytes, status: int, code: str
) -> None:
    conversation = begin(client)
    path = f"/api/conversations/{conversation}"
    headers = {"content-type": "application/json"}
    assert_error(client.post(f"{path}/messages", content=body, headers=headers), status, code)
    assert client.get(path).json()["turns"] == []
    assert send(client, conversation, "and now a good one")[-1][0] == "done"


def test_large_body_without_a_length_is_refused(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield b"a" * 50_000

    conversation = begin(client)
    response = client.post(
        f"/api/conversations/{conversation}/messages",
        content=chunks(),
        headers={"content-type": "application/json"},
    )
    assert_error(response, 413, "too_long")


def test_unknown_address_is_json(client: TestClient) -> None:
    assert_error(client.get("/api/nothing"), 404, "not_found")
    assert_error(client.put("/api/conversations"), 405, "bad_input")
    assert_error(client.get("/api/conversations/" + "x" * 500), 404, "not_found")


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/help", "/api/about", "/static/app.css", "/nothing"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_foreign_host_and_cross_site_writes_are_refused(client: TestClient) -> None:
    foreign = client.get("/api/about", headers={"host": "evil.example"})
    assert_error(foreign, 421, "bad_host")
    crossing = client.post(
        "/api/conversations", json={}, headers={"origin": "https://evil.example"}
    )
    assert_error(crossing, 403, "cross_site")


def test_help_page_needs_no_script(client: TestClient) -> None:
    page = client.get("/help", params={"country": "GB"}).text
    assert "999" in page
    assert "tel:116123" in page.replace(" ", "")
    assert 'method="get"' in page
    fallback = client.get("/help", headers={"accept-language": "en"}).text
    assert "findahelpline.com" in fallback
    odd = client.get("/help", params={"country": "<script>alert(1)</script>"})
    assert "<script>alert" not in odd.text


def test_about_says_where_messages_go(client: TestClient) -> None:
    about = client.get("/api/about", headers={"accept-language": "fr-FR"}).json()
    assert about["model"] is None
    assert "Nothing you write leaves" in about["where"]
    assert about["country"] == "FR"
    assert len(about["countries"]) >= 25


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").json()["status"] == "ok"


def test_unexpected_failure_is_one_sentence(
    app: Any, monkeypatch: pytest.MonkeyPatch, assistant: Assistant
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret details")

    monkeypatch.setattr(assistant.records, "list", broken)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        response = client.get("/api/conversations")
    assert_error(response, 500, "error")
    assert "secret" not in response.text


def test_failure_midway_is_an_event(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, assistant: Assistant
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret details")

    conversation = begin(client)
    monkeypatch.setattr(assistant, "_from_guide", broken)
    events = send(client, conversation, HURT)
    assert events[-1][0] == "error"
    assert "secret" not in str(events)
    monkeypatch.undo()
    assert send(client, conversation, HURT)[-1][0] == "done"
    roles = [t["role"] for t in client.get(f"/api/conversations/{conversation}").json()["turns"]]
    assert roles == ["user", "assistant"]
