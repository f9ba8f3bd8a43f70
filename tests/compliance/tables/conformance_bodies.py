"""Bodies, connections, upgrades and answers: ids of Http11Probe (95bc6a9), COMP-*."""

from __future__ import annotations

from tests.compliance.arguments import NO_EXPECTATION, THEIRS, WITH_BODY
from tests.compliance.case import (
    NO_SUCH_CODING,
    REFUSED,
    Answered,
    AnsweredHere,
    Arrival,
    Case,
    Either,
    Stopped,
    arrives,
    chunked,
    get,
    post,
    request,
)

FIVE = arrives("POST", body="hello")
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
VERSION = "Sec-WebSocket-Version: 13"
OTHER_VERSION = "Sec-WebSocket-Version: 99"
UPGRADE = ("Connection: Upgrade", "Upgrade: websocket")


def _passes(name: str, section: str, *fields: str, method: str = "GET", argued: str = "") -> Case:
    return Case(name, section, get(*fields, method=method), arrives(method, *fields), argued=argued)


LENGTHS = (
    Case("RFC9112-6.1-CL-NON-NUMERIC", "9110 8.6", post("Content-Length: abc"), REFUSED),
    Case("RFC9112-6.1-CL-PLUS-SIGN", "9110 8.6", post("Content-Length: +5", body="hello"), REFUSED),
    Case("COMP-POST-CL-BODY", "9112 6.2", post("Content-Length: 5", body="hello"), FIVE),
    Case("COMP-POST-CL-ZERO", "9112 6.2", post("Content-Length: 0"), arrives("POST")),
    Case("COMP-POST-NO-CL-NO-TE", "9112 6.3", post(), arrives("POST")),
    Case("COMP-POST-CL-UNDERSEND", "9112 8", post("Content-Length: 10", body="hello"), Stopped()),
    Case(
        "COMP-GET-WITH-CL-BODY",
        "9110 9.3.1",
        get("Content-Length: 5", body="hello"),
        arrives("GET", body="hello"),
        argued=WITH_BODY,
    ),
)
CHUNKS = (
    Case("COMP-CHUNKED-BODY", "9112 7.1", chunked("5\r\nhello\r\n0\r\n\r\n"), FIVE),
    Case(
        "COMP-CHUNKED-MULTI",
        "9112 7.1",
        chunked("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"),
        arrives("POST", body="hello world"),
    ),
    Case("COMP-CHUNKED-EMPTY", "9112 7.1", chunked("0\r\n\r\n"), arrives("POST")),
    Case("COMP-CHUNKED-EXTENSION", "9112 7.1.1", chunked("5;ext=value\r\nhello\r\n0\r\n\r\n"), FIVE),
    Case("COMP-CHUNKED-TRAILER-VALID", "9112 7.1.2", chunked("5\r\nhello\r\n0\r\nX-Sum: abc\r\n\r\n"), FIVE),
    Case(
        "COMP-CHUNKED-HEX-UPPERCASE",
        "9112 7.1",
        chunked("A\r\nhelloworld\r\n0\r\n\r\n"),
        arrives("POST", body="helloworld"),
    ),
    Case("COMP-CHUNKED-NO-FINAL", "9112 8", chunked("5\r\nhello\r\n"), Stopped()),
    Case("COMP-UNKNOWN-TE-501", "9112 6.1", post("Transfer-Encoding: gzip"), NO_SUCH_CODING),
)
UPGRADES = (
    Case("COMP-UPGRADE-POST", "6455 4.1", post(*UPGRADE, KEY, VERSION), arrives("POST", KEY, VERSION)),
    Case(
        "COMP-UPGRADE-MISSING-CONN",
        "9110 7.8",
        get("Upgrade: websocket", KEY, VERSION),
        arrives("GET", KEY, VERSION),
    ),
    Case(
        "COMP-UPGRADE-UNKNOWN", "9110 7.8", get("Connection: Upgrade", "Upgrade: made-up/1.0"), arrives("GET")
    ),
    Case(
        "COMP-UPGRADE-INVALID-VER",
        "6455 4.4",
        get(*UPGRADE, KEY, OTHER_VERSION),
        arrives("GET", *UPGRADE, KEY, OTHER_VERSION),
        argued=THEIRS,
    ),
    Case(
        "COMP-UPGRADE-HTTP10",
        "9110 7.8",
        get(*UPGRADE, KEY, VERSION, version="HTTP/1.0"),
        Answered((Arrival("GET", (KEY, VERSION), version="1.0"),), closes=True),
    ),
)
CONNECTIONS = (
    Case(
        "COMP-CONNECTION-CLOSE",
        "9112 9.6",
        get("Connection: close"),
        Answered((Arrival("GET"),), closes=True),
    ),
    Case(
        "COMP-EXPECT-UNKNOWN",
        "9110 10.1.1",
        get("Expect: 200-ok"),
        Either(AnsweredHere(frozenset({417})), arrives("GET")),
        argued=NO_EXPECTATION,
    ),
    Case(
        "COMP-NO-1XX-HTTP10",
        "9110 15.2",
        post("Expect: 100-continue", "Content-Length: 5", body="hello", version="HTTP/1.0"),
        Answered((Arrival("POST", body="hello", version="1.0"),), closes=True),
    ),
)
ANSWERS = (
    _passes("COMP-HEAD-NO-BODY", "9110 9.3.2", method="HEAD"),
    _passes("COMP-DATE-HEADER", "9110 6.6.1"),
    _passes("COMP-DATE-FORMAT", "9110 5.6.7"),
    _passes("COMP-CONTENT-TYPE", "9110 8.3"),
    _passes("COMP-405-ALLOW", "9110 15.5.6", method="DELETE", argued=THEIRS),
    _passes("COMP-OPTIONS-ALLOW", "9110 9.3.7", method="OPTIONS", argued=THEIRS),
    _passes("COMP-RANGE-INVALID", "9110 14.2", "Range: bytes=abc-xyz", argued=THEIRS),
    _passes("COMP-ACCEPT-NONSENSE", "9110 12.5.1", "Accept: application/x-nonsense", argued=THEIRS),
    Case(
        "COMP-RANGE-POST",
        "9110 14.2",
        post("Content-Length: 5", "Range: bytes=0-10", body="hello"),
        arrives("POST", "Range: bytes=0-10", body="hello"),
        argued=THEIRS,
    ),
    Case(
        "COMP-POST-UNSUPPORTED-CT",
        "9110 15.5.16",
        post("Content-Length: 5", "Content-Type: application/x-nonsense", body="hello"),
        arrives("POST", "Content-Type: application/x-nonsense", body="hello"),
        argued=THEIRS,
    ),
    Case(
        "COMP-NO-CL-IN-204",
        "9110 8.6",
        request("OPTIONS {base}nothing HTTP/1.1", "Host: {host}"),
        Answered((Arrival("OPTIONS", target="{base}nothing", status=204),)),
    ),
)
CONFORMANCE_OF_BODIES = (*LENGTHS, *CHUNKS, *UPGRADES, *CONNECTIONS, *ANSWERS)
