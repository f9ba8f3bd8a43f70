"""A visitor as a program: opens a notebook, runs a cell, leaves. For benchmarks and tests."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

PAGE_LIMIT = 60.0
"""Seconds a page may take."""
CELL_LIMIT = 120.0
"""Seconds a cell may take."""


@dataclass(slots=True)
class Visitor:
    """One visitor's browser: follows redirects by itself, holds no cookies."""

    base: str
    """Where the gateway is, without a slash at the end."""
    url: str = ""
    """The session's absolute base, once there is one."""
    headers: Mapping[str, str] = field(default_factory=dict)
    entry: str = ""
    """Where `spawn` says the visitor lands, as a path of the gateway."""
    landed: str = ""
    """The address a click led to."""
    _http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=self.headers,
            timeout=aiohttp.ClientTimeout(total=PAGE_LIMIT),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    @property
    def http(self) -> aiohttp.ClientSession:
        """The browser's connections."""
        assert self._http is not None, "use it as a context"  # noqa: S101 - a mistake in the test itself
        return self._http

    async def spawn(self, pool: str | None = None) -> int:
        """Ask for a session once; return the status, 200 when there is one now."""
        query = {} if pool is None else {"pool": pool}
        async with self.http.post(f"{self.base}/api/spawn", params=query) as answer:
            if answer.status == 200:
                told = await answer.json()
                self.url, self.entry = self.base + told["url"], told["entry"]
            return answer.status

    async def spawn_patiently(self, pool: str | None = None, limit: float = 120.0) -> None:
        """Ask until there is a session, as the answer's Retry-After says. Raises TimeoutError."""
        async with asyncio.timeout(limit):
            while (status := await self.spawn(pool)) != 200:
                if status not in {429, 503}:
                    raise RuntimeError(f"spawn answered {status}")
                await asyncio.sleep(0.2)

    async def click(self, pool: str | None = None) -> int:
        """Press Open and load the page one lands on, whole; return its status."""
        form = {} if pool is None else {"pool": pool}
        browser = {"Accept": "text/html"}
        async with self.http.post(f"{self.base}/spawn", data=form, headers=browser) as page:
            await page.read()
            self.landed = str(page.url)
            if page.history and "/user/" in str(page.url):
                self.url = (
                    str(page.url).split("/user/")[0]
                    + "/user/"
                    + page.url.raw_path.split("/user/")[1].split("/")[0]
                    + "/"
                )
            return page.status

    async def get(self, path: str) -> tuple[int, bytes]:
        """Fetch a path of the session."""
        async with self.http.get(self.url + path) as answer:
            return answer.status, await answer.read()

    async def kernel(self) -> str:
        """Return the id of the kernel to use: the running session's, else any that runs, else a new one."""
        if sessions := json.loads((await self.get("api/sessions"))[1]):
            return str(sessions[0]["kernel"]["id"])
        if kernels := json.loads((await self.get("api/kernels"))[1]):
            return str(kernels[0]["id"])
        async with self.http.post(self.url + "api/kernels", json={}) as answer:
            return str((await answer.json())["id"])

    async def run(self, code: str) -> str:
        """Run a cell over the kernel's websocket; return its text output, or its error's name."""
        kernel = await self.kernel()
        where = f"{self.url}api/kernels/{kernel}/channels?session_id={uuid.uuid4().hex}"
        async with asyncio.timeout(CELL_LIMIT), self.http.ws_connect(where, max_msg_size=0) as socket:
            request = execute_request(code)
            await socket.send_str(json.dumps(request))
            return await _output(socket, request["header"]["msg_id"])

    async def leave(self) -> int:
        """Shut the notebook down as its page's button would; return the status."""
        async with self.http.post(self.url + "api/shutdown") as answer:
            return answer.status


def execute_request(code: str) -> dict[str, Any]:
    """Return a kernel message that runs `code` (Jupyter messaging protocol 5.3, JSON over websocket)."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "session": uuid.uuid4().hex,
        "username": "",
        "version": "5.3",
        "date": "",
    }
    content = {
        "code": code,
        "silent": False,
        "store_history": False,
        "user_expressions": {},
        "allow_stdin": False,
    }
    return {
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "channel": "shell",
        "buffers": [],
    }


async def _output(socket: aiohttp.ClientWebSocketResponse, request_id: str) -> str:
    text = ""
    async for frame in socket:
        message = json.loads(frame.data)
        if message["parent_header"].get("msg_id") != request_id:
            continue
        content = message["content"]
        match message["header"]["msg_type"]:
            case "stream":
                text += content["text"]
            case "execute_result":
                text += content["data"]["text/plain"]
            case "error":
                return str(content["ename"])
            case "status" if content["execution_state"] == "idle":
                return text
    raise ConnectionError(f"the websocket closed with {socket.close_code} before the cell had ended")
