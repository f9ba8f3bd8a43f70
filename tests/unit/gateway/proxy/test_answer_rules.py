"""The head of an answer as the visitor gets it: what stays here, what goes on, what is added."""

from __future__ import annotations

import pytest

from gateway.proxy.answer import Head
from gateway.proxy.answer_rules import AnswerRules
from gateway.proxy.origins import Origins
from pool.engines.engine import Address
from pool.upstream import Upstream

PUBLIC = "/user/abc/"
EMBED = Origins(("https://blog.example", "https://wiki.example"))
TOLD = {"origin": None, "host": b"notes.example", "date": lambda: b"today"}


def rules(base: str = PUBLIC, origins: Origins | None = None) -> AnswerRules:
    return AnswerRules(Upstream(Address("10.0.0.9", 8888), PUBLIC, base, (), ""), origins or Origins())


def answer(
    *headers: tuple[bytes, bytes],
    status: int = 200,
    base: str = PUBLIC,
    origins: Origins | None = None,
    **more: object,
) -> list[bytes]:
    told = {**TOLD, **more}
    head = rules(base, origins).head(Head("1.1", status, b"Fine", headers), **told)  # type: ignore[arg-type]
    assert head.endswith(b"\r\n\r\n")
    return head[:-4].split(b"\r\n")


def test_fields_named_by_connection_stay_here() -> None:
    hop = (b"Connection", b"close, X-Hop"), (b"X-Hop", b"1"), (b"Connection", b" x-two ,"), (b"X-Two", b"2")
    named = (b"x-hop", b"x-two", b"connection")
    assert not any(line.lower().startswith(named) for line in answer(*hop))


def test_connection_cannot_take_out_what_the_gateway_writes() -> None:
    answered = answer((b"Connection", b"content-security-policy, x-robots-tag"))
    assert b"Content-Security-Policy: frame-ancestors 'self'" in answered


def test_repeated_fields_keep_order_and_bytes() -> None:
    kept = [(b"X-A", b"1"), (b"x-a", b"\xe9 2"), (b"X_B", b""), (b"X-A", b"3, 4")]
    assert [line for line in answer(*kept) if line.lower().startswith(b"x-a")] == [
        b"X-A: 1", b"x-a: \xe9 2", b"X-A: 3, 4",
    ]  # fmt: skip


def test_an_answer_says_who_may_frame_it_and_hides_the_address_it_has() -> None:
    assert answer((b"Content-Type", b"text/html"), (b"Date", b"then"), framing=b"Content-Length: 5\r\n") == [
        b"HTTP/1.1 200 Fine",
        b"Content-Type: text/html",
        b"Date: then",
        b"Content-Security-Policy: frame-ancestors 'self'",
        b"Referrer-Policy: same-origin",
        b"X-Robots-Tag: noindex",
        b"Content-Length: 5",
    ]


def test_an_answer_without_a_date_gets_one() -> None:
    assert b"Date: today" in answer()


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
    assert not any(b"marker" in line for line in answer((name, b"marker")))


def test_buffering_hints_for_a_proxy_in_front_pass() -> None:
    assert b"X-Accel-Buffering: no" in answer((b"X-Accel-Buffering", b"no"))


def test_a_servers_own_policy_stays_but_for_who_may_frame_it() -> None:
    lines = answer(
        (b"Content-Security-Policy", b"frame-ancestors 'self'; report-uri /x; sandbox allow-scripts")
    )
    assert [line for line in lines if line.startswith(b"Content-Security")] == [
        b"Content-Security-Policy: sandbox allow-scripts",
        b"Content-Security-Policy: frame-ancestors 'self'",
    ]
    gone = answer((b"Content-Security-Policy", b"frame-ancestors 'self'"))
    assert len([line for line in gone if line.startswith(b"Content-Security")]) == 1


def test_listed_sites_may_frame_and_read() -> None:
    lines = answer(origins=EMBED, origin="https://wiki.example")
    assert (
        b"Content-Security-Policy: frame-ancestors 'self' https://blog.example https://wiki.example" in lines
    )
    assert b"Access-Control-Allow-Origin: https://wiki.example" in lines
    assert b"Vary: Origin" in lines


def test_other_sites_may_not_but_caches_are_told_that_it_depends() -> None:
    lines = answer((b"Vary", b"Accept"), origins=EMBED, origin="https://evil.example")
    assert not any(line.startswith(b"Access-Control") for line in lines)
    assert [line for line in lines if line.startswith(b"Vary")] == [b"Vary: Accept", b"Vary: Origin"]


@pytest.mark.parametrize("name", [b"Location", b"content-location"])
def test_redirects_lead_back_under_the_prefix(name: bytes) -> None:
    lines = answer((name, b"/edit?id=1"), status=302, base="/")
    assert name + b": /user/abc/edit?id=1" in lines


def test_what_was_true_of_the_untouched_body_goes_with_it() -> None:
    fields = (b"ETag", b'"x"'), (b"Accept-Ranges", b"bytes"), (b"Content-MD5", b"x"), (b"X-A", b"1")
    lines = answer(*fields, changed=True)
    assert [line for line in lines if line.startswith((b"ETag", b"Accept", b"Content-M", b"X-A"))] == [
        b"X-A: 1"
    ]
    assert b'ETag: "x"' in answer(*fields)


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


def test_a_date_that_connection_names_is_replaced_by_ours() -> None:
    assert b"Date: today" in answer((b"Connection", b"x-a, Date"), (b"Date", b"yesterday"))


def test_a_line_that_is_remembered_is_dropped_where_connection_names_it() -> None:
    compiled = rules()
    kept = ((b"X-A", b"1"), (b"Location", b"http://notes.example/x"))

    def told(*more: tuple[bytes, bytes], host: bytes = b"notes.example") -> bytes:
        head = Head("1.1", 200, b"OK", (*kept, *more))
        return compiled.head(head, **{**TOLD, "host": host})  # type: ignore[arg-type] # per test

    assert b"X-A: 1\r\n" in told()
    assert b"X-A" not in told((b"Connection", b"x-a"))
    assert b"X-A: 1\r\n" in told()
    assert told() != told(host=b"other.example")
