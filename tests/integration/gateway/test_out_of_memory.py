"""What a visitor sees when their memory runs out: never silence, always why."""

from __future__ import annotations

import asyncio
import json
import uuid
from base64 import b64encode
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bench.running import RunningGateway
from bench.visitor import Visitor, execute_request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PATIENCE = 30.0  # seconds until something that must happen is given up
POOLS = '[[pools]]\nwarm = 1\nmax = 1\nmemory = "256MiB"\n'

GLUTTON = "held = b'x' * 2**30"

SERVER = """
import sys
import tornado.ioloop, tornado.web, tornado.websocket

class Page(tornado.web.RequestHandler):
    def get(self, path):
        self.write("here")

class Glutton(tornado.websocket.WebSocketHandler):
    def on_message(self, message):
        self.held = b"x" * 2**30

pages = [(r".*/glutton", Glutton), (r"/(.*)", Page)]
tornado.web.Application(pages).listen(int(sys.argv[2]), sys.argv[1])
tornado.ioloop.IOLoop.current().start()
"""
"""One program that is all of its container, so that it is the one the machine's kernel chooses."""

SERVERS = f"""
[[pools]]
name = "jupyter"
kind = "generic"
image = "warmgate/jupyter"
command = ["python3", "-c", "import base64; exec(base64.b64decode('{b64encode(SERVER.encode()).decode()}'))",
           "{{ip}}", "{{port}}"]
port = 8000
tmpfs = ["/tmp"]
memory = "128MiB"
warm = 1
max = 1
"""


@asynccontextmanager
async def socket_at(visitor: Visitor, path: str) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    where = visitor.url + path
    async with asyncio.timeout(PATIENCE), visitor.http.ws_connect(where, max_msg_size=0) as socket:
        yield socket


async def kernel_of(visitor: Visitor) -> str:
    """Return where a page opens a websocket to the visitor's kernel."""
    return f"api/kernels/{await visitor.kernel()}/channels?session_id={uuid.uuid4().hex}"


async def heard(socket: aiohttp.ClientWebSocketResponse) -> aiohttp.WSMessage:
    """Return the message that closes the websocket."""
    while (message := await socket.receive(PATIENCE)).type is aiohttp.WSMsgType.TEXT:
        pass
    return message


async def metric(gateway: RunningGateway, name: str) -> str:
    async with aiohttp.ClientSession() as http, http.get(gateway.admin + "/metrics") as answer:
        lines = (await answer.text()).splitlines()
    (value,) = [line.removeprefix(name).strip() for line in lines if line.startswith(name)]
    return value


async def told_everywhere(gateway: RunningGateway, glutton: str = "") -> None:
    """Let a visitor's server be killed; look at the websocket, the page, the API, log and metrics."""
    async with Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        async with socket_at(someone, glutton or await kernel_of(someone)) as socket:
            await socket.send_str(json.dumps(execute_request(GLUTTON)))
            closed = await heard(socket)
        assert (closed.type, closed.data, closed.extra) == (
            aiohttp.WSMsgType.CLOSE,
            4410,
            "W417 out_of_memory",
        )
        async with someone.http.get(someone.url + "tree", headers={"Accept": "text/html"}) as page:
            assert page.status == 410
            text = await page.text()
            assert "has run out of memory" in text
            assert "W417" in text
        async with someone.http.get(someone.url + "api/kernels") as answer:
            assert answer.status == 410
            content: dict[str, Any] = await answer.json()
            assert content["code"] == "W417"
            assert content["status"] == "error"
    assert '"reason":"out_of_memory"' in gateway.log
    assert await metric(gateway, 'warmgate_out_of_memory_total{pool="jupyter"}') == "1.0"


@pytest.mark.docker
async def test_a_container_whose_server_was_killed_for_memory(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, SERVERS) as gateway:
        await told_everywhere(gateway, "glutton")


async def test_processes_that_pass_their_limit(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, POOLS, engine="process") as gateway:
        await told_everywhere(gateway)


@pytest.mark.docker
async def test_a_kernel_killed_for_memory_is_told_to_the_page_and_the_session_goes_on(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, POOLS) as gateway, Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        await someone.run("open('kept.txt', 'w').write('still here')")
        async with socket_at(someone, await kernel_of(someone)) as socket:
            await socket.send_str(json.dumps(execute_request(GLUTTON)))
            states: list[str] = []
            while "restarting" not in states:
                content = json.loads((await socket.receive(PATIENCE)).data)["content"]
                states.append(content.get("execution_state", ""))
        # Jupyter hands the same kernel id on, so the page goes on where it was.
        async with asyncio.timeout(PATIENCE):
            assert await someone.run("print(open('kept.txt').read())") == "still here\n"
        assert gateway.log.count('"event":"out_of_memory"') == 1
        assert '"event":"instance_ended"' not in gateway.log
        assert await metric(gateway, 'warmgate_out_of_memory_total{pool="jupyter"}') == "1.0"

        # An end later on, of another cause, is not put down to memory.
        await someone.run("import os, signal; os.kill(1, signal.SIGTERM)")

        async def ended() -> bool:
            return (await someone.get("api/status"))[0] == 410

        await gateway.until(ended, PATIENCE)
        assert json.loads((await someone.get("api/status"))[1])["code"] == "W404"
