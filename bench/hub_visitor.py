"""A visitor of JupyterHub as a program: does what a browser does with its pages, without looks in between."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from bench.notebook import CODE, RESULT, Waits
from bench.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.peers.hub import Hub

REQUEST_LIMIT = aiohttp.ClientTimeout(total=None, sock_read=60.0)
"""For the hub to say something more; it holds a request for ten seconds while a server starts."""
STOP_LIMIT = 30.0
"""Seconds a visitor's server may take to stop."""
LOOK_EVERY = 0.2
"""Seconds between two looks whether a server has stopped."""
_PROGRESS = re.compile(r'new EventSource\("([^"]+)"\)')


class HubVisitor:
    """One browser, with the cookies JupyterHub needs."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._user = ""

    async def visit(self) -> Waits:
        """Click, run a cell once the page is there, leave; return the waits. Raises RuntimeError, OSError."""
        began = time.perf_counter()
        page = await self.click()
        result = await self._run()
        return Waits(page, result - began)

    async def click(self) -> float:
        """Open the hub and follow its pages to the notebook's; return the seconds that took.

        Raises RuntimeError when the hub says that the start failed.
        """
        began = time.perf_counter()
        where = URL(self._hub.base + "/")
        async with aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), headers={"Accept": "text/html"}, timeout=REQUEST_LIMIT
        ) as http:
            while True:
                async with http.get(where) as answer:
                    text, at = await answer.text(), answer.url
                    if answer.status != 200:
                        raise RuntimeError(f"status {answer.status} at {at.path}")
                if at.path.startswith("/user/"):
                    self._user = at.path.split("/")[2]
                    return time.perf_counter() - began
                if (progress := _PROGRESS.search(text)) is None:
                    raise RuntimeError(f"neither a notebook's page nor one that waits: {at.path}")
                # The page opens this stream, and loads itself again when it says that the server is ready.
                async for event in _events(http, at.join(URL(progress[1], encoded=True))):
                    if event.get("failed"):
                        raise RuntimeError(f"the start failed: {event.get('message')}")
                    if event.get("ready"):
                        break
                where = at

    async def _run(self) -> float:
        """Run the cell; return the moment of its result."""
        async with Visitor(self._hub.base, self._url, self._credential) as visitor:
            if (text := await visitor.run(CODE)) != RESULT:
                raise RuntimeError(f"the cell answered {text!r}")
            return time.perf_counter()

    async def leave(self) -> None:
        """Stop the server as the hub's page would, and wait until it has. Raises TimeoutError."""
        if not self._user:
            return
        server = f"{self._hub.base}/hub/api/users/{self._user}"
        async with asyncio.timeout(STOP_LIMIT), aiohttp.ClientSession(headers=self._credential) as http:
            async with http.delete(f"{server}/server") as answer:
                stopped = answer.status == 204
            while not stopped:
                await asyncio.sleep(LOOK_EVERY)
                async with http.get(server) as answer:
                    stopped = not (await answer.json())["servers"]

    @property
    def _url(self) -> str:
        return f"{self._hub.base}/user/{self._user}/"

    @property
    def _credential(self) -> dict[str, str]:
        return {"Authorization": f"token {self._hub.token}"}


async def _events(http: aiohttp.ClientSession, where: URL) -> AsyncIterator[dict[str, object]]:
    """Yield what a server tells of its start, until it is over."""
    async with http.get(where) as stream:
        stream.raise_for_status()
        async for line in stream.content:
            if line.startswith(b"data:"):
                yield json.loads(line[len(b"data:") :])
