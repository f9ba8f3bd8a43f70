"""How an image that is not there is got."""

from __future__ import annotations


def how_to_get(image: str) -> str:
    """Return the command that brings an image."""
    if image.startswith("warmgate/"):
        return f"warmgate build {image.removeprefix('warmgate/').partition(':')[0]}"
    return f"docker pull {image}"
