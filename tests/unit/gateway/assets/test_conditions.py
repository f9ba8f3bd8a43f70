"""Who has a file already: RFC 9110 section 13."""

from __future__ import annotations

import pytest

from gateway.assets.conditions import has_it, not_modified
from gateway.proxy.answer import Head
from tests.unit.gateway.assets.making import DATE, LONG, MODIFIED, request

STRONG = (b"ETag", b'"a"')
WEAK = (b"ETag", b'W/"a"')
SINCE = "If-Modified-Since: "


def has(line: str, *kept: tuple[bytes, bytes]) -> bool:
    return has_it(request(line).named, Head("1.1", 200, b"OK", kept).named)


@pytest.mark.parametrize("tag", [STRONG, WEAK])
@pytest.mark.parametrize("asked", ['"a"', 'W/"a"', '"b", W/"a"', "*", '"b","a" ,"c"'])
def test_weak_and_strong_tags_are_compared_alike(asked: str, tag: tuple[bytes, bytes]) -> None:
    assert has(f"If-None-Match: {asked}", tag)


@pytest.mark.parametrize("asked", ['"b"', "a", '"A"', '"a', ""])
def test_another_tag_is_another_file(asked: str) -> None:
    assert not has(f"If-None-Match: {asked}", STRONG)


def test_a_file_without_a_tag_matches_none() -> None:
    assert not has('If-None-Match: "a"', MODIFIED)


def test_a_file_not_newer_than_the_visitors_is_the_visitors() -> None:
    assert has(SINCE + "Fri, 20 Nov 2026 12:00:00 GMT", MODIFIED)
    assert has(SINCE + "Sat, 21 Nov 2026 12:00:00 GMT", MODIFIED)
    assert not has(SINCE + "Fri, 20 Nov 2026 11:59:59 GMT", MODIFIED)
    assert not has(SINCE + "some day", MODIFIED)
    assert not has(SINCE + "Sat, 21 Nov 2026 12:00:00 GMT", STRONG)


def test_with_a_tag_dates_do_not_count() -> None:
    asked = request('If-None-Match: "b"', SINCE + "Sat, 21 Nov 2026 12:00:00 GMT")
    assert not has_it(asked.named, Head("1.1", 200, b"OK", (STRONG, MODIFIED)).named)


def test_two_dates_are_none() -> None:
    later = SINCE + "Sat, 21 Nov 2026 12:00:00 GMT"
    assert not has_it(request(later, later).named, Head("1.1", 200, b"OK", (MODIFIED,)).named)


def test_who_has_it_is_told_how_long_it_is_good_for_and_nothing_of_its_content() -> None:
    told = not_modified(Head("1.1", 200, b"OK", (LONG, DATE, STRONG, MODIFIED, (b"Content-Type", b"a/b"))))
    assert told == Head("1.1", 304, b"Not Modified", (LONG, DATE, STRONG, MODIFIED))
