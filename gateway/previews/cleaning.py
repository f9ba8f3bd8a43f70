"""Makes an author's HTML safe to stand in a page of ours. Pure.

What is left after it runs nothing, loads nothing, sends nothing and looks like nothing of ours: no scripts,
event handlers, forms, frames, ids or classes of the author's, and pictures only where they are in the page.
"""

from __future__ import annotations

import re

import nh3
from markupsafe import Markup
from pygments.token import STANDARD_TYPES

from gateway.previews.allowed import ATTRIBUTES, MATH, STYLE, TEXT, WIDGETS

MOST_TAGS = 10_000
"""Tags of one text. The cleaner's time grows with the square of how deep they stand in each other: 0.5 s for
so many, a minute for ten times as many.
"""

UNSEEN = {"iframe", "noscript", "object", "script", "style", "svg", "template", "title"}
"""Elements that go with all that is in them."""

SCHEMES = {"http", "https", "mailto"}

DATA_PICTURE = re.compile(
    r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE
)

_DISABLED = {tag: {"disabled": ""} for tag in ("button", "fieldset", "input", "select", "textarea")}
_LOOSE = re.compile(r"fixed|url|expression|calc|var\(|[\\@]|-\d|contents", re.IGNORECASE)

_TOKENS = {name for name in STANDARD_TYPES.values() if name}
_CLASSES = {"span": _TOKENS, "code": {"formula"}}
"""Of what we highlight ourselves. Others may use them, too: they only colour words."""


def clean(html: str) -> Markup | None:
    """Return HTML that is safe; None where there is too much of it to be made so in good time."""
    if html.count("<") > MOST_TAGS:
        return None
    return Markup(  # noqa: S704 - what has come out of the cleaner is safe
        nh3.clean(
            html,
            tags=TEXT | WIDGETS | MATH,
            clean_content_tags=UNSEEN,
            attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
            attribute_filter=_attribute,
            filter_style_properties=set(STYLE),
            set_tag_attribute_values=_DISABLED,
            allowed_classes=_CLASSES,
            url_schemes=SCHEMES | {"data"},
            url_relative="deny",
            link_rel="nofollow noopener noreferrer",
        )
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    match tag, name:
        case "img", "src":
            # A picture of another host would tell it who reads, and our pages ask nobody else.
            return value if DATA_PICTURE.fullmatch(value) else None
        case _, "href" | "src":
            return None if value.strip().lower().startswith("data:") else value
        case "input", "type":
            # The one that loads a picture.
            return "button" if value.strip().lower() == "image" else value
        case _, "style":
            return None if _LOOSE.search(value) else value
        case _:
            return value
