"""Reads Pluto's pages: which files they load, and what one that is an error complains of. Pure."""

from __future__ import annotations

from html.parser import HTMLParser

MOST_PARTS = 60
LONGEST_COMPLAINT = 300
"""Characters of an error that are told."""

_LOADED = {"script": "src", "link": "href", "img": "src"}


def parts(page: str) -> list[str]:
    """Return the relative addresses of what a page loads from its own server, each once."""
    reader = _Parts()
    reader.feed(page)
    reader.close()
    return list(dict.fromkeys(reader.found))[:MOST_PARTS]


def complaint(page: str) -> str:
    """Return the first line of the error that a page of Pluto's shows in its `<pre>`, or nothing."""
    reader = _Complaint()
    reader.feed(page)
    reader.close()
    lines = [line.strip() for line in "".join(reader.said).splitlines() if line.strip()]
    return lines[0][:LONGEST_COMPLAINT] if lines else ""


class _Complaint(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the port's
        self._inside = self._inside or tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.said.append(data)


class _Parts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        address = dict(attrs).get(_LOADED.get(tag, ""))
        # Another server's, the origin's root, or no address at all.
        if address and ":" not in address and not address.startswith(("/", "#", "?")):
            self.found.append(address)
