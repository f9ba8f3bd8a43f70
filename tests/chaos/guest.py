"""One visitor: keeps a secret in their instance and must find it there again, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from tests.chaos.ledger import Ending

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bench.visitor import Visitor
    from tests.chaos.ledger import Ledger

    Asking = Callable[[], Awaitable[tuple[int, bytes]]]

ANSWER_LIMIT = 25.0
"""Seconds after which a visitor presses reload. Longer than the gateway needs to notice a paused instance."""

PATIENCE = 120.0
"""Seconds of reloading after which a visitor gives their session up for lost."""

RELOAD_EVERY = 0.1
"""Seconds between two reloads."""

NO_ANSWER = 0
AGAIN = frozenset({NO_ANSWER, 502, 503, 504})
"""After these a browser's user tries again: the gateway says that it may help."""

FULL = 429

ENTER = """
import __main__, socket
__main__.Handler.log_message = lambda *words: None
result = [globals().setdefault("secret", {secret!r}), socket.gethostname()]
"""
"""The server falls silent, as its output has nowhere to go while dockerd is away: once the pipes are full,
Docker lets the writer wait.
"""

LOOK = "result = globals().get('secret')"


@dataclass(slots=True, eq=False)
class Guest:
    """One visitor and the one session of theirs."""

    browser: Visitor
    ledger: Ledger
    secret: str = field(default_factory=lambda: f"secret-{uuid.uuid4().hex[:8]}")
    container: str = ""
    over: bool = False

    async def come(self) -> None:
        """Ask until there is a session, then leave a secret in its instance."""
        status, _ = await self._patiently(self._spawn)
        if status != 200:
            self.over = True
            self.ledger.faults.append(f"{self.secret}: asked for a session and was answered {status}")
            return
        self.ledger.hold(self.browser.url, self.secret)
        if (body := await self._run(ENTER.format(secret=self.secret))) is not None:
            found, self.container = json.loads(body)
            self.ledger.hold(self.container, self.secret)
            self.ledger.read(self.secret, json.dumps(found).encode())

    async def use(self) -> None:
        """Look for the secret."""
        if (body := await self._run(LOOK)) is not None:
            self.ledger.read(self.secret, body)

    async def leave(self) -> None:
        """Shut the notebook down. Answered 410 where the answer to an earlier try was lost on its way."""
        await self._patiently(self._shut_down)
        self.over = True

    async def _run(self, source: str) -> bytes | None:
        async def post() -> tuple[int, bytes]:
            async with self.browser.http.post(self.browser.url, data=source) as answer:
                return answer.status, await answer.read()

        status, body = await self._patiently(post)
        if status == 200:
            return body
        if not self.over:
            self.over = True
            self.ledger.endings.append(Ending(self.secret, self.container, status, body))
        return None

    async def _spawn(self) -> tuple[int, bytes]:
        status = await self.browser.spawn()
        return (503 if status == FULL else status), b""

    async def _shut_down(self) -> tuple[int, bytes]:
        return await self.browser.leave(), b""

    async def _patiently(self, ask: Asking) -> tuple[int, bytes]:
        """Ask until there is an answer that reloading would not change."""
        began = time.monotonic()
        holds_session = bool(self.browser.url)
        while True:
            status, body = await _once(ask)
            waited = time.monotonic() - began
            if status not in AGAIN and holds_session:
                self.ledger.longest = max(self.ledger.longest, waited)
            if status not in AGAIN or waited > PATIENCE:
                return status, body
            await asyncio.sleep(RELOAD_EVERY)


async def _once(ask: Asking) -> tuple[int, bytes]:
    try:
        async with asyncio.timeout(ANSWER_LIMIT):
            return await ask()
    except (aiohttp.ClientError, OSError, TimeoutError):
        return NO_ANSWER, b""
