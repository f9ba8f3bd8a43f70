"""Requests hidden in the bodies of others: ids of Http11Probe (95bc6a9), SMUG-*-SMUGGLED-* and SMUG-*-DESYNC.

Where one recipient would see a body, another would see `{smuggled}`.
"""

from __future__ import annotations

from tests.compliance.arguments import BEHIND_A_BODY, WITH_BODY
from tests.compliance.case import (
    NO_SUCH_CODING,
    REFUSED,
    Answered,
    Arrival,
    Case,
    Either,
    arrives,
    get,
    post,
)

HIDDEN = "0\r\n\r\n{smuggled}"
CHUNKED = "Transfer-Encoding: chunked"
LENGTH = "Content-Length: {length}"
PREFIX = "GET {base}canary HTTP/1.1\r\nHost: {host}\r\n"


def _hidden(name: str, *fields: str, section: str = "9112 6.1") -> Case:
    return Case(f"SMUG-{name}", section, post(*fields, body=HIDDEN), NO_SUCH_CODING)


SMUGGLED = (
    _hidden("CLTE-SMUGGLED-GET", LENGTH, CHUNKED),
    _hidden("CLTE-SMUGGLED-GET-CL-PLUS", "Content-Length: +{length}", CHUNKED),
    _hidden("CLTE-SMUGGLED-GET-CL-NON-NUMERIC", "Content-Length: {length}x", CHUNKED),
    _hidden("CLTE-SMUGGLED-GET-TE-OBS-FOLD", "Transfer-Encoding:\r\n chunked", LENGTH, section="9112 5.2"),
    _hidden("CLTE-SMUGGLED-GET-TE-TRAILING-SPACE", LENGTH, "Transfer-Encoding: chunked "),
    _hidden("CLTE-SMUGGLED-GET-TE-LEADING-COMMA", LENGTH, "Transfer-Encoding: , chunked"),
    _hidden("CLTE-SMUGGLED-GET-TE-CASE-MISMATCH", LENGTH, "Transfer-Encoding: Chunked"),
    _hidden("TE-DUPLICATE-HEADERS-SMUGGLED-GET", CHUNKED, "Transfer-Encoding: identity", LENGTH),
    Case(
        "SMUG-CLTE-SMUGGLED-HEAD",
        "9112 6.1",
        post(LENGTH, CHUNKED, body="0\r\n\r\nHEAD {base}canary HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        REFUSED,
    ),
    Case(
        "SMUG-TECL-SMUGGLED-GET",
        "9112 6.1",
        post(CHUNKED, "Content-Length: {size_line}", body="{size}\r\n{smuggled}\r\n0\r\n\r\n"),
        REFUSED,
    ),
    Case(
        "SMUG-DUPLICATE-CL-SMUGGLED-GET",
        "9110 8.6",
        post("Content-Length: 4", LENGTH, body="PING{smuggled}"),
        REFUSED,
    ),
)
POISON = (
    Case("SMUG-CLTE-DESYNC", "9112 6.1", post("Content-Length: 6", CHUNKED, body="0\r\n\r\nX"), REFUSED),
    Case("SMUG-TECL-DESYNC", "9112 6.1", post(CHUNKED, "Content-Length: 30", body="0\r\n\r\nX"), REFUSED),
    Case(
        "SMUG-CL0-BODY-POISON",
        "9112 6.2",
        post("Content-Length: 0", body="X"),
        Either(REFUSED, Answered((Arrival("POST"),), refuses_next=True)),
        argued=BEHIND_A_BODY,
    ),
    Case(
        "SMUG-OPTIONS-TE-OBS-FOLD",
        "9112 5.2",
        get("Transfer-Encoding:\r\n chunked", "Content-Length: 5", method="OPTIONS", body="hello"),
        REFUSED,
    ),
)
UNREAD = (
    Case(
        "SMUG-GET-CL-PREFIX-DESYNC",
        "9110 9.3.1",
        get(LENGTH, body=PREFIX),
        Answered((Arrival("GET", body=PREFIX),), follow="\r\n{next}"),
        argued=WITH_BODY,
    ),
    *(
        Case(
            f"SMUG-{method}-CL-BODY{suffix}",
            section,
            get("Content-Length: 5", method=method, body="hello"),
            arrives(method, body="hello"),
            argued=WITH_BODY,
        )
        for method, suffix, section in (
            ("HEAD", "", "9110 9.3.2"),
            ("OPTIONS", "", "9110 9.3.7"),
            ("GET", "-DESYNC", "9110 9.3.1"),
            ("OPTIONS", "-DESYNC", "9110 9.3.7"),
        )
    ),
    *(
        Case(
            f"SMUG-EXPECT-100-CL{suffix}",
            "9110 10.1.1",
            post("Content-Length: 5", "Expect: 100-continue", body="hello"),
            arrives("POST", body="hello"),
        )
        for suffix in ("", "-DESYNC")
    ),
    Case(
        "SMUG-PIPELINE-SAFE",
        "9112 9.3.2",
        get() + get(),
        Answered((Arrival("GET"), Arrival("GET"))),
    ),
)
DESYNC = (*SMUGGLED, *POISON, *UNREAD)
