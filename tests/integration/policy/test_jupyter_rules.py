"""What view mode lets through works on a real kernel, and what it refuses ends as a page expects."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from gateway.policy.jupyter.limits import MAX_CONTROLS
from gateway.policy.policy import Wish
from gateway.policy.ruling import Answered, Passed
from pool.kinds.jupyter.kernel import MAX_FRAME, KernelClient
from tests.integration.kinds.conftest import KIND, Server, settings
from tests.integration.kinds.test_jupyter_notebook import write
from tests.integration.policy.reader import LIMIT, Reader
from tests.unit.gateway.policy.jupyter.page import FORMATS, execute

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp

    from pool.kinds.jupyter.api import JupyterApi

COUNT = "runs = globals().get('runs', 0) + 1\nprint('run', runs)"
SLIDER = "from ipywidgets import IntSlider\nslider = IntSlider(value=7)\nslider"
SHOW = "print('slider at', slider.value)"
SLEEP = "import time\ntry:\n    time.sleep(600)\nexcept KeyboardInterrupt:\n    print('interrupted')"
ASK = "print('hello', input('name? '))"
CELLS = (COUNT, SLIDER, SHOW)
NAME = "view.ipynb"
COMMS = "len(__import__('comm').get_comm_manager().comms)"
WIDGETS = "len(__import__('ipywidgets').widgets.widget._instances)"


@pytest_asyncio.fixture(params=FORMATS, ids=["v1", "legacy"])
async def reader(
    request: pytest.FixtureRequest, server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> AsyncIterator[Reader]:
    """A page whose notebook was made warm; the cell that fails keeps those behind it from running before."""
    del api
    write(server, NAME, *CELLS, "1/0", SLEEP, ASK)
    warmed = await KIND.warm(http, server.upstream, settings(notebook=NAME))
    assert warmed.published is not None
    reader = Reader(request.param, warmed.published)
    await reader.connect(http, server)
    yield reader
    await reader.close()


async def value(reader: Reader, api: JupyterApi, expression: str) -> str:
    """Return what an expression is in the kernel, asked behind the rules' back."""
    socket = await api.channels(reader.published.kernel, "look", max_frame=MAX_FRAME)
    try:
        reply = await KernelClient(socket, "look").request(
            "execute_request",
            {"code": "", "silent": True, "allow_stdin": False, "user_expressions": {"x": expression}},
        )
    finally:
        await socket.close()
    text: str = reply.content["user_expressions"]["x"]["data"]["text/plain"]
    return text


async def test_an_authors_cell_runs_again_in_the_kernel_that_is_warm(reader: Reader) -> None:
    reply = await reader.ask("shell", "execute_request", execute(COUNT))
    assert reply.content["status"] == "ok"
    assert reader.printed() == "run 2\n"


async def test_other_code_ends_as_an_error_and_does_nothing(reader: Reader, api: JupyterApi) -> None:
    for code in ("runs = 'pwned'", COUNT + "\nruns = 'pwned'"):
        reply = await reader.ask("shell", "execute_request", execute(code))
        assert (reply.content["status"], reply.content["ename"]) == ("error", "ReadOnly")
    assert await value(reader, api, "runs") == "1"


async def test_an_expression_beside_an_authors_cell_does_nothing(reader: Reader, api: JupyterApi) -> None:
    pwn = {"x": "globals().update(runs='pwned')"}
    reply = await reader.ask("shell", "execute_request", execute(COUNT, user_expressions=pwn))
    assert reply.content["user_expressions"] == {}
    assert await value(reader, api, "runs") == "2"


async def test_code_on_the_control_channel_and_in_the_debugger_does_nothing(
    reader: Reader, api: JupyterApi
) -> None:
    evaluate = {"command": "evaluate", "arguments": {"expression": "globals().update(runs='pwned')"}}
    attach = {"type": "request", "seq": 1, "command": "initialize", "arguments": {}}
    for kind, content in (
        ("execute_request", execute("runs = 'pwned'")),
        ("execute_request", execute(COUNT)),
        ("debug_request", attach),
        ("debug_request", {"type": "request", "seq": 2, **evaluate}),
    ):
        reply = await reader.ask("control", kind, content)
        assert reply.content.get("status") == "error" or reply.content["success"] is False
    assert await value(reader, api, "runs") == "1"


async def widgets(reader: Reader, name: str = "control-1") -> dict[str, Any]:
    """Return the widgets' states, asked for as a page does when it opens."""
    comm = {"comm_id": name, "target_name": "jupyter.widget.control", "data": {}}
    await reader.until_idle(await reader.start("shell", "comm_open", comm, metadata={"version": "1.0.0"}))
    ask = {"comm_id": name, "data": {"method": "request_states"}}
    asked = await reader.start("shell", "comm_msg", ask)
    await reader.until_idle(asked)
    (told,) = [each for each in reader.about(asked) if each.header["msg_type"] == "comm_msg"]
    states: dict[str, Any] = told.content["data"]["states"]
    return states


async def slider_of(reader: Reader) -> str:
    states = await widgets(reader)
    return next(comm for comm, told in states.items() if told["model_name"] == "IntSliderModel")


def moved(comm: str, to: int) -> dict[str, Any]:
    return {"comm_id": comm, "data": {"method": "update", "state": {"value": to}, "buffer_paths": []}}


async def test_a_slider_that_was_there_before_the_page_is_moved(reader: Reader) -> None:
    comm = await slider_of(reader)
    await reader.until_idle(await reader.start("shell", "comm_msg", moved(comm, 42)))
    await reader.ask("shell", "execute_request", execute(SHOW))
    assert reader.printed() == "slider at 42\n"


async def test_readers_who_reload_without_end_all_see_their_widgets_and_leave_few_comms_in_the_kernel(
    reader: Reader, server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    before = int(await value(reader, api, COMMS))
    for number in range(2 * MAX_CONTROLS):
        again = Reader(reader.protocol, reader.published, reader.policy)
        await again.connect(http, server)
        states = await widgets(again, f"again-{number}")
        assert "IntSliderModel" in {told["model_name"] for told in states.values()}
        await again.close()
    assert int(await value(reader, api, COMMS)) == before + MAX_CONTROLS


async def test_a_subshell_answers_while_a_cell_runs_and_the_cell_is_interrupted(
    reader: Reader, api: JupyterApi
) -> None:
    comm = await slider_of(reader)
    reply = await reader.ask("control", "create_subshell_request", {})
    subshell = reply.content["subshell_id"]
    listed = await reader.ask("control", "list_subshell_request", {})
    assert subshell in listed.content["subshell_id"]
    running = await reader.start("shell", "execute_request", execute(SLEEP))
    await reader.ask("shell", "kernel_info_request", {}, subshell_id=subshell)
    await reader.ask("control", "interrupt_request", {})
    assert (await reader.until_done(running)).content["status"] == "ok"
    assert reader.printed() == "interrupted\n"
    # The kernel gives it to the thread that made the slider (ipykernel, comm.py, `_reply_subshell_for`).
    await reader.until_idle(await reader.start("shell", "comm_msg", moved(comm, 43), subshell_id=subshell))
    ended = await reader.ask("control", "delete_subshell_request", {"subshell_id": subshell})
    assert ended.content["status"] == "ok"
    assert await value(reader, api, "slider.value") == "43"


async def test_a_page_that_makes_a_widget_of_its_own_makes_none(reader: Reader, api: JupyterApi) -> None:
    before = await value(reader, api, WIDGETS)
    state = {
        "_model_module": "@jupyter-widgets/controls",
        "_model_name": "TextModel",
        "_model_module_version": "2.0.0",
    }
    comm = {"comm_id": "evil", "target_name": "jupyter.widget", "data": {"state": state, "buffer_paths": []}}
    await reader.until_idle(await reader.start("shell", "comm_open", comm, metadata={"version": "2.1.0"}))
    assert await value(reader, api, WIDGETS) == before


async def test_comms_can_be_listed_and_the_kernel_described(reader: Reader) -> None:
    comms = await reader.ask("shell", "comm_info_request", {"target_name": "jupyter.widget"})
    assert comms.content["comms"]
    for channel in ("shell", "control"):
        info = await reader.ask(channel, "kernel_info_request", {})
        assert info.content["implementation"] == "ipython"


async def test_a_line_is_typed_where_a_cell_asks(reader: Reader) -> None:
    running = await reader.start("shell", "execute_request", execute(ASK))
    async with asyncio.timeout(LIMIT):
        while not any(each.header["msg_type"] == "input_request" for each in reader.seen):
            await reader.listen()
    await reader.start("stdin", "input_reply", {"status": "ok", "value": "Ada"})
    assert (await reader.until_done(running)).content["status"] == "ok"
    assert reader.printed() == "hello Ada\n"


@pytest.mark.parametrize(
    "kind",
    ["complete_request", "inspect_request", "is_complete_request", "history_request", "shutdown_request"],
)
async def test_every_other_request_ends_too_and_the_kernel_lives_on(reader: Reader, kind: str) -> None:
    await reader.ask("shell", kind, {"code": "runs.", "cursor_pos": 5, "restart": False})
    reply = await reader.ask("shell", "execute_request", execute(COUNT))
    assert reply.content["status"] == "ok"
    assert reader.printed() == "run 2\n"


async def test_a_page_that_comes_back_to_a_gateway_started_anew_moves_its_slider(
    reader: Reader, server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    comm = await slider_of(reader)
    back = Reader(reader.protocol, reader.published)
    await back.connect(http, server)
    # As every page does when it connects again, before it says anything else.
    await back.ask("shell", "kernel_info_request", {})
    await back.until_idle(await back.start("shell", "comm_msg", moved(comm, 44)))
    await back.close()
    assert await value(reader, api, "slider.value") == "44"


async def test_the_page_the_server_gives_is_the_one_the_rules_know(reader: Reader, api: JupyterApi) -> None:
    for path in (
        f"api/contents/{NAME}",
        "api/contents",
        "api/kernelspecs",
        "api/sessions",
        "lab/api/settings",
    ):
        ruling = reader.policy.judge(Wish("GET", path))
        assert isinstance(ruling, Passed)
        assert ruling.rework is not None
        served = json.loads(ruling.rework(await api.ask("GET", path)))
        if path == f"api/contents/{NAME}":
            assert served["writable"] is False
            assert all(cell["metadata"]["editable"] is False for cell in served["content"]["cells"])
        if path == "api/sessions":
            answered = reader.policy.judge(Wish("POST", "api/sessions", body=True))
            assert isinstance(answered, Answered)
            assert json.loads(answered.body).keys() == served[0].keys()
            assert json.loads(answered.body)["kernel"].keys() == served[0]["kernel"].keys()
