"""The addresses a notebook is published at, and what leads to them from other sites. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from markupsafe import Markup

HEIGHT = 600
"""Pixels a frame is high that nobody has told how high the notebook is."""

ALLOW = "fullscreen; clipboard-write"
"""What a frame of ours may do on another site (Permissions Policy)."""

PUBLISHED = re.compile(r"/(?:view|embed)/([a-z0-9-]{1,31})")


@dataclass(frozen=True, slots=True)
class Addresses:
    """`base` is the gateway's absolute address as visitors use it, without a slash at its end."""

    base: str

    def view(self, name: str) -> str:
        """Return the address of a notebook's page."""
        return f"{self.base}/view/{name}"

    def embed(self, name: str) -> str:
        """Return the address of the same page for a frame."""
        return f"{self.base}/embed/{name}"

    def oembed(self, name: str) -> str:
        """Return the address that tells other sites how to embed it (oembed.com, section 4)."""
        return f"{self.base}/oembed?{urlencode({'url': self.view(name), 'format': 'json'}, quote_via=quote)}"

    def named_in(self, url: str) -> str | None:
        """Return the name of the notebook that an address of ours leads to; None for any other address."""
        try:
            parts, ours = urlsplit(url), urlsplit(self.base)
            same = (parts.scheme, parts.netloc.lower()) == (ours.scheme, ours.netloc.lower())
        except ValueError:  # brackets around what is no address
            return None
        if not same or not parts.path.startswith(ours.path):
            return None
        found = PUBLISHED.fullmatch(parts.path.removeprefix(ours.path))
        return found and found[1]

    def iframe(self, name: str, title: str, *, width: str = "100%", height: int = HEIGHT) -> str:
        """Return the HTML of a frame with the notebook in it."""
        return str(
            Markup(
                '<iframe src="{}" title="{}" width="{}" height="{}" allow="{}" loading="lazy" '
                'style="border:0"></iframe>'
            ).format(self.embed(name), title, width, height, ALLOW)
        )

    def snippets(self, name: str, title: str) -> tuple[Snippet, ...]:
        """Return what an author copies into a page of their own."""
        view = self.view(name)
        tag = Markup('<script src="{}" async></script>\n<a data-warmgate href="{}">{}</a>')
        badge = f"[![{_plain(title)}]({self.base}/assets/badge.svg)]({view})"
        return (
            Snippet("link", "Link", view),
            Snippet(
                "script",
                "Live embed, as high as its content",
                str(tag.format(f"{self.base}/embed.js", view, title)),
            ),
            Snippet("iframe", "Frame, of a fixed height", self.iframe(name, title)),
            Snippet("badge", "Badge for a README (Markdown)", badge),
        )


@dataclass(frozen=True, slots=True)
class Snippet:
    """A text to copy."""

    id: str
    label: str
    text: str


def _plain(title: str) -> str:
    """Return a title that ends no bracket of Markdown's."""
    return re.sub(r"([\\\[\]])", r"\\\1", title)
