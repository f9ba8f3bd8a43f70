"""Cookies and names that look like others: ids of Http11Probe (95bc6a9), COOK-* and NORM-*."""

from __future__ import annotations

from tests.compliance.arguments import LOOKALIKE, NO_COOKIES
from tests.compliance.case import REFUSED, TOO_LARGE, Answered, Arrival, Case, Either, arrives, get, post


def _cookie(name: str, *fields: str) -> Case:
    return Case(f"COOK-{name}", "6265 5.4", get(*fields), arrives("GET"), argued=NO_COOKIES)


COOKIES = (
    _cookie("ECHO", "Cookie: foo=bar"),
    _cookie("EMPTY", "Cookie: "),
    _cookie("MALFORMED", "Cookie: ===;;;"),
    _cookie("MULTI-HEADER", "Cookie: a=1", "Cookie: b=2"),
    _cookie("MANY-PAIRS", "Cookie: " + "; ".join(f"k{number}=v" for number in range(1000))),
    _cookie("PARSED-BASIC", "Cookie: foo=bar"),
    _cookie("PARSED-MULTI", "Cookie: a=1; b=2; c=3"),
    _cookie("PARSED-EMPTY-VAL", "Cookie: foo="),
    _cookie("PARSED-SPECIAL", "Cookie: a=hello world; b=x=y"),
    Case("COOK-OVERSIZED", "9110 5.4", get("Cookie: big=" + "A" * 65_536), TOO_LARGE),
    Case("COOK-NUL", "9110 5.5", get("Cookie: foo=\x00bar"), REFUSED),
    Case("COOK-CONTROL-CHARS", "9110 5.5", get("Cookie: foo=\x01\x02\x03"), REFUSED),
)
HELLO_WORLD = Answered((Arrival("POST", body="hello world"),))
LOOKALIKES = (
    Case(
        "NORM-UNDERSCORE-CL",
        "9110 5.1",
        post("Content-Length: 11", "Content_Length: 99", body="hello world"),
        Either(REFUSED, HELLO_WORLD),
        argued=LOOKALIKE,
    ),
    Case(
        "NORM-SP-BEFORE-COLON-CL",
        "9112 5.1",
        post("Content-Length: 11", "Content-Length : 5", body="hello world"),
        REFUSED,
    ),
    Case(
        "NORM-TAB-IN-NAME",
        "9110 5.1",
        post("Content-Length: 11", "Content\tLength: 99", body="hello world"),
        REFUSED,
    ),
    Case(
        "NORM-CASE-TE",
        "9110 5.1",
        post("TRANSFER-ENCODING: chunked", body="b\r\nhello world\r\n0\r\n\r\n"),
        HELLO_WORLD,
    ),
    Case(
        "NORM-UNDERSCORE-TE",
        "9110 5.1",
        post("Content-Length: 11", "Transfer_Encoding: chunked", body="hello world"),
        Either(REFUSED, HELLO_WORLD),
        argued=LOOKALIKE,
    ),
)
