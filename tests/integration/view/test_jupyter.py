"""A Jupyter notebook for reading: widgets and the author's cells work for each reader alone, nothing else."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio

from bench.running import RunningGateway
from bench.visitor import Visitor, execute_request
from tests.support.jupyter import image_with, notebook

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module")]

NAME = "slider.ipynb"
SLIDER = """\
import ipywidgets
n = ipywidgets.IntSlider(value=7, min=1, max=100)
answer = ipywidgets.Label()
def show(_=None): answer.value = f"The answer is {n.value * scale}"
n.observe(show, "value")
ipywidgets.VBox([n, answer])"""
SCALE = "scale = 5\nshow()"
TELL = "print(n.value * scale)"
CELLS = (SLIDER, SCALE, TELL)

PATIENCE = 30.0  # seconds until something that must happen is given up


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    async with image_with({NAME: notebook(*CELLS), "private.txt": "not for readers"}) as image:
        pools = f"""
[[pools]]
name = "jupyter"
image = "{image}"
notebook = "{NAME}"
mode = "view"
sizing = "static"
warm = 1
max = 1
"""
        async with RunningGateway(tmp_path_factory.mktemp("view"), pools) as running:
            yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(gateway: RunningGateway) -> AsyncIterator[Visitor]:
    """Somebody who has opened the notebook. One for all tests: nobody of them can spoil it for the next."""
    async with Visitor(gateway.base) as someone:
        await gateway.until_ready()
        assert await someone.click() == 200
        yield someone


class Kernel:
    """A page's websocket to the kernel."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.session = uuid.uuid4().hex

    async def ask(self, kind: str, content: dict[str, Any], channel: str = "shell") -> dict[str, Any]:
        """Ask and return the reply's content, once the kernel is said to be idle again too."""
        request_id = await self.send(kind, content, channel)
        reply: dict[str, Any] | None = None
        idle = False
        while reply is None or not idle:
            message = await self.hear()
            if message["parent_header"].get("msg_id") != request_id:
                continue
            if message["channel"] == channel:
                assert reply is None, "answered twice"
                reply = message["content"]
            idle = idle or message["content"].get("execution_state") == "idle"
        return reply

    async def send(self, kind: str, content: dict[str, Any], channel: str = "shell") -> str:
        message = execute_request("")
        message["header"] |= {"msg_type": kind, "session": self.session}
        await self.socket.send_str(json.dumps({**message, "channel": channel, "content": content}))
        request_id: str = message["header"]["msg_id"]
        return request_id

    async def hear(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            frame = await self.socket.receive()
        assert isinstance(frame.data, str), frame
        message: dict[str, Any] = json.loads(frame.data)
        return message


@asynccontextmanager
async def kernel_of(reader: Visitor) -> AsyncIterator[Kernel]:
    where = f"{reader.url}api/kernels/{await reader.kernel()}/channels?session_id={uuid.uuid4().hex}"
    async with reader.http.ws_connect(where, max_msg_size=0) as socket:
        yield Kernel(socket)


async def test_a_reader_lands_on_the_notebook_whose_cells_cannot_be_typed_into(reader: Visitor) -> None:
    assert reader.landed.endswith(f"/notebooks/{NAME}")
    status, body = await reader.get(f"api/contents/{NAME}?type=notebook&content=1")
    assert status == 200
    model = json.loads(body)
    assert model["writable"] is False
    cells = model["content"]["cells"]
    assert [cell["source"] for cell in cells if cell["cell_type"] == "code"] == list(CELLS)
    assert all(cell["metadata"]["editable"] is False for cell in cells)
    assert cells[3]["outputs"][0]["text"] == "35\n"


async def test_the_authors_cell_runs_again_in_the_kernel_that_has_run_the_notebook(reader: Visitor) -> None:
    assert await reader.run(TELL) == "35\n"


async def test_a_slider_moves_a_result(reader: Visitor) -> None:
    async with kernel_of(reader) as kernel:
        comms = (await kernel.ask("comm_info_request", {"target_name": "jupyter.widget"}))["comms"]
        sliders = []
        for comm in comms:
            await kernel.send("comm_msg", {"comm_id": comm, "data": {"method": "request_state"}})
            while True:
                message = await kernel.hear()
                if message["header"]["msg_type"] == "comm_msg" and message["content"]["comm_id"] == comm:
                    break
            if message["content"]["data"]["state"]["_model_name"] == "IntSliderModel":
                sliders.append(comm)
        (slider,) = sliders
        moved = {"method": "update", "state": {"value": 8}, "buffer_paths": []}
        await kernel.send("comm_msg", {"comm_id": slider, "data": moved})
        while True:
            content = (await kernel.hear())["content"]
            if content.get("data", {}).get("state", {}).get("value") == "The answer is 40":
                break
    assert await reader.run(TELL) == "40\n"


async def test_code_that_is_not_the_authors_is_refused_and_the_page_goes_on(reader: Visitor) -> None:
    async with kernel_of(reader) as kernel:
        for code in ("scale = 1000", TELL + " ", TELL.upper(), "", "%run x"):
            reply = await kernel.ask(
                "execute_request", execute_request(code)["content"] | {"stop_on_error": False}
            )
            assert reply["status"] == "error"
        reply = await kernel.ask("execute_request", execute_request(TELL)["content"])
        assert reply["status"] == "ok"


async def test_expressions_beside_an_authors_cell_are_not_evaluated(reader: Visitor) -> None:
    async with kernel_of(reader) as kernel:
        content = execute_request(TELL)["content"] | {"user_expressions": {"x": "open('x', 'w').write('x')"}}
        reply = await kernel.ask("execute_request", content)
        assert reply["user_expressions"] == {}


async def test_the_control_channel_runs_nothing(reader: Visitor) -> None:
    async with kernel_of(reader) as kernel:
        reply = await kernel.ask("execute_request", execute_request("scale = 1000")["content"], "control")
        assert reply["status"] == "error"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"api/contents/{NAME}"),
        ("PATCH", f"api/contents/{NAME}"),
        ("DELETE", f"api/contents/{NAME}"),
        ("POST", "api/contents"),
        ("POST", "api/kernels"),
        ("DELETE", "api/kernels/KERNEL"),
        ("POST", "api/kernels/KERNEL/restart"),
        ("POST", "api/terminals"),
        ("POST", "nbconvert/html"),
        ("GET", "files/private.txt"),
        ("GET", "api/contents/private.txt?content=1"),
        ("GET", f"nbconvert/html/{NAME}"),
        ("GET", "lab"),
        ("GET", "tree"),
    ],
)
async def test_addresses_that_change_or_tell_too_much_are_refused(
    reader: Visitor, method: str, path: str
) -> None:
    path = path.replace("KERNEL", await reader.kernel())
    async with reader.http.request(method, reader.url + path, json={} if method != "GET" else None) as answer:
        assert answer.status == 403


async def test_another_kernels_websocket_is_refused(reader: Visitor) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await reader.http.ws_connect(f"{reader.url}api/kernels/{uuid.uuid4()}/channels")
    assert refusal.value.status == 403


async def test_a_page_that_asks_for_a_session_is_given_the_one_that_runs(reader: Visitor) -> None:
    wish = {"path": NAME, "name": NAME, "type": "notebook", "kernel": {"name": "python3"}}
    async with reader.http.post(f"{reader.url}api/sessions", json=wish) as answer:
        session = await answer.json()
    assert answer.status in {200, 201}
    assert session["kernel"]["id"] == await reader.kernel()
    assert session["path"] == NAME
