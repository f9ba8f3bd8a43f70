"""Every case through a gateway's door to a scripted instance that records each byte."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.compliance.case import Answered, Arrival, Broken, Case, Either, Site, Stopped
from tests.compliance.playing import judge, play
from tests.compliance.reading import Ambiguous, Message, requests
from tests.compliance.tables import CASES
from tests.integration.proxy.rig import BASE, SECRET, stage

if TYPE_CHECKING:
    from tests.compliance.case import Outcome
    from tests.integration.proxy.peer import Peer
    from tests.integration.proxy.rig import Stage

SITE = Site(BASE, "notes.example", "x", "canary")
INSTANCE = "instance"
"""Stands for the instance's own address."""
ADDRESS = re.compile(rb"127\.0\.0\.1:[0-9]+")
LONGEST_CUT = 2000
"""Bytes of the longest request that is also sent one by one."""


async def obliging(peer: Peer) -> None:
    """Answer each whole request."""
    answered = 0
    while await peer.some():
        try:
            whole = requests(peer.received).messages
        except Ambiguous:
            return  # The test reads the same bytes and fails.
        for message in whole[answered:]:
            answered += 1
            peer.write(answer(message))


def answer(message: Message) -> bytes:
    method, target, _ = message.line.split(b" ")
    if target.endswith(b"nothing"):
        return b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
    return head if method == b"HEAD" else head + b"hello"


def shown(message: Message) -> tuple[bytes, list[tuple[bytes, bytes]], bytes]:
    """Return what matters of a message; in which order different fields come does not."""
    fields = [(name, ADDRESS.sub(INSTANCE.encode(), value)) for name, value in message.fields]
    return message.line, sorted(fields, key=lambda pair: pair[0].lower()), message.body


def wanted(arrival: Arrival) -> Message:
    """Return what the instance must get, but for its framing."""
    host = "{host}" if arrival.host else INSTANCE
    fields = (
        f"Host: {host}",
        *arrival.fields,
        f"Authorization: token {SECRET}",
        "X-Forwarded-For: 127.0.0.1",
        "X-Forwarded-Proto: http",
        f"X-Forwarded-Host: {host}",
        "X-Forwarded-Port: 80",
        "X-Real-IP: 127.0.0.1",
        f"Via: {arrival.version} warmgate",
    )
    pairs = [SITE.bytes(field).partition(b": ") for field in fields]
    return Message(
        SITE.bytes(f"{arrival.method} {arrival.target} HTTP/1.1"),
        tuple((name, value) for name, _, value in pairs),
        body=SITE.bytes(arrival.body),
    )


NEXT = Arrival("GET", target="{target}?next")


def judge_arrivals(outcome: Outcome, statuses: list[int], here: Stage) -> None:
    """Assert that the instance got what the case says, each byte of which has one meaning, and NEXT."""
    readings = [requests(peer.received) for peer in here.peers]
    if isinstance(outcome, Either):
        outcome = outcome.refused if statuses[0] in outcome.refused.statuses else outcome.answered
    arrivals = outcome.arrivals if isinstance(outcome, Answered) else ()
    got = [shown(message) for reading in readings for message in reading.messages]
    following = shown(wanted(NEXT))
    assert [each for each in got if each != following] == [shown(wanted(each)) for each in arrivals]
    # One came over a connection of its own, at the end.
    assert got.count(following) == 1 + statuses[len(arrivals) :].count(200)
    if not isinstance(outcome, Broken | Stopped):
        assert not any(reading.rest for reading in readings)


async def check(case: Case, *, piece: int = 0) -> None:
    async with stage(obliging) as here:
        seen = await play(await here.client(), case, SITE, piece=piece)
        judge(case, seen)
        assert (await here.ask(SITE.bytes("{next}")))[1] == b"hello"
        judge_arrivals(case.outcome, [message.status for message in seen.final], here)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_nothing_ambiguous_reaches_the_instance(case: Case) -> None:
    await check(case)


@pytest.mark.parametrize(
    "case", [case for case in CASES if len(SITE.bytes(case.sent)) <= LONGEST_CUT], ids=str
)
async def test_the_same_holds_byte_by_byte(case: Case) -> None:
    await check(case, piece=1)
