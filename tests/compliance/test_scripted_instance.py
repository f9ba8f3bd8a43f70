"""Every case through a gateway's door to a scripted instance that records each byte."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.compliance.case import Answered, Arrival, Broken, Case, Site, Stopped, chunked, get
from tests.compliance.playing import judge, play, resolved
from tests.compliance.reading import Ambiguous, Message, requests
from tests.compliance.tables import CASES
from tests.integration.proxy.rig import BASE, SECRET, stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.compliance.case import Outcome
    from tests.integration.proxy.peer import Peer
    from tests.integration.proxy.rig import Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITE = Site(BASE, "notes.example", "x", "canary")
NEXT = Arrival("GET", target="{target}?next")
INSTANCE = "instance"
"""Stands for the instance's own address."""
ADDRESS = re.compile(rb"127\.0\.0\.1:[0-9]+")
HIDING = Arrival("PUT", body="{smuggled}")
HIDING_HEAD = get(f"Content-Length: {len(SITE.smuggled)}", method="PUT")
LONGEST_CUT = 2000
"""Bytes of the longest request that is also sent one by one."""
SHORT = [case for case in CASES if len(SITE.encoded(case.sent)) <= LONGEST_CUT]


@dataclass(slots=True)
class Instance:
    """Answers each whole request and remembers what came, in its order over all connections."""

    arrived: list[Message] = field(default_factory=list)
    unfinished: dict[Peer, bytes] = field(default_factory=dict)
    """What came behind the last whole request of each connection."""
    ambiguous: list[Ambiguous] = field(default_factory=list)

    async def serve(self, peer: Peer) -> None:
        # One that is kept and not used any more ends here; the gateway takes another.
        with suppress(TimeoutError):
            while more := await peer.some():
                try:
                    reading = requests(self.unfinished.get(peer, b"") + more)
                except Ambiguous as error:
                    self.ambiguous.append(error)
                    return
                self.unfinished[peer] = reading.rest
                self.arrived += reading.messages
                for message in reading.messages:
                    peer.write(answer(message))

    def forget(self) -> None:
        self.arrived.clear()
        self.unfinished.clear()
        self.ambiguous.clear()


def answer(message: Message) -> bytes:
    method, target, _ = message.line.split(b" ")
    if target.endswith(b"nothing"):
        return b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
    return head if method == b"HEAD" else head + b"hello"


@dataclass(slots=True)
class Scene:
    stage: Stage
    instance: Instance

    async def settled(self) -> None:
        """Send NEXT over a connection of its own, behind which nothing can still be on its way."""
        assert (await self.stage.ask(SITE.encoded("{next}")))[1] == b"hello"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Scene]:
    instance = Instance()
    async with stage(instance.serve) as made:
        yield Scene(made, instance)


@pytest.fixture
def scene(shared: Scene) -> Scene:
    shared.instance.forget()
    return shared


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
    pairs = [SITE.encoded(field).partition(b": ") for field in fields]
    return Message(
        SITE.encoded(f"{arrival.method} {arrival.target} HTTP/1.1"),
        tuple((name, value) for name, _, value in pairs),
        body=SITE.encoded(arrival.body),
    )


def arrivals(outcome: Outcome) -> Sequence[Arrival]:
    return outcome.arrivals if isinstance(outcome, Answered) else ()


def judge_arrivals(outcome: Outcome, instance: Instance, following: int) -> None:
    """Assert that the instance got what the case says, in bytes of one meaning, and NEXT so many times."""
    next_one = shown(wanted(NEXT))
    arrived = [shown(message) for message in instance.arrived]
    assert not instance.ambiguous
    assert [each for each in arrived if each != next_one] == [
        shown(wanted(each)) for each in arrivals(outcome)
    ]
    assert arrived.count(next_one) == following
    if not isinstance(outcome, Broken | Stopped):
        assert not any(instance.unfinished.values())


async def check(scene: Scene, case: Case, *, piece: int = 0) -> None:
    seen = await play(await scene.stage.client(), case, SITE, piece=piece)
    seen.client.abort()
    judge(case, seen, answered=[each.status for each in arrivals(resolved(case.outcome, [200]))])
    await scene.settled()
    statuses = [message.status for message in seen.final]
    outcome = resolved(case.outcome, statuses)
    judge_arrivals(outcome, scene.instance, statuses[len(arrivals(outcome)) :].count(200) + 1)


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_nothing_ambiguous_reaches_the_instance(scene: Scene, case: Case) -> None:
    await check(scene, case)


@pytest.mark.parametrize("case", SHORT, ids=str)
async def test_the_same_holds_byte_by_byte(scene: Scene, case: Case) -> None:
    await check(scene, case, piece=1)


@pytest.mark.parametrize(
    ("second", "behind", "then", "piece"),
    [
        (NEXT, "{next}", "", 0),
        (NEXT, "{next}", "", 7),
        (HIDING, HIDING_HEAD, "{smuggled}", 0),
        (HIDING, HIDING_HEAD[:4], HIDING_HEAD[4:] + "{smuggled}", 0),
    ],
    ids=["request", "cut request", "head before its body", "beginning of a head"],
)
async def test_what_comes_along_with_chunks_is_answered_or_ends_with_the_connection(
    scene: Scene, second: Arrival, behind: str, then: str, piece: int
) -> None:
    sent = chunked("5\r\nhello\r\n0\r\n\r\n") + behind
    case = Case("", "", sent, Answered((Arrival("POST", body="hello"), second)), then=then)
    seen = await play(await scene.stage.client(), case, SITE, piece=piece)
    seen.client.abort()
    await scene.settled()
    statuses = [message.status for message in seen.final]
    assert statuses == [200, 200, 200] or (statuses == [200] and seen.ended)
    came = Answered((Arrival("POST", body="hello"), second)[: len(statuses)])
    judge_arrivals(came, scene.instance, 1 + (len(statuses) == 3))
