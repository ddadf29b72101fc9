"""Settings, read from the environment (``SOFTSPOKEN_*``) or a ``.env`` file."""

from __future__ import annotations

import importlib.resources
from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, StringConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from .errors import SettingsError

CountryCode = Annotated[str, StringConstraints(to_upper=True, pattern=r"^[A-Za-z]{2}$")]


def _default_content() -> Path:
    """Where the shipped data files are: inside the wheel, or beside the package in a checkout."""
    package = Path(str(importlib.resources.files("assistant")))
    shipped = package / "_data"
    return shipped if shipped.is_dir() else package.parent


class Settings(BaseSettings):
    """What can be set from outside.

    ``model``: ``provider:name`` of a chat model; unset means guided mode. ``base_url``: an
    OpenAI-compatible server for it. ``second_reading``: whether the model also reads each message
    for danger, which can only raise what the screen found. ``data``: folder of the index and the
    conversations. ``exercises``: a person's own exercises. ``content``: folder with ``knowledge/``,
    ``prompts/`` and ``web/``. ``database_url``: an SQLAlchemy URL; unset means SQLite in ``data``.
    ``country``: two letters, for the helplines.
    """

    model_config = SettingsConfigDict(
        env_prefix="SOFTSPOKEN_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    model: str | None = None
    base_url: str | None = None
    second_reading: bool = False
    data: Path = Field(default_factory=lambda: platformdirs.user_data_path("softspoken"))
    exercises: Path = Field(
        default_factory=lambda: platformdirs.user_config_path("softspoken") / "exercises"
    )
    content: Path = Field(default_factory=_default_content)
    database_url: str | None = None
    country: CountryCode | None = None

    @field_validator("model")
    @classmethod
    def _provider_and_name(cls, value: str | None) -> str | None:
        if value is not None and (":" not in value or value.startswith(":") or value.endswith(":")):
            raise ValueError("must be provider:name, for example openai:gpt-5-mini")
        return value

    @field_validator("data", "exercises", "content")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser()


def load_settings() -> Settings:
    """Read the settings; one that can't be used raises ``SettingsError`` with its name."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "SOFTSPOKEN_" + str(first["loc"][0]).upper()
        raise SettingsError(f"{name} can't be used: {first['msg']}.") from error
