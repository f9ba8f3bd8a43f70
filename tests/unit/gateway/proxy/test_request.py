from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest, HeadTooLarge, VersionRefused
from gateway.proxy.guard import HEAD_LIMIT
from gateway.proxy.request import SECTIONS_REMEMBERED, TARGET_LIMIT, RequestHead, RequestReader

HOST = b"Host: notes.example\r\n"
GET = b"GET /user/x?y HTTP/1.1\r\n" + HOST


def read(data: bytes, *cuts: int) -> tuple[RequestHead, bytes]:
    reader = RequestReader()
    head = None
    for start, end in zip((0, *cuts), (*cuts, len(data)), strict=True):
        assert head is None
        head = reader.feed(data[start:end])
    assert head is not None
    return head, reader.rest


def test_a_head_is_read_with_everything_that_follows_from_it() -> None:
    head, rest = read(GET + b"X-A:  1 \t\r\nContent-Length: 12\r\n\r\nbody")
    assert (head.method, head.target, head.version) == ("GET", b"/user/x?y", (1, 1))
    assert head.section.fields[1] == (b"X-A", b"1")
    assert head.named[b"x-a"] == [b"1"]
    assert (head.section.length, head.section.chunked, head.has_body) == (12, False, True)
    assert head.section.framing == b"Content-Length: 12\r\n"
    assert rest == b"body"


@pytest.mark.parametrize(
    ("line", "fields", "stays"),
    [
        (b"HTTP/1.1", b"", True),
        (b"HTTP/1.1", b"Connection: close\r\n", False),
        (b"HTTP/1.1", b"Connection: x, Close\r\n", False),
        (b"HTTP/1.0", b"", False),
        (b"HTTP/1.0", b"Connection: Keep-Alive\r\n", True),
        (b"HTTP/1.0", b"Connection: keep-alive, close\r\n", False),
    ],
)
def test_whether_the_connection_stays_follows_from_version_and_field(
    line: bytes,
    fields: bytes,
    stays: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    head, _ = read(b"GET / " + line + b"\r\n" + HOST + fields + b"\r\n")
    assert head.section.keep_alive is stays


@given(st.lists(st.integers(1, len(GET) + 5), max_size=4, unique=True).map(sorted))
def test_a_head_is_the_same_however_it_is_cut(cuts: list[int]) -> None:
    data = GET + b"X: a\r\n\r\n"
    head, rest = read(data, *cuts)
    assert (head.target, head.section.fields[1], rest) == (b"/user/x?y", (b"X", b"a"), b"")


def test_empty_lines_before_a_request_are_skipped() -> None:
    assert read(b"\r\n\r\n" + GET + b"\r\n")[0].target == b"/user/x?y"


def test_fields_that_were_read_before_mean_the_same_again() -> None:
    reader = RequestReader()
    first = reader.feed(GET + b"X: a\r\n\r\n")
    second = reader.feed(b"POST /other HTTP/1.1\r\n" + HOST + b"X: a\r\n\r\n")
    assert first is not None
    assert second is not None
    assert second.section is first.section
    assert (second.method, second.target) == ("POST", b"/other")


def test_other_fields_are_read_anew() -> None:
    reader = RequestReader()
    heads = [reader.feed(GET + b"X: %d\r\n\r\n" % number) for number in (1, 2, 1)]
    assert [head.named[b"x"] for head in heads if head is not None] == [[b"1"], [b"2"], [b"1"]]


def test_few_header_sections_are_remembered() -> None:
    reader = RequestReader()
    for number in range(50):
        reader.feed(GET + b"X: %d\r\n\r\n" % number)
    assert len(reader._sections) <= SECTIONS_REMEMBERED


LINES = [
    b"GET  / HTTP/1.1",
    b"GET / HTTP/1.0",
    b"GET / HTTP/2.0",
    b"GET http://notes.example/ HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"TRACE / HTTP/1.1",
    b"get / HTTP/1.1",
    b"GET / HTTP/1.1 ",
    b"GET /\x80 HTTP/1.1",
    b"GET /a b HTTP/1.1",
    b"GET /" + b"a" * TARGET_LIMIT + b" HTTP/1.1",
]


@pytest.mark.parametrize("line", LINES)
def test_known_fields_do_not_make_a_request_line_better(line: bytes) -> None:
    def outcome(reader: RequestReader) -> object:
        try:
            head = reader.feed(line + b"\r\n" + HOST + b"\r\n")
        except BadRequest as error:
            return type(error)
        assert head is not None
        return head.method, head.target, head.version

    knowing = RequestReader()
    knowing.feed(b"GET / HTTP/1.1\r\n" + HOST + b"\r\n")
    assert outcome(knowing) == outcome(RequestReader())


@given(st.binary(max_size=60))
def test_known_fields_change_nothing_for_any_line(line: bytes) -> None:
    test_known_fields_do_not_make_a_request_line_better(line)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"GET / HTTP/1.1\nHost: a\n\n", BadRequest),
        (b"GET / HTTP/1.1\r\nHost: a\n\r\n", BadRequest),
        (b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", VersionRefused),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", VersionRefused),
        (b"GET / HTTP/2.0\r\nHost: a\r\n\r\nmore", BadRequest),
        *((GET + b"X: a%bb\r\n\r\n" % bad, BadRequest) for bad in (b"\x00", b"\x1b", b"\x7f", b"\r", b"\n")),
        (GET + b"X: a\r\n" * 101 + b"\r\n", HeadTooLarge),
        (GET + b"X: " + b"a" * 17_000 + b"\r\n\r\n", HeadTooLarge),
        (GET + b"X: " + b"a" * HEAD_LIMIT, HeadTooLarge),
        (GET + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n", BadRequest),
        (GET + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", BadRequest),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(data: bytes, error: type[BadRequest]) -> None:
    with pytest.raises(BadRequest) as caught:
        RequestReader().feed(data)
    assert type(caught.value) is error


def test_what_a_connection_remembers_is_header_sections_and_nothing_longer() -> None:
    reader = RequestReader()
    # A line end that came apart from the head behind it.
    assert reader.feed(b"\r") is None
    head = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    assert reader.feed(b"\n" + head) is not None
    with pytest.raises(BadRequest):
        reader.feed(b"GET /x HTTP/1.1\r\n" + head)
