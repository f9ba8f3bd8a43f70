"""How other sites are told to embed a notebook (oembed.com, version 1.0). Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gateway.errors import BadRequest

if TYPE_CHECKING:
    from gateway.previews.shown import Shown
    from gateway.viewer.addresses import Addresses

WIDTH = 800
"""Pixels that are offered where nobody has asked for fewer."""

CACHE_AGE = 3600
"""Seconds another site may keep the answer."""

PIXELS = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)


def pixels(text: str | None, most: int) -> int:
    """Return how many pixels there are to be at `text` asked for at most. Raises BadRequest."""
    if text is None:
        return most
    if not PIXELS.fullmatch(text):
        raise BadRequest("`maxwidth` and `maxheight` must be whole numbers of pixels")
    return min(int(text), most)


def described(addresses: Addresses, name: str, shown: Shown, *, width: int, height: int) -> dict[str, Any]:
    """Return the answer for one notebook, of the type `rich`."""
    told: dict[str, Any] = {
        "version": "1.0",
        "type": "rich",
        "title": shown.title,
        "provider_name": "warmgate",
        "provider_url": addresses.base + "/",
        "cache_age": CACHE_AGE,
        "html": addresses.iframe(name, shown.title, width=str(width), height=height),
        "width": width,
        "height": height,
    }
    if shown.authors:
        told["author_name"] = ", ".join(shown.authors)
    return told
