"""Rules of a few words, and a stage on which they judge what crosses."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gateway.policy.ruling import Passed
from gateway.policy.verdict import Verdict
from tests.integration.proxy.rig import LIMITS, Stage, stage
from tests.integration.proxy.websocket import frame, switching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from gateway.policy.verdict import Message
    from gateway.proxy.limits import Limits
    from tests.integration.proxy.peer import Peer

HEAD_END = b"\r\n\r\n"


class Rules:
    """Lets everything pass but `no`, which it answers, and `fail`, over which it stumbles."""

    def __init__(self, subprotocol: str = "") -> None:
        self.subprotocol = subprotocol
        self.heard: list[Message] = []

    def from_visitor(self, message: Message) -> Verdict:
        self.heard.append(message)
        if message in {"no", b"no"}:
            return Verdict(to_visitor=("refused",), refused="no")
        if message == "fail":
            raise RuntimeError(message)
        return Verdict(to_instance=(message,), active=message != "alive")

    def from_instance(self, message: Message) -> Verdict:
        self.heard.append(message)
        return Verdict(to_visitor=(message,))


class Judged:
    """What a test looks at besides the stage."""

    def __init__(self) -> None:
        self.rules: list[Rules] = []

    def begin(self, subprotocol: str) -> Rules:
        self.rules.append(Rules(subprotocol))
        return self.rules[-1]


async def answering(peer: Peer) -> None:
    """Answer each text of a few bytes with itself, as a server's text."""
    while True:
        head = await peer.exactly(2)
        if head[0] & 0x0F == 8:
            break
        payload = await peer.exactly((head[1] & 0x7F) + 4)
        text = bytes(byte ^ payload[index % 4] for index, byte in enumerate(payload[4:]))
        await peer.send(frame(head[0] & 0x0F, text))


@asynccontextmanager
async def judged(
    then: Callable[[Peer], Awaitable[None]] = answering, *fields: str, limits: Limits = LIMITS
) -> AsyncIterator[tuple[Stage, Judged]]:
    looked_at = Judged()
    async with stage(
        switching(then, *fields), limits=limits, passed=Passed(converse=looked_at.begin)
    ) as here:
        yield here, looked_at


def text(words: str) -> bytes:
    return frame(1, words.encode(), masked=True)
