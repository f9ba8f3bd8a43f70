"""A pool's notebook, run on a real server before a visitor comes."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from structlog.testing import capture_logs

from pool.errors import WarmFailed
from pool.kinds.jupyter.kernel import MAX_FRAME, KernelClient
from pool.kinds.jupyter.warming import UNFINISHED
from pool.kinds.kind import CellError
from tests.integration.kinds.conftest import BASE, KIND, Server, settings

if TYPE_CHECKING:
    import aiohttp

    from pool.kinds.jupyter.api import JupyterApi


def write(server: Server, name: str, *sources: str, kernel: str = "python3", **tags: list[str]) -> None:
    """Write a notebook of code cells; `tags` are by cell: `_0=["raises-exception"]`."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{index}",
            "metadata": {"tags": tags.get(f"_{index}", [])},
            "source": source,
            "execution_count": None,
            "outputs": [],
        }
        for index, source in enumerate(sources)
    ]
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel}}
    path = server.home / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))


async def saved(api: JupyterApi, name: str) -> list[dict[str, Any]]:
    """Return the cells as a page gets them."""
    model = await api.call("GET", f"api/contents/{name}?content=1&type=notebook")
    cells: list[dict[str, Any]] = model["content"]["cells"]
    return cells


async def session_of(api: JupyterApi, name: str) -> dict[str, Any]:
    found = [session for session in await api.call("GET", "api/sessions") if session["path"] == name]
    assert len(found) == 1
    session: dict[str, Any] = found[0]
    return session


async def value(api: JupyterApi, name: str, expression: str) -> str:
    """Return what an expression is in the notebook's kernel."""
    session = await session_of(api, name)
    socket = await api.channels(session["kernel"]["id"], "look", max_frame=MAX_FRAME)
    try:
        reply = await KernelClient(socket, "look").request(
            "execute_request",
            {"code": "", "silent": True, "allow_stdin": False, "user_expressions": {"x": expression}},
        )
    finally:
        await socket.close()
    text: str = reply.content["user_expressions"]["x"]["data"]["text/plain"]
    return text


async def test_a_visitor_finds_results_trust_and_the_kernel_they_came_from(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "run.ipynb", "n = 6", "print(n * 7)", "from IPython.display import HTML; HTML('<b>n</b>')")
    await KIND.warm(http, server.upstream, settings(notebook="run.ipynb"))
    cells = await saved(api, "run.ipynb")
    assert [cell["execution_count"] for cell in cells] == [1, 2, 3]
    assert cells[1]["outputs"] == [{"output_type": "stream", "name": "stdout", "text": "42\n"}]
    assert cells[2]["outputs"][0]["data"]["text/html"] == "<b>n</b>"
    assert all(cell["metadata"]["trusted"] for cell in cells)
    session = await session_of(api, "run.ipynb")
    assert (session["type"], session["name"]) == ("notebook", "run.ipynb")
    assert await value(api, "run.ipynb", "n") == "6"


async def test_what_is_saved_is_a_valid_notebook(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "valid.ipynb", "import sys; print('e', file=sys.stderr)", "{'a': 1}", "1/0")
    await KIND.warm(http, server.upstream, settings(notebook="valid.ipynb"))
    notebook = json.loads((server.home / "valid.ipynb").read_text())
    nbformat.validate(notebook)
    assert notebook["metadata"]["language_info"]["name"] == "python"
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert "trusted" not in notebook["cells"][0]["metadata"]
    assert len(await api.call("GET", "api/kernels")) == 1


async def test_a_notebook_in_a_folder_runs_there(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "a folder/ü.ipynb", "import os; where = os.path.basename(os.getcwd())")
    await KIND.warm(http, server.upstream, settings(notebook="./a folder//ü.ipynb"))
    assert await value(api, "a folder/ü.ipynb", "where") == "'a folder'"


async def test_warming_a_finished_notebook_again_runs_nothing(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "once.ipynb", "open('once.txt', 'a').write('x')")
    await KIND.warm(http, server.upstream, settings(notebook="once.ipynb"))
    before = await session_of(api, "once.ipynb")
    await KIND.warm(http, server.upstream, settings(notebook="once.ipynb"))
    assert (await session_of(api, "once.ipynb"))["kernel"]["id"] == before["kernel"]["id"]
    assert (server.home / "once.txt").read_text() == "x"


async def test_a_notebook_found_half_run_is_run_anew_in_a_new_kernel(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "half.ipynb", "n = globals().get('n', 0) + 1", "print(n)")
    left = await api.call(
        "POST",
        "api/sessions",
        {"path": "half.ipynb", "name": "half.ipynb", "type": UNFINISHED, "kernel": {"name": "python3"}},
    )
    await KIND.warm(http, server.upstream, settings(notebook="half.ipynb"))
    session = await session_of(api, "half.ipynb")
    assert session["kernel"]["id"] != left["kernel"]["id"]
    assert session["type"] == "notebook"
    assert len(await api.call("GET", "api/kernels")) == 1
    assert (await saved(api, "half.ipynb"))[1]["outputs"][0]["text"] == "1\n"


async def test_an_error_ends_the_run_and_is_shown_and_told_but_the_instance_is_warm(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "error.ipynb", "a = 1", "print('secret'); 1/0", "a = 2")
    with capture_logs() as logs:
        warmed = await KIND.warm(http, server.upstream, settings(notebook="error.ipynb"))
    assert warmed.cell_errors == (CellError("error.ipynb", 2, "ZeroDivisionError"),)
    assert "secret" not in f"{logs}{warmed}"
    cells = await saved(api, "error.ipynb")
    assert [output["output_type"] for output in cells[1]["outputs"]] == ["stream", "error"]
    assert cells[2]["execution_count"] is None
    assert await value(api, "error.ipynb", "a") == "1"


async def test_a_cell_that_is_meant_to_fail_does_not_end_the_run(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "tag.ipynb", "1/0", "a = 2", _0=["raises-exception"])
    await KIND.warm(http, server.upstream, settings(notebook="tag.ipynb"))
    assert await value(api, "tag.ipynb", "a") == "2"


async def test_a_cell_that_asks_for_input_does_not_hang(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "input.ipynb", "input('name? ')")
    await KIND.warm(http, server.upstream, settings(notebook="input.ipynb"))
    assert (await saved(api, "input.ipynb"))[0]["outputs"][0]["ename"] == "StdinNotImplementedError"


INTERACT = """
from ipywidgets import IntSlider, Output, interact
slider = IntSlider(value=7)
@interact(n=slider)
def square(n):
    print(n * n)
"""


async def test_what_interact_prints_is_in_its_widget_and_not_below_it(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "interact.ipynb", INTERACT)
    await KIND.warm(http, server.upstream, settings(notebook="interact.ipynb"))
    (shown,) = (await saved(api, "interact.ipynb"))[0]["outputs"]
    assert "application/vnd.jupyter.widget-view+json" in shown["data"]
    assert await value(api, "interact.ipynb", "square.widget.out.outputs[0]['text']") == repr("49\n")


async def test_widgets_with_binary_state_do_no_harm(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "bytes.ipynb", "from ipywidgets import Image\nImage(value=bytes(300_000))", "done = True")
    await KIND.warm(http, server.upstream, settings(notebook="bytes.ipynb"))
    assert await value(api, "bytes.ipynb", "done") == "True"


async def test_progress_that_updates_one_display_is_shown_once(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    source = (
        "from IPython.display import display\nh = display(0, display_id=True)\nfor i in range(5): h.update(i)"
    )
    write(server, "progress.ipynb", source)
    await KIND.warm(http, server.upstream, settings(notebook="progress.ipynb"))
    (shown,) = (await saved(api, "progress.ipynb"))[0]["outputs"]
    assert shown["data"]["text/plain"] == "4"


async def test_a_kernel_that_is_not_installed_gives_way_to_the_default(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "other.ipynb", "n = 1", kernel="fortran77")
    await KIND.warm(http, server.upstream, settings(notebook="other.ipynb"))
    assert (await session_of(api, "other.ipynb"))["kernel"]["name"] == "python3"


async def test_a_missing_notebook_fails_and_names_it(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    with pytest.raises(WarmFailed, match=r"there is no notebook missing\.ipynb") as failed:
        await KIND.warm(http, server.upstream, settings(notebook="missing.ipynb"))
    assert BASE.strip("/") not in failed.value.detail
    assert await api.call("GET", "api/sessions") == []


async def test_a_file_that_is_no_notebook_fails(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    (server.home / "text.ipynb").write_text("not json")
    with pytest.raises(WarmFailed, match=r"GET api/contents/text\.ipynb was answered with status 400"):
        await KIND.warm(http, server.upstream, settings(notebook="text.ipynb"))
    assert await api.call("GET", "api/sessions") == []


async def test_a_cell_that_takes_too_long_is_named_and_leaves_the_notebook_unfinished(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "slow.ipynb", "import time; time.sleep(600)")
    told: list[str] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2.0):
            await KIND.warm(http, server.upstream, settings(notebook="slow.ipynb"), told.append)
    assert told[-1] == "cell 1 of slow.ipynb"
    assert (await session_of(api, "slow.ipynb"))["type"] == UNFINISHED


async def test_a_kernel_that_ends_fails_and_tells_where(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "exit.ipynb", "n = 1", "import os; os._exit(1)")
    with pytest.raises(WarmFailed, match=r"the kernel ended while the cell with index 1 of exit\.ipynb ran"):
        await KIND.warm(http, server.upstream, settings(notebook="exit.ipynb"))
    assert (await session_of(api, "exit.ipynb"))["type"] == UNFINISHED


async def test_a_notebook_that_cannot_be_saved_is_warm_all_the_same(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    # The notebook replaces itself by a folder: even for root that is a place a file cannot be saved to.
    write(server, "gone.ipynb", "import os; os.remove('gone.ipynb'); os.mkdir('gone.ipynb')", "n = 1")
    with capture_logs() as logs:
        await KIND.warm(http, server.upstream, settings(notebook="gone.ipynb"))
    assert "notebook_not_saved" in [line["event"] for line in logs]
    assert await value(api, "gone.ipynb", "n") == "1"
