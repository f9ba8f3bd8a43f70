"""What http-desync-guardian (7dd6f37) calls severe: always refused. Repeated rules stand here once."""

from __future__ import annotations

from tests.compliance.case import NO_SUCH_CODING, NO_SUCH_METHOD, REFUSED, Case, get, post, request

FIVE = "Content-Length: 5"
CHUNKED = "Transfer-Encoding: chunked"


def _case(name: str, *fields: str, section: str, body: str = "hello") -> Case:
    return Case(f"guardian/severe/{name}", section, post(*fields, body=body), NO_SUCH_CODING)


def _line(name: str, line: str) -> Case:
    return Case(f"guardian/severe/{name}", "9112 3", request(line, "Host: {host}"), REFUSED)


LENGTHS = tuple(
    _case(name, f"Content-Length: {value}", section="9110 8.6", body="1" * 1000)
    for name, value in {
        "length-list": "1000,1000",
        "length-with-a-space": "1000 1000",
        "length-with-a-point": "1000.1000",
        "length-with-a-sign": "$9000",
        "length-beyond-64-bits": "18446744073709551616",
        "control-character-before-a-length": "\x011000",
        "control-character-behind-a-length": "1000\x01",
        "device-control-behind-a-length": "1000\x11",
        "high-byte-behind-a-length": "1000\xa0",
    }.items()
)
CODINGS = tuple(
    _case(name, f"Transfer-Encoding: {value}", section="9112 6.1", body="5\r\nhello\r\n0\r\n\r\n")
    for name, value in {
        "chunked-twice-in-a-list": "chunked,chunked",
        "unknown-coding": "xchunked",
        "part-of-a-coding": "chunk",
        "control-character-before-a-coding": "\x01chunked",
        "control-character-behind-a-coding": "chunked\x01",
        "device-control-behind-a-coding": "chunked\x11",
        "delete-behind-a-coding": "chunked\x7f",
        "null-before-a-coding": "\x00chunked",
        "high-byte-before-a-coding": "\xa0chunked",
        "high-byte-behind-a-coding": "chunked\xa0",
        "first-high-byte-behind-a-coding": "chunked\x80",
    }.items()
)
REPEATED = (
    _case("two-lengths", "Content-Length: 1000", "Content-Length: 100", section="9112 6.3", body="1" * 1000),
    _case("chunked-twice", CHUNKED, CHUNKED, section="9112 6.1", body="0\r\n\r\n"),
    _case(
        "chunked-twice-and-length",
        CHUNKED,
        CHUNKED,
        "Content-Length: 4",
        section="9112 6.1",
        body="0\r\n\r\n",
    ),
    _case("length-and-length-with-a-space", "Content-Length : 100", FIVE, section="9112 5.1"),
    _case("length-behind-a-space", " Content-Length: 100", FIVE, section="9112 2.2"),
    _case("coding-and-coding-with-a-space", "Transfer-Encoding : chunked", CHUNKED, section="9112 5.1"),
)
LINE_ENDS = (
    _case("folded", FIVE, "X-Test: a\r\n and\n b Transfer-Encoding: chunked\r\n", section="9112 5.2"),
    _case("folded-by-line-feeds", FIVE, "X-Test: a\n and\n Transfer-Encoding: chunked", section="9112 5.2"),
    _case("return-in-a-value", FIVE, "X-Test: a\r b\r.", section="9112 2.2"),
    _case("line-feed-in-a-value", FIVE, "X-Test: a\n b\n.", section="9112 2.2"),
    _case("return-in-a-name", "X-Test\r: 1000", section="9112 2.2"),
    _case("line-feed-in-a-name", "X-Test\n: Content-Length:1000\r\n " + CHUNKED, FIVE, section="9112 2.2"),
    _case("length-behind-a-return", "X-Test: a\rcontent-length: 1000", FIVE, section="9112 2.2"),
    _case("length-behind-a-line-feed", "X-Test: a\n content-length: 1000", FIVE, section="9112 2.2"),
    _case("coding-behind-a-return", FIVE, "X-Test: x\rTransfer-Encoding: chunked", section="9112 2.2"),
    _case("return-before-a-coding", "\rTransfer-Encoding: chunked", FIVE, section="9112 2.2"),
    _case("return-before-a-length", "\rContent-Length: 1000", FIVE, section="9112 2.2"),
)
NULLS = (
    _case("null-in-a-name", "X-Test\x00: 1000", section="9110 5.1"),
    _case("null-before-a-name", "\x00X-Test: a", FIVE, section="9110 5.1"),
    _case("null-before-a-coding-name", FIVE, "\x00Transfer-Encoding: chunked", section="9110 5.1"),
    _case("length-behind-a-null", "X-Test: a\x00content-length: 1000", FIVE, section="9110 5.5"),
    _case("null-before-a-value", "X-Test: \x00a", FIVE, section="9110 5.5"),
    _case("null-behind-a-value", "X-Test: a\x00", FIVE, section="9110 5.5"),
    _case("bad-value-behind-another", "X-Test: a\x12", "Content-Length: 1000\x11", section="9110 5.5"),
    _case("bad-name-and-value", "X-Test\t: \x11\x12\x00", "Transfer-Encoding\t: chunked", section="9112 5.1"),
)
LINES = (
    Case("guardian/severe/bad-method", "9110 9.1", get(method="bad_method\x01"), NO_SUCH_METHOD),
    _line("version-twice", "GET {target} HTTP/1.1 HTTP/1.1"),
    _line("return-in-the-target", "GET {target}\rHTTP/1.1 HTTP/1.1"),
    _line("line-feed-in-the-target", "GET {target}\nHTTP/1.1 HTTP/1.1"),
    _line("request-in-the-target", "GET {target}\tHTTP/1.1\r\nHost: {host}\r\n\r\nGET\t{target}\t HTTP/1.1"),
    _line("null-in-the-target", "GET {target}\x00HTTP/1.1 HTTP/1.1"),
    _line("null-before-the-target", "GET \x00{target} HTTP/1.1"),
    Case(
        "guardian/severe/bad-target-and-coding",
        "9112 3.2",
        request(
            "POST {target}\t/x HTTP/1.1",
            "Host: {host}",
            "Transfer-Encoding: chunked\x80",
            "Content-Length: $9",
        ),
        REFUSED,
    ),
)
SEVERE = (*LENGTHS, *CODINGS, *REPEATED, *LINE_ENDS, *NULLS, *LINES)
