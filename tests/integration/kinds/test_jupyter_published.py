"""What readers may use of a pool's notebook, found out on a real server while it is made warm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.kinds.jupyter.sources import digest
from tests.integration.kinds.conftest import KIND, Server, settings
from tests.integration.kinds.test_jupyter_notebook import session_of, write

if TYPE_CHECKING:
    import aiohttp

    from pool.kinds.jupyter.api import JupyterApi


async def test_the_notebooks_session_kernel_and_cells_are_published(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "told.ipynb", "n = 6", "", "print(n)")
    warmed = await KIND.warm(http, server.upstream, settings(notebook="./told.ipynb"))
    session = await session_of(api, "told.ipynb")
    assert warmed.published is not None
    assert warmed.published.notebook == "told.ipynb"
    assert warmed.published.session == session["id"]
    assert warmed.published.kernel == session["kernel"]["id"]
    assert warmed.published.kernel_name == "python3"
    assert warmed.published.cells == [digest("n = 6"), digest(""), digest("print(n)")]


async def test_warming_again_publishes_the_same(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "again.ipynb", "n = 6")
    first = await KIND.warm(http, server.upstream, settings(notebook="again.ipynb"))
    second = await KIND.warm(http, server.upstream, settings(notebook="again.ipynb"))
    assert first.published is not None
    assert second.published == first.published


async def test_cells_behind_an_error_are_the_authors_too(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "fails.ipynb", "1/0", "n = 1")
    warmed = await KIND.warm(http, server.upstream, settings(notebook="fails.ipynb"))
    assert warmed.cell_errors
    assert warmed.published is not None
    assert warmed.published.cells == [digest("1/0"), digest("n = 1")]


REWRITES = """
import json
book = json.load(open("rewrites.ipynb"))
book["cells"][1]["source"] = "changed"
json.dump(book, open("rewrites.ipynb", "w"))
"""


async def test_what_is_published_is_what_stood_in_the_file_before_it_ran(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "rewrites.ipynb", REWRITES, "n = 1")
    warmed = await KIND.warm(http, server.upstream, settings(notebook="rewrites.ipynb"))
    assert warmed.published is not None
    assert warmed.published.cells == [digest(REWRITES), digest("n = 1")]


async def test_a_notebook_that_has_removed_itself_is_warm_and_publishes_nothing_when_found_again(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    write(server, "removed.ipynb", "import os; os.remove('removed.ipynb'); os.mkdir('removed.ipynb')")
    first = await KIND.warm(http, server.upstream, settings(notebook="removed.ipynb"))
    assert first.published is not None
    assert (await KIND.warm(http, server.upstream, settings(notebook="removed.ipynb"))).published is None


async def test_without_a_notebook_nothing_is_published(
    server: Server, http: aiohttp.ClientSession, api: JupyterApi
) -> None:
    assert (await KIND.warm(http, server.upstream, settings())).published is None
