from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.proxy.answer import Head
from gateway.proxy.headers import HeadRules
from gateway.proxy.origins import Origins
from gateway.proxy.visitor import Visitor
from pool.engines.engine import Address
from pool.upstream import Upstream

VISITOR = Visitor(b"203.0.113.7", b"https", b"notes.example", b"443")
PUBLIC = "/user/abc/"
EMBED = Origins(("https://blog.example", "https://wiki.example"))


def rules(base: str = PUBLIC, origins: Origins | None = None) -> HeadRules:
    upstream = Upstream(
        Address("10.0.0.9", 8888), PUBLIC, base, (("Authorization", "token s3cret"), ("X-Key", "k")), "s3cret"
    )
    return HeadRules(upstream, origins or Origins())


def request(
    *headers: tuple[bytes, bytes], base: str = PUBLIC, method: str = "GET", **more: object
) -> list[bytes]:
    fields = [(b"Host", b"ignored.example"), *headers]
    head = rules(base).request(method, b"lab?a=1", fields, VISITOR, **more)  # type: ignore[arg-type] # per test
    assert head.endswith(b"\r\n\r\n")
    return head[:-4].split(b"\r\n")


def response(
    *headers: tuple[bytes, bytes], status: int = 200, base: str = PUBLIC, **more: object
) -> list[bytes]:
    origins = more.pop("origins", None)
    compiled = rules(base, origins)  # type: ignore[arg-type] # per test
    options = {"origin": None, "host": b"notes.example", "date": lambda: b"today", **more}
    head = compiled.response(Head("1.1", status, b"Fine", headers), **options)  # type: ignore[arg-type] # per test
    assert head.endswith(b"\r\n\r\n")
    return head[:-4].split(b"\r\n")


def test_a_request_arrives_with_credential_and_the_visitors_address_and_nothing_else_new() -> None:
    assert request((b"Accept", b"*/*")) == [
        b"GET /user/abc/lab?a=1 HTTP/1.1",
        b"Host: notes.example",
        b"Accept: */*",
        b"Authorization: token s3cret",
        b"X-Key: k",
        b"X-Forwarded-For: 203.0.113.7",
        b"X-Forwarded-Proto: https",
        b"X-Forwarded-Host: notes.example",
        b"X-Forwarded-Port: 443",
        b"X-Real-IP: 203.0.113.7",
        b"Via: 1.1 warmgate",
    ]


def test_a_stripped_prefix_is_taken_off_and_told() -> None:
    lines = request(base="/")
    assert lines[0] == b"GET /lab?a=1 HTTP/1.1"
    assert b"X-Forwarded-Prefix: /user/abc" in lines


@pytest.mark.parametrize(
    "name",
    [
        b"Connection", b"Keep-Alive", b"Proxy-Connection", b"TE", b"Trailer", b"Transfer-Encoding",
        b"Proxy-Authorization", b"Proxy-Authenticate", b"HTTP2-Settings", b"Content-Length", b"Cookie",
        b"Authorization", b"AUTHORIZATION", b"x-key", b"X_Key", b"Expect", b"Forwarded", b"X-Real-IP",
        b"X-Forwarded-For", b"X-Forwarded-Anything", b"x_forwarded_for", b"X-Scheme", b"X_Real_IP",
        b"Upgrade",
    ],
)  # fmt: skip
def test_fields_of_one_connection_and_fields_meant_for_the_gateway_stay_here(name: bytes) -> None:
    assert not any(b"marker" in line for line in request((name, b"marker")))


def test_fields_named_by_connection_stay_here_on_both_ways() -> None:
    hop = (b"Connection", b"close, X-Hop"), (b"X-Hop", b"1"), (b"Connection", b" x-two ,"), (b"X-Two", b"2")
    for lines in (request(*hop), response(*hop)):
        assert not any(line.lower().startswith((b"x-hop", b"x-two", b"connection")) for line in lines)


def test_connection_cannot_take_out_what_the_gateway_writes() -> None:
    lines = request((b"Connection", b"host, authorization, x-forwarded-for, via, x-key"))
    assert b"Host: notes.example" in lines
    assert b"Authorization: token s3cret" in lines
    assert b"X-Forwarded-For: 203.0.113.7" in lines
    answered = response((b"Connection", b"content-security-policy, x-robots-tag"))
    assert b"Content-Security-Policy: frame-ancestors 'self'" in answered


def test_repeated_fields_keep_order_and_bytes() -> None:
    kept = [(b"X-A", b"1"), (b"x-a", b"\xe9 2"), (b"X_B", b""), (b"X-A", b"3, 4")]
    lines = request(*kept)
    assert [line for line in lines if line.lower().startswith((b"x-a", b"x_b"))] == [
        b"X-A: 1", b"x-a: \xe9 2", b"X_B: ", b"X-A: 3, 4",
    ]  # fmt: skip
    assert [line for line in response(*kept) if line.lower().startswith(b"x-a")] == [
        b"X-A: 1", b"x-a: \xe9 2", b"X-A: 3, 4",
    ]  # fmt: skip


def test_via_is_added_to_what_was_there() -> None:
    lines = request((b"Via", b"1.1 edge"), version=(1, 0))
    assert [line for line in lines if line.startswith(b"Via")] == [b"Via: 1.1 edge", b"Via: 1.0 warmgate"]


def test_framing_and_upgrade_are_written_anew() -> None:
    lines = request((b"Content-Length", b"9"), framing=b"Content-Length: 5\r\n", method="POST")
    assert lines[-1] == b"Content-Length: 5"
    upgraded = request((b"Upgrade", b"websocket, h2c"), (b"Connection", b"upgrade"), upgrade=True)
    assert upgraded[-2:] == [b"Connection: Upgrade", b"Upgrade: websocket"]


def test_where_a_secret_must_be_taken_out_the_page_is_asked_for_plain_and_whole() -> None:
    lines = request((b"Accept-Encoding", b"br"), (b"Range", b"bytes=0-1"), (b"If-Range", b"x"), plain=True)
    assert [line for line in lines if line.startswith((b"Accept-E", b"Range", b"If"))] == [
        b"Accept-Encoding: identity"
    ]


def test_max_forwards_counts_down_for_options_only() -> None:
    assert b"Max-Forwards: 4" in request((b"Max-Forwards", b"5"), method="OPTIONS")
    assert b"Max-Forwards: 5" in request((b"Max-Forwards", b"5"))


@pytest.mark.parametrize("bad", [b"a\r\nX: y", b"a\nb", b"a\rb", b"a\x00", b"a\x7f", b"a\x1b"])
def test_a_control_character_in_a_request_field_is_refused(bad: bytes) -> None:
    with pytest.raises(BadRequest):
        request((b"X", bad))


def test_an_answer_says_who_may_frame_it_and_hides_the_address_it_has() -> None:
    assert response(
        (b"Content-Type", b"text/html"), (b"Date", b"then"), framing=b"Content-Length: 5\r\n"
    ) == [
        b"HTTP/1.1 200 Fine",
        b"Content-Type: text/html",
        b"Date: then",
        b"Content-Security-Policy: frame-ancestors 'self'",
        b"Referrer-Policy: same-origin",
        b"X-Robots-Tag: noindex",
        b"Content-Length: 5",
    ]


def test_an_answer_without_a_date_gets_one() -> None:
    assert b"Date: today" in response()


@pytest.mark.parametrize(
    "name",
    [
        b"Set-Cookie", b"set-cookie2", b"Access-Control-Allow-Origin", b"Access-Control-Allow-Credentials",
        b"Access-Control-Expose-Headers", b"Service-Worker-Allowed", b"Clear-Site-Data", b"X-Frame-Options",
        b"Content-Security-Policy-Report-Only", b"Strict-Transport-Security", b"Alt-Svc", b"NEL",
        b"Report-To", b"Reporting-Endpoints", b"WWW-Authenticate", b"Referrer-Policy", b"X-Robots-Tag",
        b"X-Accel-Redirect",
        b"X-Sendfile", b"Connection", b"Keep-Alive", b"Transfer-Encoding", b"Content-Length", b"Upgrade",
        b"Trailer", b"TE", b"Proxy-Authenticate", b"Proxy-Connection",
    ],
)  # fmt: skip
def test_an_answer_cannot_speak_for_the_origin_or_the_connection(name: bytes) -> None:
    assert not any(b"marker" in line for line in response((name, b"marker")))


def test_buffering_hints_for_a_proxy_in_front_pass() -> None:
    assert b"X-Accel-Buffering: no" in response((b"X-Accel-Buffering", b"no"))


def test_a_servers_own_policy_stays_but_for_who_may_frame_it() -> None:
    lines = response(
        (b"Content-Security-Policy", b"frame-ancestors 'self'; report-uri /x; sandbox allow-scripts")
    )
    assert [line for line in lines if line.startswith(b"Content-Security")] == [
        b"Content-Security-Policy: sandbox allow-scripts",
        b"Content-Security-Policy: frame-ancestors 'self'",
    ]
    gone = response((b"Content-Security-Policy", b"frame-ancestors 'self'"))
    assert len([line for line in gone if line.startswith(b"Content-Security")]) == 1


def test_listed_sites_may_frame_and_read() -> None:
    lines = response(origins=EMBED, origin="https://wiki.example")
    assert (
        b"Content-Security-Policy: frame-ancestors 'self' https://blog.example https://wiki.example" in lines
    )
    assert b"Access-Control-Allow-Origin: https://wiki.example" in lines
    assert b"Vary: Origin" in lines


def test_other_sites_may_not_but_caches_are_told_that_it_depends() -> None:
    lines = response((b"Vary", b"Accept"), origins=EMBED, origin="https://evil.example")
    assert not any(line.startswith(b"Access-Control") for line in lines)
    assert [line for line in lines if line.startswith(b"Vary")] == [b"Vary: Accept", b"Vary: Origin"]


@pytest.mark.parametrize("name", [b"Location", b"content-location"])
def test_redirects_lead_back_under_the_prefix(name: bytes) -> None:
    lines = response((name, b"/edit?id=1"), status=302, base="/")
    assert name + b": /user/abc/edit?id=1" in lines


def test_what_was_true_of_the_untouched_body_goes_with_it() -> None:
    fields = (b"ETag", b'"x"'), (b"Accept-Ranges", b"bytes"), (b"Content-MD5", b"x"), (b"X-A", b"1")
    lines = response(*fields, changed=True)
    assert [line for line in lines if line.startswith((b"ETag", b"Accept", b"Content-M", b"X-A"))] == [
        b"X-A: 1"
    ]
    assert b'ETag: "x"' in response(*fields)


def test_a_switch_passes_only_the_handshake() -> None:
    head = Head(
        "1.1",
        101,
        b"Whatever",
        (
            (b"Server", b"s"), (b"Upgrade", b"websocket"), (b"Connection", b"Upgrade, X"), (b"X", b"marker"),
            (b"Sec-WebSocket-Accept", b"a"), (b"Sec-WebSocket-Protocol", b"p"), (b"Set-Cookie", b"marker"),
        ),
    )  # fmt: skip
    assert rules().switching(head) == (
        b"HTTP/1.1 101 Switching Protocols\r\nServer: s\r\nSec-WebSocket-Accept: a\r\n"
        b"Sec-WebSocket-Protocol: p\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    )


def test_secrets_stay_out_of_representations() -> None:
    assert "s3cret" not in repr(rules())
    assert "/user/abc" not in repr(rules())


def test_a_date_that_connection_names_is_replaced_by_ours() -> None:
    assert b"Date: today" in response((b"Connection", b"x-a, Date"), (b"Date", b"yesterday"))


def test_a_line_that_is_remembered_is_dropped_where_connection_names_it() -> None:
    compiled = rules()
    options = {"origin": None, "host": b"notes.example", "date": lambda: b"today"}
    kept = ((b"X-A", b"1"), (b"Location", b"http://notes.example/x"))

    def told(*more: tuple[bytes, bytes], host: bytes = b"notes.example") -> bytes:
        head = Head("1.1", 200, b"OK", (*kept, *more))
        return compiled.response(head, **{**options, "host": host})  # type: ignore[arg-type] # per test

    assert b"X-A: 1\r\n" in told()
    assert b"X-A" not in told((b"Connection", b"x-a"))
    assert b"X-A: 1\r\n" in told()
    assert told() != told(host=b"other.example")
