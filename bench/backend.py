"""The server behind every peer: one process, as cheap as Python can be, so that the peer is what is measured.

    …/page       1 KiB of HTML, with the fields a notebook server sends
    …/bytes-N    N bytes
    …/sink       takes a body of any size and answers how many bytes it had
    …/echo       a websocket that echoes each message (RFC 6455)

Only the last segment of a path counts, as some peers strip the prefix and some do not. Used as
`python bench/backend.py HOST PORT CPU`; it keeps to that one CPU.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
from typing import cast

import httptools
import uvloop

from bench.load.frames import ECHO_HEAD, Unframer, accept_key

PAGE = b"<!doctype html><title>page</title>".ljust(1024, b".")
BLOCK = bytes(256 * 1024)
"""Written again and again for a large answer."""
FIELDS = (
    b"Server: backend\r\n"
    b"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    b"Content-Type: text/html; charset=UTF-8\r\n"
    b"Cache-Control: no-cache\r\n"
    b'Etag: "5d41402abc4b2a76b9719d911017c592"\r\n'
    b"X-Content-Type-Options: nosniff\r\n"
)
BYTES = re.compile(rb"bytes-(\d+)")


def head(length: int) -> bytes:
    """Return the head of an answer of `length` bytes."""
    return b"HTTP/1.1 200 OK\r\n" + FIELDS + b"Content-Length: %d\r\n\r\n" % length


WHOLE_PAGE = head(len(PAGE)) + PAGE


class Backend(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport
        self._url = b""
        self._key = b""
        self._taken = 0
        self._left = 0
        self._writable = True
        self._unframer: Unframer | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        if self._unframer is not None:
            self._echo(data)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as switch:
            self._upgrade(data[switch.args[0] :])
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_begin(self) -> None:
        """See httptools."""
        self._url, self._key, self._taken = b"", b"", 0

    def on_url(self, url: bytes) -> None:
        """See httptools."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """See httptools."""
        if name.lower() == b"sec-websocket-key":
            self._key = value

    def on_body(self, body: bytes) -> None:
        """See httptools."""
        self._taken += len(body)

    def on_message_complete(self) -> None:
        """See httptools."""
        if self._parser.should_upgrade():
            return
        what = self._url.rpartition(b"/")[2]
        if what == b"sink":
            told = str(self._taken).encode()
            self._transport.write(head(len(told)) + told)
        elif sized := BYTES.fullmatch(what):
            self._left = int(sized[1])
            self._transport.write(head(self._left))
            self._pump()
        else:
            self._transport.write(WHOLE_PAGE)

    # A large answer, as fast as it is taken.

    def pause_writing(self) -> None:
        """See asyncio."""
        self._writable = False

    def resume_writing(self) -> None:
        """See asyncio."""
        self._writable = True
        self._pump()

    def _pump(self) -> None:
        while self._left and self._writable:
            piece = BLOCK[: self._left]
            self._left -= len(piece)
            self._transport.write(piece)

    # A websocket.

    def _upgrade(self, rest: bytes) -> None:
        self._transport.write(ECHO_HEAD % accept_key(self._key))
        self._unframer = Unframer()
        self._echo(rest)

    def _echo(self, data: bytes) -> None:
        assert self._unframer is not None  # noqa: S101 - only called once switched
        for answer in self._unframer.answers(data):
            if answer is None:
                self._transport.close()
            else:
                self._transport.write(answer)


async def serve(host: str, port: int) -> None:
    """Serve until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Backend, host, port, backlog=4096)
    await server.serve_forever()


def main() -> None:
    """Read the command line and serve."""
    host, port, cpu = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.sched_setaffinity(0, {cpu})
    uvloop.run(serve(host, port))


if __name__ == "__main__":
    main()
