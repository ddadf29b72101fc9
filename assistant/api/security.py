"""What every request passes: its Host and its Origin; and the headers of every answer."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Collection
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger(__name__)

COOKIE = "softspoken"
COOKIE_SECONDS = 365 * 24 * 3600
MAX_BODY = 1_000_000
FAILED = "Something went wrong on this side. Please try again."
TOO_MUCH = "That is more than can be sent at once. Shorten it and try again."
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Guardrails:
    """ASGI middleware: refuses foreign hosts and cross-site writes, sets headers.

    ``hosts`` are the host names this server answers to, without port; empty means any.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        refused = self._refusal(scope)
        if refused:
            await _refuse(send_with_headers, *refused)
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # its text could hold what a person wrote: only its kind is told
            _log.error("a request failed: %s", type(error).__name__)
            if not started:
                await _refuse(send_with_headers, 500, "error", FAILED)

    def _refusal(self, scope: Scope) -> tuple[int, str, str] | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
        if self._hosts and name not in self._hosts:
            return 421, "bad_host", "This server does not answer to that host name."
        origin = headers.get("origin")
        if scope["method"] not in {"GET", "HEAD"} and origin and _host_of(origin) != host:
            return 403, "cross_site", "This request came from another site and was refused."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            return 413, "too_long", TOO_MUCH
        return None


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


def owner(request: Request, response: Response) -> str:
    """The secret that names this browser, from its cookie.

    A browser that has none gets one; the page renews it. ``Lax`` and not ``Strict``: following a
    link to the page must not lose the conversations; writes from other sites are refused by their
    Origin.
    """
    known = request.cookies.get(COOKIE, "")
    if not 20 <= len(known) <= 100:
        known = secrets.token_urlsafe(32)
    elif request.url.path != "/":
        return known
    response.set_cookie(
        COOKIE,
        known,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return known
