"""Which country's help lines a browser should see."""

from __future__ import annotations

import re

from fastapi import Request

_REGION = re.compile(r"^[a-z]{2,3}(?:-[a-z]{4})?-([a-z]{2})\b", re.IGNORECASE)


def country_of(request: Request, setting: str | None, chosen: str | None = None) -> str | None:
    """The country: the person's choice, else the setting, else the browser's language region.

    Never assumed: without any of these it is ``None``, and the international help is shown.
    """
    if chosen:
        return chosen.upper()
    if setting:
        return setting
    for language in request.headers.get("accept-language", "").split(",")[:5]:
        if match := _REGION.match(language.strip()):
            return match.group(1).upper()
    return None
