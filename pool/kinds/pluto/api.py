"""What is asked of a Pluto server while it is made warm: by HTTP, and as a page by websocket."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

from pool.errors import NotebookMissing, NotebookUnreadable, WarmFailed
from pool.kinds.http_api import MAX_LIST, NOT_FOUND, HttpApi, Refused
from pool.kinds.pluto import state as states
from pool.kinds.pluto.client import PlutoClient
from pool.kinds.pluto.messages import MAX_MESSAGE, decode
from pool.kinds.pluto.page import complaint
from pool.kinds.shapes import objects, text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOT_LOADED = 500
"""Pluto's answer where a file is there and is no notebook."""

SOCKET_PATH = "channels"
"""Any path will do; this is the one that pages on Binder use."""

MAX_STATE = 16 * 2**20
"""Bytes of a notebook's state that are looked through once it is a visitor's."""

NOTEBOOK_ID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class PlutoApi(HttpApi):
    """One Pluto server. Methods raise as HttpApi's do."""

    async def open(self, path: str) -> str:
        """Open a notebook, run it, and return its id; one that is open already is left as it is.

        Raises NotebookMissing, NotebookUnreadable.
        """
        call = f"open?path={quote(path, safe='')}&execution_allowed=true"
        try:
            answer = await self.ask("POST", call)
        except Refused as error:
            if error.answered == NOT_FOUND:
                raise NotebookMissing(f"there is no notebook {path} in the instance") from error
            if error.answered == NOT_LOADED:
                said = complaint(error.page.decode("utf-8", "replace"))
                raise NotebookUnreadable(f"Pluto cannot open {path}{said and ': '}{said}") from error
            raise
        found = answer.decode("ascii", "replace").strip()
        if NOTEBOOK_ID.fullmatch(found) is None:
            raise WarmFailed("POST open was not answered with the id of a notebook")
        return found

    async def state(self, notebook_id: str) -> dict[str, Any]:
        """Return all that Pluto knows of a notebook; see `state.py`."""
        try:
            return decode(await self.ask("GET", f"statefile?id={notebook_id}"))
        except ValueError as error:
            raise WarmFailed(f"GET statefile was answered with what is {error}") from error

    async def notebooks(self) -> list[str]:
        """Return the ids of the notebooks that are open."""
        async with self.client(max_frame=MAX_LIST) as client:
            answer = await client.request("get_all_notebooks", {})
        try:
            listed = objects(answer.get("notebooks") if isinstance(answer, dict) else None)
        except ValueError as error:
            raise WarmFailed("Pluto listed its notebooks in an unknown way") from error
        return [found for each in listed if NOTEBOOK_ID.fullmatch(found := text(each, "notebook_id"))]

    async def runs(self, notebook_id: str) -> bool:
        """Return whether a cell of a notebook runs or is about to. Nothing of the answer is unpacked."""
        return states.says_running(await self.ask("GET", f"statefile?id={notebook_id}", most=MAX_STATE))

    @asynccontextmanager
    async def client(self, *, max_frame: int = MAX_MESSAGE) -> AsyncIterator[PlutoClient]:
        """Be a page for a while. `max_frame` is bytes of one message."""
        socket = await self.websocket(SOCKET_PATH, max_frame=max_frame)
        try:
            yield PlutoClient(socket, f"warmgate{uuid4().hex[:8]}")
        finally:
            await socket.close()
