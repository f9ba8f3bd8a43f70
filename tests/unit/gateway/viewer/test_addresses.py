from __future__ import annotations

from html.parser import HTMLParser

import pytest

from gateway.viewer.addresses import Addresses

OURS = Addresses("https://example.org/notebooks")


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/notebooks/view/course",
        "https://example.org/notebooks/embed/course",
        "https://EXAMPLE.org/notebooks/view/course?live=visible",
        "https://example.org/notebooks/view/course#cell-1",
    ],
)
def test_the_name_is_read_out_of_an_address_of_ours(url: str) -> None:
    assert OURS.named_in(url) == "course"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "view/course",
        "http://example.org/notebooks/view/course",
        "https://example.org.evil/notebooks/view/course",
        "https://me@example.org/notebooks/view/course",
        "https://example.org:8443/notebooks/view/course",
        "https://example.org/view/course",
        "https://example.org/notebooks/view/course/",
        "https://example.org/notebooks/view/course/picture",
        "https://example.org/notebooks/view/Course",
        "https://example.org/notebooks/user/aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "https://[example.org/notebooks/view/course",
    ],
)
def test_other_addresses_name_nothing(url: str) -> None:
    assert OURS.named_in(url) is None


def test_a_title_ends_no_attribute_and_no_tag() -> None:
    title = '"><script>alert(1)</script>'
    ((tag, attributes),) = Tags(OURS.iframe("course", title)).found
    assert (tag, attributes["title"]) == ("iframe", title)
    snippets = {snippet.id: snippet.text for snippet in OURS.snippets("course", title)}
    assert [tag for tag, _ in Tags(snippets["script"]).found] == ["script", "a"]


def test_what_is_copied_leads_to_the_page_the_embed_and_the_script() -> None:
    snippets = {snippet.id: snippet.text for snippet in OURS.snippets("course", "A [short] course")}
    assert snippets["link"] == "https://example.org/notebooks/view/course"
    script, link = Tags(snippets["script"]).found
    assert script[1]["src"] == "https://example.org/notebooks/embed.js"
    assert (link[1]["href"], "data-warmgate" in link[1]) == (snippets["link"], True)
    ((_, frame),) = Tags(snippets["iframe"]).found
    assert frame["src"] == "https://example.org/notebooks/embed/course"
    assert snippets["badge"] == (
        r"[![A \[short\] course](https://example.org/notebooks/assets/badge.svg)]"
        "(https://example.org/notebooks/view/course)"
    )


def test_the_address_that_tells_of_embedding_holds_the_pages_own_encoded() -> None:
    assert OURS.oembed("course") == (
        "https://example.org/notebooks/oembed?url=https%3A%2F%2Fexample.org%2Fnotebooks%2Fview%2Fcourse&format=json"
    )
