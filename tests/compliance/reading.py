"""Reads HTTP/1.1 messages in the one way that leaves no choice, as an oracle for what crossed the gateway.

Whatever RFC 9112 lets a recipient repair, tolerate or guess is an error here: bare line ends, folds, space
around names, lists and repetitions in framing, chunk extensions, trailers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

REQUEST_LINE = re.compile(rb"[A-Z]+(?:-[A-Z]+)* [\x21-\x7e]+ HTTP/1\.1")
STATUS_LINE = re.compile(rb"HTTP/1\.[01] [1-5][0-9]{2} [\t\x20-\x7e]*")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ((?:[\x21-\x7e\x80-\xff](?:[\t ]+(?!$))?)*)")
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"0|[1-9][0-9]*")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]+)\r\n")
LAST_CHUNK = b"0\r\n\r\n"


class Ambiguous(Exception):
    """Two recipients could read these bytes in two ways."""


@dataclass(frozen=True, slots=True)
class Message:
    """A whole request or answer; `fields` are without framing, `body` is without chunks."""

    line: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    framing: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    @property
    def status(self) -> int:
        return int(self.line.split(b" ")[1])

    def values(self, name: bytes) -> list[bytes]:
        """Return what is said under a name, given in lower case."""
        return [value for known, value in self.fields if known.lower() == name]


@dataclass(frozen=True, slots=True)
class Reading:
    """The messages that have come whole, and the bytes of the one that has not."""

    messages: list[Message]
    rest: bytes


def requests(data: bytes) -> Reading:
    """Read what an instance's server got over one connection. Raises Ambiguous."""
    messages = []
    while data and (whole := _message(data, REQUEST_LINE)) is not None:
        message, data = whole
        messages.append(message)
    return Reading(messages, data)


def answers(data: bytes, methods: Sequence[str] = ()) -> Reading:
    """Read what a visitor got over one connection; `methods` are those of the requests, if not GET.

    Raises Ambiguous, also for an answer without a length: then only the end of the connection would say
    whether it came whole.
    """
    messages: list[Message] = []
    final = 0
    while data:
        method = methods[final] if final < len(methods) else "GET"
        whole = _message(data, STATUS_LINE, bodiless=method == "HEAD")
        if whole is None:
            break
        message, data = whole
        final += message.status >= 200
        messages.append(message)
    return Reading(messages, data)


def _message(
    data: bytes, start: re.Pattern[bytes], *, bodiless: bool = False
) -> tuple[Message, bytes] | None:
    """Return the first message and what follows it; None when it is not whole."""
    text, end, rest = data.partition(HEAD_END)
    if not end:
        return None
    line, *lines = text.split(b"\r\n")
    if not start.fullmatch(line):
        raise Ambiguous(f"start line {line!r}")
    everything = tuple(_field(each) for each in lines)
    framing = tuple(
        (n.lower(), v) for n, v in everything if n.lower() in {b"content-length", b"transfer-encoding"}
    )
    fields = tuple(pair for pair in everything if (pair[0].lower(), pair[1]) not in framing)
    head = Message(line, fields, framing)
    if start is STATUS_LINE:
        if head.status < 200 or head.status == 204:
            if framing:
                raise Ambiguous(f"{head.status} with {framing!r}")
            return head, rest
        if not bodiless and head.status != 304 and not framing:
            raise Ambiguous("an answer without a length")
        if line.startswith(b"HTTP/1.0") and framing[:1] == ((b"transfer-encoding", b"chunked"),):
            raise Ambiguous("chunks in HTTP/1.0")
    if len(framing) > 1:
        raise Ambiguous(f"framed more than once: {framing!r}")
    if bodiless or not framing:
        return head, rest
    cut = _body(*framing[0], rest)
    return None if cut is None else (Message(line, fields, framing, cut[0]), cut[1])


def _field(line: bytes) -> tuple[bytes, bytes]:
    found = FIELD.fullmatch(line)
    if found is None:
        raise Ambiguous(f"field {line!r}")
    return found[1], found[2]


def _body(name: bytes, value: bytes, data: bytes) -> tuple[bytes, bytes] | None:
    """Return the body and what follows it; None when it is not whole."""
    if name == b"content-length":
        if not LENGTH.fullmatch(value):
            raise Ambiguous(f"length {value!r}")
        size = int(value)
        return (data[:size], data[size:]) if len(data) >= size else None
    if value != b"chunked":
        raise Ambiguous(f"coding {value!r}")
    body = b""
    while not data.startswith(LAST_CHUNK):
        line = CHUNK_SIZE.match(data)
        if line is None:
            if b"\r\n" in data:
                raise Ambiguous(f"chunk {data[:40]!r}")
            return None
        begin, size = line.end(), int(line[1], 16)
        if size == 0 and len(data) >= len(LAST_CHUNK):
            raise Ambiguous(f"last chunk {data[:40]!r}")
        if len(data) < begin + size + 2:
            return None
        if data[begin + size : begin + size + 2] != b"\r\n":
            raise Ambiguous("a chunk longer than its size")
        body += data[begin : begin + size]
        data = data[begin + size + 2 :]
    return body, data[len(LAST_CHUNK) :]
