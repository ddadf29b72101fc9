"""Reading and validating data files: the base model and the readers every kind of file shares.

A file that can't be read or is not valid raises :class:`~assistant.errors.ContentError` with one
sentence that names the file, the key and the value.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import ContentError

MAX_FILE_BYTES = 1_000_000


class _Loader(yaml.CSafeLoader):
    """Safe YAML in which only ``true`` and ``false`` are truth values, as in YAML 1.2: a word list
    may hold "no", "yes", "on" and "off" without quotes."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), ["t", "f"])


class Data(BaseModel):
    """A piece of a data file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


D = TypeVar("D", bound=BaseModel)


def read_text(path: Path) -> str:
    """Return the text of ``path``; at most ``MAX_FILE_BYTES`` bytes of UTF-8."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ContentError(f"{path.name} can't be read: {error.strerror or error}.") from error
    if len(raw) > MAX_FILE_BYTES:
        raise ContentError(f"{path.name} is larger than {MAX_FILE_BYTES:,} bytes.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContentError(f"{path.name} is not UTF-8 text (byte {error.start}).") from error


def parse_yaml(text: str, name: str) -> Any:
    """Parse one YAML document; tags other than YAML's own and aliases are refused."""
    try:
        for token in yaml.scan(text, Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.AliasToken):
                raise ContentError(f"{name} uses a YAML alias, which is not allowed here.")
        return yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark else ""
        problem = getattr(error, "problem", None) or "it can't be parsed"
        raise ContentError(f"{name} is not valid YAML{where}: {problem}.") from error
    except (RecursionError, ValueError) as error:
        raise ContentError(f"{name} is not valid YAML: {error}.") from error


def split_front_matter(text: str, name: str) -> tuple[Any, str]:
    """Split ``---`` front matter from the body; returns the parsed front matter and the body."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not text.startswith("---\n"):
        raise ContentError(f"{name} must begin with front matter between two lines of '---'.")
    head, separator, body = text[4:].partition("\n---\n")
    if not separator:
        raise ContentError(f"{name} has front matter that is never closed with '---'.")
    return parse_yaml(head, name), body.strip()


def validate(model: type[D], value: Any, name: str) -> D:
    """Validate ``value`` as ``model``; the first problem becomes a ``ContentError``."""
    if not isinstance(value, dict):
        raise ContentError(f"{name} must hold keys and values, not {type(value).__name__}.")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "(whole file)"
        shown = repr(first.get("input"))
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        raise ContentError(f"{name}: key {key!r}: {first['msg']} (value: {shown}).") from error


def load_yaml(path: Path, model: type[D]) -> D:
    """Read, parse and validate one YAML file."""
    return validate(model, parse_yaml(read_text(path), path.name), path.name)


def files(folder: Path, pattern: str) -> list[Path]:
    """Return the files of ``folder`` that match, sorted; an empty or missing folder is an error."""
    found = sorted(p for p in folder.glob(pattern) if p.is_file())
    if not found:
        raise ContentError(f"no file matches {pattern!r} in the folder {folder.name!r}.")
    return found
