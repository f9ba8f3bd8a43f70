from __future__ import annotations

import socket
from threading import Event

import pytest

from gateway.doctor import session_hosts
from gateway.doctor.session_hosts import Names, judge, look
from gateway.doctor.verdict import Level

OURS, OTHERS, NONE = frozenset({"192.0.2.1", "2001:db8::1"}), frozenset({"192.0.2.9"}), frozenset[str]()


@pytest.mark.parametrize(
    ("session", "public", "level"),
    [
        (OURS, OURS, Level.OK),
        (frozenset({"192.0.2.1"}), OURS, Level.OK),
        (OURS, None, Level.OK),
        (OURS, NONE, Level.OK),
        (OTHERS, OURS, Level.WARN),
        (None, OURS, Level.WARN),
        (NONE, OURS, Level.FAIL),
    ],
)
def test_sessions_must_have_an_address_and_should_have_the_public_one(
    session: frozenset[str] | None, public: frozenset[str] | None, level: Level
) -> None:
    first = next(judge(Names("notes.example", session, public, https=True)))
    assert first.level is level
    assert "*.notes.example" in first.finding
    assert bool(first.remedy) is (level is not Level.OK)


@pytest.mark.parametrize("https", [True, False])
def test_what_cannot_be_seen_from_here_is_said(*, https: bool) -> None:
    told = " ".join(verdict.finding for verdict in judge(Names("notes.example", OURS, OURS, https=https)))
    assert "Public Suffix List" in told
    assert ("certificate" in told) is https


@pytest.mark.parametrize("domain", ["localhost", "notes.localhost"])
def test_names_of_this_machine_need_no_record(domain: str) -> None:
    (verdict,) = judge(Names(domain, NONE, NONE, https=False))
    assert verdict.level is Level.OK


def test_a_label_that_no_session_has_is_looked_up_beside_the_public_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {"xyz.notes.example": "192.0.2.1", "www.example": "192.0.2.2"}

    def ask(name: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        if name not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (known[name], 0))]

    monkeypatch.setattr(socket, "getaddrinfo", ask)
    found = look("https://www.example:8443/x", "notes.example", "xyz")
    assert found == Names("notes.example", frozenset({"192.0.2.1"}), frozenset({"192.0.2.2"}), https=True)
    assert look("http://www.example", "other.example", "xyz").session == NONE


def test_a_resolver_that_keeps_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    end = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: end.wait(60) and [])
    monkeypatch.setattr(session_hosts, "RESOLVE_LIMIT", 0.0)
    assert look("http://www.example", "notes.example", "xyz").session is None
    end.set()


def test_a_resolver_that_is_away_has_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", away)
    assert look("http://www.example", "notes.example", "xyz").session is None
