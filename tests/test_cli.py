"""The command line's contract: JSON lines, plain errors, exit statuses."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import Settings

ROOT = Path(__file__).parent.parent


@pytest.fixture
def run(settings: Settings) -> Any:
    """Run the command in a process of its own, with the data folder that the tests share."""

    def call(
        *words: str, stdin: bytes = b"", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("SOFTSPOKEN_")}
        clean["SOFTSPOKEN_DATA"] = str(settings.data)
        clean["SOFTSPOKEN_EXERCISES"] = str(settings.exercises)
        done = subprocess.run(
            [sys.executable, "-m", "assistant.cli", *words],
            input=stdin,
            capture_output=True,
            cwd=ROOT,
            env=clean | environment,
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            words, done.returncode, done.stdout.decode(), done.stderr.decode()
        )

    return call


def rows(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def jsonl(*values: Any) -> bytes:
    return b"".join((v if isinstance(v, bytes) else json.dumps(v).encode()) + b"\n" for v in values)


def test_reply_answers_each_line_in_order(run: Any, assistant: Any) -> None:
    assistant.knowledge.open()
    history = [
        {"role": "user", "text": "I want to die"},
        {"role": "assistant", "text": "Are you safe?"},
    ]
    given = run(
        "reply",
        "--jsonl",
        stdin=jsonl(
            {"id": 1, "text": "My wife laughed at my plan."},
            {"text": "lol never mind, how do I apologise?", "history": history},
            {"id": "three", "text": "It was a long day", "exercise": "daily-check-in"},
        ),
    )
    assert given.returncode == 0, given.stderr
    first, second, third = rows(given.stdout)
    assert first["id"] == 1
    assert {"reply", "outcome", "screening", "principles", "findings", "exercise"} <= set(first)
    assert first["outcome"] == "guided"
    assert first["exercise"] == "open-reflection"
    assert first["screening"] == {"level": "none", "category": "none", "subject": "self"}
    assert "id" not in second
    assert second["outcome"] == "escalated"
    assert third["step"] == "high"


def test_bad_lines_give_errors_and_status_1(run: Any) -> None:
    given = run(
        "screen",
        "--jsonl",
        stdin=jsonl(
            {"id": "a", "text": "fine, thanks"},
            b"not json",
            [1, 2],
            {"id": "d", "text": 5},
            {"id": "e"},
            {"id": "f", "text": "x", "history": "no"},
            b'{"id": "g", "text": "caf\xff"}',
            b"",
            {"id": "h", "text": "I took all of the pills"},
        ),
    )
    assert given.returncode == 1
    found = rows(given.stdout)
    assert [r.get("id") for r in found] == ["a", None, None, "d", "e", "f", "g", "h"]
    assert ["error" in r for r in found] == [False, True, True, True, True, True, False, False]
    assert all(r["error"].endswith(".") for r in found if "error" in r)
    assert "Traceback" not in given.stdout + given.stderr
    assert found[-1]["level"] == "crisis"
    assert set(found[-1]) == {"id", "level", "category", "subject", "evidence"}


def test_review_gives_spans_of_the_text(run: Any) -> None:
    text = "You always do this. That must hurt."
    given = run("review", "--jsonl", stdin=jsonl({"id": 9, "text": text, "user": "we fought"}))
    (row,) = rows(given.stdout)
    assert row["verdict"] == "block"
    finding = row["findings"][0]
    assert set(finding) == {"check", "severity", "start", "end", "quote", "why"}
    assert text[finding["start"] : finding["end"]] == finding["quote"]


def test_search_by_argument_and_by_lines(run: Any) -> None:
    one = run("search", "how do I apologise without making excuses", "-k", "2", "--json")
    (found,) = rows(one.stdout)
    assert 1 <= len(found["results"]) <= 2
    assert set(found["results"][0]) == {"id", "title", "section", "text", "score"}
    assert "apology-without-excuses" in {r["id"] for r in found["results"]}
    many = run("search", "--jsonl", stdin=jsonl({"id": "q", "query": "what is emotional safety"}))
    assert rows(many.stdout)[0]["id"] == "q"
    assert "Active listening" in run("search", "active listening").stdout


def test_one_text_needs_no_jsonl(run: Any) -> None:
    assert rows(run("screen", "I want to die").stdout)[0]["level"] == "crisis"
    assert rows(run("review", stdin=b"That sounds lonely.").stdout)[0]["verdict"] == "pass"


def test_exercises_and_conversations(run: Any, settings: Settings) -> None:
    assert "i-statements" in run("exercises", "list").stdout
    assert "1." in run("exercises", "show", "i-statements").stdout
    missing = run("exercises", "show", "nope")
    assert missing.returncode == 2
    assert "There are:" in missing.stderr
    assert run("conversations", "list").returncode == 0
    assert rows(run("conversations", "export").stdout.replace("\n", ""))[0] == {"conversations": []}
    assert "Erased" in run("conversations", "erase", "--yes").stdout


def test_doctor_says_that_a_damaged_screen_is_no_screen(run: Any, tmp_path: Path) -> None:
    for name in ("knowledge", "prompts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "knowledge" / "encoders" / "screening.onnx").write_bytes(b"damaged")
    ill = run("doctor", SOFTSPOKEN_CONTENT=str(tmp_path))
    assert ill.returncode == 1
    [line] = [line for line in ill.stdout.splitlines() if "crisis screen" in line]
    assert line.startswith("fail")
    assert "encoder" in line
    assert "counts as a concern" in line


def test_doctor_counts_crises(run: Any, tmp_path: Path) -> None:
    given = run("doctor", "--counts", SOFTSPOKEN_DATA=str(tmp_path))
    assert (given.returncode, given.stdout) == (0, "no crisis was answered here yet\n")


def test_doctor_says_what_is_well_and_what_is_not(run: Any, tmp_path: Path) -> None:
    well = run("doctor")
    assert well.returncode == 0, well.stdout
    assert "Nothing that is written leaves this computer" in well.stdout
    ill = run("doctor", SOFTSPOKEN_CONTENT=str(tmp_path))
    assert ill.returncode == 1
    assert "fail" in ill.stdout


def test_version_and_help(run: Any) -> None:
    assert run("--version").stdout.startswith("softspoken ")
    text = run("--help").stdout
    for command in ("serve", "chat", "reply", "screen", "review", "search", "doctor"):
        assert command in text
    assert run("nonsense").returncode == 2


def test_chat_reflects_and_ends_at_the_end_of_input(run: Any) -> None:
    given = run("chat", stdin=b"My sister laughed at my idea.\n\n")
    assert given.returncode == 0, given.stderr
    assert "your sister laughed at your idea" in given.stdout.lower()


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"SOFTSPOKEN_MODEL": "gpt"}, "SOFTSPOKEN_MODEL"),
        ({"SOFTSPOKEN_COUNTRY": "Narnia"}, "SOFTSPOKEN_COUNTRY"),
        ({"SOFTSPOKEN_CONTENT": "/nonexistent"}, "SOFTSPOKEN_CONTENT"),
        ({"SOFTSPOKEN_MODEL": "nosuchprovider:x"}, "nosuchprovider"),
    ],
)
def test_bad_setting_is_one_sentence(run: Any, environment: dict[str, str], names: str) -> None:
    given = run("reply", "hello", **environment)
    assert given.returncode == 2
    assert names in given.stderr
    assert "Traceback" not in given.stderr


def test_busy_port_is_one_sentence(run: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        given = run("serve", "--port", str(taken.getsockname()[1]))
    assert given.returncode == 2
    assert "in use" in given.stderr
    assert "--port" in given.stderr


def test_broken_knowledge_file_is_named(run: Any, tmp_path: Path) -> None:
    for name in ("knowledge", "prompts", "web"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "knowledge").unlink()
    import shutil

    shutil.copytree(ROOT / "knowledge", tmp_path / "knowledge")
    broken = tmp_path / "knowledge" / "principles" / "i-statements.md"
    broken.write_text(broken.read_text().replace("kind: skill", "kind: spell"))
    given = run("serve", "--port", "0", SOFTSPOKEN_CONTENT=str(tmp_path))
    assert given.returncode == 2
    assert "i-statements.md" in given.stderr
    assert "'kind'" in given.stderr
    assert "'spell'" in given.stderr


def test_data_folder_that_is_a_file_is_one_sentence(run: Any, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    given = run("serve", "--port", "0", SOFTSPOKEN_DATA=str(tmp_path / "data"))
    assert given.returncode == 2
    assert "SOFTSPOKEN_DATA" in given.stderr
    assert "Traceback" not in given.stderr


def test_simulate_writes_a_transcript_and_a_sheet(run: Any, assistant: Any, tmp_path: Path) -> None:
    assistant.knowledge.open()
    out = tmp_path / "transcripts"
    done = run("simulate", "mara-he-left", "--out", str(out))
    assert done.returncode == 0, done.stderr
    text = (out / "mara-he-left.md").read_text()
    assert text.startswith("# mara-he-left")
    assert "> he left" in text
    sheet = rows(run("simulate", "mara-he-left", "--sheet", "5", "--seed", "1").stdout)
    assert len(sheet) == 5
    assert all(row["reply"] and row["items"]["1"] is None for row in sheet)


def test_simulate_says_plainly_that_nobody_matches(run: Any) -> None:
    done = run("simulate", "nobody-of-that-name")
    assert done.returncode == 2
    assert "No scripted person is called" in done.stderr
