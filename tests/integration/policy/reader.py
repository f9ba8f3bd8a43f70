"""A page behind the rules, before a real kernel: it ends a request as JupyterLab does, and only then."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import aiohttp

from gateway.policy.jupyter import JupyterPolicy
from gateway.policy.policy import Wish
from gateway.policy.ruling import Passed
from tests.unit.gateway.policy.jupyter.page import Page, head

if TYPE_CHECKING:
    from gateway.policy.verdict import Verdict
    from pool.kinds.published import Published
    from tests.integration.kinds.conftest import Server
    from tests.unit.gateway.policy.jupyter.strict import Seen

LIMIT = 30.0  # seconds until a real kernel has answered


class Reader(Page):
    """One websocket of a reader. What the page sees is in `seen`."""

    def __init__(self, protocol: str, published: Published, policy: JupyterPolicy | None = None) -> None:
        self.protocol = protocol
        self.published = published
        self.policy = policy or JupyterPolicy(published, clock=time.monotonic)
        self.session = uuid4().hex
        ruling = self.policy.judge(
            Wish("GET", self.path, f"session_id={self.session}", websocket=True),
        )
        assert isinstance(ruling, Passed)
        assert ruling.converse is not None
        self.conversation = ruling.converse(protocol)
        self.seen: list[Seen] = []
        self.socket: aiohttp.ClientWebSocketResponse | None = None

    @property
    def path(self) -> str:
        return f"api/kernels/{self.published.kernel}/channels"

    async def connect(self, http: aiohttp.ClientSession, server: Server) -> None:
        self.socket = await http.ws_connect(
            server.upstream.url(f"{self.path}?session_id={self.session}"),
            headers=server.upstream.credential,
            protocols=[self.protocol] if self.protocol else [],
        )
        assert (self.socket.protocol or "") == self.protocol

    async def close(self) -> None:
        assert self.socket is not None
        await self.socket.close()

    async def deliver(self, verdict: Verdict) -> None:
        assert self.socket is not None
        for message in verdict.to_instance:
            if isinstance(message, str):
                await self.socket.send_str(message)
            else:
                await self.socket.send_bytes(message)
        self.seen += [self.read(message) for message in verdict.to_visitor]

    async def start(self, channel: str, kind: str, content: dict[str, Any] | None = None, **more: Any) -> str:
        """Send a request and return its id."""
        asked = uuid4().hex
        changes = {name: more.pop(name) for name in ("subshell_id",) if name in more}
        message = self.pack(
            channel, head(kind, msg_id=asked, session=self.session, **changes), content, **more
        )
        await self.deliver(self.conversation.from_visitor(message))
        return asked

    async def listen(self) -> None:
        assert self.socket is not None
        frame = await self.socket.receive()
        assert frame.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}
        await self.deliver(self.conversation.from_instance(frame.data))

    async def until_idle(self, asked: str) -> None:
        async with asyncio.timeout(LIMIT):
            while not any(each.content.get("execution_state") == "idle" for each in self.about(asked)):
                await self.listen()

    async def until_done(self, asked: str) -> Seen:
        """Wait for what ends a request in JupyterLab: a reply, and an idle; return the reply."""
        await self.until_idle(asked)
        async with asyncio.timeout(LIMIT):
            while not (
                replies := [each for each in self.about(asked) if each.channel in {"shell", "control"}]
            ):
                await self.listen()
        (reply,) = replies
        return reply

    async def ask(self, channel: str, kind: str, content: dict[str, Any] | None = None, **more: Any) -> Seen:
        """Send a request and return its reply, once it is done."""
        return await self.until_done(await self.start(channel, kind, content, **more))

    def about(self, asked: str) -> list[Seen]:
        """What the page was told about a request."""
        return [each for each in self.seen if each.parent.get("msg_id") == asked]

    def printed(self) -> str:
        """All that the kernel printed, as the page has seen it."""
        return "".join(each.content["text"] for each in self.seen if each.header["msg_type"] == "stream")
