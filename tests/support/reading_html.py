"""Reads a page as a browser would, for what must not be in it."""

from __future__ import annotations

from html.parser import HTMLParser

LOADING = frozenset(
    {"src", "href", "action", "formaction", "data", "srcset", "poster", "background", "xlink:href"}
)
"""Attributes that name an address."""

SPOKEN = frozenset({"value", "title", "alt", "placeholder"})
"""Attributes that are only ever read as words."""

HARMLESS = ("https://", "http://", "mailto:", "data:image/")
FORBIDDEN = frozenset(
    [
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "link",
        "meta",
        "svg",
        "template",
        "foreignobject",
    ]
)


class Found(HTMLParser):
    """Every element of some HTML. `faults` is what runs, loads or sends something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in FORBIDDEN:
            self.faults.append(f"<{tag}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or ("javascript:" in address and name not in SPOKEN):
                self.faults.append(f"{name}={value}")
            if name in LOADING and not address.startswith(HARMLESS):
                self.faults.append(f"{name}={value}")
            if tag == "img" and name == "src" and not address.startswith("data:image/"):
                self.faults.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of this name."""
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        """What is to be read."""
        return " ".join("".join(self.words).split())
