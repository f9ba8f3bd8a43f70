"""Smuggling by chunks and trailers: ids of Http11Probe (95bc6a9), SMUG-CHUNK-* and SMUG-TRAILER-*."""

from __future__ import annotations

from tests.compliance.case import BROKEN, Case, Either, arrives, chunked

LAST = "0\r\n\r\n"


def _chunk(name: str, body: str, section: str = "9112 7.1") -> Case:
    return Case(f"SMUG-CHUNK-{name}", section, chunked(body), BROKEN)


def _trailer(name: str, field: str) -> Case:
    """Return a case with a trailer that says what only a head may. All trailers end at the gateway; above all
    none becomes a field of the next request.
    """
    return Case(
        f"SMUG-TRAILER-{name}",
        "9110 6.5.1",
        chunked(f"5\r\nhello\r\n0\r\n{field}\r\n\r\n"),
        Either(BROKEN, arrives("POST", body="hello")),
    )


SIZES = (
    _chunk("UNDERSCORE", "1_0\r\nhello world!!!!!\r\n" + LAST),
    _chunk("HEX-PREFIX", "0x5\r\nhello\r\n" + LAST),
    _chunk("SIZE-PLUS", "+5\r\nhello\r\n" + LAST),
    _chunk("SIZE-TRAILING-OWS", "5 \r\nhello\r\n" + LAST),
    _chunk("LEADING-SP", " 5\r\nhello\r\n" + LAST),
    _chunk("NEGATIVE", "-1\r\nhello\r\n" + LAST),
)
EXTENSIONS = (
    _chunk("BARE-SEMICOLON", "5;\r\nhello\r\n" + LAST, "9112 7.1.1"),
    _chunk("EXT-INVALID-TOKEN", "5;bad[=x\r\nhello\r\n" + LAST, "9112 7.1.1"),
    _chunk("EXT-LF", "5;\nhello\r\n" + LAST, "9112 7.1.1"),
    _chunk("EXT-CTRL", "5;\x00ext\r\nhello\r\n" + LAST, "9112 7.1.1"),
    _chunk("EXT-CR", "5;a\rX\r\nhello\r\n" + LAST, "9112 7.1.1"),
)
ENDS = (
    _chunk("MISSING-TRAILING-CRLF", "5\r\nhello" + LAST),
    _chunk("SPILL", "5\r\nhello!!\r\n" + LAST),
    _chunk("LF-TERM", "5\r\nhello\n" + LAST),
    _chunk("LF-TRAILER", "5\r\nhello\r\n0\r\n\n"),
    _chunk("BARE-CR-TERM", "5\rhello\r\n" + LAST, "9112 2.2"),
    _chunk("INVALID-SIZE-DESYNC", "+0\r\n\r\nX"),
)
TRAILERS = (
    _trailer("CL", "Content-Length: 50"),
    _trailer("TE", "Transfer-Encoding: chunked"),
    _trailer("HOST", "Host: evil.example"),
    _trailer("AUTH", "Authorization: Bearer evil"),
    _trailer("CONTENT-TYPE", "Content-Type: text/evil"),
)
CHUNKS = (*SIZES, *EXTENSIONS, *ENDS, *TRAILERS)
