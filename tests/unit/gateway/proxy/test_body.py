from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest
from gateway.proxy.body import Body, ChunkedBody, SizedBody
from gateway.proxy.framing import LAST_CHUNK, chunk
from gateway.proxy.guard import HEAD_LIMIT


def read(body: Body, data: bytes, step: int) -> tuple[bytes, bytes]:
    """Return the body and what came behind it."""
    got = b""
    for start in range(0, len(data), step):
        got += body.feed(data[start : start + step])
        if body.done:
            return got, body.rest + data[start + step :]
    return got, b""


@given(st.binary(min_size=1, max_size=50), st.binary(max_size=20), st.integers(1, 70))
def test_a_sized_body_ends_after_its_length(content: bytes, behind: bytes, step: int) -> None:
    body = SizedBody(len(content))
    assert read(body, content + behind, step) == (content, behind)
    assert body.done
    assert not body.torn


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=5), st.integers(1, 80))
def test_chunks_are_joined_however_they_are_cut(chunks: list[bytes], step: int) -> None:
    body = ChunkedBody()
    data = b"".join(chunk(piece) for piece in chunks) + LAST_CHUNK
    assert read(body, data, step) == (b"".join(chunks), b"")
    assert body.done
    assert not body.torn


@pytest.mark.parametrize("behind", [b"GET / HTTP/1.1\r\n", b"\x00", b"garbage"])
def test_bytes_behind_the_last_chunk_make_it_the_last_request(behind: bytes) -> None:
    body = ChunkedBody()
    assert body.feed(chunk(b"abc") + LAST_CHUNK + behind) == b"abc"
    assert body.done
    assert body.torn


def test_extensions_and_trailers_end_here() -> None:
    body = ChunkedBody()
    assert body.feed(b"3;a=b\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n") == b"abc"
    assert body.done
    assert not body.torn


@pytest.mark.parametrize(
    "data", [b"zz\r\n", b"0x5\r\n", b"5\nhello\r\n", b"2\r\nhello\r\n", b"-1\r\n", b"5 \r\n", b"0\n\n"]
)
@pytest.mark.parametrize("step", [1, 100])
def test_chunks_that_can_be_read_in_two_ways_are_refused(data: bytes, step: int) -> None:
    with pytest.raises(BadRequest):
        read(ChunkedBody(), data, step)


@pytest.mark.parametrize("endless", [b"1;" + b"x" * 1000, b"0\r\n" + b"X: y\r\n" * 100])
def test_what_leads_to_no_body_may_not_go_on_for_ever(endless: bytes) -> None:
    body = ChunkedBody()
    body.feed(endless[:3])
    with pytest.raises(BadRequest):  # noqa: PT012 - one of many pieces is too much
        for _ in range(0, 2 * HEAD_LIMIT, len(endless) - 3):
            body.feed(endless[3:])


def test_a_long_field_of_a_request_sent_ahead_is_no_trailer() -> None:
    body = ChunkedBody()
    ahead = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 2 * HEAD_LIMIT + b"\r\n\r\n"
    assert body.feed(b"5\r\nhello\r\n0\r\n\r\n" + ahead) == b"hello"
    assert body.done
    assert body.torn
