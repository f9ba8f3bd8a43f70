"""The fields that say where a body ends, made anew for each side (RFC 9112 section 6). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.proxy.answer import Ends

if TYPE_CHECKING:
    from gateway.proxy.answer import Framing

CHUNKED = b"Transfer-Encoding: chunked\r\n"
LAST_CHUNK = b"0\r\n\r\n"

CLOSE = b"Connection: close\r\n"
KEEP_ALIVE = b"Connection: keep-alive\r\n"


def chunk(data: bytes) -> bytes:
    """Return one chunk; `data` may not be empty, or it would be the last."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def connection(version: tuple[int, int], *, keep: bool) -> bytes:
    """Return the field that says whether the connection stays; empty where that goes without saying."""
    if not keep:
        return CLOSE
    return KEEP_ALIVE if version == (1, 0) else b""


def of_length(length: int) -> bytes:
    """Return the field for a body of known length."""
    return b"Content-Length: %d\r\n" % length


def of_answer(
    body: Framing, version: tuple[int, int], *, keep: bool, changed: bool
) -> tuple[bytes, bool, bool]:
    """Return the visitor's fields, whether the body is sent in chunks, and whether the connection stays.

    The visitor speaks `version` of HTTP and would `keep` it; `changed` says that the body's length is no
    longer what the server told.
    """
    length = None if changed else body.length
    if length is not None:
        return of_length(length) + connection(version, keep=keep), False, keep
    if body.ends is Ends.NO_BODY:
        return connection(version, keep=keep), False, keep
    if version == (1, 0):
        # HTTP/1.0 knows no chunks: there the end of the connection is the end of the body.
        return CLOSE, False, False
    return CHUNKED + connection(version, keep=keep), True, keep
