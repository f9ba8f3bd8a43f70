"""What is no HTTP, or too much of it: ids of Http11Probe (95bc6a9), MAL-*."""

from __future__ import annotations

from tests.compliance.arguments import NOT_IN_A_PATH
from tests.compliance.case import (
    BROKEN,
    NO_SUCH_VERSION,
    NOWHERE,
    REFUSED,
    TOO_LARGE,
    Answered,
    AnsweredHere,
    Arrival,
    Broken,
    Case,
    Either,
    Refused,
    Stopped,
    arrives,
    chunked,
    get,
    post,
    request,
)

MUCH = 100_000
"""Bytes of what is too long."""
RANGES = "Range: bytes=" + ",".join(f"0-{last}" for last in range(1000))


def _target(name: str, target: str, outcome: Refused | AnsweredHere, argued: str = "") -> Case:
    return Case(
        f"MAL-{name}",
        "9112 3.2",
        request(f"GET {{base}}{target} HTTP/1.1", "Host: {host}"),
        outcome,
        argued=argued,
    )


TARGETS = (
    _target("NUL-IN-URL", "\x00test", REFUSED),
    _target("NON-ASCII-URL", "caf\xc3\xa9", REFUSED),
    _target("URL-OVERLONG-UTF8", "\xc0\xaf", REFUSED),
    _target("URL-BACKSLASH", "path\\file", NOWHERE, NOT_IN_A_PATH),
    _target("URL-PERCENT-NULL", "path%00file", NOWHERE, NOT_IN_A_PATH),
    _target("URL-PERCENT-CRLF", "path%0d%0aX-Injected:%20a", NOWHERE, NOT_IN_A_PATH),
    _target("LONG-URL", "A" * MUCH, TOO_LARGE),
)
FIELDS = (
    Case("MAL-LONG-HEADER-VALUE", "9110 5.4", get("X-Big: " + "B" * MUCH), TOO_LARGE),
    Case("MAL-LONG-HEADER-NAME", "9110 5.4", get("A" * MUCH + ": a"), TOO_LARGE),
    Case(
        "MAL-MANY-HEADERS", "9110 5.4", get(*(f"X-H-{number}: value" for number in range(10_000))), TOO_LARGE
    ),
    Case("MAL-CONTROL-CHARS-HEADER", "9110 5.5", get("X-Test: abc\x07\x08\x0bdef"), REFUSED),
    Case("MAL-NUL-IN-HEADER-VALUE", "9110 5.5", get("X-Test: a\x00b"), REFUSED),
    Case("MAL-NON-ASCII-HEADER-NAME", "9110 5.1", get("X-T\xc3\xabst: a"), REFUSED),
    Case("MAL-RANGE-OVERLAPPING", "9110 14.2", get(RANGES), Either(TOO_LARGE, arrives("GET", RANGES))),
)
LENGTHS = (
    Case("MAL-CL-OVERFLOW", "9110 8.6", post("Content-Length: 99999999999999999999", body="hello"), REFUSED),
    Case("MAL-CL-EMPTY", "9110 8.6", post("Content-Length: "), REFUSED),
    Case(
        "MAL-CL-TAB-BEFORE-VALUE",
        "9110 5.5",
        post("Content-Length:\t5", body="hello"),
        arrives("POST", body="hello"),
    ),
    Case("MAL-CHUNK-SIZE-OVERFLOW", "9112 7.1", chunked("F" * 17 + "\r\nhello\r\n0\r\n\r\n"), BROKEN),
    Case(
        "MAL-CHUNK-EXT-64K",
        "9112 7.1.1",
        chunked("5;ext=" + "a" * 65_536 + "\r\nhello\r\n0\r\n\r\n"),
        Either(Broken(frozenset({400, 413, 431})), arrives("POST", body="hello")),
    ),
)
NO_REQUEST = (
    Case("MAL-BINARY-GARBAGE", "9112 3", "".join(chr(byte * 7 % 256) for byte in range(256)), REFUSED),
    Case("MAL-LONG-METHOD", "9112 3", get(method="A" * MUCH), Refused(frozenset({400, 414, 431, 501}))),
    Case("MAL-WHITESPACE-ONLY-LINE", "9112 2.2", "   \r\n\r\n", REFUSED),
    Case("MAL-H2-PREFACE", "9113 3.4", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NO_SUCH_VERSION),
)
STOPPED = (
    Case("MAL-INCOMPLETE-REQUEST", "9112 8", "GET {target} HTTP/1.1\r\nHost: {host}\r\nX-Test: a", Stopped()),
    Case("MAL-EMPTY-REQUEST", "9112 9.5", "", Stopped()),
    Case("MAL-POST-CL-HUGE-NO-BODY", "9112 8", post("Content-Length: 999999999"), Stopped()),
)
MALFORMED = (*TARGETS, *FIELDS, *LENGTHS, *NO_REQUEST, *STOPPED)


def _condition(name: str, *fields: str) -> Case:
    return Case(name, "9110 13.1", get(*fields), Answered((Arrival("GET", fields),)))


LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"
CONDITIONS = (
    _condition("CAP-ETAG-304", 'If-None-Match: "a"'),
    _condition("CAP-LAST-MODIFIED-304", f"If-Modified-Since: {LONG_AGO}"),
    _condition("CAP-ETAG-IN-304", 'If-None-Match: "a", "b"'),
    _condition("CAP-INM-PRECEDENCE", 'If-None-Match: "a"', f"If-Modified-Since: {LONG_AGO}"),
    _condition("CAP-INM-WILDCARD", "If-None-Match: *"),
    _condition("CAP-IMS-FUTURE", "If-Modified-Since: Sun, 01 Jan 2090 00:00:00 GMT"),
    _condition("CAP-IMS-INVALID", "If-Modified-Since: not-a-date"),
    _condition("CAP-INM-UNQUOTED", "If-None-Match: a"),
    _condition("CAP-ETAG-WEAK", 'If-None-Match: W/"a"'),
)
"""Whether they are met is the instance's to say; it must get them as they were written."""
