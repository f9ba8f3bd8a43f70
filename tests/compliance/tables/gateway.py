"""What no source asks of a gateway: early answers, fields that end here, more than was announced."""

from __future__ import annotations

from tests.compliance.case import (
    BROKEN,
    NOT_ALLOWED,
    NOWHERE,
    REFUSED,
    Answered,
    AnsweredHere,
    Arrival,
    Case,
    Either,
    arrives,
    get,
    post,
    request,
)

CHUNKED = "Transfer-Encoding: chunked"
HIDDEN = ("Content-Length: {length}",)
HELLO = "5\r\nhello\r\n0\r\n\r\n"
ELSEWHERE = "POST /nosuch HTTP/1.1"
TRICK = "POST {base}a%2fb HTTP/1.1"
NO_ONE = AnsweredHere(frozenset({403, 404, 405}))


def _early(name: str, section: str, sent: str, outcome: AnsweredHere) -> Case:
    """Return a case that the gateway can answer before it has read the body, in which a request hides."""
    return Case(f"gateway/early/{name}", section, sent, outcome)


EARLY = (
    _early("trick", "9112 9.6", request(TRICK, "Host: {host}", *HIDDEN, body="{smuggled}"), NOWHERE),
    _early(
        "trick-in-chunks",
        "9112 9.6",
        request(TRICK, "Host: {host}", CHUNKED, body="{size}\r\n{smuggled}\r\n0\r\n\r\n"),
        NOWHERE,
    ),
    _early(
        "trick-with-expectation",
        "9110 10.1.1",
        request(TRICK, "Host: {host}", "Expect: 100-continue", *HIDDEN, body="{smuggled}"),
        NOWHERE,
    ),
    _early("nowhere", "9112 9.6", request(ELSEWHERE, "Host: {host}", *HIDDEN, body="{smuggled}"), NO_ONE),
    _early("trace", "9110 9.3.8", get(*HIDDEN, method="TRACE", body="{smuggled}"), NOT_ALLOWED),
    _early(
        "unknown-expectation",
        "9110 10.1.1",
        post("Expect: y 100-continue", *HIDDEN, body="{smuggled}"),
        AnsweredHere(frozenset({417})),
    ),
)
BODIES = tuple(
    Case(
        f"gateway/request-in-a-body/{method}",
        "9112 6.2",
        get(*HIDDEN, method=method, body="{smuggled}"),
        arrives(method, body="{smuggled}"),
    )
    for method in ("GET", "HEAD", "OPTIONS", "DELETE", "PUT", "POST", "PATCH")
)
EXPECTATIONS = (
    Case(
        "gateway/expect/no-body",
        "9110 10.1.1",
        post("Expect: 100-continue"),
        arrives("POST"),
    ),
    Case(
        "gateway/expect/request-in-a-body",
        "9110 10.1.1",
        post("Expect: 100-continue", "Content-Length: 18"),
        arrives("POST", body="GET / HTTP/1.1\r\n\r\n"),
        then="GET / HTTP/1.1\r\n\r\n",
    ),
    Case(
        "gateway/expect/chunks",
        "9110 10.1.1",
        post("Expect: 100-continue", CHUNKED),
        arrives("POST", body="hello"),
        then=HELLO,
    ),
    Case(
        "gateway/expect/broken-chunks",
        "9112 7.1",
        post("Expect: 100-continue", CHUNKED),
        BROKEN,
        then="5\r\nhello!\r\n0\r\n\r\n",
    ),
)
ONE_HOP = (
    Case(
        "gateway/one-hop/fields",
        "9110 7.6.1",
        get("TE: trailers", "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", "Trailer: X-Sum"),
        arrives("GET"),
    ),
    Case(
        "gateway/one-hop/named",
        "9110 7.6.1",
        get("Connection: keep-alive, X-Hop", "X-Hop: a", "X-End: b"),
        arrives("GET", "X-End: b"),
    ),
    # Whoever names them must not take away what the gateway says to the instance.
    Case(
        "gateway/one-hop/named-ours",
        "9110 7.6.1",
        get("Connection: Host, Authorization, X-Forwarded-For, X-Real-IP, Via"),
        arrives("GET"),
    ),
    Case(
        "gateway/one-hop/named-length",
        "9110 7.6.1",
        post("Connection: Content-Length", "Content-Length: 5", body="hello"),
        Either(REFUSED, arrives("POST", body="hello")),
    ),
    Case(
        "gateway/one-hop/named-coding",
        "9110 7.6.1",
        post("Connection: Transfer-Encoding", CHUNKED, body=HELLO),
        Either(REFUSED, arrives("POST", body="hello")),
    ),
    Case(
        "gateway/one-hop/claims",
        "7239 8.1",
        get("X-Forwarded-For: 9.9.9.9", "X-Real-IP: 9.9.9.9", "Forwarded: for=9.9.9.9", "x_real_ip: 9.9.9.9"),
        arrives("GET"),
    ),
    Case("gateway/one-hop/via", "9110 7.6.3", get("Via: 1.0 other"), arrives("GET", "Via: 1.0 other")),
    Case(
        "gateway/one-hop/max-forwards",
        "9110 7.6.2",
        get("Max-Forwards: 5", method="OPTIONS"),
        arrives("OPTIONS", "Max-Forwards: 4"),
    ),
    Case(
        "gateway/one-hop/last-forward",
        "9110 7.6.2",
        get("Max-Forwards: 0", method="OPTIONS"),
        AnsweredHere(frozenset({200, 204})),
    ),
)
MORE = (
    *(
        Case(
            f"gateway/more-than-announced/{name}",
            section,
            sent + "{smuggled}",
            Either(REFUSED, Answered((Arrival("GET", version=version),), closes=True)),
        )
        for name, section, sent, version in (
            ("close", "9112 9.6", get("Connection: close"), "1.1"),
            ("http10", "9112 9.3", get(version="HTTP/1.0"), "1.0"),
        )
    ),
    Case(
        "gateway/more-than-announced/pipeline",
        "9112 9.3.2",
        get(method="DELETE") + get(method="PUT") + get(method="HEAD"),
        Answered((Arrival("DELETE"), Arrival("PUT"), Arrival("HEAD"))),
    ),
    Case(
        "gateway/more-than-announced/pipeline-to-garbage",
        "9112 9.3.2",
        get() + "garbage\r\n\r\n",
        Either(REFUSED, Answered((Arrival("GET"),), refuses_next=True, follow="")),
    ),
)
GATEWAY = (*EARLY, *BODIES, *EXPECTATIONS, *ONE_HOP, *MORE)
