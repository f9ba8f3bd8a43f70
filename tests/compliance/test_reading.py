"""The oracle of the other tests accepts one way of writing a message, and no other."""

from __future__ import annotations

import pytest

from tests.compliance.reading import Ambiguous, answers, requests

LINE = b"POST /x HTTP/1.1\r\n"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


def test_requests_are_read_one_after_another() -> None:
    reading = requests(
        b"GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
        + LINE
        + b"Content-Length: 2\r\n\r\nhi"
        + LINE
        + CHUNKED
        + b"2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n"
        + LINE
    )
    assert [(each.line, each.body) for each in reading.messages] == [
        (b"GET /a HTTP/1.1", b""),
        (b"POST /x HTTP/1.1", b"hi"),
        (b"POST /x HTTP/1.1", b"hi!"),
    ]
    assert reading.messages[0].fields == ((b"Host", b"a"),)
    assert reading.rest == LINE


@pytest.mark.parametrize(
    "unfinished",
    [
        b"",
        LINE,
        LINE + b"Content-Length: 2\r\n\r\nh",
        LINE + CHUNKED,
        LINE + CHUNKED + b"2",
        LINE + CHUNKED + b"2\r\nhi\r\n0\r\n\r",
    ],
)
def test_what_is_not_whole_is_left_over(unfinished: bytes) -> None:
    reading = requests(unfinished)
    assert not reading.messages
    assert reading.rest == unfinished


@pytest.mark.parametrize(
    "data",
    [
        b"GET  /x HTTP/1.1\r\n\r\n",
        b"GET /x HTTP/1.0\r\n\r\n",
        b"GET /x\r\n\r\n",
        b"get /x HTTP/1.1\r\n\r\n",
        b"GET /\xe9 HTTP/1.1\r\n\r\n",
        b"\r\nGET /x HTTP/1.1\r\n\r\n",
        LINE + b"A : b\r\n\r\n",
        LINE + b"A:b\r\n\r\n",
        LINE + b"A: b \r\n\r\n",
        LINE + b"A: b\r\n c\r\n\r\n",
        LINE + b"A: b\nB: c\r\n\r\n",
        LINE + b"A: b\rB: c\r\n\r\n",
        LINE + b"A: b\x00\r\n\r\n",
        LINE + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
        LINE + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        LINE + b"Content-Length: 01\r\n\r\n",
        LINE + b"Content-Length: +1\r\n\r\n",
        LINE + b"Content-Length: 1, 1\r\n\r\n",
        LINE + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        LINE + CHUNKED + b"2;a\r\nhi\r\n0\r\n\r\n",
        LINE + CHUNKED + b"2 \r\nhi\r\n0\r\n\r\n",
        LINE + CHUNKED + b"2\nhi\r\n0\r\n\r\n",
        LINE + CHUNKED + b"1\r\nhi\r\n0\r\n\r\n",
        LINE + CHUNKED + b"0\r\nA: b\r\n\r\n",
    ],
)
def test_any_other_request_is_ambiguous(data: bytes) -> None:
    with pytest.raises(Ambiguous):
        requests(data)


def test_answers_end_where_their_requests_say() -> None:
    head = OK + b"Content-Length: 2\r\n\r\n"
    data = b"HTTP/1.1 100 Continue\r\n\r\n" + head + head + b"hi" + b"HTTP/1.1 204 No Content\r\n\r\n"
    assert [each.status for each in answers(data, ["HEAD"]).messages] == [100, 200, 200, 204]


@pytest.mark.parametrize(
    "data",
    [
        OK + b"\r\nhello",
        b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n" + CHUNKED + b"0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_any_other_answer_is_ambiguous(data: bytes) -> None:
    with pytest.raises(Ambiguous):
        answers(data)
