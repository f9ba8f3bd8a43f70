"""A worker: a process that relays visitors' traffic, and hands everything else to the owner of the pool.

Started by the owner as `python -m gateway.workers.worker LISTENER CHANNEL`, two inherited descriptors. It
ends when it is told to, and when the owner is gone.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from ipaddress import ip_network
from typing import TYPE_CHECKING

import uvloop

from config import LogFormat
from gateway import logs
from gateway.explaining import Explainer
from gateway.incidents import Incidents
from gateway.proxy.door import Present
from gateway.proxy.exchange import Exchange
from gateway.proxy.lending import written_head
from gateway.proxy.limits import DEFAULT
from gateway.proxy.origins import Origins
from gateway.proxy.relay import Relay
from gateway.proxy.visitor import Visitors
from gateway.proxy.visitor_connection import VisitorConnection
from gateway.session_hosts import session_hosts
from gateway.workers.adopting import adopt
from gateway.workers.channel import Channel
from gateway.workers.directory import Directory
from gateway.workers.messages import Ended, Lost, Opened, Pools, Ready, Site, Stop
from gateway.workers.usage import Usage

if TYPE_CHECKING:
    from aiohttp import web

    from config import WarmgateError
    from gateway.proxy.asked import Asked
    from gateway.proxy.door import Arrived
    from gateway.proxy.handling import Handling
    from gateway.proxy.request import RequestHead
    from gateway.workers.messages import Message

TELL_EVERY = 1.0
"""Seconds between two reports to the owner."""

STOP_GRACE = 5.0
"""Seconds that answers under way may still take at a stop."""


class Worker:
    """Implements Door."""

    rested = None

    def __init__(self, listener: socket.socket, channel: socket.socket) -> None:
        self.limits = DEFAULT
        self._listener = listener
        self._present = Present()
        self.came = self._present.came
        self.left = self._present.left
        self._usage = Usage()
        self._pools = Pools([], open_to_all=False)
        self._over = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._listening = asyncio.Event()
        self._channel = Channel(channel, self._told, self._adopt, self._over.set)
        self._site: Site | None = None
        self._relay: Relay | None = None
        self._directory: Directory | None = None
        self._explainer: Explainer | None = None

    async def run(self) -> None:
        """Serve until told to stop, or until the owner is gone."""
        async with asyncio.TaskGroup() as group:
            opening = group.create_task(self._open(), name="opening")
            telling = group.create_task(self._tell(), name="telling")
            await self._over.wait()
            opening.cancel()
            telling.cancel()
        if self._server is not None:
            self._server.close()
        self._present.stop()
        if self._relay is not None:
            await self._relay.close_tunnels()
            await self._present.leave(STOP_GRACE)
            await self._relay.close()
        self._present.abort()
        self._report()
        self._channel.close()

    async def _open(self) -> None:
        await self._listening.wait()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: VisitorConnection(self), sock=self._listener)
        self._channel.send(Ready())

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self._report()

    def _report(self) -> None:
        news = self._usage.news()
        if news is not None:
            self._channel.send(news)

    # What the owner says.

    def _told(self, message: Message) -> None:
        match message:
            case Site():
                self._begin(message)
            case Pools():
                self._pools = message
                self._listening.set()
            case Opened() if self._directory is not None:
                self._directory.opened(message)
            case Ended() if self._directory is not None:
                self._directory.ended(message)
            case Stop():
                self._over.set()
            case _:
                pass

    def _begin(self, site: Site) -> None:
        logs.configure(LogFormat(site.log_format))
        networks = tuple(map(ip_network, site.trusted_proxies))
        visitors = Visitors.at(site.public_url, site.session_domain, networks)
        hosts = session_hosts(site.public_url, site.session_domain)
        origins = Origins(tuple(site.embed_origins), hosts.framing)
        self._relay = Relay(
            origins=origins,
            visitors=visitors,
            meter=self._usage,
            on_loss=lambda: self._channel.send(Lost()),
        )
        self._directory = Directory(site, self._relay, self._usage, visitors)
        self._explainer = Explainer(
            prefix=site.prefix,
            main=hosts.main,
            origins=origins,
            incidents=Incidents(time.monotonic),
            pools=lambda: self._pools.names,
            open_to_all=lambda: self._pools.open_to_all,
        )

    def _adopt(self, connection: socket.socket, data: bytes) -> None:
        """Take back a connection whose turn with the owner is over."""
        if self._relay is not None and not self.stopping:
            self._relay.spawn("adopt", adopt(self, connection, data))
        else:
            connection.close()

    # Door.

    @property
    def stopping(self) -> bool:
        """Whether no further request is read."""
        return self._present.stopping

    def receive(self, visitor: Arrived, head: RequestHead) -> Handling | None:
        """Relay what belongs to a session; everything else is the owner's."""
        relaying = self._directory.receive(head, visitor.peer) if self._directory is not None else None
        if relaying is not None:
            return Exchange(visitor, head, relaying.place, relaying.connections, passed=relaying.passed)
        written = written_head(head)
        visitor.hand_over(lambda given, behind: self._channel.hand_over(given, written + behind))
        return None

    def explain(self, asked: Asked, error: WarmgateError) -> web.Response:
        """Return the answer an error leads to."""
        if self._explainer is None:
            raise RuntimeError("nobody is let in before the owner has said what this site is")
        return self._explainer.explain(asked, error)


def main() -> None:
    """Run a worker on the two inherited descriptors."""
    # Ctrl-C goes to all of a terminal's group, systemd's stop to all of a service; the owner decides for us.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    listener, channel = (socket.socket(fileno=int(number)) for number in sys.argv[1:3])
    os.set_inheritable(listener.fileno(), False)

    async def run() -> None:
        await Worker(listener, channel).run()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


if __name__ == "__main__":
    main()
