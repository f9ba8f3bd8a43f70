from __future__ import annotations

import pytest

from gateway.doctor.network import Firewall, Guard, guard, judge
from gateway.doctor.verdict import Level

BRIDGE = "warmn-0a1b2c3d"
OURS = "-A INPUT -i warm+ -m conntrack --ctstate NEW -j DROP"


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ("-P INPUT ACCEPT", Guard.OPEN),
        ("-P INPUT DROP", Guard.CLOSED),
        (f"-P INPUT ACCEPT\n{OURS}", Guard.CLOSED),
        ("-P INPUT ACCEPT\n-A INPUT -i warm+ -j REJECT --reject-with icmp-port-unreachable", Guard.CLOSED),
        ("-P INPUT ACCEPT\n-A INPUT -j DROP", Guard.CLOSED),
        (f"-P INPUT ACCEPT\n-A INPUT -i {BRIDGE} -j DROP", Guard.CLOSED),
        ('-P INPUT ACCEPT\n-A INPUT -i warm+ -m comment --comment "no way" -j DROP', Guard.CLOSED),
        ("-P INPUT ACCEPT\n-A INPUT ! -i lo -j DROP", Guard.CLOSED),
        # For another interface, another state or some services only.
        ("-P INPUT ACCEPT\n-A INPUT -i warmi+ -j DROP", Guard.OPEN),
        ("-P INPUT ACCEPT\n-A INPUT ! -i warm+ -j DROP", Guard.OPEN),
        ("-P INPUT ACCEPT\n-A INPUT -i warm+ -m conntrack --ctstate INVALID -j DROP", Guard.OPEN),
        ("-P INPUT ACCEPT\n-A INPUT -i warm+ -p tcp -m tcp --dport 22 -j DROP", Guard.OPEN),
        ("-P INPUT ACCEPT\n-A INPUT -s 10.0.0.0/8 -j DROP", Guard.OPEN),
        # An earlier rule lets everything in; one for answers does not.
        (f"-P INPUT ACCEPT\n-A INPUT -j ACCEPT\n{OURS}", Guard.OPEN),
        ("-P INPUT DROP\n-A INPUT -i warm+ -j ACCEPT", Guard.OPEN),
        ("-P INPUT DROP\n-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", Guard.CLOSED),
        ("-P INPUT DROP\n-A INPUT -i lo -j ACCEPT", Guard.CLOSED),
        # What another chain does is not looked at, unless ours comes first.
        ("-P INPUT ACCEPT\n-A INPUT -j ufw-before-input", Guard.UNKNOWN),
        (f"-P INPUT ACCEPT\n-A INPUT -j ufw-before-input\n{OURS}", Guard.UNKNOWN),
        (f"-P INPUT ACCEPT\n{OURS}\n-A INPUT -j ufw-before-input", Guard.CLOSED),
        (f"-P INPUT ACCEPT\n-A INPUT -i eth0 -j from-outside\n{OURS}", Guard.CLOSED),
    ],
)
def test_the_first_rule_that_meets_every_new_connection_decides(rules: str, found: Guard) -> None:
    assert guard(rules, BRIDGE) is found


def test_a_rule_that_lets_in_some_service_is_open_to_instances_too() -> None:
    partly = "-P INPUT DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"
    assert guard(partly, BRIDGE) is Guard.PARTLY
    (verdict,) = judge(Firewall(partly, forwards=True), bridge=BRIDGE, internet=False)
    assert verdict.level is Level.WARN


def levels(firewall: Firewall, *, internet: bool = False) -> list[Level]:
    return [verdict.level for verdict in judge(firewall, bridge=BRIDGE, internet=internet)]


def test_an_open_host_and_one_that_cannot_be_looked_at_are_warned_of_with_the_rule() -> None:
    assert levels(Firewall(OURS, forwards=True)) == [Level.OK]
    for rules in (None, "-P INPUT ACCEPT"):
        (verdict,) = judge(Firewall(rules, forwards=True), bridge=BRIDGE, internet=False)
        assert verdict.level is Level.WARN
        assert "iptables -I INPUT -i warm+" in verdict.remedy


def test_only_pools_with_a_way_out_need_forwarding() -> None:
    assert levels(Firewall(OURS, forwards=False)) == [Level.OK]
    assert levels(Firewall(OURS, forwards=False), internet=True) == [Level.OK, Level.FAIL]
    assert levels(Firewall(OURS, forwards=None), internet=True) == [Level.OK]
