"""A kept answer looks like a relayed one, and waits for who takes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gateway.assets.serving import PIECE, Serving
from tests.unit.gateway.assets.making import DATE, LONG, asset, request, rules

TYPE = (b"Content-Type", b"text/css")


@dataclass
class Visitor:
    """A visitor's connection that takes `room` pieces at once."""

    room: int = 100
    full: bool = False
    written: list[bytes] = field(default_factory=list)
    keep: bool | None = None

    def write(self, data: bytes) -> None:
        assert not self.full
        self.written.append(data)
        self.full = len(self.written) % self.room == 0

    def answered(self, *, keep: bool) -> None:
        assert self.keep is None
        self.keep = keep

    @property
    def lines(self) -> list[bytes]:
        return b"".join(self.written).partition(b"\r\n\r\n")[0].split(b"\r\n")

    @property
    def body(self) -> bytes:
        return b"".join(self.written).partition(b"\r\n\r\n")[2]


def served(
    *lines: str, method: str = "GET", body: bytes = b"hello", origins: tuple[str, ...] = ()
) -> Visitor:
    visitor: Any = Visitor()
    kept = asset(body, LONG, DATE, TYPE, (b"ETag", b'"a"'))
    Serving(visitor, request(*lines, method=method), kept, rules(*origins), 12.7).start()
    found: Visitor = visitor
    return found


def test_it_has_the_fields_of_a_relayed_answer_and_its_age() -> None:
    visitor = served()
    assert visitor.lines == [
        b"HTTP/1.1 200 OK",
        b"Cache-Control: public, max-age=31536000, immutable",
        b"Date: Sat, 21 Nov 2026 12:00:00 GMT",
        b"Content-Type: text/css",
        b'ETag: "a"',
        b"Age: 12",
        b"Content-Security-Policy: frame-ancestors 'self'",
        b"Referrer-Policy: same-origin",
        b"X-Robots-Tag: noindex",
        b"Content-Length: 5",
    ]
    assert visitor.body == b"hello"
    assert visitor.keep is True


def test_another_site_that_may_read_it_is_told_so() -> None:
    visitor = served("Origin: https://blog.example", origins=("https://blog.example",))
    assert b"Access-Control-Allow-Origin: https://blog.example" in visitor.lines


def test_head_tells_the_length_and_no_more() -> None:
    visitor = served(method="HEAD")
    assert b"Content-Length: 5" in visitor.lines
    assert visitor.body == b""
    assert visitor.keep is True


def test_who_has_it_gets_a_304_without_length_or_type() -> None:
    visitor = served('If-None-Match: W/"a"')
    assert visitor.lines[0] == b"HTTP/1.1 304 Not Modified"
    assert not [line for line in visitor.lines if line.startswith((b"Content-Length", b"Content-Type"))]
    assert b"Age: 12" in visitor.lines
    assert visitor.body == b""


def test_a_connection_that_the_visitor_ends_is_ended() -> None:
    visitor = served("Connection: close")
    assert b"Connection: close" in visitor.lines
    assert visitor.keep is False


def test_an_empty_file_is_answered() -> None:
    visitor = served(body=b"")
    assert b"Content-Length: 0" in visitor.lines
    assert visitor.keep is True


def test_an_answer_without_a_date_gets_that_of_its_making() -> None:
    visitor: Any = Visitor()
    Serving(visitor, request(), asset(), rules(), 0.0).start()
    assert sum(line.startswith(b"Date: ") for line in visitor.lines) == 1


def test_a_visitor_who_takes_nothing_is_waited_for_before_the_next_request() -> None:
    body = bytes(3 * PIECE + 1)
    visitor: Any = Visitor(room=1)
    serving = Serving(visitor, request(), asset(body), rules(), 0.0)
    serving.start()
    pieces = 1
    while visitor.keep is None:
        assert len(visitor.written) == pieces
        visitor.full = False
        serving.visitor_ready()
        pieces += 1
    assert len(visitor.written) == 4
    assert visitor.body == body


def test_nothing_is_written_to_who_is_still_full_of_the_last_answer() -> None:
    visitor: Any = Visitor(full=True)
    serving = Serving(visitor, request(), asset(), rules(), 0.0)
    serving.start()
    assert visitor.written == []
    visitor.full = False
    serving.visitor_ready()
    assert visitor.body == b"hello"
