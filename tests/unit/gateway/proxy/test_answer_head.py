from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.errors import UpstreamInvalid
from gateway.proxy.answer import Head, framing
from gateway.proxy.answer_head import MOST_FIELDS, HeadReader, read_plain

LIMIT = 4096

USUAL = (
    b"HTTP/1.1 200 OK\r\nServer: TornadoServer/6.5\r\nContent-Type: text/html; charset=UTF-8\r\n"
    b"X-Empty-Not: \xe9 \t \xe9\r\nContent-Length: 5\r\n\r\n"
)


def read_closely(data: bytes) -> Head | None:
    return HeadReader(LIMIT).feed(data)


def test_a_usual_head_is_read_at_one_glance() -> None:
    found = read_plain(USUAL + b"hello", LIMIT)
    assert found is not None
    head, end = found
    assert end == len(USUAL)
    assert head == read_closely(USUAL)
    assert head.lines[0] == b"Server: TornadoServer/6.5"
    assert head.fields[2] == (b"X-Empty-Not", b"\xe9 \t \xe9")


@pytest.mark.parametrize(
    "head",
    [
        USUAL[:-1],
        USUAL.replace(b"1.1", b"1.0"),
        USUAL.replace(b"200", b"100"),
        USUAL.replace(b"200 OK", b"200"),
        USUAL.replace(b"Server: ", b"Server:"),
        USUAL.replace(b"Server: ", b"Server:  "),
        USUAL.replace(b"Server: ", b"Server : "),
        USUAL.replace(b"/6.5", b" "),
        USUAL.replace(b"/6.5", b"\x00"),
        USUAL.replace(b"/6.5\r\n", b"\n"),
        USUAL.replace(b"/6.5\r\n", b"\r"),
        USUAL.replace(b"TornadoServer/6.5", b""),
        USUAL.replace(b"TornadoServer/6.5\r\n", b"a\r\n b\r\n"),
        USUAL.replace(b"Server", b""),
        USUAL.replace(b"Server", b"S\xe9rver"),
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * (MOST_FIELDS + 1) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * LIMIT + b"\r\n\r\n",
    ],
)
def test_any_other_is_left_to_the_close_reader(head: bytes) -> None:
    assert read_plain(head, LIMIT) is None


@pytest.mark.parametrize(
    "line", [b"HTTP/1.1 200", b"HTTP/1.1 200 ", b"\r\nHTTP/1.1 200", b"\r\nHTTP/1.1 200 O"]
)
def test_an_answer_may_give_no_reason(line: bytes) -> None:
    head = read_closely(line + b"\r\nContent-Length: 2\r\n\r\n")
    assert head is not None
    assert head.status == 200
    assert head.reason in {b"", b"O"}


TEXT = st.binary(max_size=8)
NAME = st.sampled_from(
    [b"Content-Length", b"content-length", b"Transfer-Encoding", b"Connection", b"Upgrade", b"X", b"x-a", b""]
) | st.binary(max_size=3)
VALUE = (
    st.sampled_from([b"5", b"05", b"+5", b"5, 5", b"chunked", b"close", b"keep-alive, x", b"h2c", b""]) | TEXT
)
LINE = st.builds(
    b"".join,
    st.tuples(NAME, st.sampled_from([b": ", b":", b" : ", b":\t"]), VALUE, st.sampled_from([b"", b" "])),
)
HEADS = st.builds(
    lambda status, reason, lines, end: (
        b"HTTP/1.1 %b%b\r\n" % (status, reason) + end.join([*lines, b""]) + b"\r\n"
    ),
    st.sampled_from([b"200 ", b"204 ", b"304 ", b"404 ", b"599 ", b"101 ", b"200", b"600 "]),
    TEXT,
    st.lists(LINE, max_size=5),
    st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n"]),
)


@given(HEADS, st.binary(max_size=5))
@example(USUAL, b"hello")
def test_what_is_read_at_one_glance_is_what_llhttp_reads(head: bytes, behind: bytes) -> None:
    found = read_plain(head + behind, LIMIT)
    if found is None:
        return
    plain, end = found
    try:
        close = HeadReader(LIMIT).feed((head + behind)[:end])
    except UpstreamInvalid:
        # llhttp refuses lengths that make no sense or contradict each other; here that is up to `framing`.
        with pytest.raises(UpstreamInvalid):
            framing(plain, "GET")
        return
    assert plain == close


@given(
    st.lists(
        st.tuples(st.sampled_from([b"A", b"a", b"A-B", b"B", b"aa"]), st.sampled_from([b"b: c", b"A: x"]))
    )
)
def test_values_are_those_of_the_named_lines(fields: list[tuple[bytes, bytes]]) -> None:
    data = b"HTTP/1.1 200 OK\r\n" + b"".join(b"%b: %b\r\n" % pair for pair in fields) + b"\r\n"
    found = read_plain(data, LIMIT)
    assert found is not None
    for name in (b"a", b"b", b"a-b", b"aa", b"c"):
        expected = [value for known, value in fields if known.lower() == name]
        assert list(found[0].values(name)) == expected
        assert list(Head("1.1", 200, b"OK", fields).values(name)) == expected
