from __future__ import annotations

import pytest

from gateway.errors import (
    BadRequest,
    CodingRefused,
    ExpectationRefused,
    HeadTooLarge,
    MethodRefused,
    VersionRefused,
)
from gateway.proxy.fields import by_name
from gateway.proxy.guard import HEAD_LIMIT, check, ends_here, expects_continue

HOST = (b"Host", b"example.org")
V10 = (1, 0)
V11 = (1, 1)


@pytest.mark.parametrize(
    ("method", "target", "origin_form"),
    [
        ("GET", b"/a?b", b"/a?b"),
        ("OPTIONS", b"*", b"*"),
        ("GET", b"http://example.org/a?b", b"/a?b"),
        ("GET", b"HTTPS://EXAMPLE.ORG", b"/"),
        ("GET", b"http://example.org?x", b"/?x"),
    ],
)
def test_a_good_target_comes_out_in_origin_form(method: str, target: bytes, origin_form: bytes) -> None:
    assert check(V11, method, target, [HOST]) == origin_form


@pytest.mark.parametrize(
    "target",
    [
        b"http://evil.example/a",
        b"http://example.org:81/a",
        b"http://user@example.org/a",
        b"ftp://example.org/a",
        b"*",
        b"",
        b"a",
        b"http:///a",
    ],
)
def test_a_target_for_another_host_is_refused(target: bytes) -> None:
    with pytest.raises(BadRequest):
        check(V11, "GET", target, [HOST])


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [b""],
        [b"a", b"a"],
        [b"a", b"b"],
        [b"a b"],
        [b"a,b"],
        [b"user@a"],
        [b"a/b"],
        [b"a:port"],
        [b"a:123456"],
        [b"[::1"],
        [b"\xe9"],
    ],
)
def test_anything_but_one_good_host_is_refused(hosts: list[bytes]) -> None:
    with pytest.raises(BadRequest):
        check(V11, "GET", b"/", [(b"Host", host) for host in hosts])


@pytest.mark.parametrize("host", [b"a", b"a.b-c.d:8000", b"[::1]:80", b"[2001:db8::1]", b"127.0.0.1", b"x_y"])
def test_good_hosts_pass(host: bytes) -> None:
    assert check(V11, "GET", b"/", [(b"host", host)]) == b"/"


def test_http_1_0_may_come_without_a_host() -> None:
    assert check(V10, "GET", b"/", []) == b"/"


@pytest.mark.parametrize("version", [(0, 9), (1, 2), (2, 0), (3, 0)])
def test_other_versions_are_refused(version: tuple[int, int]) -> None:
    with pytest.raises(VersionRefused):
        check(version, "GET", b"/", [HOST])


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_methods_for_other_proxies_are_refused(method: str) -> None:
    with pytest.raises(MethodRefused):
        check(V11, method, b"/", [HOST])


def test_chunked_alone_passes() -> None:
    assert check(V11, "POST", b"/", [HOST, (b"Transfer-Encoding", b"Chunked")]) == b"/"


@pytest.mark.parametrize("coding", [b"gzip", b"gzip, chunked", b"chunked, chunked", b"identity", b"", b"x"])
def test_another_transfer_coding_is_refused(coding: bytes) -> None:
    with pytest.raises(CodingRefused):
        check(V11, "POST", b"/", [HOST, (b"Transfer-Encoding", coding)])


def test_two_ways_to_tell_the_length_are_refused() -> None:
    with pytest.raises(BadRequest):
        check(V11, "POST", b"/", [HOST, (b"Content-Length", b"1"), (b"transfer-encoding", b"chunked")])
    with pytest.raises(BadRequest):
        check(V10, "POST", b"/", [HOST, (b"Transfer-Encoding", b"chunked")])


def test_a_head_that_is_too_large_altogether_is_refused() -> None:
    with pytest.raises(HeadTooLarge):
        check(V11, "GET", b"/", [HOST, *[(b"X", b"a" * 8000)] * (HEAD_LIMIT // 8000 + 1)])


def test_only_100_continue_may_be_expected() -> None:
    assert expects_continue(V11, by_name([(b"Expect", b"100-Continue")]))
    assert not expects_continue(V11, by_name([]))
    assert not expects_continue(V10, by_name([(b"Expect", b"100-continue")]))
    for value in (b"200-ok", b"100-continue, 100-continue", b"100-continue; x"):
        with pytest.raises(ExpectationRefused):
            expects_continue(V11, by_name([(b"Expect", value)]))


def test_max_forwards_zero_ends_at_the_gateway() -> None:
    assert ends_here("OPTIONS", by_name([(b"Max-Forwards", b"0")]))
    assert not ends_here("OPTIONS", by_name([(b"Max-Forwards", b"1")]))
    assert not ends_here("GET", by_name([(b"Max-Forwards", b"0")]))
