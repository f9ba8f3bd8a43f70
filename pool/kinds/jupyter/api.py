"""The few calls of Jupyter Server's REST API that warming needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pool.errors import WarmFailed
from pool.kinds.http_api import CALL_LIMIT, MAX_ANSWER, HttpApi, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiohttp


class JupyterApi(HttpApi):
    """One Jupyter server."""

    async def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        limit: float = CALL_LIMIT,
        most: int = MAX_ANSWER,
    ) -> Any:
        """Return the JSON an API path answers with; None when the answer is empty. `limit` is seconds, `most`
        bytes.
        """
        answer = await self.ask(method, path, body, limit=limit, most=most)
        try:
            return json.loads(answer) if answer else None
        except (ValueError, RecursionError) as error:
            raise WarmFailed(f"{named(method, path)} was not answered with JSON") from error

    async def channels(
        self, kernel_id: str, session: str, *, max_frame: int
    ) -> aiohttp.ClientWebSocketResponse:
        """Open a kernel's websocket. Answered once the kernel answers; the caller limits and closes."""
        path = f"api/kernels/{kernel_id}/channels?session_id={session}"
        return await self.websocket(path, max_frame=max_frame)


def contents(path: str) -> str:
    """Return the API path of a file of the server."""
    return f"api/contents/{quote(path)}"
