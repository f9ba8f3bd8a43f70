"""Makes a Jupyter server warm: a kernel that answers, a notebook that has run, pages shown once before."""

from __future__ import annotations

import posixpath
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import structlog

from pool.errors import NotebookMissing, WarmFailed
from pool.kinds.http_api import NOT_FOUND, Refused
from pool.kinds.jupyter.api import JupyterApi, contents
from pool.kinds.jupyter.kernel import MAX_FRAME, KernelClient
from pool.kinds.jupyter.notebook import kernel_name, with_results
from pool.kinds.jupyter.preview import preview_of
from pool.kinds.jupyter.running import run_cells
from pool.kinds.jupyter.sources import published
from pool.kinds.kind import Warmed
from pool.kinds.preview import told
from pool.kinds.shapes import mapping, objects, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

log = structlog.stdlib.get_logger(__name__)

VISIT_LIMIT = 10.0
"""Seconds one page may take that is only asked for so that the server has made it once."""

VISITS = ("api/kernelspecs", "lab/api/settings", "lab/api/translations", "api/contents?content=1")
"""What every page asks for at once and costs the server more the first time; see the README."""

UNFINISHED = "warming"
"""The type of a notebook's session until its cells have run; `notebook` afterwards. The server remembers it
for us: an instance found again is known to be done, or not."""


async def warm_kernel(api: JupyterApi) -> None:
    """Have one kernel that answers: one that is there already, or a new one of the default kind."""
    kernels = _list(await api.call("GET", "api/kernels"))
    alive = [kernel for kernel in kernels if kernel.get("execution_state") != "dead"]
    kernel = alive[0] if alive else await api.call("POST", "api/kernels", {})
    async with _client(api, kernel) as client:
        # The list of kernels would say "starting" until somebody speaks to it.
        await client.request("kernel_info_request", {})


async def warm_notebook(api: JupyterApi, path: str, *, pool: str, tell: Callable[[str], None]) -> Warmed:
    """Have a session for the notebook, its cells run and their outputs saved. An error in a cell ends the run
    like "Run all" and is no failure: it is returned. Raises WarmFailed.
    """
    path = posixpath.normpath(path)
    sessions = _list(await api.call("GET", "api/sessions"))
    for session in (s for s in sessions if s.get("path") == path):
        if session.get("type") == "notebook":
            async with _client(api, mapping(session, "kernel")) as client:
                await client.request("kernel_info_request", {})
            return await _warmed_again(api, path, session)
        # It was being warmed when the gateway ended. Nobody knows how far its kernel got, so that one goes.
        await api.call("DELETE", f"api/sessions/{_id(session)}")

    # Before any of it has run: a cell may write to the file it is in.
    notebook = await _read(api, path)
    specs = await api.call("GET", "api/kernelspecs")
    name = kernel_name(notebook, specs)
    session = await api.call(
        "POST",
        "api/sessions",
        {"path": path, "name": posixpath.basename(path), "type": UNFINISHED, "kernel": {"name": name}},
    )
    async with _client(api, mapping(session, "kernel")) as client:
        run = await run_cells(client, notebook, path=path, tell=tell)
    done = with_results(
        notebook, run.results, kernelspec=_kernelspec(specs, name), language_info=run.language_info
    )
    await _save(api, path, done, pool=pool)
    await api.call("PATCH", f"api/sessions/{_id(session)}", {"type": "notebook"})
    errors = () if run.error is None else (run.error,)
    return Warmed(
        cell_errors=errors,
        published=published(notebook, path, session),
        preview=told(partial(preview_of, snapshot=run.snapshot), done),
    )


async def _warmed_again(api: JupyterApi, path: str, session: Mapping[str, Any]) -> Warmed:
    """Return what was found out when the notebook was run, as far as its file still tells."""
    try:
        notebook = await _read(api, path)
        return Warmed(published=published(notebook, path, session), preview=told(preview_of, notebook))
    except (WarmFailed, ValueError):
        # Its own cells have removed or spoilt it since. The instance is as warm as before.
        return Warmed()


async def warm_pages(api: JupyterApi, entry: str) -> None:
    """Have the server make once what the first page of a visitor asks for. Cannot fail."""
    for path in (entry, *VISITS):
        await api.visit(path, limit=VISIT_LIMIT)


async def _read(api: JupyterApi, path: str) -> dict[str, Any]:
    try:
        model = await api.call("GET", f"{contents(path)}?type=notebook&content=1")
    except Refused as error:
        if error.answered == NOT_FOUND:
            raise NotebookMissing(f"there is no notebook {path} in the instance") from error
        raise
    return mapping(model, "content")


async def _save(api: JupyterApi, path: str, notebook: Mapping[str, Any], *, pool: str) -> None:
    body = {"type": "notebook", "format": "json", "content": notebook}
    try:
        await api.call("PUT", contents(path), body)
    except Refused as error:
        # A notebook on a read-only folder is the author's choice; its kernel is as warm as any.
        log.warning("notebook_not_saved", pool=pool, notebook=path, status=error.answered)


@asynccontextmanager
async def _client(api: JupyterApi, kernel: Any) -> AsyncIterator[KernelClient]:
    session = uuid4().hex
    socket = await api.channels(_id(kernel), session, max_frame=MAX_FRAME)
    try:
        yield KernelClient(socket, session)
    finally:
        await socket.close()


def _list(answer: Any) -> list[dict[str, Any]]:
    try:
        return objects(answer)
    except ValueError as error:
        raise WarmFailed("the server listed its kernels or sessions in an unknown way") from error


def _id(model: Any) -> str:
    found = text(model, "id")
    if not found:
        raise WarmFailed("the server described a kernel or session without an id")
    return quote(found, safe="")


def _kernelspec(specs: Any, name: str) -> dict[str, Any]:
    spec = mapping(specs, "kernelspecs", name, "spec")
    return {
        "display_name": spec.get("display_name", name),
        "language": spec.get("language", ""),
        "name": name,
    }
