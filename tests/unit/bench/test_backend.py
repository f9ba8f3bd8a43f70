from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bench.backend import BLOCK, Backend
from bench.load.frames import BINARY, CLOSE, frame, opening

if TYPE_CHECKING:
    from collections.abc import Callable

MASK = b"mask"


class FakeTransport(asyncio.Transport):
    def __init__(self, most: int = 2**40) -> None:
        super().__init__()
        self.written = bytearray()
        self.closed = False
        self.most = most
        self.full: Callable[[], None] = lambda: None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data
        if len(self.written) > self.most:
            self.full()

    def close(self) -> None:
        self.closed = True


def connected(most: int = 2**40) -> tuple[Backend, FakeTransport]:
    backend, transport = Backend(), FakeTransport(most)
    transport.full = backend.pause_writing
    backend.connection_made(transport)
    return backend, transport


def request(method: str, path: str, body: bytes = b"") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def body_of(transport: FakeTransport) -> bytes:
    return bytes(transport.written).partition(b"\r\n\r\n")[2]


@pytest.mark.parametrize("path", ["/page", "/", "/user/abc/page"])
def test_a_page_of_1_kib_is_answered_under_any_prefix(path: str) -> None:
    backend, transport = connected()
    backend.data_received(request("GET", path))
    assert transport.written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(body_of(transport)) == 1024


def test_requests_one_after_another_use_one_connection() -> None:
    backend, transport = connected()
    for _ in range(3):
        backend.data_received(request("GET", "/page"))
    assert transport.written.count(b"HTTP/1.1 200 OK") == 3


def test_bytes_are_sent_no_faster_than_they_are_taken() -> None:
    size = len(BLOCK) * 3 + 7
    backend, transport = connected(most=len(BLOCK))
    backend.data_received(request("GET", f"/user/abc/bytes-{size}"))
    assert len(body_of(transport)) < size
    transport.most = 2**40
    backend.resume_writing()
    assert len(body_of(transport)) == size


def test_a_body_in_pieces_is_counted_as_a_whole() -> None:
    backend, transport = connected()
    whole = request("PUT", "/sink", b"x" * 1000)
    backend.data_received(whole[:500])
    assert not transport.written
    backend.data_received(whole[500:])
    assert body_of(transport) == b"1000"


def test_a_websocket_echoes_and_closes() -> None:
    backend, transport = connected()
    backend.data_received(opening("h", "/echo") + frame(BINARY, b"early", MASK))
    assert transport.written.startswith(b"HTTP/1.1 101 ")
    assert body_of(transport) == frame(BINARY, b"early")
    backend.data_received(frame(CLOSE, b"", MASK))
    assert body_of(transport).endswith(frame(CLOSE, b""))
    assert transport.closed
