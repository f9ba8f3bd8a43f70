"""The checks of h1spec at commit d8f6918, the strict ones included.

It closes its sending side behind most requests, and takes an answer for lost that does not come all the same.
"""

from __future__ import annotations

from tests.compliance.arguments import NO_VERSION
from tests.compliance.case import (
    BROKEN,
    NO_SUCH_CODING,
    NO_SUCH_METHOD,
    NO_SUCH_VERSION,
    NOT_ALLOWED,
    REFUSED,
    TOO_LARGE,
    Answered,
    AnsweredHere,
    Arrival,
    Case,
    Either,
    arrives,
    chunked,
    get,
    post,
    request,
)

HELLO = "5\r\nhello\r\n0\r\n\r\n"
FLOOD = tuple(f"X-Flood-{number}: a" for number in range(101))
LARGE = "X-Large: " + "a" * 9000


def _half_closed(name: str, section: str, sent: str, outcome: Answered | AnsweredHere | Either) -> Case:
    return Case(f"h1spec/{name}", section, sent, outcome, half_closed=True)


LINE = (
    _half_closed("simple-get", "9112 3", get(), arrives("GET")),
    _half_closed(
        "post-with-body", "9112 6.2", post("Content-Length: 5", body="hello"), arrives("POST", body="hello")
    ),
    _half_closed(
        "options-asterisk",
        "9112 3.2.4",
        request("OPTIONS * HTTP/1.1", "Host: {host}"),
        AnsweredHere(frozenset({200, 204, 404, 405})),
    ),
    _half_closed(
        "absolute-form",
        "9112 3.2.2",
        request("GET http://{host}{target} HTTP/1.1", "Host: {host}"),
        arrives("GET"),
    ),
    _half_closed(
        "connect-authority-form",
        "9112 3.2.3",
        request("CONNECT example.com:443 HTTP/1.1", "Host: {host}"),
        NOT_ALLOWED,
    ),
    Case("h1spec/invalid-version", "9112 2.3", get(version="HTTP/2.0"), NO_SUCH_VERSION),
    Case(
        "h1spec/malformed-request-line",
        "9112 3",
        request("GET {target}", "Host: {host}"),
        NO_SUCH_VERSION,
        argued=NO_VERSION,
    ),
)
FIELDS = (
    Case("h1spec/missing-host", "9112 3.2", request("GET {target} HTTP/1.1"), REFUSED),
    Case("h1spec/duplicate-host", "9112 3.2", get("Host: example.com"), REFUSED),
    Case("h1spec/invalid-host", "9112 3.2", request("GET {target} HTTP/1.1", "Host: bad host"), REFUSED),
    Case("h1spec/invalid-field-name", "9112 5", get("Bad Name: a"), REFUSED),
    Case("h1spec/obsolete-folding", "9112 5.2", get("  continued"), REFUSED),
    Case(
        "h1spec/space-before-colon",
        "9112 5.1",
        request("GET {target} HTTP/1.1", "Host : {host}"),
        REFUSED,
    ),
    Case(
        "h1spec/null-in-field",
        "9110 5.5",
        request("GET {target} HTTP/1.1", "Host: local\x00host"),
        REFUSED,
    ),
)
BODY = (
    _half_closed("chunked", "9112 7.1", chunked(HELLO), arrives("POST", body="hello")),
    Case(
        "h1spec/chunked-http10",
        "9112 6.1",
        post("Transfer-Encoding: chunked", body=HELLO, version="HTTP/1.0"),
        REFUSED,
    ),
    Case(
        "h1spec/chunked-and-length",
        "9112 6.3",
        post("Transfer-Encoding: chunked", "Content-Length: 5", body=HELLO),
        REFUSED,
    ),
    Case(
        "h1spec/chunked-and-length-closes",
        "9112 6.1",
        post("Transfer-Encoding: chunked", "Content-Length: 5", body=HELLO + "{next}"),
        REFUSED,
    ),
    Case(
        "h1spec/unknown-coding",
        "9112 6.1",
        post("Transfer-Encoding: nonsense", body="hello"),
        NO_SUCH_CODING,
    ),
    Case(
        "h1spec/chunked-not-final",
        "9112 6.3",
        post("Transfer-Encoding: chunked, gzip", body=HELLO),
        REFUSED,
    ),
    Case("h1spec/invalid-length", "9110 8.6", post("Content-Length: xyz", body="hello"), REFUSED),
    Case(
        "h1spec/conflicting-lengths",
        "9112 6.3",
        post("Content-Length: 5", "Content-Length: 7", body="hello!!"),
        REFUSED,
    ),
    Case("h1spec/invalid-chunk-size", "9112 7.1", chunked("Z\r\nhello\r\n0\r\n\r\n"), BROKEN),
    Case("h1spec/chunk-without-end", "9112 7.1", chunked("5\r\nhello0\r\n\r\n"), BROKEN),
    Case(
        "h1spec/expect-continue",
        "9110 10.1.1",
        post("Content-Length: 5", "Expect: 100-continue"),
        arrives("POST", body="hello"),
        then="hello",
    ),
)
CONNECTION = (
    Case("h1spec/keep-alive", "9112 9.3", get(), arrives("GET")),
    Case(
        "h1spec/connection-close",
        "9112 9.6",
        get("Connection: close"),
        Answered((Arrival("GET"),), closes=True),
    ),
    Case(
        "h1spec/http10-closes",
        "9112 9.3",
        get(version="HTTP/1.0"),
        Answered((Arrival("GET", version="1.0"),), closes=True),
    ),
)
ANSWERS = (
    _half_closed("head-without-body", "9110 9.3.2", get(method="HEAD"), arrives("HEAD")),
    Case("h1spec/error-has-an-end", "9112 6.3", get(method="get"), NO_SUCH_METHOD),
)
LIMITS = (
    Case(
        "h1spec/oversized-request-line",
        "9112 3",
        request("GET {base}" + "a" * 9000 + " HTTP/1.1", "Host: {host}"),
        TOO_LARGE,
    ),
    _half_closed("flood-of-fields", "9110 5.4", get(*FLOOD), Either(TOO_LARGE, arrives("GET", *FLOOD))),
    _half_closed("oversized-field", "9110 5.4", get(LARGE), Either(TOO_LARGE, arrives("GET", LARGE))),
)
H1SPEC = (*LINE, *FIELDS, *BODY, *CONNECTION, *ANSWERS, *LIMITS)
