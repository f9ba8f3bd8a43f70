from __future__ import annotations

import pytest

from gateway.errors import UpstreamInvalid
from gateway.proxy.answer import Ends, Framing, Head, check, framing, interim, persistent


def head(
    *fields: tuple[bytes, bytes], status: int = 200, version: str = "1.1", reason: bytes = b"OK"
) -> Head:
    return Head(version, status, reason, fields)


LENGTH = (b"Content-Length", b"5")
CHUNKED = (b"Transfer-Encoding", b"chunked")


@pytest.mark.parametrize(
    ("answer", "method", "expected"),
    [
        (head(LENGTH), "GET", Framing(Ends.LENGTH, 5)),
        (head((b"content-length", b" 0 ")), "GET", Framing(Ends.LENGTH, 0)),
        (head(CHUNKED), "GET", Framing(Ends.CHUNKED)),
        (head((b"TRANSFER-ENCODING", b"Chunked")), "POST", Framing(Ends.CHUNKED)),
        (head(), "GET", Framing(Ends.CLOSE)),
        (head(LENGTH), "HEAD", Framing(Ends.NO_BODY, 5)),
        (head(CHUNKED), "HEAD", Framing(Ends.NO_BODY)),
        (head(LENGTH, status=304), "GET", Framing(Ends.NO_BODY, 5)),
        (head(status=204), "GET", Framing(Ends.NO_BODY)),
    ],
)
def test_where_a_body_ends(answer: Head, method: str, expected: Framing) -> None:
    assert framing(answer, method) == expected


@pytest.mark.parametrize(
    "answer",
    [
        head(LENGTH, CHUNKED),
        head(LENGTH, LENGTH),
        head((b"Content-Length", b"5, 5")),
        head((b"Content-Length", b"+5")),
        head((b"Content-Length", b"0x5")),
        head((b"Content-Length", b"")),
        head((b"Content-Length", b"\xd9\xa5")),
        head((b"Content-Length", b"9" * 19)),
        head((b"Transfer-Encoding", b"gzip")),
        head((b"Transfer-Encoding", b"gzip, chunked")),
        head((b"Transfer-Encoding", b"chunked, chunked")),
        head(CHUNKED, CHUNKED),
        head(CHUNKED, version="1.0"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_unclear_length_is_refused(answer: Head, method: str) -> None:
    with pytest.raises(UpstreamInvalid):
        framing(answer, method)


@pytest.mark.parametrize(
    "answer",
    [
        head(status=0),
        head(status=99),
        head(status=600),
        head(status=999),
        head(version="2.0"),
        head(version="0.9"),
        head(version="1.2"),
        head(reason=b"a\r\nb"),
        head(reason=b"\x00"),
        head((b"X", b"a\x00b")),
        head((b"X", b"a\nb")),
        head((b"X", b"a\x7fb")),
        head((b"X\n", b"a")),
    ],
)
def test_a_head_that_must_not_pass_is_refused(answer: Head) -> None:
    with pytest.raises(UpstreamInvalid):
        check(answer)


@pytest.mark.parametrize("status", [100, 101, 103, 200, 418, 599])
def test_known_kinds_of_status_pass(status: int) -> None:
    check(head((b"X", b"tab\there \xe9"), status=status, reason=b"\xe9t\xe9"))


def test_only_what_precedes_an_answer_is_interim() -> None:
    assert [status for status in (100, 101, 102, 103, 199, 200, 204) if interim(status)] == [
        100,
        102,
        103,
        199,
    ]


def test_a_connection_is_kept_only_when_both_sides_may() -> None:
    body = Framing(Ends.LENGTH, 5)
    assert persistent(head(LENGTH), body)
    assert not persistent(head(LENGTH, (b"Connection", b"x, Close")), body)
    assert not persistent(head(LENGTH, version="1.0"), body)
    assert not persistent(head(), Framing(Ends.CLOSE))
