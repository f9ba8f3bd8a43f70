"""Writes an answer of our own as bytes. Pure."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from gateway.proxy.answer import BODILESS
from gateway.proxy.framing import connection

if TYPE_CHECKING:
    from gateway.proxy.request import RequestHead

Response = web.Response


def written(response: web.Response, head: RequestHead | None, *, keep: bool) -> bytes:
    """Return the bytes of a response to a request; None stands for what could not be read."""
    body = response.body if isinstance(response.body, bytes) else b""
    lines = [f"HTTP/1.1 {response.status} {response.reason}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in response.headers.items()]
    if hdrs.DATE not in response.headers:
        lines.append(f"Date: {formatdate(usegmt=True)}\r\n")
    if response.status not in BODILESS and hdrs.CONTENT_LENGTH not in response.headers:
        lines.append(f"Content-Length: {len(body)}\r\n")
    told = connection(head.version if head else (1, 1), keep=keep)
    silent = head is not None and head.method == hdrs.METH_HEAD
    return b"".join(("".join(lines).encode("latin-1"), told, b"\r\n", b"" if silent else body))
