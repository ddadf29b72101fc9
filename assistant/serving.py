"""Running the server: everything is loaded and warm before it says that it is there."""

from __future__ import annotations

import ctypes
import errno
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn

from .api import create_app
from .api.security import LOOPBACK
from .conversation import Assistant
from .errors import SettingsError
from .settings import Settings


def serve(settings: Settings, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serve until interrupted. Raises ``SettingsError`` for an address that can't be used."""
    listening = _listen(host, port)
    try:
        assistant = Assistant.from_settings(settings)
        assistant.content.load_all()
        indexed = assistant.knowledge.open()
        if indexed:
            announce(f"Indexed {indexed} principles of the guide.")
        assistant.warm_up()
        _give_back_memory()
        loopback = host in LOOPBACK or host == "::1"
        app = create_app(assistant, LOOPBACK if loopback else ())
        for problem in assistant.prompts.problems:
            announce(f"An exercise is not available: {problem}")
        if not loopback:
            announce("Others on this network can reach this server; put it behind TLS and a login.")
        address = f"[{host}]" if ":" in host else host
        announce(
            f"Softspoken is at http://{address}:{listening.getsockname()[1]} (Ctrl-C stops it)."
        )
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=3
        )
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()


def _give_back_memory() -> None:
    """Return to the system what loading took and freed again (40 MB), where the C library can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port first, so that a busy one is known before anything is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(128)
    except OSError as error:
        listening.close()
        reason = (
            "it is in use"
            if error.errno == errno.EADDRINUSE
            else (error.strerror or "it can't be used")
        )
        raise SettingsError(
            f"Port {port} on {host} can't be opened: {reason}. Choose another with --port."
        ) from error
    return listening
