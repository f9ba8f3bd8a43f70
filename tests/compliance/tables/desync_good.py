"""What http-desync-guardian (7dd6f37) calls acceptable or compliant. Repeated rules stand here once.

We know no acceptable faults: what breaks the grammar is refused.
"""

from __future__ import annotations

from tests.compliance.arguments import NOT_IN_A_PATH, NOT_SPOKEN
from tests.compliance.case import (
    NO_SUCH_CODING,
    NO_SUCH_VERSION,
    NOWHERE,
    REFUSED,
    Answered,
    Arrival,
    Case,
    arrives,
    chunked,
    get,
    post,
    request,
)

CHUNKED = "Transfer-Encoding: chunked"
LAST = "0\r\n\r\n"
HELLO = "5\r\nhello\r\n" + LAST
BYTES = "\x60\x85\x93\xa0"
ACCEPTABLE = (
    *(
        Case(f"guardian/acceptable/{name}", "9110 5.1", get(field, *more, method="PUT", body=body), REFUSED)
        for name, field, more, body in (
            ("space-behind-a-name", "X-Test : a", (), ""),
            ("space-behind-a-name-and-chunks", "X-Test : a", (CHUNKED,), LAST),
            ("space-behind-a-name-and-length", "X-Test : a", ("Content-Length: 5",), "hello"),
            ("control-character-before-a-name", "\x01X-Test: a", (CHUNKED,), LAST),
            ("control-character-behind-a-name", "X-Test\x01: a", (CHUNKED,), LAST),
            ("control-character-before-a-value", "X-Test: \x01a", (CHUNKED,), LAST),
            ("control-character-behind-a-value", "X-Test: a\x01", (CHUNKED,), LAST),
        )
    ),
    *(
        Case(
            f"guardian/acceptable/{method.lower()}-with-length-0",
            "9110 8.6",
            get("Content-Length: 0", method=method),
            arrives(method),
        )
        for method in ("GET", "HEAD")
    ),
    Case("guardian/acceptable/http09", "9112 2.3", get(version="HTTP/0.9"), NO_SUCH_VERSION),
    Case("guardian/acceptable/no-version", "9112 2.3", request("GET {target}", "X-Test: a"), NO_SUCH_VERSION),
    Case(
        "guardian/acceptable/http12", "9112 2.3", get(version="HTTP/1.2"), NO_SUCH_VERSION, argued=NOT_SPOKEN
    ),
    Case("guardian/acceptable/space-behind-the-version", "9112 3", get(version="HTTP/1.1 "), REFUSED),
    Case(
        "guardian/acceptable/spaces-in-the-target",
        "9112 3.2",
        request("GET {target}?a=not escaped spaces HTTP/1.1", "Host: {host}"),
        REFUSED,
    ),
)


def _target(name: str, target: str, outcome: Answered | None = None) -> Case:
    line = request(f"GET {target} HTTP/1.1", "Host: {host}")
    return Case(
        f"guardian/compliant/{name}",
        "9112 3.2",
        line,
        outcome or Answered((Arrival("GET", target=target),)),
    )


FIELDS = tuple(
    Case(
        f"guardian/compliant/{name}",
        "9110 5.5",
        post(CHUNKED, f"{field}:\t\t\tvalue;{BYTES}", body=HELLO),
        arrives("POST", f"{field}: value;{BYTES}", body="hello"),
    )
    for name, field in {
        "bytes-above-ascii": "X-Test",
        "every-character-of-a-name": "X-Test.!#$%&'*+^`|~0123456789",
        "underscores-in-a-name": "X_Test_Field",
        "points-in-a-name": "X.Test.Field",
        "digits-in-a-name": "X-Test-0987654321",
    }.items()
)
COMPLIANT = (
    Case("guardian/compliant/no-fields", "9112 5", get(), arrives("GET")),
    Case("guardian/compliant/chunks", "9112 7.1", chunked(HELLO), arrives("POST", body="hello")),
    Case(
        "guardian/compliant/length",
        "9112 6.2",
        get("Content-Length: 5", method="PUT", body="hello"),
        arrives("PUT", body="hello"),
    ),
    Case(
        "guardian/compliant/length-before-spaces",
        "9110 5.5",
        get("Content-Length: 5  ", method="PUT", body="hello"),
        arrives("PUT", body="hello"),
    ),
    Case(
        "guardian/compliant/framing-in-a-value",
        "9110 5.5",
        post("Content-Length: 5", "X-Test: Transfer-Encoding: chunked", body="hello"),
        arrives("POST", "X-Test: Transfer-Encoding: chunked", body="hello"),
    ),
    Case(
        "guardian/compliant/many-fields",
        "9110 5.4",
        get(*(f"X-Test-{number}: value" for number in range(30))),
        arrives("GET", *(f"X-Test-{number}: value" for number in range(30))),
    ),
    *FIELDS,
    _target("percent-20", "{target}?path-%20-uri"),
    _target("signs-in-a-query", "{target}?a=b&b=c&%dd=%ee&d=~!@$^*()_+:<>?,./;'[]{}`|"),
    *(
        Case(
            f"guardian/compliant/percent-{code}",
            "9112 3.2",
            request(f"GET {{base}}path-%{code}-uri HTTP/1.1", "Host: {host}"),
            NOWHERE,
            argued=NOT_IN_A_PATH,
        )
        for code in ("09", "0A", "0D")
    ),
    Case(
        "guardian/compliant/high-bytes-in-the-target",
        "9112 3.2",
        request("GET {base}\xd1\x81\xd1\x82 HTTP/1.1", "Host: {host}"),
        REFUSED,
    ),
    Case("guardian/compliant/no-target", "9112 3.2", request("GET  HTTP/1.1", "Host: {host}"), REFUSED),
    *(
        Case(f"guardian/compliant/{name}", "9112 6.1", post(*fields, body=HELLO), NO_SUCH_CODING)
        for name, fields in {
            "codings-in-lines": ("Transfer-Encoding: gzip", "Transfer-Encoding: deflate", CHUNKED),
            "codings-in-a-list": ("Transfer-Encoding: gzip , deflate , \tidentity\t, compress\t, chunked",),
            "codings-with-parameters": ("Transfer-Encoding:   gzip   ;   ", "Transfer-Encoding: chunked;a"),
            "gzip-and-chunked": ("Transfer-Encoding: gzip, chunked",),
            "identity-and-chunked": ("Transfer-Encoding: deflate, identity, chunked",),
        }.items()
    ),
)
