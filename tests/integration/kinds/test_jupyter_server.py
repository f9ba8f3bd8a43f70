"""The jupyter kind against a real server: started, probed, given a kernel."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from pool.engines.engine import Address
from pool.errors import WarmFailed
from pool.kinds.jupyter.kernel import MAX_FRAME, Channel, KernelClient
from pool.kinds.jupyter.sessions import find_warm_kernel, with_warm_kernel
from pool.upstream import Upstream
from tests.integration.kinds.conftest import BASE, KIND, TOKEN, Server, free_port, settings

if TYPE_CHECKING:
    import aiohttp

    from pool.kinds.jupyter.api import JupyterApi

BUSY_LIMIT = 30.0  # seconds until the server has noticed that a kernel computes


def nobody() -> Upstream:
    return Upstream(Address("127.0.0.1", free_port()), BASE, BASE, KIND.credential(TOKEN), TOKEN)


async def kernels(api: JupyterApi) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = await api.call("GET", "api/kernels")
    return answer


async def test_a_server_that_is_there_answers_the_probe(server: Server, http: aiohttp.ClientSession) -> None:
    assert await KIND.probe(http, server.upstream, settings())
    assert await KIND.probe(http, server.upstream, settings(probe="lab"))
    assert not await KIND.probe(http, server.upstream, settings(probe="nothing/here"))


async def test_where_nobody_listens_nothing_answers(http: aiohttp.ClientSession) -> None:
    assert not await KIND.probe(http, nobody(), settings())
    assert not await KIND.is_busy(http, nobody())
    assert await find_warm_kernel(http, nobody()) is None
    with pytest.raises(WarmFailed, match="GET api/kernels: ClientConnector") as failed:
        await KIND.warm(http, nobody(), settings())
    assert BASE.strip("/") not in failed.value.detail


async def test_warming_leaves_one_kernel_that_answers_and_is_idle(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    await KIND.warm(http, server.upstream, settings())
    (kernel,) = await kernels(api)
    assert kernel["execution_state"] == "idle"
    assert not await KIND.is_busy(http, server.upstream)


async def test_warming_twice_leaves_the_same_kernel(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    await KIND.warm(http, server.upstream, settings())
    before = await kernels(api)
    await KIND.warm(http, server.upstream, settings())
    assert [kernel["id"] for kernel in await kernels(api)] == [kernel["id"] for kernel in before]


async def test_a_kernel_that_was_still_starting_is_waited_for(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    started = await api.call("POST", "api/kernels", {})
    await KIND.warm(http, server.upstream, settings())
    (kernel,) = await kernels(api)
    assert kernel["id"] == started["id"]
    assert kernel["execution_state"] == "idle"


async def test_a_visitors_first_notebook_takes_the_warm_kernel_and_the_second_one_starts_its_own(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    await KIND.warm(http, server.upstream, settings())
    warm = await find_warm_kernel(http, server.upstream)
    assert warm is not None
    wish = {"path": str(uuid4()), "type": "notebook", "name": "Untitled.ipynb", "kernel": {"name": "python3"}}
    changed = json.loads(with_warm_kernel(json.dumps(wish).encode(), warm))
    session = await api.call("POST", "api/sessions", changed)
    assert session["kernel"]["id"] == warm.id
    assert len(await kernels(api)) == 1
    assert await find_warm_kernel(http, server.upstream) is None


async def test_a_computing_kernel_makes_the_server_busy(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    await KIND.warm(http, server.upstream, settings())
    (kernel,) = await kernels(api)
    socket = await api.channels(kernel["id"], "test", max_frame=MAX_FRAME)
    async with asyncio.timeout(BUSY_LIMIT):
        await KernelClient(socket, "test").send(
            Channel.SHELL,
            "execute_request",
            {"code": "import time; time.sleep(600)", "silent": False, "allow_stdin": False},
        )
        while not await KIND.is_busy(http, server.upstream):  # noqa: ASYNC110 - it can only be asked
            await asyncio.sleep(0.05)
    await socket.close()


PATHS = [
    *("", "lab", "lab/tree/a.ipynb", "lab/workspaces/x", "lab/api/nothing", "tree", "tree/x", "doc/tree/x"),
    *("notebooks/a.ipynb", "edit/a.txt", "consoles/x", "terminals/1", "view/a.html", "login", "logout"),
    *("files/a.html", "files/nothing", "files/..%2f..%2fetc", "api", "api/nothing", "api/status", "api/me"),
    *("api/contents", "api/contents/nothing", "api/kernelspecs", "api/spec.yaml", "metrics", "nothing"),
    *("static/nothing", "static/favicons/favicon.ico", "custom/custom.css", "lab/extensions/nothing"),
    *("lab/api/settings", "lab/api/translations", "kernelspecs/nothing/x", "nbconvert/html/nothing.ipynb"),
]


@pytest.mark.parametrize("path", PATHS)
async def test_an_answer_that_shows_the_token_is_known_to(
    server: Server, http: aiohttp.ClientSession, path: str
) -> None:
    (server.home / "a.html").write_text("<p>hello</p>")
    upstream = server.upstream
    async with http.get(upstream.url(path), headers=upstream.credential, allow_redirects=False) as response:
        body = await response.read()
        html = response.content_type == "text/html"
    if TOKEN.encode() in body:
        assert html
        assert KIND.hides_secret(path, response.status)
