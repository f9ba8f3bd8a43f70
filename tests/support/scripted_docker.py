"""A Docker engine that answers what it is told, on a Unix socket: for what a real one does on bad days."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]

VERSION = {"Version": "20.10.24", "ApiVersion": "1.41", "MinAPIVersion": "1.12"}
INFO = {"ServerVersion": "20.10.24", "NCPU": 2, "MemTotal": 2**34}


class ScriptedDocker:
    """Answers by method and path without the version, such as `GET containers/json`. A list is used up one
    answer a call, its last one for ever. An answer is JSON (200), a (status, JSON) pair, or a coroutine
    function that takes the request.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        network = {
            "Id": "n1",
            "Name": "warmgate-test-scripted",
            "Driver": "bridge",
            "Internal": True,
            "EnableIPv6": False,
            "Options": {"com.docker.network.bridge.enable_icc": "false"},
            "Labels": {"warmgate.gateway": "test-scripted"},
            "IPAM": {"Config": [{"Gateway": "172.30.0.1"}]},
        }
        self.answers: dict[str, list[Any]] = {
            "GET version": [VERSION],
            "GET info": [INFO],
            "GET networks": [[network]],
            "GET networks/n1": [network],
            "DELETE networks/n1": [(403, {"message": "has active endpoints"})],
            "GET containers/json": [[]],
        }

    def say(self, call: str, *answers: Any) -> None:
        """Set the answers to a call."""
        self.answers[call] = list(answers)

    @asynccontextmanager
    async def on(self, path: Path) -> AsyncIterator[str]:
        """Serve on a socket at `path`; yield its URL."""
        server = web.Server(self._handle)
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        await web.UnixSite(runner, str(path)).start()
        try:
            yield f"unix://{path}"
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path.lstrip("/")
        if path.startswith("v1."):
            path = path.partition("/")[2]
        call = f"{request.method} {path}"
        self.calls.append(call)
        answers = self.answers.get(call, [(404, {"message": f"no {call}"})])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if callable(answer):
            made: web.StreamResponse = await answer(request)
            return made
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return web.json_response(body, status=status)
