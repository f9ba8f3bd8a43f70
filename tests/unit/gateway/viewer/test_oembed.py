from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.previews.shown import Shown
from gateway.viewer import oembed
from gateway.viewer.addresses import Addresses

OURS = Addresses("https://example.org")


def test_the_answer_has_what_the_type_rich_must_have() -> None:
    told = oembed.described(OURS, "course", Shown("Squares"), width=640, height=480)
    assert {"type", "version", "html", "width", "height"} <= told.keys()
    assert (told["type"], told["version"], told["title"]) == ("rich", "1.0", "Squares")
    assert (told["width"], told["height"]) == (640, 480)
    assert 'src="https://example.org/embed/course"' in told["html"]
    assert 'width="640" height="480"' in told["html"]


def test_authors_are_named_where_the_notebook_names_them() -> None:
    assert "author_name" not in oembed.described(OURS, "c", Shown("S"), width=1, height=1)
    told = oembed.described(OURS, "c", Shown("S", authors=("Ada", "Emmy")), width=1, height=1)
    assert told["author_name"] == "Ada, Emmy"


@pytest.mark.parametrize(("asked", "given"), [(None, 800), ("400", 400), ("4000", 800)])
def test_nobody_gets_more_pixels_than_they_asked_for(asked: str | None, given: int) -> None:
    assert oembed.pixels(asked, 800) == given


@pytest.mark.parametrize("wrong", ["", "0", "-1", "1.5", "x", "1e3", "100000", "٣"])
def test_what_is_no_number_of_pixels_is_refused(wrong: str) -> None:
    with pytest.raises(BadRequest):
        oembed.pixels(wrong, 800)
