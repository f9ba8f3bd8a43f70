"""What http-desync-guardian (7dd6f37) calls ambiguous. Repeated rules stand here once.

It lets such requests pass where it must, and closes the connection behind them; we refuse, unless what goes
on has one meaning.
"""

from __future__ import annotations

from tests.compliance.arguments import LOOKALIKE, WITH_BODY
from tests.compliance.case import (
    NO_SUCH_CODING,
    NO_SUCH_VERSION,
    REFUSED,
    Case,
    Either,
    arrives,
    get,
    post,
    request,
)

FIVE = "Content-Length: 5"
CHUNKED = "Transfer-Encoding: chunked"
HELLO = "5\r\nhello\r\n0\r\n\r\n"


def _name(name: str, field: str) -> Case:
    """Return a case whose framing hangs on a name that some readers mend."""
    return Case(f"guardian/ambiguous/{name}", "9110 5.1", post(field, FIVE, body="hello"), REFUSED)


NAMES = tuple(
    _name(name, field)
    for name, field in {
        "coding-with-a-space": "Transfer-Encoding : chunked",
        "coding-with-a-tab": "Transfer-Encoding\t: chunked",
        "coding-behind-a-space": " Transfer-Encoding: chunked",
        "coding-with-a-space-inside": "Transfer- Encoding: chunked",
        "coding-behind-a-control-character": "\x01Transfer-Encoding: chunked",
        "coding-behind-two-control-characters": "\x01\x01Transfer-Encoding: chunked",
        "coding-before-a-control-character": "Transfer-Encoding\x01: chunked",
        "coding-before-a-high-byte": "Transfer-Encoding\x88: chunked",
        "coding-with-a-long-s": "Tran\xc5\xbffer-Encoding: chunked",
        "coding-with-a-dotless-i": "Transfer-Encod\xc4\xb1ng: chunked",
        "coding-behind-wide-spaces": "\xe2\x80\x83\xe2\x80\x83Transfer-Encoding: chunked",
        "coding-with-a-wide-dash": "Transfer\xe2\x80\x95Encoding: chunked",
        "length-behind-a-control-character": "\x01Content-Length: 1",
        "length-behind-two-control-characters": "\x01\x01Content-Length: 1",
        "length-before-a-control-character": "Content-Length\x01: 1000",
        "length-before-wide-spaces": "Content-Length\xe2\x80\x83\xe2\x80\x83: 1000",
        "length-behind-a-high-byte": "\xa0Content-Length: 100",
        "no-name": ": chunked",
        "name-behind-a-colon": ":X-Test:Transfer-Encoding: chunked",
        "name-of-spaces": "   \t\t  : chunked",
    }.items()
)
SPACES = (
    Case(
        "guardian/ambiguous/both-behind-spaces",
        "9112 2.2",
        post(" Transfer-Encoding: chunked", " Content-Length: 1000", body="hello"),
        REFUSED,
    ),
    Case(
        "guardian/ambiguous/both-with-spaces",
        "9112 5.1",
        post("Transfer-Encoding : chunked", "Content-Length : 1000", body="hello"),
        REFUSED,
    ),
)
LOOKALIKES = tuple(
    Case(
        f"guardian/ambiguous/{name}",
        "9110 5.1",
        post(field, FIVE, body="hello"),
        Either(REFUSED, arrives("POST", *kept, body="hello")),
        argued=LOOKALIKE,
    )
    for name, field, kept in (
        ("coding-with-an-underscore", "Transfer_Encoding: chunked", ()),
        ("length-with-an-underscore", "Content_Length: 1000", ()),
        ("coding-with-three-hyphens", "Transfer---Encoding: chunked", ("Transfer---Encoding: chunked",)),
        ("coding-with-three-underscores", "Transfer___Encoding: chunked", ("Transfer___Encoding: chunked",)),
    )
)
FRAMED_TWICE = tuple(
    Case(f"guardian/ambiguous/{name}", "9112 6.3", post(*fields, body=HELLO), NO_SUCH_CODING)
    for name, fields in {
        "same-length-twice": (FIVE, FIVE),
        "chunked-and-length": (CHUNKED, "Content-Length: 100"),
        "length-and-chunked": ("Content-Length: 4", CHUNKED),
        "other-coding-and-length": ("Transfer-Encoding: gzip", "Content-Length: 100"),
        "codings-and-length": ("Transfer-Encoding: deflate", CHUNKED, "Content-Length: 4"),
        "mixed-case-and-length": ("tRANSFER-eNCODING: CHUNKED", "Content-Length: 4"),
    }.items()
)
BODIES = tuple(
    Case(
        f"guardian/ambiguous/{method.lower()}-with-{name}",
        section,
        get(field, method=method, body=body),
        arrives(method, body="hello"),
        argued=WITH_BODY,
    )
    for method, section in (("GET", "9110 9.3.1"), ("HEAD", "9110 9.3.2"))
    for name, field, body in (("a-length", FIVE, "hello"), ("chunks", CHUNKED, HELLO))
)
BAD_BODIES = tuple(
    Case(
        f"guardian/ambiguous/{name}",
        "9110 5.5",
        get("X-Test: a\x01", field, method=method, body=body),
        REFUSED,
    )
    for name, method, field, body in (
        ("bad-value-and-chunks", "GET", CHUNKED, HELLO),
        ("bad-value-and-length", "HEAD", "Content-Length: 9000", ""),
    )
)
VERSIONS = tuple(
    Case(
        f"guardian/ambiguous/{name}-in-{version or 'no'}-version",
        "9112 6.1",
        request(f"POST {{target}} {version}".rstrip(), "Host: {host}", field, body=HELLO),
        NO_SUCH_VERSION,
    )
    for version in ("HTTP/0.9", "")
    for name, field in (("chunked", CHUNKED), ("length", FIVE))
)
LINES = (
    Case(
        "guardian/ambiguous/chunked-in-http10",
        "9112 6.1",
        post(CHUNKED, body=HELLO, version="HTTP/1.0"),
        REFUSED,
    ),
    Case(
        "guardian/ambiguous/tab-in-the-target", "9112 3", get().replace(" HTTP", "\tHTTP/1.1 HTTP"), REFUSED
    ),
    Case(
        "guardian/ambiguous/control-character-in-the-target",
        "9112 3.2",
        get().replace(" HTTP", "\x01HTTP/1.1 HTTP"),
        REFUSED,
    ),
)
AMBIGUOUS = (*NAMES, *SPACES, *LOOKALIKES, *FRAMED_TWICE, *BODIES, *BAD_BODIES, *VERSIONS, *LINES)
