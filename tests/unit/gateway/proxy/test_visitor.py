from __future__ import annotations

from ipaddress import ip_network

import pytest

from gateway.errors import BadRequest
from gateway.proxy.fields import by_name
from gateway.proxy.visitor import Visitor, Visitors, host_name, parse_address

HOST = (b"Host", b"notes.example:8000")
TRUSTING = Visitors((ip_network("10.0.0.0/8"), ip_network("::1/128")))


def test_a_stranger_is_who_connects_whatever_they_say() -> None:
    claims = [
        HOST,
        (b"X-Forwarded-For", b"1.2.3.4"),
        (b"X-Forwarded-Proto", b"https"),
        (b"X-Forwarded-Host", b"evil.example"),
        (b"X-Forwarded-Port", b"1"),
        (b"X-Real-IP", b"1.2.3.4"),
        (b"Forwarded", b"for=1.2.3.4"),
    ]
    seen = Visitor(b"203.0.113.7", b"http", b"notes.example:8000", b"8000")
    assert TRUSTING.of("203.0.113.7", by_name(claims)) == seen


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ([b"1.2.3.4"], b"1.2.3.4"),
        ([b"6.6.6.6, 1.2.3.4"], b"1.2.3.4"),
        ([b"6.6.6.6, 1.2.3.4, 10.0.0.3"], b"1.2.3.4"),
        ([b"6.6.6.6", b"1.2.3.4", b"10.0.0.3"], b"1.2.3.4"),
        ([b"10.0.0.4, 10.0.0.3"], b"10.0.0.4"),
        ([b"1.2.3.4:5678"], b"1.2.3.4"),
        ([b"[2001:db8::1]:5678"], b"2001:db8::1"),
        ([b"2001:db8::1"], b"2001:db8::1"),
        ([b"::ffff:1.2.3.4"], b"1.2.3.4"),
        ([b"1.2.3.4, nonsense"], b"10.0.0.2"),
        ([b"nonsense, 10.0.0.3"], b"10.0.0.3"),
        ([b""], b"10.0.0.2"),
        ([], b"10.0.0.2"),
    ],
)
def test_behind_trusted_proxies_the_visitor_is_the_rightmost_stranger(
    chain: list[bytes], client: bytes
) -> None:
    headers = [HOST, *((b"X-Forwarded-For", value) for value in chain)]
    assert TRUSTING.of("10.0.0.2", by_name(headers)).address == client


def test_a_trusted_proxy_tells_scheme_host_and_port() -> None:
    told = [
        HOST,
        (b"X-Forwarded-Proto", b"http, HTTPS"),
        (b"X-Forwarded-Host", b"evil.example, public.example"),
        (b"X-Forwarded-Port", b"8443"),
    ]
    assert TRUSTING.of("::1", by_name(told)) == Visitor(b"::1", b"https", b"public.example", b"8443")


def test_nonsense_from_a_trusted_proxy_is_not_passed_on() -> None:
    told = [
        HOST,
        (b"X-Forwarded-Proto", b"gopher"),
        (b"X-Forwarded-Host", b"a b"),
        (b"X-Forwarded-Port", b"x"),
    ]
    assert TRUSTING.of("10.0.0.2", by_name(told), secure=True) == Visitor(
        b"10.0.0.2", b"https", b"notes.example:8000", b"8000"
    )


def test_a_port_nobody_names_is_the_schemes_own() -> None:
    assert Visitors().of("1.2.3.4", by_name([(b"Host", b"a")])).port == b"80"
    assert Visitors().of("1.2.3.4", by_name([(b"Host", b"[::1]")]), secure=True).port == b"443"


def test_the_public_address_wins_when_it_is_configured() -> None:
    visitors = Visitors((), b"https", b"public.example")
    assert visitors.of("1.2.3.4", by_name([HOST])) == Visitor(b"1.2.3.4", b"https", b"public.example", b"443")


def test_a_peer_without_address_is_unknown_and_not_trusted() -> None:
    for peer in (None, "", "/run/socket"):
        assert TRUSTING.of(peer, by_name([HOST, (b"X-Forwarded-For", b"1.2.3.4")])).address == b"unknown"


@pytest.mark.parametrize("text", ["", None, "x", "1.2.3", "[::1", "1.2.3.4:x", "999.1.1.1"])
def test_what_is_no_address_is_none(text: str | None) -> None:
    assert parse_address(text) is None


def test_a_mapped_address_counts_as_what_it_maps() -> None:
    assert (
        TRUSTING.of("::ffff:10.0.0.2", by_name([HOST, (b"X-Forwarded-For", b"1.2.3.4")])).address
        == b"1.2.3.4"
    )


SEPARATE = Visitors(
    (ip_network("10.0.0.0/8"),), b"https", b"notes.example:8443", session_domain=b"notes.example"
)


@pytest.mark.parametrize("host", [b"abc.notes.example", b"ABC.notes.example", b"abc.notes.example:9000"])
def test_a_sessions_own_host_stays_with_the_public_port(host: bytes) -> None:
    seen = Visitor(b"1.2.3.4", b"https", b"abc.notes.example:8443", b"8443")
    assert SEPARATE.of("1.2.3.4", by_name([(b"Host", host)])) == seen
    untrusting = Visitors((), b"https", b"notes.example", session_domain=b"notes.example")
    seen = Visitor(b"1.2.3.4", b"https", b"abc.notes.example", b"443")
    assert untrusting.of("1.2.3.4", by_name([(b"Host", host)])) == seen


@pytest.mark.parametrize("host", [b"notes.example", b"127.0.0.1:8000", b"xnotes.example", b"evil.example"])
def test_any_other_host_is_the_public_one(host: bytes) -> None:
    assert SEPARATE.of("1.2.3.4", by_name([(b"Host", host)])).host == b"notes.example:8443"


@pytest.mark.parametrize(
    ("peer", "host", "forwarded", "asked"),
    [
        ("1.2.3.4", b"abc.notes.example", b"", b"abc.notes.example"),
        ("1.2.3.4", b"abc.notes.example", b"xyz.notes.example", b"abc.notes.example"),
        ("1.2.3.4", b"127.0.0.1", b"xyz.notes.example", b"127.0.0.1"),
        ("10.0.0.2", b"abc.notes.example", b"", b"abc.notes.example"),
        ("10.0.0.2", b"abc.notes.example", b"ABC.notes.example:8443", b"ABC.notes.example:8443"),
        ("10.0.0.2", b"127.0.0.1:8000", b"abc.notes.example", b"abc.notes.example"),
        ("10.0.0.2", b"127.0.0.1:8000", b"xyz.notes.example, abc.notes.example", b"abc.notes.example"),
        ("10.0.0.2", b"127.0.0.1:8000", b"a b", b"127.0.0.1:8000"),
        ("10.0.0.2", b"127.0.0.1:8000", b"", b"127.0.0.1:8000"),
        (None, b"abc.notes.example", b"xyz.notes.example", b"abc.notes.example"),
    ],
)
def test_the_host_that_was_asked_for_is_what_a_trusted_proxy_says_or_the_field(
    peer: str | None, host: bytes, forwarded: bytes, asked: bytes
) -> None:
    told = [(b"Host", host), *([(b"X-Forwarded-Host", forwarded)] if forwarded else [])]
    assert SEPARATE.asked(peer, by_name(told)) == asked


@pytest.mark.parametrize(
    ("host", "forwarded"),
    [
        (b"abc.notes.example", b"xyz.notes.example"),
        (b"abc.notes.example:8443", b"notes.example"),
        (b"notes.example", b"xyz.notes.example"),
        (b"NOTES.example:8443", b"abc.notes.example, xyz.notes.example"),
        (b"abc.notes.example", b"evil.example"),
    ],
)
def test_a_proxy_that_passes_a_host_of_ours_on_and_names_another_is_not_understood(
    host: bytes, forwarded: bytes
) -> None:
    with pytest.raises(BadRequest):
        SEPARATE.asked("10.0.0.2", by_name([(b"Host", host), (b"X-Forwarded-Host", forwarded)]))


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (b"A.example:80", b"a.example"),
        (b"a.example", b"a.example"),
        (b"[::1]:80", b"[::1]"),
        (b"[::1]", b"[::1]"),
        (b"", b""),
    ],
)
def test_a_hosts_name_has_no_port_and_no_capitals(host: bytes, name: bytes) -> None:
    assert host_name(host) == name


def test_visitors_are_those_of_the_public_address() -> None:
    made = Visitors.at("https://notes.example:8443/base", "notes.example", SEPARATE.trusted)
    assert made == SEPARATE
    assert Visitors.at("", "", ()) == Visitors()
