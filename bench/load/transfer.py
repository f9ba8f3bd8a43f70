"""One large body, there or back, over one connection. A program of its own; prints JSON.

`python -m bench.load.transfer get|put URL BYTES`: for `get` the URL ends with `bytes-N`,
for `put` with `sink`.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from typing import BinaryIO

from bench.load.url import Where, where

SILENCE_LIMIT = 60.0
"""Seconds without a byte."""
BLOCK = memoryview(bytes(1024 * 1024))


def get(to: Where, size: int) -> float:
    """Fetch a body; return the seconds from the request to its last byte. Raises ConnectionError."""
    with socket.create_connection((to.host, to.port), SILENCE_LIMIT) as connection:
        began = time.perf_counter()
        connection.sendall(_head("GET", to))
        with connection.makefile("rb") as answer:
            if (length := _length(answer)) != size:
                raise ConnectionError(f"a body of {length} bytes instead of {size}")
            buffer = bytearray(BLOCK.nbytes)
            left = size
            while left:
                got = answer.readinto1(buffer)
                if not got:
                    raise ConnectionError(f"ended {left} bytes early")
                left -= got
        return time.perf_counter() - began


def put(to: Where, size: int) -> float:
    """Send a body; return the seconds from the request to the answer. Raises ConnectionError."""
    with socket.create_connection((to.host, to.port), SILENCE_LIMIT) as connection:
        began = time.perf_counter()
        connection.sendall(_head("PUT", to, f"Content-Length: {size}\r\n"))
        left = size
        while left:
            block = BLOCK[:left]
            connection.sendall(block)
            left -= block.nbytes
        with connection.makefile("rb") as answer:
            arrived = int(answer.read(_length(answer)))
        if arrived != size:
            raise ConnectionError(f"{arrived} bytes of {size} arrived")
        return time.perf_counter() - began


def _head(method: str, to: Where, more: str = "") -> bytes:
    return f"{method} {to.path} HTTP/1.1\r\nHost: {to.host}:{to.port}\r\n{more}\r\n".encode()


def _length(answer: BinaryIO) -> int:
    status = answer.readline()
    if b" 200 " not in status:
        raise ConnectionError(f"answered {status!r}")
    length = -1
    while (line := answer.readline()) not in {b"\r\n", b""}:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return length


def main() -> None:
    """Move the body of the command line."""
    way, url, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
    seconds = {"get": get, "put": put}[way](where(url), size)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
