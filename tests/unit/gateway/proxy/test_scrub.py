from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamInvalid
from gateway.proxy.fields import by_name
from gateway.proxy.scrub import Scrubber, for_answer

SECRET = b"5ecre75ecre8"


def scrub(*pieces: bytes, secret: bytes = SECRET) -> bytes:
    scrubber = Scrubber(secret)
    return b"".join(scrubber.feed(piece) for piece in pieces) + scrubber.end()


def test_the_token_of_a_page_becomes_empty() -> None:
    assert scrub(b'{"token": "' + SECRET + b'", "a": 1}') == b'{"token": "", "a": 1}'


@pytest.mark.parametrize("cut", range(len(SECRET) + 2))
def test_a_secret_is_found_across_any_cut(cut: int) -> None:
    page = b"a" + SECRET + b"b"
    assert scrub(page[:cut], page[cut:]) == b"ab"


def test_a_secret_that_comes_byte_by_byte_is_found() -> None:
    page = b"x5ecre7" + SECRET + SECRET + b"5ecre75ecr"
    assert scrub(*(bytes([byte]) for byte in page)) == b"x5ecre75ecre75ecr"


def test_bytes_that_begin_no_secret_are_not_held_back() -> None:
    assert Scrubber(SECRET).feed(b"event: 1\n\n") == b"event: 1\n\n"
    scrubber = Scrubber(SECRET)
    assert scrubber.feed(b"abc5ecre7") == b"abc"
    assert scrubber.feed(b"!") == b"5ecre7!"


def test_an_empty_secret_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="everywhere"):
        Scrubber(b"")


@given(st.lists(st.sampled_from([b"ab", b"a", b"b", b"aab", b"abab", b"x"]), max_size=12), st.data())
def test_however_a_page_is_cut_nothing_is_left_and_nothing_else_is_lost(
    words: list[bytes], data: st.DataObject
) -> None:
    secret = b"aabab"
    page = b"".join(words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(page)), max_size=6)))
    bounds = [0, *cuts, len(page)]
    pieces = [page[start:end] for start, end in itertools.pairwise(bounds)]
    clean = scrub(*pieces, secret=secret)
    assert (len(page) - len(clean)) % len(secret) == 0
    if secret not in page:
        assert clean == page
    else:
        assert len(clean) < len(page)


@pytest.mark.parametrize("kind", [b"text/html", b"Text/HTML; charset=utf-8", b"application/xhtml+xml"])
def test_pages_are_scrubbed_and_so_is_what_does_not_say_what_it_is(kind: bytes) -> None:
    assert for_answer(SECRET, by_name([(b"Content-Type", kind)]))
    assert for_answer(SECRET, {})


def test_other_kinds_and_answers_without_a_secret_are_left_alone() -> None:
    assert for_answer(SECRET, by_name([(b"Content-Type", b"application/json")])) is None
    assert for_answer(b"", {}) is None


def test_a_page_in_a_coding_is_refused() -> None:
    assert for_answer(SECRET, by_name([(b"Content-Encoding", b"identity")]))
    with pytest.raises(UpstreamInvalid):
        for_answer(SECRET, by_name([(b"Content-Encoding", b"br")]))
