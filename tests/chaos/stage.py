"""What every scenario has in common: a gateway under load, faults, and the audit that follows."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
import psutil

from bench.running import READY, RunningGateway
from config import Egress
from pool.engines.docker_calls import open_client, version
from pool.engines.docker_network import network_name
from pool.engines.engine import LABEL_GATEWAY, LABEL_INSTANCE
from tests.chaos.crowd import Crowd
from tests.chaos.form import FULL, dice
from tests.chaos.ledger import Ledger
from tests.chaos.table import Row, Table
from tests.support.apps import container_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import aiodocker

WARM = 2
MOST = 9
"""Instances of the pool: enough for the crowd and for sessions nobody ever heard of."""

SOON_IDLE = 'idle_timeout = "10s"'
"""How a session ends whose answer was lost on its way to the visitor: nobody else can have it."""

SETTLE_LIMIT = 90.0
"""Seconds until a quiet gateway has its warm instances and nothing else, and its files are closed."""

SPARE_FILES = 3 if FULL else 10
"""Connections to the engine that are kept for the next call, for a quarter of a minute at most."""

SIGNS = ("task_failed", "Traceback", "never retrieved", "never awaited")
"""What a gateway's log holds only where something went wrong that nobody had thought of."""


@dataclass(slots=True)
class Scene:
    """One scenario while it runs."""

    gateway: RunningGateway
    crowd: Crowd
    ledger: Ledger
    row: Row
    docker_host: str
    files: int = 0
    """What the gateway's process held open before the crowd came."""

    async def recovered(self, since: float) -> None:
        """Wait until a visitor can be served again, then until the pool is full; note how long it took.

        `since` is the monotonic time at which the fault was over.
        """
        await self.gateway.until_ready()
        self.row.ready_again.append(time.monotonic() - since)
        await self.crowd.pause()
        await self.gateway.until(self._is_full)
        self.row.full_strength.append(time.monotonic() - since)
        self.crowd.resume()

    async def used(self, answers: int = 20) -> None:
        """Wait until visitors have got so many more answers from their instances."""
        wanted = self.ledger.answers + answers

        async def enough() -> bool:
            return self.ledger.answers >= wanted

        await self.gateway.until(enough)

    async def available(self) -> int:
        """Return how many instances are warm, without a call to the engine."""
        async with aiohttp.ClientSession() as http, http.get(self.gateway.base + "/api/stats") as answer:
            return int((await answer.json())["available"])

    async def containers(self) -> dict[str, str]:
        """Return the gateway's containers: short id by instance."""
        async with self.docker() as docker:
            listed = await docker.containers.list(all=True, filters={"label": [self._label]})
            return {c._container["Labels"][LABEL_INSTANCE]: c.id[:12] for c in listed}

    async def networks(self) -> list[str]:
        """Return the gateway's networks."""
        async with self.docker() as docker:
            return [n["Name"] for n in await docker.networks.list(filters={"label": [self._label]})]

    @asynccontextmanager
    async def docker(self) -> AsyncIterator[aiodocker.Docker]:
        """A client of the gateway's engine, past whatever stands between the two."""
        async with open_client(self.docker_host or None) as docker:
            await version(docker)
            yield docker

    @property
    def _label(self) -> str:
        return f"{LABEL_GATEWAY}={self.gateway.gateway_id}"

    async def _is_full(self) -> bool:
        return await self.available() >= WARM

    async def audit(self) -> None:
        """When all visitors have left: nothing but ready instances, and nothing beside them."""
        await self.gateway.until(self._is_quiet, limit=SETTLE_LIMIT)
        roster = {instance["id"] for instance in await self.gateway.instances()}
        found = await self.containers()
        self.row.leaked += [f"container of {i}" for i in found.keys() - roster]
        assert roster <= found.keys(), "the gateway believes in containers that are not there"
        expected = network_name(self.gateway.gateway_id, Egress.NONE)
        self.row.leaked += [f"network {name}" for name in await self.networks() if name != expected]
        await self.gateway.until(self._files_are_back, limit=SETTLE_LIMIT)

    async def _is_quiet(self) -> bool:
        states = [i["state"] for i in await self.gateway.instances()]
        return len(states) == WARM and READY.issuperset(states)

    async def _files_are_back(self) -> bool:
        return open_files(self.gateway) <= self.files + SPARE_FILES

    async def nothing_stays(self) -> None:
        """After the gateway's stop with `remove_all`. What did stay is noted, then removed for it."""
        containers, networks = await self.containers(), await self.networks()
        self.row.leaked += [f"container of {i} after the stop" for i in containers]
        self.row.leaked += [f"network {name} after the stop" for name in networks]
        async with self.docker() as docker:
            for container in containers.values():
                await docker.containers.container(container).delete(force=True)
            for name in networks:
                await (await docker.networks.get(name)).delete()

    def note(self) -> None:
        """Put what was seen into the row."""
        ledger = self.ledger
        self.row.sessions, self.row.answers = ledger.sessions, ledger.answers
        self.row.lost, self.row.twice, self.row.told = ledger.lost, ledger.twice, ledger.told
        self.row.longest_wait = ledger.longest
        self.row.log_errors = [
            line for line in self.gateway.log.splitlines() if any(s in line for s in SIGNS)
        ]


class Stage:
    """Sets scenarios up and takes them down."""

    def __init__(self, folder: Path, table: Table) -> None:
        self.folder = folder
        self._table = table

    @asynccontextmanager
    async def scene(
        self,
        name: str,
        *,
        docker_host: str = "",
        through: str = "",
        more: str = SOON_IDLE,
        environ: dict[str, str] | None = None,
        **options: Any,
    ) -> AsyncIterator[Scene]:
        """Play one scenario: a full pool, a crowd in it, the body's faults, the audit, the verdict.

        `docker_host` is the engine, `through` the address the gateway is given for it, if another one.
        """
        address = through or docker_host
        gateway = RunningGateway(
            self.folder,
            container_pool(warm=WARM, most=MOST, more=more),
            environ={**({"DOCKER_HOST": address} if address else {}), **(environ or {})},
            **options,
        )
        ledger, row = Ledger(), Row(name)
        self._table.rows.append(row)
        crowd = Crowd(gateway.base, ledger, dice(name))
        scene = Scene(gateway, crowd, ledger, row, docker_host)
        try:
            async with gateway:
                await gateway.until_quiet(WARM)
                scene.files = open_files(gateway)
                try:
                    async with crowd:
                        yield scene
                    await scene.audit()
                finally:
                    scene.note()
        except BaseException:
            with suppress(Exception):  # what has failed is told; this is only to leave nothing behind
                await scene.nothing_stays()
            raise
        await scene.nothing_stays()
        verdict(row)


def verdict(row: Row) -> None:
    """What every scenario promises. Fails with all there is to see."""
    broken = {key: getattr(row, key) for key in ("lost", "twice", "leaked", "log_errors")}
    assert not any(broken.values()), broken
    assert row.answers > row.sessions, "the crowd was there, and more than once each"


def open_files(gateway: RunningGateway) -> int:
    """Return how many files the gateway's process holds open."""
    assert gateway.process is not None
    return psutil.Process(gateway.process.pid).num_fds()
