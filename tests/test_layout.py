"""One home per fact: what people edit is data, and importing the package costs next to nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from assistant import errors
from assistant.api.app import STATUS
from assistant.content import Content
from assistant.errors import ContentError

ROOT = Path(__file__).parent.parent
CODE = sorted((ROOT / "assistant").rglob("*.py"))
PHONE = re.compile(r"(?<![\w.#-])(?:\+\d|\d+[ ()-]+)[\d ()-]{5,}\d(?![\w.-])")
HEAVY = ("chromadb", "onnxruntime", "langchain", "openai", "fastapi", "sqlalchemy", "numpy", "yaml")


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_code_holds_no_phone_number_and_stays_small(path: Path) -> None:
    text = path.read_text()
    assert PHONE.findall(text) == []
    assert len(text.splitlines()) <= 450


def test_code_holds_nothing_a_person_is_told(content: Content) -> None:
    """No line that guided mode or an escalation says stands in a Python file."""
    code = " ".join(" ".join(path.read_text().split()) for path in CODE)
    lines = [
        line for s in content.situations for ls in s.lines.values() for line in ls if len(line) > 30
    ]
    lines += [line for kind in content.questions.kinds for line in kind.lines]
    lines += [p.body for p in content.principles] + [r.body for r in content.escalation]
    assert [line for line in lines if line in code] == []


def test_importing_the_package_loads_nothing_heavy() -> None:
    probe = f"import sys, assistant; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


def test_guided_mode_never_imports_a_model_library(tmp_path: Path) -> None:
    probe = (
        "import asyncio, sys; from assistant import Assistant;"
        "a = Assistant.from_settings(store=False); asyncio.run(a.reply('we had a fight'));"
        "print([m for m in ('langchain', 'langchain_openai', 'openai') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_every_error_of_ours_has_a_status_and_a_code() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.SoftspokenError)
    ]
    assert len(kinds) >= 10
    for kind in kinds:
        assert any(parent in STATUS for parent in kind.__mro__), kind
        assert kind.__name__ in (errors.__doc__ or ""), kind
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)


def test_lock_names_no_host_and_covers_every_dependency() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    pinned = {line.split("==")[0].lower() for line in lock.splitlines() if "==" in line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    for requirement in named:
        name = re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")
        assert name in pinned, name


def test_every_data_file_is_valid_and_every_id_exists(content: Content) -> None:
    content.load_all()


def test_folder_without_data_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="SOFTSPOKEN_CONTENT"):
        Content(tmp_path)


def test_readme_commands_are_in_the_makefile() -> None:
    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()
    used = set(re.findall(r"(?:^|`)make ([a-z-]+)", readme, re.MULTILINE))
    assert {"run", "test", "check"} <= used
    for target in used:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
