"""Requests and answers for these tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.assets.asset import Asset
from gateway.proxy.answer import Head
from gateway.proxy.answer_rules import AnswerRules
from gateway.proxy.origins import Origins
from gateway.proxy.request import RequestReader
from pool.engines.engine import Address
from pool.upstream import Upstream

if TYPE_CHECKING:
    from gateway.proxy.request import RequestHead

SESSION = "abcdefghijklmnopqrstuvwxyz"
TOKEN = "5ecre75ecre75ecre75ecre7"
UPSTREAM = Upstream(Address("10.0.0.9", 8888), f"/user/{SESSION}/", f"/user/{SESSION}/", (), TOKEN)
DATE = (b"Date", b"Sat, 21 Nov 2026 12:00:00 GMT")
MODIFIED = (b"Last-Modified", b"Fri, 20 Nov 2026 12:00:00 GMT")
LONG = (b"Cache-Control", b"public, max-age=31536000, immutable")
NOW = 1_795_262_400.0
"""DATE as Unix time."""


def request(*lines: str, method: str = "GET") -> RequestHead:
    """Return what is read of a request with these fields."""
    text = "".join(f"{line}\r\n" for line in (f"{method} /x HTTP/1.1", "Host: notes.example", *lines, ""))
    head = RequestReader().feed(text.encode())
    assert head is not None
    return head


def head(*fields: tuple[bytes, bytes], status: int = 200, length: int = 5) -> Head:
    """Return the head of an answer."""
    return Head("1.1", status, b"OK", ((b"Content-Length", b"%d" % length), *fields))


def asset(
    body: bytes = b"hello",
    *fields: tuple[bytes, bytes],
    lifetime: float = 60.0,
    age: float = 0.0,
    stored_at: float = 0.0,
) -> Asset:
    """Return one that was kept."""
    return Asset(Head("1.1", 200, b"OK", fields), body, lifetime, age, stored_at)


def rules(*origins: str) -> AnswerRules:
    """Return how heads of UPSTREAM's answers are written."""
    return AnswerRules(UPSTREAM, Origins(origins))
