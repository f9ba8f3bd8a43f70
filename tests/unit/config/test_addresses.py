from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.addresses import (
    host,
    is_below,
    is_loopback,
    may_collide,
    network,
    origins,
    public_url,
    session_domain,
)


@pytest.mark.parametrize("name", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST"])
def test_loopback_is_known_by_address_and_by_its_one_name(name: str) -> None:
    assert is_loopback(name)


@pytest.mark.parametrize(
    "name", ["0.0.0.0", "::", "10.0.0.1", "example.org", "", "localhost.example.org", "127.1"]
)
def test_what_may_be_reached_from_outside_is_not_loopback(name: str) -> None:
    assert not is_loopback(name)


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("localhost", "127.0.0.1", True),
        ("0.0.0.0", "127.0.0.1", True),
        ("127.0.0.1", "::", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("Example.org", "example.org", True),
    ],
)
def test_one_port_on_two_hosts_collides_when_one_includes_the_other(
    one: str, other: str, *, collide: bool
) -> None:
    assert may_collide(one, other) is collide


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "0.0.0.0", "::1", "localhost", "a-b.example.org", "my_host", "x1"]
)
def test_hosts_are_addresses_or_names(name: str) -> None:
    assert host(name) == name


@pytest.mark.parametrize(
    "wrong",
    [
        "", " ", "a b", "http://a", "a:80", "[::1]", "256.1.1.1", "1.2.3", "a..b", ".a", "a.", "-a",
        "a\n", "b\u00fccher", "a" * 64, "a." * 127 + "aa",
    ],
)  # fmt: skip
def test_what_is_no_host_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="or a host name"):
        host(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("127.0.0.1", "127.0.0.1/32"),
        ("::1", "::1/128"),
        ("fd00::/8", "fd00::/8"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
    ],
)
def test_networks_are_read_from_networks_and_addresses(text: str, expected: str) -> None:
    assert network(text) == ipaddress.ip_network(expected)


def test_a_network_that_is_one_already_stays() -> None:
    assert network(ipaddress.ip_network("10.0.0.0/8")) == ipaddress.ip_network("10.0.0.0/8")


@pytest.mark.parametrize(
    "wrong", ["", "local", "10.0.0.0/33", "10.0.0", "10.0.0.0/8/8", "*", 10, None, ["10.0.0.0/8"]]
)
def test_what_is_no_network_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"such as 10\.0\.0\.0/8"):
        network(wrong)


def test_a_network_with_bits_behind_its_mask_is_refused_and_the_likely_one_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/8, if that network is meant"):
        network("10.1.2.3/8")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("https://example.org", "https://example.org"),
        ("https://example.org/", "https://example.org"),
        ("https://example.org/notebooks/", "https://example.org/notebooks"),
        ("https://Example.ORG:443/Notebooks//", "https://example.org/Notebooks"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000/a/b", "http://[::1]:8000/a/b"),
    ],
)
def test_a_public_url_is_kept_without_its_last_slash_and_default_port(text: str, kept: str) -> None:
    assert public_url(text) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "example.org", "/notebooks", "//example.org", "ftp://example.org", "https://", "https:///a",
        "https:/a.org", "https://u@a.org", "https://u:p@a.org", "https://a.org?x=1", "https://a.org/?",
        "https://a.org#x", "https://a.org/a//b", "https://a.org/../b", "https://a.org/./b",
        "https://a.org/a b", "https://a.org/%2e", "https://a.org/\\b", "https://a.org:0",
        "https://a.org:", "https://a.org:99999", "https://a.org:x", "https://[::1", "https://a\n.org",
        " https://a.org", "https://a..org", "https://b\u00fccher.org", "javascript:x",
    ],
)  # fmt: skip
def test_what_is_no_absolute_base_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="an absolute address such as"):
        public_url(wrong)


def test_origins_are_kept_as_browsers_write_them_and_once() -> None:
    given_ = ("https://Example.org", "https://example.org:443", "http://localhost:3000", "http://[::1]:80")
    assert origins(given_) == ("https://example.org", "http://localhost:3000", "http://[::1]")


def test_a_star_alone_stands_for_every_site() -> None:
    assert origins(("*",)) == ("*",)


def test_no_origins_are_no_origins() -> None:
    assert origins(()) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        "null", "", "example.org", "https://a.org/", "https://a.org/x", "https://a.org?x",
        "https://a.org#x", "https://*.a.org", "https://u@a.org", "file://", "https://a.org:0",
        "https://a.org:", "https://a .org", "https://a.org\t", "about:blank", "data:,x",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused_and_named(wrong: str) -> None:
    with pytest.raises(ValueError, match="or \\* alone") as error:
        origins(("https://fine.org", wrong))
    assert repr(wrong) in str(error.value)
    assert "fine.org" not in str(error.value)


def test_a_star_beside_others_is_refused() -> None:
    with pytest.raises(ValueError, match=r"alone for every site; not '\*'"):
        origins(("*", "https://a.org"))


@given(st.text(max_size=30).map(lambda text: "https://" + text) | st.text(max_size=30))
def test_what_is_kept_of_an_address_is_stable_and_clean(text: str) -> None:
    try:
        kept = public_url(text)
    except ValueError:
        return
    assert public_url(kept) == kept
    assert not kept.endswith("/")
    assert kept.isascii()
    assert kept.isprintable()


@pytest.mark.parametrize(
    ("text", "kept"), [("", ""), ("Notes.Example.org", "notes.example.org"), ("localhost", "localhost")]
)
def test_a_session_domain_is_kept_in_lower_case(text: str, kept: str) -> None:
    assert session_domain(text) == kept


@pytest.mark.parametrize(
    "wrong",
    [
        "https://a.org", "a.org:8000", "a.org/x", "*.a.org", ".a.org", "a.org.", "a..org", "127.0.0.1", "::1",
        "[::1]", "1.2.3", "a.123", " a.org", "a.org\n", "b\u00fccher.org", "a b", "u@a.org", "-a.org",
        ".".join(["a" * 60] * 4),
    ],
)  # fmt: skip
def test_what_is_no_domain_for_sessions_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="a host name such as"):
        session_domain(wrong)


def test_only_a_host_below_a_domain_is_below_it() -> None:
    assert is_below("https://www.a.org:8000/x", "a.org")
    assert not is_below("https://a.org", "a.org")
    assert not is_below("https://aa.org", "a.org")
