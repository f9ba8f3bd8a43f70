"""A request whose short body a kind wants to see before the instance does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from config.errors import WarmgateError
from gateway.errors import BadRequest
from gateway.proxy.exchange import Exchange

if TYPE_CHECKING:
    from gateway.proxy.desk import Amend, Relaying
    from gateway.proxy.handling import Visiting
    from gateway.proxy.request import RequestHead


class Amending:
    """Implements Handling: collects the body, has it amended, and goes on as an Exchange."""

    __slots__ = (
        "_amend",
        "_exchange",
        "_head",
        "_late",
        "_over",
        "_pieces",
        "_relaying",
        "_task",
        "_visitor",
    )

    def __init__(self, visitor: Visiting, head: RequestHead, relaying: Relaying, amend: Amend) -> None:
        self._visitor = visitor
        self._head = head
        self._relaying = relaying
        self._amend = amend
        self._pieces: list[bytes] = []
        self._exchange: Exchange | None = None
        self._late: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    def start(self) -> None:
        """See Handling, here and below."""
        limit = self._relaying.connections.tools.limits.short_body
        late = BadRequest("the body ended before its end")
        self._late = asyncio.get_running_loop().call_later(limit, self.broken, late)
        self._visitor.want_body()

    def piece(self, data: bytes) -> None:
        """Keep a piece; the desk has seen to it that there are few."""
        self._pieces.append(data)

    def whole(self) -> None:
        """Have the body amended."""
        self._cancel_timer()
        tasks = self._relaying.connections.tools.tasks
        self._task = tasks.spawn("amend", self._run(b"".join(self._pieces)))

    def broken(self, error: WarmgateError) -> None:
        """Tell the visitor; nothing has been sent to the instance."""
        self._cancel_timer()
        self._visitor.refuse(error)

    def gone(self) -> None:
        """Stop."""
        self._cancel_timer()
        if self._exchange is not None:
            self._exchange.gone()
        if self._task is not None:
            self._task.cancel()

    def stop(self) -> None:
        """Do nothing: an instance's answers end by themselves, or are dropped after a grace."""

    def visitor_full(self) -> None:
        """Let the instance wait."""
        if self._exchange is not None:
            self._exchange.visitor_full()

    def visitor_ready(self) -> None:
        """Let the instance go on."""
        if self._exchange is not None:
            self._exchange.visitor_ready()

    async def _run(self, body: bytes) -> None:
        try:
            await self._amend(body, self._relay)
        except WarmgateError as error:
            self._visitor.refuse(error)
        except Exception as error:
            # Whoever owns the task tells the log; the visitor must not wait for ever.
            if self._exchange is None:
                self._visitor.refuse(WarmgateError(type(error).__name__))
            raise

    async def _relay(self, body: bytes) -> None:
        """Relay the request with this body; return when it is answered."""
        self._exchange = Exchange(
            self._visitor,
            self._head,
            self._relaying.place,
            self._relaying.connections,
            body,
            on_over=self._over.set,
        )
        self._exchange.start()
        await self._over.wait()

    def _cancel_timer(self) -> None:
        if self._late is not None:
            self._late.cancel()
