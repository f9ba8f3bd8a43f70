from __future__ import annotations

import pytest

from gateway.proxy.rewrites import content_policy, location

PUBLIC = b"/p/user/abc/"
AUTHORITIES = (b"10.0.0.9:8888", b"notes.example")


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (b"/edit?id=1", b"/p/user/abc/edit?id=1"),
        (b"/", b"/p/user/abc/"),
        (b"/p/user/abc/edit", b"/p/user/abc/edit"),
        (b"http://10.0.0.9:8888/edit", b"/p/user/abc/edit"),
        (b"http://10.0.0.9:8888", b"/p/user/abc/"),
        (b"https://Notes.Example/edit#x", b"/p/user/abc/edit#x"),
        (b"//notes.example/edit", b"/p/user/abc/edit"),
        (b"http://10.0.0.9:8888?x=1", b"/p/user/abc/?x=1"),
        (b"./edit?id=1", b"./edit?id=1"),
        (b"edit", b"edit"),
        (b"?x", b"?x"),
        (b"", b""),
        (b"https://elsewhere.example/edit", b"https://elsewhere.example/edit"),
        (b"//elsewhere.example/edit", b"//elsewhere.example/edit"),
        (b"http://notes.example@elsewhere.example/", b"http://notes.example@elsewhere.example/"),
        (b"mailto:a@b", b"mailto:a@b"),
    ],
)
def test_redirects_of_a_stripped_server_get_the_prefix_back(value: bytes, seen: bytes) -> None:
    assert location(value, authorities=AUTHORITIES, public=PUBLIC, base=b"/") == seen


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (b"/p/user/abc/tree?", b"/p/user/abc/tree?"),
        (b"http://10.0.0.9:8888/p/user/abc/tree", b"/p/user/abc/tree"),
        (b"/elsewhere", b"/elsewhere"),
        (b"https://elsewhere.example/", b"https://elsewhere.example/"),
    ],
)
def test_redirects_of_a_server_that_knows_its_prefix_only_lose_its_own_address(
    value: bytes, seen: bytes
) -> None:
    assert location(value, authorities=AUTHORITIES, public=PUBLIC, base=PUBLIC) == seen


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        (b"frame-ancestors 'self'; report-uri /csp", b""),
        (b"default-src 'none'; Frame-Ancestors *", b"default-src 'none'"),
        (b"sandbox allow-scripts;;  ;report-to x", b"sandbox allow-scripts"),
        (b"img-src *, frame-ancestors 'none'", b"img-src *"),
        (b"img-src a, img-src b; report-uri x", b"img-src a, img-src b"),
        (b"", b""),
    ],
)
def test_policies_lose_what_is_the_gateways_to_say(policy: bytes, left: bytes) -> None:
    assert content_policy(policy) == left
