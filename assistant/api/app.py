"""The FastAPI application: wiring, errors and static files."""

from __future__ import annotations

from collections.abc import Collection
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.body_limit import RequestBodyLimitMiddleware

from .. import errors
from ..conversation import Assistant
from . import pages, routes
from .security import LOOPBACK, MAX_BODY, TOO_MUCH, Guardrails

STATUS: dict[type[errors.SoftspokenError], int] = {
    errors.MessageTooLong: 413,
    errors.UnknownExercise: 400,
    errors.InputError: 400,
    errors.NotFound: 404,
    errors.Busy: 409,
    errors.StoreError: 503,
    errors.SearchIndexError: 503,
    errors.ScreenError: 503,
    errors.ModelError: 503,
    errors.ContentError: 500,
    errors.SettingsError: 500,
    errors.SoftspokenError: 500,
}


def create_app(assistant: Assistant, hosts: Collection[str] = LOOPBACK) -> FastAPI:
    """Return the application that serves ``assistant``.

    ``hosts`` are the host names it answers to (an empty collection: any).
    """
    app = FastAPI(
        title="Softspoken",
        version=version("softspoken"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.assistant = assistant
    app.add_middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY)
    app.add_middleware(Guardrails, hosts=hosts)
    app.add_exception_handler(errors.SoftspokenError, _softspoken_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.include_router(routes.router)
    app.include_router(pages.router)
    web = assistant.content.folder / "web"
    app.mount("/static", StaticFiles(directory=web), name="static")
    return app


def error_json(code: str, message: str, status: int) -> JSONResponse:
    """An error as the API answers it."""
    return JSONResponse({"error": {"code": code, "message": message}}, status)


async def _softspoken_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.SoftspokenError)
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return error_json(error.code, str(error), status)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return error_json("bad_input", "The request is not valid JSON.", 400)
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return error_json("bad_input", f"{where!r} can't be used: {first['msg']}.", 400)


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    known = {
        404: ("not_found", "There is nothing at this address."),
        405: ("bad_input", "This address can't be used that way."),
        413: ("too_long", TOO_MUCH),
    }
    code, message = known.get(error.status_code, ("bad_input", "The request can't be answered."))
    return error_json(code, message, error.status_code)
