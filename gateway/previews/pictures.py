"""Pictures that stand in the page itself, so that showing them asks nobody. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from gateway.previews.shown import Picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pool.kinds.preview import Cell

SVG = "image/svg+xml"
MIMES = {
    SVG: SVG,
    "image/png": "image/png",
    "image/jpeg": "image/jpeg",
    "image/jpg": "image/jpeg",
    "image/gif": "image/gif",
    "image/webp": "image/webp",
}
"""What is shown, best first, and what it is called. Within `<img>` an SVG neither runs scripts nor loads
anything (SVG Integration, "Secure static mode").
"""

INLINE_SVG = re.compile(r"<svg\b[^<>]*>.*?</svg\s*>", re.DOTALL | re.IGNORECASE)
SVG_END = re.compile(r"</svg\s*>", re.IGNORECASE)
NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'

LINKED = ("image/png", "image/jpeg")
"""What sites that preview links can show."""
SMALLEST = 2000
"""Bytes; what is smaller is an icon."""


def decoded(mime: str, content: Any) -> bytes:
    """Return a picture's bytes. `content` is base64 text or an SVG's own as in nbformat, or Pluto's bytes.

    Raises ValueError for what is neither.
    """
    if isinstance(content, bytes):
        return content
    if not isinstance(content, str):
        raise ValueError("no picture")  # noqa: TRY004 - it is what was shown that is wrong
    if MIMES.get(mime) == SVG:
        return content.encode("utf-8", "replace")
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error


def address(mime: str, content: Any) -> str:
    """Return a picture's `data:` address. Raises ValueError as `decoded` does, and for unknown MIME types."""
    known = MIMES.get(mime)
    if known is None:
        raise ValueError("no picture that browsers show")
    return f"data:{known};base64,{base64.b64encode(decoded(mime, content)).decode()}"


def image(mime: str, content: Any, alt: str) -> Markup:
    """Return an `<img>`. Raises ValueError as `address` does."""
    return Markup('<img src="{}" alt="{}">').format(address(mime, content), alt)


def attached(attachments: Mapping[str, Any], name: str) -> str:
    """Return the address of a cell's attachment, or nothing."""
    forms = attachments.get(name)
    for mime, content in forms.items() if isinstance(forms, dict) else ():
        try:
            return address(mime, content)
        except ValueError:
            continue
    return ""


def without_inline_svg(html: str) -> str:
    """Return HTML with each `<svg>` of it as a picture, which needs no trust."""
    # Behind the last end there is none to be found, and each beginning would be looked for one to the end.
    last = max((found.end() for found in SVG_END.finditer(html)), default=0)
    return INLINE_SVG.sub(_as_image, html[:last]) + html[last:]


def _as_image(found: re.Match[str]) -> str:
    svg = found[0]
    if "xmlns=" not in svg.partition(">")[0]:
        svg = svg[:4] + NAMESPACE + svg[4:]
    return str(image(SVG, svg, ""))


def best(cells: Iterable[Cell]) -> Picture | None:
    """Return the first picture that a notebook shows and that can stand for it elsewhere."""
    for cell in cells:
        for output in cell.outputs:
            for mime in LINKED:
                if output.data.get(mime) is None:
                    continue
                try:
                    content = decoded(mime, output.data[mime])
                except ValueError:
                    continue
                if len(content) >= SMALLEST:
                    return Picture(mime, content)
    return None
