from __future__ import annotations

import pytest

from gateway.errors import InstanceUnreachable, UpstreamInvalid
from gateway.proxy.answer import Ends
from gateway.proxy.answer_head import MOST_FIELDS
from gateway.proxy.reader import MOST_INTERIM, Reader, Stage

LIMIT = 4096


def read(data: bytes, *, method: str = "GET", step: int = 0, upgrade: bool = False) -> tuple[Reader, bytes]:
    reader = Reader(method, upgrade=upgrade, limit=LIMIT)
    body = b""
    for start in range(0, len(data), step or len(data)):
        reader.feed(data[start : start + (step or len(data))])
        body += reader.take()
    return reader, body


WHOLE = [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n", b"hello"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Trailer: 1\r\n\r\n", b"a"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b""),
    (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", b""),
    (b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 O\r\nContent-Length: 1\r\n\r\na", b"a"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "body"), WHOLE)
@pytest.mark.parametrize("step", [0, 1, 7])
def test_an_answer_is_read_whole_however_it_is_cut(data: bytes, body: bytes, step: int) -> None:
    reader, got = read(data, step=step)
    assert got == body
    assert reader.done()
    assert reader.keep
    assert not reader.surplus


def test_head_and_reason_keep_their_bytes() -> None:
    reader, _ = read(
        b"HTTP/1.1 200 \xe9 fine\r\nX-A:  1 \t\r\nx-a: \xe9\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n", step=1
    )
    assert reader.head is not None
    assert reader.head.reason == b"\xe9 fine"
    assert reader.head.fields[:3] == ((b"X-A", b"1"), (b"x-a", b"\xe9"), (b"X-Empty", b""))


def test_a_body_without_length_lasts_until_the_end() -> None:
    reader, body = read(b"HTTP/1.1 200 OK\r\n\r\nhello")
    assert reader.framing.ends is Ends.CLOSE
    assert not reader.done()
    reader.eof()
    assert reader.done()
    assert body == b"hello"
    assert not reader.keep


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
def test_an_end_before_the_end_is_an_error(data: bytes) -> None:
    reader = Reader("GET", limit=LIMIT)
    if data:
        reader.feed(data)
    with pytest.raises(InstanceUnreachable):
        reader.eof()


HEAD_OK = b"HTTP/1.1 200 OK\r\n"

HOSTILE = {
    "another protocol": b"SSH-2.0-OpenSSH\r\n",
    "HTTP/2": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "no version": b"HTTP 200 OK\r\n\r\n",
    "status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "status 000": b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n",
    "status 999": b"HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n",
    "bare line ends": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "NUL in the reason": b"HTTP/1.1 200 O\x00K\r\nContent-Length: 0\r\n\r\n",
    "NUL in a value": HEAD_OK + b"X: a\x00b\r\n\r\n",
    "control character in a value": HEAD_OK + b"X: a\x1bb\r\n\r\n",
    "bare CR in a value": HEAD_OK + b"X: a\rSet-Cookie: b\r\n\r\n",
    "folded line": HEAD_OK + b"X: a\r\n b\r\n\r\n",
    "space before colon": HEAD_OK + b"X : a\r\n\r\n",
    "no name": HEAD_OK + b": a\r\n\r\n",
    "name with a byte above ASCII": HEAD_OK + b"X\xe9: a\r\n\r\n",
    "two lengths": HEAD_OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "the same length twice": HEAD_OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "length and chunks": HEAD_OK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": HEAD_OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "signed length": HEAD_OK + b"Content-Length: +5\r\n\r\nhello",
    "length beyond 64 bits": HEAD_OK + b"Content-Length: 99999999999999999999\r\n\r\n",
    "unknown coding": HEAD_OK + b"Transfer-Encoding: gzip\r\n\r\n",
    "coding beside chunked": HEAD_OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": HEAD_OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "size that is no number": HEAD_OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "space behind a size": HEAD_OK + b"Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
    "chunk longer than its size": HEAD_OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n",
    "switch nobody asked for": b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "switch without upgrade": b"HTTP/1.1 101 X\r\n\r\n",
    "interim answer with a length": b"HTTP/1.1 100 C\r\nContent-Length: 2\r\n\r\nhi",
    "interim answers without end": b"HTTP/1.1 100 C\r\n\r\n" * (MOST_INTERIM + 1),
    "too many fields": HEAD_OK + b"X: a\r\n" * (MOST_FIELDS + 1) + b"\r\n",
    "field without end": HEAD_OK + b"X: " + b"a" * (LIMIT + 1),
    "line without end": HEAD_OK[:-2] + b"a" * (LIMIT + 1),
    "head too large": HEAD_OK + (b"X: " + b"a" * 500 + b"\r\n") * 9 + b"Content-Length: 0\r\n\r\n",
    "chunk extension without end": HEAD_OK + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"a" * (LIMIT + 1),
    "trailers without end": HEAD_OK
    + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    + b"X: a\r\n" * LIMIT,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("step", [0, 1, 1000])
def test_a_hostile_answer_is_refused(name: str, step: int) -> None:
    with pytest.raises(UpstreamInvalid):
        read(HOSTILE[name], step=step or len(HOSTILE[name]))


@pytest.mark.parametrize("step", [1, 1000, 2 * LIMIT])
def test_a_trailer_without_end_is_refused(step: int) -> None:
    endless = HEAD_OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX: " + b"a" * 4 * LIMIT
    with pytest.raises(UpstreamInvalid):
        read(endless, step=step)


def test_chunk_extensions_beside_a_body_do_not_add_up() -> None:
    chunk = b"1;" + b"x" * 1000 + b"\r\na\r\n"
    reader, body = read(HEAD_OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 20 + b"0\r\n\r\n", step=500)
    assert body == b"a" * 20
    assert reader.done()


@pytest.mark.parametrize(
    ("method", "data"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        ("GET", b"HTTP/1.1 204 No\r\n\r\nhello"),
        ("GET", b"HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\nhello"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\n\r\n"),
        ("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nagarbage"),
    ],
)
@pytest.mark.parametrize("step", [0, 1])
def test_bytes_behind_an_answer_spoil_the_connection_and_nothing_else(
    method: str, data: bytes, step: int
) -> None:
    reader, body = read(data, method=method, step=step)
    assert reader.done()
    assert reader.surplus
    assert body in {b"", b"a"}


SWITCH = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


@pytest.mark.parametrize("step", [0, 1, 40])
def test_bytes_behind_a_switch_are_kept(step: int) -> None:
    reader, _ = read(SWITCH + b"\x81\x02hi" * 30, upgrade=True, step=step)
    assert reader.stage is Stage.SWITCHED
    assert reader.leftover == b"\x81\x02hi" * 30


def test_an_upgrade_that_is_declined_is_an_ordinary_answer() -> None:
    reader, body = read(b"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", upgrade=True)
    assert reader.done()
    assert body == b"no"


def test_upgrade_fields_of_an_ordinary_answer_change_nothing() -> None:
    data = b"HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nok"
    reader, body = read(data)
    assert reader.done()
    assert body == b"ok"


def test_what_came_before_a_faulty_chunk_can_still_be_taken() -> None:
    reader = Reader("GET", limit=LIMIT)
    with pytest.raises(UpstreamInvalid):
        reader.feed(HEAD_OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")
    assert reader.take() == b"hello"


def test_fields_behind_the_last_chunk_are_surplus_and_no_trailers() -> None:
    second = HEAD_OK + b"X: " + b"a" * 2 * LIMIT + b"\r\n\r\n"
    reader, body = read(HEAD_OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" + second)
    assert body == b"a"
    assert reader.done()
    assert reader.surplus
