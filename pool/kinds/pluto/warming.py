"""Makes a Pluto server warm: a notebook opened and run, widgets at their first values, the page shown."""

from __future__ import annotations

import asyncio
import posixpath
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import structlog

from pool.errors import NotebookEnded, WarmFailed
from pool.kinds.kind import Warmed
from pool.kinds.pluto import state as states
from pool.kinds.pluto.bonds import first_values
from pool.kinds.pluto.page import parts
from pool.kinds.pluto.preview import preview_of
from pool.kinds.pluto.publishing import published
from pool.kinds.preview import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from pool.kinds.pluto.api import PlutoApi
    from pool.kinds.pluto.client import PlutoClient

log = structlog.stdlib.get_logger(__name__)

LOOK_EVERY = 0.1
"""Seconds between two looks at a notebook that runs; more where a look itself takes long."""
LOOKS_SHARE = 4
"""A look that took a while is followed by so many times that of rest: the state is the server's work, too."""

BARRIER_LIMIT = 10.0
"""Seconds for a reply that only says the worker has come so far."""

ROUNDS = 5
"""How often new widgets may come out of cells that ran because of others."""

MOST_NOTEBOOKS = 10
"""Notebooks of one visitor that are looked at, to see whether any runs."""

VISIT_LIMIT = 10.0
"""Seconds one file of a page may take that is only asked for so that the server has sent it once."""


async def warm_start_page(api: PlutoApi) -> Warmed:
    """Have the server show its start page once."""
    await _visit(api, "")
    return Warmed()


async def warm_notebook(api: PlutoApi, path: str, *, tell: Callable[[str], None]) -> Warmed:
    """Open the notebook and wait until all of it has run, first bond values included.

    An error in a cell is no failure: it is returned. Raises WarmFailed.
    """
    path = posixpath.normpath(path)
    tell(f"{path} to be opened")
    notebook_id = await api.open(path)
    state = await _finished(api, notebook_id, path, tell)
    async with api.client() as client:
        tell("Pluto's websocket")
        await client.request("connect", {}, notebook_id=notebook_id)
        await client.request("update_notebook", {"updates": []}, notebook_id=notebook_id)
        for _ in range(ROUNDS):
            known = states.known_bonds(state)
            values = {
                name: value
                for name, value in first_values(states.outputs(state)).items()
                if name not in known
            }
            if not values:
                break
            await _set_bonds(client, notebook_id, values)
            state = await _finished(api, notebook_id, path, tell)
    tell("the first page")
    entry = f"edit?id={notebook_id}"
    await _visit(api, entry)
    return Warmed(
        entry,
        states.cell_errors(state, path),
        published(notebook_id, state),
        preview=told(preview_of, state),
    )


async def is_running(api: PlutoApi) -> bool:
    """Return whether a cell of any notebook runs or is about to."""
    for notebook_id in (await api.notebooks())[:MOST_NOTEBOOKS]:
        if await api.runs(notebook_id):
            return True
    return False


async def _finished(
    api: PlutoApi, notebook_id: str, path: str, tell: Callable[[str], None]
) -> dict[str, Any]:
    """Return the notebook's state once nothing in it runs. Waits for ever: the limit is the caller's."""
    clock = asyncio.get_running_loop().time
    while True:
        began = clock()
        state = await api.state(notebook_id)
        status, waiting = states.status(state), states.unfinished(state)
        if status == states.FORBIDDEN:
            raise WarmFailed(f"Pluto was started so that it does not run {path} by itself")
        if status in states.ENDED:
            raise NotebookEnded(f"the process of {path} ended")
        if status == states.READY and not waiting:
            return state
        tell(f"cell {waiting[0]} of {path}" if waiting else f"the process of {path}")
        await asyncio.sleep(max(LOOK_EVERY, LOOKS_SHARE * (clock() - began)))


async def _set_bonds(client: PlutoClient, notebook_id: str, values: dict[str, Any]) -> None:
    """Send first values as a page does, and return when the cells behind them run or have run."""
    patches = [
        {"op": "add", "path": ["bonds", name], "value": {"value": value}} for name, value in values.items()
    ]
    await client.request("update_notebook", {"updates": patches}, notebook_id=notebook_id)
    # The reply comes before anything is known to run: Pluto first asks the notebook's process whether the
    # value is new. A completion asks that process too, and is answered after it.
    try:
        await client.request(
            "complete", {"query": "sq", "query_full": "sq"}, notebook_id=notebook_id, limit=BARRIER_LIMIT
        )
    except TimeoutError:
        log.debug("pluto_completes_nothing")


async def _visit(api: PlutoApi, path: str) -> None:
    """Have the server send a page and its parts once, as a browser would ask for them."""
    page = await api.ask("GET", path)
    for part in parts(page.decode("utf-8", "replace")):
        await api.visit(urljoin(path, part), limit=VISIT_LIMIT)
