from __future__ import annotations

import pytest

from gateway.errors import SessionUnknown
from gateway.proxy.paths import parse
from gateway.session_hosts import HostMode, PathMode, needs, session_hosts

ID = "a" * 26
LABEL = "b" * 16
OWN = f"{LABEL}.notes.example"
PUBLIC = "https://notes.example:8443/base"
HOSTS = HostMode(PUBLIC, "notes.example")

SESSION = (
    f"/user/{ID}/",
    f"/user/{ID}/tree?x=1",
    f"/base/user/{ID}/lab",
    f"/user/{ID}",
    f"/base/user/{ID}?x",
)
ASSETS = ("/assets/style.css", "/base/assets/icon.svg", "/assets/viewer/page.js?v=1")
UNKNOWN = ("/user/", "/user/x/", f"/user/{ID}/../x", f"/user/{ID}//")
"""Answered with errors of their own wherever they are asked for."""
OURS = (
    "/", "/base", "/base/", "/spawn", "/base/spawn/tree", "/api/spawn", "/wait/x", "/view/a", "/embed/a",
    "/healthz", "/robots.txt", "/favicon.ico", "/assets", "/assets/", "/assets//x", "/assets/.x",
    "/assets/../x", "/assets/a/../../spawn", "/assets/%2e%2e/spawn", "/assets/a%2fb", "/assetsx/y",
    "/x/assets/style.css", "*", "/user",
)  # fmt: skip

MAIN = (
    "notes.example", "notes.example:8443", "NOTES.example", "127.0.0.1:8000", "localhost", "[::1]:80", "",
    "other.example", "xnotes.example", f"{LABEL}.notes.example.evil.example", LABEL, "notes.example.",
)  # fmt: skip
SESSIONS_OWN = (OWN, f"{OWN}:8443", f"{OWN}:80", OWN.upper())
BELOW = (
    f"{'c' * 16}.notes.example", f"x.{OWN}", f"{OWN}.", ".notes.example", f"{LABEL[1:]}.notes.example",
    f"{LABEL}b.notes.example", f"{LABEL}.x.notes.example", "www.notes.example",
)  # fmt: skip


def admitted(host: str, target: str) -> bool:
    """Whether host mode lets a request through that `LABEL` is the label of, if it names a session."""
    try:
        HOSTS.check(host.encode(), parse(target.encode(), "/base"), LABEL)
    except SessionUnknown:
        return False
    return True


@pytest.mark.parametrize(
    ("hosts", "targets", "answered"),
    [
        (SESSIONS_OWN, SESSION, True),
        (SESSIONS_OWN, ASSETS, True),
        (SESSIONS_OWN, UNKNOWN, True),
        (SESSIONS_OWN, OURS, False),
        (BELOW, SESSION, False),
        (BELOW, ASSETS, True),
        (BELOW, UNKNOWN, True),
        (BELOW, OURS, False),
        (MAIN, SESSION, False),
        (MAIN, ASSETS, True),
        (MAIN, UNKNOWN, True),
        (MAIN, OURS, True),
    ],
)
def test_in_host_mode_a_session_is_answered_on_its_own_host_and_our_pages_on_no_sessions(
    hosts: tuple[str, ...], targets: tuple[str, ...], *, answered: bool
) -> None:
    wrong = [(host, target) for host in hosts for target in targets if admitted(host, target) is not answered]
    assert not wrong


def test_a_session_without_a_label_is_answered_nowhere() -> None:
    for host in (b".notes.example", b"notes.example", OWN.encode()):
        with pytest.raises(SessionUnknown):
            HOSTS.check(host, parse(f"/user/{ID}/".encode()), "")


def test_in_path_mode_every_path_is_answered_on_every_host() -> None:
    for host in (*MAIN, *SESSIONS_OWN, *BELOW):
        for target in (*SESSION, *OURS):
            PathMode("/base").check(host.encode(), parse(target.encode(), "/base"), LABEL)


@pytest.mark.parametrize(
    ("public_url", "domain", "address", "sources"),
    [
        ("", "", f"/user/{ID}/", "'self'"),
        ("https://notes.example/base", "", f"/base/user/{ID}/", "'self'"),
        ("https://a.example", "b.example", f"https://{LABEL}.b.example/user/{ID}/", "https://*.b.example"),
        (PUBLIC, "notes.example", f"https://{OWN}:8443/base/user/{ID}/", "https://*.notes.example:8443"),
        ("http://[::1]:80/", "localhost", f"http://{LABEL}.localhost:80/user/{ID}/", "http://*.localhost:80"),
    ],
)
def test_a_sessions_address_and_where_our_pages_may_frame_one_from(
    public_url: str, domain: str, address: str, sources: str
) -> None:
    hosts = session_hosts(public_url.rstrip("/"), domain)
    assert (hosts.base(ID, LABEL), hosts.sources) == (address, sources)


def test_our_own_pages_are_absolute_only_where_they_are_seen_from_other_hosts() -> None:
    assert session_hosts(PUBLIC, "").main == "/base"
    assert HOSTS.main == PUBLIC
    assert HOSTS.framing == ("https://notes.example:8443",)
    assert session_hosts(PUBLIC, "").framing == ()


def test_a_form_of_ours_may_lead_to_a_sessions_host() -> None:
    assert HOSTS.targets == "'self' https://*.notes.example:8443"
    assert session_hosts(PUBLIC, "").targets == "'self'"


def test_what_host_mode_takes_is_told_and_path_mode_takes_nothing() -> None:
    told = "\n".join(needs("https://a.example", "b.example"))
    for word in ("*.b.example with the address of a.example", "certificate", "Host field", "Public Suffix"):
        assert word in told
    assert "certificate" not in "\n".join(needs("http://a.example", "b.example"))
    assert "nothing else" in "\n".join(needs("http://localhost:8000", "localhost"))
    assert list(needs("https://a.example", "")) == []
