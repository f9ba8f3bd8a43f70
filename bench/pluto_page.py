"""Pluto's page as a program: takes the notebook by websocket, moves sliders. For benchmarks and tests."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from pool.kinds.pluto.messages import decode, encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

MESSAGE_LIMIT = 60.0
"""Seconds a message may take to come."""


@dataclass(slots=True)
class PlutoPage:
    """One page that is open. `state` is the notebook's, kept true by the patches that come."""

    socket: aiohttp.ClientWebSocketResponse
    notebook_id: str
    state: dict[str, Any] = field(default_factory=dict)
    client_id: str = field(default_factory=lambda: uuid4().hex[:8])
    """Each page has its own: the server tells a page only what is new to whoever has its id."""
    _sent: int = 0

    async def load(self) -> dict[str, Any]:
        """Shake hands, and return the state of the whole notebook, as a page that has just loaded gets it."""
        # A page does not wait for the first reply either.
        await self.send("connect", {})
        await self.reply(await self.send("update_notebook", {"updates": []}))
        return self.state

    async def move(self, name: str, value: Any) -> None:
        """Give a bond a value, as a page does when a slider moves; return when the server has taken it."""
        op = "replace" if name in self.state["bonds"] else "add"
        patch = {"op": op, "path": ["bonds", name], "value": {"value": value}}
        apply(self.state, patch)
        await self.reply(await self.send("update_notebook", {"updates": [patch]}))

    async def until_shown(self, text: str) -> None:
        """Return when a cell shows this text."""
        while not any(text in body for body in self.shown()):
            await self.receive()

    def shown(self) -> list[str]:
        """Return what the cells show, as text, in their order."""
        results = self.state["cell_results"]
        return [str(results[cell]["output"]["body"]) for cell in self.state["cell_order"]]

    async def send(self, kind: str, body: dict[str, Any]) -> str:
        """Send a message; return the id of the request."""
        self._sent += 1
        request_id = f"r{self._sent}"
        await self.socket.send_bytes(
            encode(kind, body, client_id=self.client_id, request_id=request_id, notebook_id=self.notebook_id)
        )
        return request_id

    async def reply(self, request_id: str) -> dict[str, Any]:
        """Return the answer to a request, once it comes."""
        while True:
            message = await self.receive()
            if message.get("request_id") == request_id and message.get("initiator_id") == self.client_id:
                return message

    async def receive(self) -> dict[str, Any]:
        """Take the next message; apply what it says of the notebook. Raises TimeoutError, ConnectionError."""
        frame = await asyncio.wait_for(self.socket.receive(), MESSAGE_LIMIT)
        if not isinstance(frame.data, bytes):
            raise ConnectionError(f"the websocket ended with {self.socket.close_code}")
        message = decode(frame.data)
        if message["type"] == "notebook_diff":
            for patch in message["message"]["patches"]:
                apply(self.state, patch)
        return message


@asynccontextmanager
async def opened(http: aiohttp.ClientSession, landed: str) -> AsyncIterator[PlutoPage]:
    """Be the page at this address, `…/edit?id=…`. Raises ValueError when it is no notebook's."""
    parts = urlsplit(landed)
    (notebook_id,) = parse_qs(parts.query).get("id") or [""]
    if not parts.path.endswith("/edit") or not notebook_id:
        raise ValueError("no page of a notebook")
    async with http.ws_connect(landed.partition("edit?")[0], max_msg_size=0) as socket:
        yield PlutoPage(socket, notebook_id)


def apply(state: dict[str, Any], patch: dict[str, Any]) -> None:
    """Change a state as a patch says, in place (Pluto, src/webserver/Firebasey.jl)."""
    *way, last = patch["path"] or [None]
    if last is None:
        state.clear()
        state.update(patch["value"])
        return
    where: Any = state
    for part in way:
        where = where[part]
    if isinstance(where, list) and patch["op"] == "add":
        # Julia counts from 1, and only ever adds at the end.
        where.append(patch["value"])
    elif patch["op"] == "remove":
        where.pop(last, None)
    else:
        where[last] = patch["value"]
