"""The host's own firewall: Docker cannot keep instances from services of the host, one rule can."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.doctor.verdict import Verdict, fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

SUBJECT = "host services"
RULE = "INPUT -i warm+ -m conntrack --ctstate NEW -j DROP"

LIST_LIMIT = 5.0
"""Seconds for the list of rules; iptables itself waits two of them for others to let go of the table."""

SYSTEM_PATH = f"{os.defpath}:/usr/sbin:/sbin:/usr/local/sbin"
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


class Guard(Enum):
    """Whether new connections from a bridge to the host are dropped."""

    CLOSED = "closed"
    PARTLY = "partly"
    """All but what an earlier rule lets everybody in to."""
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Firewall:
    """What the host lets through. `rules` is `iptables -S INPUT`, None where it could not be had."""

    rules: str | None
    forwards: bool | None


async def look() -> Firewall:
    """List the rules, which takes root, and read whether packets are forwarded."""
    return Firewall(await _rules(), _forwards())


def _forwards() -> bool | None:
    try:
        return FORWARDING.read_text().strip() == "1"
    except OSError:
        return None


async def _rules() -> str | None:
    program = shutil.which("iptables", path=SYSTEM_PATH)
    if program is None or os.geteuid() != 0:
        return None
    listing = await asyncio.create_subprocess_exec(
        program,
        *("-w", "2", "-S", "INPUT"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(LIST_LIMIT):
            out, _ = await listing.communicate()
    except TimeoutError:
        listing.kill()
        await listing.wait()
        return None
    return out.decode(errors="replace") if listing.returncode == 0 else None


def guard(rules: str, bridge: str) -> Guard:
    """Read `iptables -S INPUT`: the first rule that surely meets every new connection from `bridge` decides.

    One that leads into another chain may decide before it; what that does is not looked at.
    """
    sure, closed = True, Guard.CLOSED
    policy = Guard.OPEN
    for line in rules.splitlines():
        words = shlex.split(line)
        if words[:2] == ["-P", "INPUT"]:
            policy = Guard.OPEN if words[2:] == ["ACCEPT"] else Guard.CLOSED
            continue
        if words[:2] != ["-A", "INPUT"] or "-j" not in words:
            continue
        at = words.index("-j")
        target, matches = words[at + 1], _without_comment(words[2:at])
        if not _may_meet(matches, bridge):
            continue
        meets_all = _meets_all_new(matches)
        if target in {"DROP", "REJECT"} and meets_all:
            return closed if sure else Guard.UNKNOWN
        if target == "ACCEPT" and meets_all:
            return Guard.OPEN if sure else Guard.UNKNOWN
        if target == "ACCEPT":
            closed = Guard.PARTLY
        elif target not in {"DROP", "REJECT", "LOG"}:
            sure = False
    if not sure:
        return Guard.UNKNOWN
    return closed if policy is Guard.CLOSED else policy


def _without_comment(words: list[str]) -> list[str]:
    if "--comment" in words:
        at = words.index("--comment")
        return words[: at - 2] + words[at + 2 :]
    return words


def _may_meet(matches: list[str], bridge: str) -> bool:
    """Return whether a rule is for this interface and, if it asks for a state, for new connections."""
    if "-i" in matches:
        at = matches.index("-i")
        name = matches[at + 1]
        named = bridge.startswith(name.removesuffix("+")) if name.endswith("+") else bridge == name
        if named == (at > 0 and matches[at - 1] == "!"):
            return False
    for flag in ("--ctstate", "--state"):
        if flag in matches and "NEW" not in matches[matches.index(flag) + 1].split(","):
            return False
    return True


def _meets_all_new(matches: list[str]) -> bool:
    """Return whether a rule asks for nothing but the interface and the state."""
    asks = [word for word in matches if word.startswith("-") or word == "!"]
    return all(word in {"-i", "-m", "!", "--ctstate", "--state"} for word in asks) and not {
        matches[at + 1] for at, word in enumerate(matches) if word == "-m"
    } - {"conntrack", "state"}


def judge(firewall: Firewall, *, bridge: str, internet: bool) -> Iterator[Verdict]:
    """Say whether instances on `bridge` reach services of the host. `internet`: a pool may go there."""
    found = Guard.UNKNOWN if firewall.rules is None else guard(firewall.rules, bridge)
    match found:
        case Guard.CLOSED:
            yield ok(SUBJECT, "instances cannot connect to the host")
        case Guard.OPEN | Guard.PARTLY:
            which = "what listens" if found is Guard.OPEN else "some of what listens"
            yield warn(
                SUBJECT,
                f"instances can connect to {which} on all addresses of this host",
                f"sudo iptables -I {RULE}",
            )
        case Guard.UNKNOWN:
            yield warn(
                SUBJECT,
                "whether instances can connect to the host's services cannot be told from here",
                f"sudo iptables -C {RULE}; where that fails: sudo iptables -I {RULE}",
            )
    if internet and firewall.forwards is False:
        yield fail(
            "forwarding",
            "off, so that pools with egress = internet reach nothing",
            "sudo sysctl -w net.ipv4.ip_forward=1",
        )
