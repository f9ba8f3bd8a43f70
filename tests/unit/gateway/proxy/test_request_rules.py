"""The head of a request as the instance gets it: what stays here, what goes on, what is added."""

from __future__ import annotations

import pytest

from gateway.proxy.request_rules import RequestRules
from gateway.proxy.visitor import Visitor
from pool.engines.engine import Address
from pool.upstream import Upstream

VISITOR = Visitor(b"203.0.113.7", b"https", b"notes.example", b"443")
PUBLIC = "/user/abc/"
CREDENTIAL = (("Authorization", "token s3cret"), ("X-Key", "k"))


def rules(base: str = PUBLIC) -> RequestRules:
    return RequestRules(Upstream(Address("10.0.0.9", 8888), PUBLIC, base, CREDENTIAL, "s3cret"))


def request(
    *headers: tuple[bytes, bytes],
    base: str = PUBLIC,
    method: str = "GET",
    version: tuple[int, int] = (1, 1),
    framing: bytes = b"",
    upgrade: bool = False,
    plain: bool = False,
) -> list[bytes]:
    written = [(b"Host", b"ignored.example"), *headers]
    ours = rules(base)
    asked = ours.fields(method, written, VISITOR, version=version, plain=plain)
    head = ours.head(method, b"lab?a=1", asked, upgrade=upgrade, framing=framing)
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


def test_fields_named_by_connection_stay_here() -> None:
    hop = (b"Connection", b"close, X-Hop"), (b"X-Hop", b"1"), (b"Connection", b" x-two ,"), (b"X-Two", b"2")
    named = (b"x-hop", b"x-two", b"connection")
    assert not any(line.lower().startswith(named) for line in request(*hop))


def test_connection_cannot_take_out_what_the_gateway_writes() -> None:
    lines = request((b"Connection", b"host, authorization, x-forwarded-for, via, x-key"))
    assert b"Host: notes.example" in lines
    assert b"Authorization: token s3cret" in lines
    assert b"X-Forwarded-For: 203.0.113.7" in lines


def test_repeated_fields_keep_order_and_bytes() -> None:
    kept = [(b"X-A", b"1"), (b"x-a", b"\xe9 2"), (b"X_B", b""), (b"X-A", b"3, 4")]
    lines = request(*kept)
    assert [line for line in lines if line.lower().startswith((b"x-a", b"x_b"))] == [
        b"X-A: 1", b"x-a: \xe9 2", b"X_B: ", b"X-A: 3, 4",
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


def test_secrets_stay_out_of_representations() -> None:
    assert "s3cret" not in repr(rules())
    assert "/user/abc" not in repr(rules())


def test_no_extension_is_asked_for_where_messages_are_to_be_read() -> None:
    asked = [(b"Sec-WebSocket-Extensions", b"permessage-deflate"), (b"Sec-WebSocket-Key", b"k")]
    upstream = Upstream(Address("10.0.0.9", 8888), PUBLIC, PUBLIC, (), "")
    written = RequestRules(upstream, readable=True).fields("GET", asked, VISITOR)
    assert b"Sec-WebSocket-Key: k" in written
    assert b"Extensions" not in written
