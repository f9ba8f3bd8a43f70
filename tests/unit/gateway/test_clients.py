from __future__ import annotations

from ipaddress import ip_address, ip_network
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.clients import Clients
from gateway.proxy.visitor import Visitors


def request(peer: str | None, *forwarded: str) -> Any:
    """Only the peer and the fields are looked at."""
    fields = tuple((b"X-Forwarded-For", value.encode()) for value in forwarded)
    return SimpleNamespace(remote=peer, raw_headers=((b"Host", b"a"), *fields))


TRUSTING = Visitors((ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8")))


def test_behind_a_trusted_proxy_it_is_the_visitors_own_address() -> None:
    assert Clients(TRUSTING).of(request("127.0.0.1", "6.6.6.6, 203.0.113.7, 10.0.0.1")) == ip_address(
        "203.0.113.7"
    )


def test_nobody_else_is_believed() -> None:
    assert Clients(TRUSTING).of(request("203.0.113.7", "127.0.0.1")) == ip_address("203.0.113.7")


def test_a_visitor_who_has_left_has_no_address() -> None:
    assert Clients(TRUSTING).of(request(None, "203.0.113.7")) is None


def test_a_proxy_on_this_machine_that_is_not_trusted_is_told_of_once() -> None:
    clients = Clients(Visitors())
    with capture_logs() as lines:
        for _ in range(3):
            assert clients.of(request("::1", "203.0.113.7")) == ip_address("::1")
    (line,) = lines
    assert (line["event"], line["log_level"]) == ("proxy_not_trusted", "warning")
    assert '"::1"' in line["remedy"]
    assert "203.0.113.7" not in str(line)


@pytest.mark.parametrize(
    ("visitors", "asked"),
    [
        (Visitors(), request("203.0.113.7", "1.2.3.4")),
        (Visitors(), request("127.0.0.1")),
        (Visitors(), request(None, "1.2.3.4")),
        (TRUSTING, request("127.0.0.1", "1.2.3.4")),
        (TRUSTING, request("127.0.0.1", "nonsense")),
    ],
)
def test_nothing_is_told_where_it_is_no_proxy_or_a_trusted_one(visitors: Visitors, asked: Any) -> None:
    with capture_logs() as lines:
        Clients(visitors).of(asked)
    assert not lines
