"""The owner's side: starts the workers, tells them of sessions, answers what they hand over."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

import structlog

from config import EngineName
from gateway.workers import channel
from gateway.workers.adopting import adopt
from gateway.workers.channel import Channel
from gateway.workers.messages import Ended, Lost, Opened, Pools, Ready, Site, Stop, Used

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from gateway.metrics import GatewayMetrics
    from gateway.proxy.door import Arrived, Door
    from gateway.site import Site as Owner
    from gateway.workers.messages import Message
    from pool.core.states import Reason
    from pool.identity import Identities
    from pool.session import Session
    from pool.tasks import Tasks

log = structlog.stdlib.get_logger(__name__)

START_LIMIT = 30.0
"""Seconds a worker may take until it lets visitors in."""

STOP_LIMIT = 8.0
"""Seconds a worker may take to end once it was told."""

RESTART_AFTER = 1.0
"""Seconds before a worker that has ended is replaced, so that one that cannot start costs little."""


class Process:
    """One worker's process and the channel to it."""

    def __init__(self, process: asyncio.subprocess.Process, end: socket.socket, owner: Workers) -> None:
        self.process = process
        self.ready = False
        """Whether it lets visitors in."""
        self.started = asyncio.Event()
        """Set when it is ready, or never will be."""
        self.tunnels = 0
        """Websockets it carries, as far as it has told."""
        self._owner = owner
        self.channel = Channel(end, self._told, owner.adopt, self.started.set)

    def kill(self) -> None:
        """End it at once, if it has not ended."""
        with suppress(ProcessLookupError):
            self.process.kill()

    def _told(self, message: Message) -> None:
        if isinstance(message, Ready):
            self.ready = True
            self.started.set()
        else:
            self._owner.told(self, message)


class Workers:
    """`door` answers what workers hand over; `listener` is the socket they share."""

    def __init__(
        self,
        count: int,
        listener: socket.socket,
        *,
        site: Owner,
        door: Door,
        metrics: GatewayMetrics,
        tasks: Tasks,
        on_loss: Callable[[], None],
    ) -> None:
        self._count = count
        self._listener = listener
        self._site = site
        self._door = door
        self._metrics = metrics
        self._tasks = tasks
        self._on_loss = on_loss
        self._running: list[Process] = []
        self._next = 0
        self._stopping = False
        site.pools.listen(self._ended, opened=self._opened, reconfigured=self._reconfigured)

    async def start(self) -> None:
        """Start all; return when they let visitors in. Raises TimeoutError, OSError."""
        async with asyncio.TaskGroup() as group:
            starting = [group.create_task(self._start(), name="worker start") for _ in range(self._count)]
        for started in starting:
            self._tasks.spawn("worker", self._keep(started.result()))

    async def stop(self) -> None:
        """Let them say goodbye to their visitors, and end."""
        self._stopping = True
        running = list(self._running)
        for worker in running:
            worker.channel.send(Stop())
        try:
            async with asyncio.timeout(STOP_LIMIT):
                for worker in running:
                    await worker.process.wait()
        except TimeoutError:
            for worker in running:
                worker.kill()
                await worker.process.wait()

    async def _start(self) -> Process:
        """Start one; return it when it lets visitors in. Raises TimeoutError, OSError; it has ended then."""
        here, there = channel.pair()
        inherited = (self._listener.fileno(), there.fileno())
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # or a checkout we were started in would come before what is installed
            "-m",
            "gateway.workers.worker",
            *map(str, inherited),
            pass_fds=inherited,
        )
        there.close()
        worker = Process(process, here, self)
        self._running.append(worker)
        worker.channel.send(self._about())
        for session in self._site.pools.sessions:
            worker.channel.send(_opened(session, self._site.identities))
        worker.channel.send(self._pools())
        try:
            async with asyncio.timeout(START_LIMIT):
                await worker.started.wait()
        except TimeoutError:
            worker.kill()
            await self._end(worker)
            raise
        if not worker.ready:
            worker.kill()
            raise ChildProcessError(f"it ended with status {await self._end(worker)}")
        return worker

    async def _end(self, worker: Process) -> int:
        """Wait for a worker's end and forget it; return its status."""
        status = await worker.process.wait()
        self._running.remove(worker)
        worker.channel.close()
        self._metrics.relayed([0] * 5, 0, 0, -worker.tunnels)
        return status

    async def _keep(self, worker: Process) -> None:
        """Replace a worker that has ended, unless all are to end. Its visitors come back by themselves."""
        while True:
            status = await self._end(worker)
            if self._stopping:
                return
            log.warning("worker_ended", status=status, remedy="it is started again; see the lines before")
            replaced = await self._replaced()
            if replaced is None:
                return
            worker = replaced

    async def _replaced(self) -> Process | None:
        """Start a worker, as often as it takes; None when all are to end."""
        while True:
            await asyncio.sleep(RESTART_AFTER)
            if self._stopping:
                return None
            try:
                return await self._start()
            except (OSError, TimeoutError) as error:
                log.error("worker_not_started", detail=str(error) or type(error).__name__)

    def _about(self) -> Site:
        gateway = self._site.settings.gateway
        return Site(
            prefix=self._site.prefix,
            trusted_proxies=[str(network) for network in gateway.trusted_proxies],
            embed_origins=list(gateway.embed_origins),
            own_names_only=self._site.engine.name == EngineName.PROCESS,
            public_url=gateway.public_url,
            session_domain=gateway.session_domain,
            log_format=gateway.log_format,
        )

    def _pools(self) -> Pools:
        token = self._site.settings.gateway.api_token.get_secret_value()
        return Pools([pool.name for pool in self._site.pools], open_to_all=not token)

    # What the pool says.

    def _opened(self, session: Session) -> None:
        for worker in self._running:
            worker.channel.send(_opened(session, self._site.identities))

    def _ended(self, session: Session, reason: Reason) -> None:
        for worker in self._running:
            worker.channel.send(Ended(session.id, reason))

    def _reconfigured(self) -> None:
        for worker in self._running:
            worker.channel.send(self._pools())

    # What workers say.

    def told(self, worker: Process, message: Message) -> None:
        """Take note of a worker's report."""
        if isinstance(message, Lost):
            self._on_loss()
        elif isinstance(message, Used):
            change, worker.tunnels = message.tunnels - worker.tunnels, message.tunnels
            self._metrics.relayed(
                message.requests, message.to_instance, message.to_visitor, change, message.refused
            )
            for session_id in message.claimed:
                if (session := self._site.pools.find(session_id)) is not None:
                    session.claim()
            for session_id in message.touched:
                if (session := self._site.pools.find(session_id)) is not None:
                    session.touch()

    def adopt(self, connection: socket.socket, data: bytes) -> None:
        """Answer what a worker's visitor has asked of us."""
        self._tasks.spawn("adopt", adopt(self._door, connection, data))

    def rested(self, visitor: Arrived) -> None:
        """Give a connection back to a worker: its request is answered, and the next may be a session's."""
        if self._running and not self._stopping:
            visitor.hand_over(self._give)

    def _give(self, connection: int, data: bytes) -> None:
        if not self._running:  # it has ended meanwhile, and its visitors come back by themselves
            os.close(connection)
            return
        self._next = (self._next + 1) % len(self._running)
        self._running[self._next].channel.hand_over(connection, data)


def _opened(session: Session, identities: Identities) -> Opened:
    upstream = session.upstream
    return Opened(
        id=session.id,
        instance_id=session.instance_id,
        pool=session.pool,
        kind=session.kind.name,
        host=upstream.address.host,
        port=upstream.address.port,
        public_path=upstream.public_path,
        base_path=upstream.base_path,
        credential=[list(pair) for pair in upstream.credential],
        secret=upstream.secret,
        host_label=identities.host_label(session.id),
        judged=session.judged,
        published=None if session.published is None else asdict(session.published),
    )
