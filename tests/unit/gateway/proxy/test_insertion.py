"""A script that is put into a page's head."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.insertion import LOOKED_THROUGH, Inserter, for_answer

SCRIPT = b"<script>s</script>"
PAGE = b"<!doctype html><html><HEAD lang=en><title>t</title></head><body>b</body></html>"
HTML = {b"content-type": [b"text/html; charset=utf-8"]}


def passed(pieces: list[bytes]) -> bytes:
    inserter = Inserter(SCRIPT)
    return b"".join(inserter.feed(piece) for piece in pieces) + inserter.end()


@given(st.lists(st.integers(0, len(PAGE)), max_size=8))
def test_it_stands_first_in_the_head_however_the_page_is_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(PAGE)]
    pieces = [PAGE[start:stop] for start, stop in pairwise(edges)]
    assert passed(pieces) == PAGE.replace(b"<HEAD lang=en>", b"<HEAD lang=en>" + SCRIPT)


def test_it_is_inserted_once() -> None:
    assert passed([b"<head>a", b"<head>b"]) == b"<head>" + SCRIPT + b"a<head>b"


@pytest.mark.parametrize("page", [b"", b"plain text", b"<header>no</header>", b"<head"])
def test_what_has_no_head_is_passed_on_as_it_is(page: bytes) -> None:
    assert passed([page]) == page


def test_a_page_whose_head_is_far_away_is_not_held_back() -> None:
    inserter = Inserter(SCRIPT)
    far = b"x" * (LOOKED_THROUGH + 1)
    assert inserter.feed(far) == far
    assert inserter.feed(b"<head>") == b"<head>"


def test_only_good_and_readable_pages_get_it() -> None:
    assert for_answer(SCRIPT, 200, HTML) is not None
    assert for_answer(b"", 200, HTML) is None
    assert for_answer(SCRIPT, 404, HTML) is None
    assert for_answer(SCRIPT, 304, HTML) is None
    assert for_answer(SCRIPT, 200, {}) is None
    assert for_answer(SCRIPT, 200, {b"content-type": [b"text/javascript"]}) is None
    assert for_answer(SCRIPT, 200, {b"content-type": [b"text/html", b"text/plain"]}) is None
    assert for_answer(SCRIPT, 200, {**HTML, b"content-encoding": [b"gzip"]}) is None
