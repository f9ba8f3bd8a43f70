"""Smuggling by lengths and transfer codings: ids of Http11Probe (95bc6a9), SMUG-CL-* and SMUG-TE-*."""

from __future__ import annotations

from tests.compliance.arguments import LENGTH_ANEW, LOOKALIKE
from tests.compliance.case import (
    NO_SUCH_CODING,
    REFUSED,
    Case,
    Either,
    arrives,
    get,
    post,
    request,
)

FIVE = arrives("POST", body="hello")


def _length(name: str, value: str, body: str = "hello", section: str = "9110 8.6") -> Case:
    return Case(f"SMUG-CL-{name}", section, post(f"Content-Length: {value}", body=body), REFUSED)


def _coding(name: str, line: str, section: str = "9112 6.1") -> Case:
    """Return a case in which a second recipient might believe the length instead."""
    return Case(f"SMUG-{name}", section, post(line, "Content-Length: 5", body="hello"), NO_SUCH_CODING)


LENGTHS = (
    _length("NEGATIVE", "-1", ""),
    _length("NEGATIVE-ZERO", "-0", ""),
    _length("COMMA-DIFFERENT", "5, 10"),
    _length("COMMA-SAME", "5, 5"),
    _length("COMMA-TRIPLE", "5, 5, 5"),
    _length("OCTAL", "0o5"),
    _length("HEX-PREFIX", "0x5"),
    _length("INTERNAL-SPACE", "1 0", "hello12345"),
    _length("UNDERSCORE", "1_0", "helloworld"),
    Case(
        "SMUG-DUPLICATE-CL",
        "9112 6.3",
        post("Content-Length: 5", "Content-Length: 10", body="helloworld"),
        REFUSED,
    ),
    Case(
        "SMUG-CL-LEADING-ZEROS",
        "9110 8.6",
        post("Content-Length: 005", body="hello"),
        Either(REFUSED, FIVE),
        argued=LENGTH_ANEW,
    ),
    Case(
        "SMUG-CL-DOUBLE-ZERO",
        "9110 8.6",
        post("Content-Length: 00"),
        Either(REFUSED, arrives("POST")),
        argued=LENGTH_ANEW,
    ),
    Case(
        "SMUG-CL-LEADING-ZEROS-OCTAL",
        "9110 8.6",
        post("Content-Length: 0200", body="A" * 200),
        Either(REFUSED, arrives("POST", body="A" * 200)),
        argued=LENGTH_ANEW,
    ),
    Case("SMUG-CL-TRAILING-SPACE", "9110 5.5", post("Content-Length: 5 ", body="hello"), FIVE),
    Case("SMUG-CL-EXTRA-LEADING-SP", "9110 5.5", post("Content-Length:  5", body="hello"), FIVE),
)
CODINGS = (
    _coding("TE-XCHUNKED", "Transfer-Encoding: xchunked"),
    _coding("TE-TRAILING-SPACE", "Transfer-Encoding: chunked "),
    _coding("TE-SP-BEFORE-COLON", "Transfer-Encoding : chunked", "9112 5.1"),
    _coding("TE-DOUBLE-CHUNKED", "Transfer-Encoding: chunked, chunked"),
    _coding("TE-CASE-MISMATCH", "Transfer-Encoding: Chunked"),
    _coding("TE-EMPTY-VALUE", "Transfer-Encoding: "),
    _coding("TE-LEADING-COMMA", "Transfer-Encoding: , chunked", "9110 5.6.1"),
    _coding("TE-TRAILING-COMMA", "Transfer-Encoding: chunked,", "9110 5.6.1"),
    _coding("TE-DUPLICATE-HEADERS", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
    _coding("TE-VTAB", "Transfer-Encoding: \x0bchunked", "9110 5.5"),
    _coding("TE-FORMFEED", "Transfer-Encoding: \x0cchunked", "9110 5.5"),
    _coding("TE-NULL", "Transfer-Encoding: chunked\x00", "9110 5.5"),
    _coding("TE-TAB-BEFORE-VALUE", "Transfer-Encoding:\tchunked"),
    _coding("TE-IDENTITY", "Transfer-Encoding: identity", "9112 7"),
    _coding("TE-OBS-FOLD", "Transfer-Encoding:\r\n chunked", "9112 5.2"),
    _coding("CHUNKED-WITH-PARAMS", "Transfer-Encoding: chunked;ext=val", "9112 7"),
    Case(
        "SMUG-TE-NOT-FINAL-CHUNKED",
        "9112 6.3",
        post("Transfer-Encoding: chunked, gzip", body="0\r\n\r\n"),
        REFUSED,
    ),
    Case(
        "SMUG-TE-HTTP10",
        "9112 6.1",
        post("Transfer-Encoding: chunked", "Content-Length: 5", body="hello", version="HTTP/1.0"),
        REFUSED,
    ),
    # Servers in the manner of CGI read it as Transfer-Encoding.
    Case(
        "SMUG-TRANSFER_ENCODING",
        "9112 6.1",
        post("Transfer_Encoding: chunked", "Content-Length: 5", body="hello"),
        Either(REFUSED, FIVE),
        argued=LOOKALIKE,
    ),
)
BOTH = (
    Case(
        "SMUG-CL-TE-BOTH",
        "9112 6.1",
        post(
            "Content-Length: {length}", "Transfer-Encoding: chunked", body="D\r\nhello-bananas\r\n0\r\n\r\n"
        ),
        REFUSED,
    ),
    Case(
        "SMUG-CLTE-PIPELINE",
        "9112 6.1",
        post("Content-Length: 4", "Transfer-Encoding: chunked", body="0\r\n\r\n"),
        REFUSED,
    ),
    Case(
        "SMUG-TECL-PIPELINE",
        "9112 6.1",
        post("Transfer-Encoding: chunked", "Content-Length: 30", body="0\r\n\r\n"),
        REFUSED,
    ),
    Case(
        "SMUG-CLTE-CONN-CLOSE",
        "9112 6.1",
        post("Content-Length: 5", "Transfer-Encoding: chunked", body="0\r\n\r\n{next}"),
        REFUSED,
    ),
    Case(
        "SMUG-TECL-CONN-CLOSE",
        "9112 6.1",
        post("Transfer-Encoding: chunked", "Content-Length: 5", body="0\r\n\r\n{next}"),
        REFUSED,
    ),
)
HOSTS = (
    Case(
        "SMUG-ABSOLUTE-URI-HOST-MISMATCH",
        "9112 3.2.2",
        request("GET http://other.example{target} HTTP/1.1", "Host: {host}"),
        REFUSED,
    ),
    Case(
        "SMUG-MULTIPLE-HOST-COMMA",
        "9110 7.2",
        request("GET {target} HTTP/1.1", "Host: {host}, other.example"),
        REFUSED,
    ),
    Case("SMUG-BARE-CR-HEADER-VALUE", "9112 2.2", get("X-Test: val\rue"), REFUSED),
)
FRAMING = (*LENGTHS, *CODINGS, *BOTH, *HOSTS)
