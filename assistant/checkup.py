"""What ``softspoken doctor`` looks at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from .building import load_encoder, load_prompts
from .content import Content
from .errors import ScreenError, SoftspokenError
from .knowledge import Knowledge
from .models import load_model
from .records import open_store
from .risk import RiskEncoder
from .screening import FAILED, Screener
from .settings import Settings

DANGER = "I want to kill myself tonight"
"""What the crisis screen is tried with."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what was found."""

    name: str
    status: Literal["ok", "note", "fail"]
    says: str


def checks(settings: Settings) -> Iterator[Check]:
    """Look at each part in turn; a part that fails doesn't stop the others."""
    content: Content | None = None

    def load() -> str:
        nonlocal content
        content = Content(settings.content, settings.exercises)
        content.load_all()
        exercises = len(load_prompts(content).exercises)
        return (
            f"{len(content.principles)} principles, {exercises} exercises, "
            f"{len(content.situations)} situations, {len(content.helplines.countries)} countries "
            f"with helplines, in {settings.content}"
        )

    def encoder() -> str:
        assert content is not None
        return f"{load_encoder(content).embed(['hello']).shape[1]} dimensions"

    def screen() -> str:
        assert content is not None
        found = Screener(content.crisis, RiskEncoder(content.crisis.model)).screen(DANGER)
        failures = [e.quote for e in found.evidence if e.rule == FAILED]
        if failures or found.level != "crisis":
            what = ", ".join(failures) or "a plain danger was not seen"
            raise ScreenError(
                f"a part of it fails ({what}); every message counts as a concern until it is "
                "mended. Install Softspoken anew"
            )
        return f"{len(content.crisis.rules)} rules and an encoder"

    def index() -> str:
        assert content is not None
        folder = settings.data / "index"
        encoder = load_encoder(content)
        knowledge = Knowledge(content.principles, encoder, folder, content.retrieval)
        fresh = knowledge.open()
        return f"in {folder}" + (f", {fresh} principles were indexed anew" if fresh else "")

    def store() -> str:
        opened = open_store(settings)
        opened.check()
        where = (
            "the database of SOFTSPOKEN_DATABASE_URL" if settings.database_url else settings.data
        )
        return f"kept in {where}, can be written"

    def model() -> str:
        loaded = load_model(settings.model, settings.base_url)
        if loaded is None:
            return "none: guided mode. Nothing that is written leaves this computer"
        return f"{loaded.name}. Messages go to {loaded.host}"

    yield _check("data files", load)
    if content is not None:
        yield _check("text encoder", encoder)
        yield _check("crisis screen", screen)
        yield _check("index of the guide", index)
        for problem in load_prompts(content).problems:
            yield Check("exercise", "note", f"not available: {problem}")
        unsure = [
            f"{line.name} ({country.code})"
            for country in content.helplines.countries
            for line in country.lines
            if not line.sure
        ]
        if unsure:
            yield Check("helplines", "note", f"{len(unsure)} entries could not be confirmed")
    yield _check("conversations", store)
    yield _check("model", model)
    country = settings.country or "not set: taken from the page or the browser's language"
    yield Check("country", "ok", country)
    yield Check("processors", "ok", str(os.cpu_count()))


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, "ok", look())
    except SoftspokenError as error:
        return Check(name, "fail", str(error))
    except Exception as error:
        return Check(name, "fail", f"it failed unexpectedly ({type(error).__name__})")
