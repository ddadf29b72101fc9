"""The page and the help page."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from .. import errors
from ..conversation import Assistant
from .country import country_of
from .security import owner

router = APIRouter(include_in_schema=False)


@router.get("/")
def page(request: Request) -> Response:
    """The page; the browser gets its cookie here."""
    assistant: Assistant = request.app.state.assistant
    response = FileResponse(assistant.content.folder / "web" / "index.html")
    owner(request, response)
    return response


@router.get("/help")
def help_page(request: Request, country: Annotated[str | None, Query()] = None) -> Response:
    """Help lines by country; works without JavaScript and without any other part."""
    assistant: Assistant = request.app.state.assistant
    helplines = assistant.content.helplines
    chosen = country_of(request, assistant.country) if country is None else country
    environment = Environment(
        loader=FileSystemLoader(assistant.content.folder / "web"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    shown: dict[str, Any] = {
        "country": helplines.country(chosen),
        "international": helplines.international,
        "countries": sorted(helplines.countries, key=lambda c: c.name),
    }
    return HTMLResponse(environment.get_template("help.html").render(shown))


@router.get("/favicon.ico")
def favicon(request: Request) -> Response:
    """The icon, for browsers that ask for it here."""
    assistant: Assistant = request.app.state.assistant
    return FileResponse(
        assistant.content.folder / "web" / "favicon.svg", media_type="image/svg+xml"
    )


@router.get("/healthz")
def health(request: Request) -> dict[str, str]:
    """Whether the server can answer."""
    assistant: Assistant = request.app.state.assistant
    if not assistant.knowledge.principles:
        raise errors.ContentError("There are no principles.")
    return {"status": "ok", "version": version("softspoken")}
