"""Gives a visitor's first new notebook the kernel that runs already.

A page that opens a notebook without a session asks `POST api/sessions {"kernel": {"name": …}}`, and the
server starts another kernel though a warm one idles. The same request with that kernel's `id` attaches to it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pool.errors import WarmFailed
from pool.kinds.http_api import MAX_LIST
from pool.kinds.jupyter.api import JupyterApi
from pool.kinds.shapes import mapping, objects, text

if TYPE_CHECKING:
    import aiohttp

    from pool.upstream import Upstream

FIND_LIMIT = 1.0
"""Seconds each of the two calls may take that look for the warm kernel; another one starts in as long."""


@dataclass(frozen=True, slots=True)
class WarmKernel:
    """A kernel that runs and that nobody uses."""

    id: str
    name: str


async def find_warm_kernel(http: aiohttp.ClientSession, upstream: Upstream) -> WarmKernel | None:
    """Return the kernel started by warming if no session has taken it yet. None also when the server does not
    say.
    """
    api = JupyterApi(http, upstream)
    try:
        kernels = await api.call("GET", "api/kernels", limit=FIND_LIMIT, most=MAX_LIST)
        sessions = await api.call("GET", "api/sessions", limit=FIND_LIMIT, most=MAX_LIST)
        return unused_kernel(kernels, sessions)
    except (WarmFailed, TimeoutError, ValueError):
        return None


def unused_kernel(kernels: Any, sessions: Any) -> WarmKernel | None:
    """Return an idle kernel without a connection and without a session.

    The arguments are the answers of `GET api/kernels` and `GET api/sessions`. Raises ValueError for answers
    of another shape.
    """
    taken = {text(mapping(session, "kernel"), "id") for session in objects(sessions)}
    for kernel in objects(kernels):
        unused = kernel.get("execution_state") == "idle" and kernel.get("connections") == 0
        if unused and kernel.get("id") not in taken:
            return WarmKernel(id=text(kernel, "id"), name=text(kernel, "name"))
    return None


def with_warm_kernel(body: bytes, kernel: WarmKernel) -> bytes:
    """Return the body of a `POST api/sessions` so that the session gets `kernel`.

    Unchanged when it asks for another sort of kernel, names one itself, or lies in a folder: a kernel works
    in its notebook's folder, and the warm one was started at the top.
    """
    try:
        model = json.loads(body)
    except (ValueError, RecursionError):
        return body
    asked = mapping(model, "kernel")
    path = text(model, "path")
    if (
        text(model, "type") not in {"notebook", "console"}
        or not path
        or "/" in path
        or asked.get("id")
        or asked.get("name") not in {None, "", kernel.name}
    ):
        return body
    return json.dumps({**model, "kernel": {**asked, "id": kernel.id}}).encode()
