"""All looks of the doctor, one after the other; what one has seen helps the next."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from config import ConfigError, Egress, EngineName, WarmgateError, ensure_secret, state_dir
from gateway.budget import Machine, budget_of
from gateway.doctor import (
    clock,
    docker,
    docker_look,
    limits,
    memory,
    network,
    ports,
    process,
    running,
    session_hosts,
    state,
)
from gateway.doctor.verdict import Verdict, fail, ok
from pool.core.states import State
from pool.engines.docker_network import bridge_name
from pool.errors import EngineError
from pool.identity import Identities

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from config import Loaded

LABEL_BYTES = 8
"""Randomness of a label that no session has."""

SERVING = frozenset({State.WARM, State.ASSIGNED})
"""States in which an instance accepts connections; a paused one is left alone."""


class Examination:
    """One look at everything these settings depend on. Nothing is changed or made."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._settings = loaded.settings
        self._running = running.Running()
        self._folder = state.look(state_dir(loaded.settings, os.environ, os.geteuid()))
        self._told: docker_look.Told | None = None

    async def run(self) -> AsyncIterator[Verdict]:
        """Yield every verdict as soon as it is known."""
        yield ok("settings", _sources(self._loaded))
        self._running = await running.look(self._settings)
        for verdict in running.judge(self._running, self._settings.engine.gateway_id):
            yield verdict
        for verdict in state.judge(self._folder, answers=self._running.answers):
            yield verdict
        for verdict in self._doors():
            yield verdict
        for verdict in self._session_hosts():
            yield verdict
        for verdict in await self._engine():
            yield verdict
        for verdict in self._room():
            yield verdict
        if self._told is not None and self._told.local:
            bridge = bridge_name(self._settings.engine.gateway_id, Egress.NONE)
            internet = any(pool.egress is Egress.INTERNET for pool in self._settings.pools)
            for verdict in network.judge(await network.look(), bridge=bridge, internet=internet):
                yield verdict
        folder = self._folder.path
        yield clock.judge(clock.look((folder / "journal.jsonl", folder / "secret")))

    def _doors(self) -> Iterator[Verdict]:
        gateway = self._settings.gateway
        doors = (("port", gateway.host, gateway.port), ("admin_port", gateway.admin_host, gateway.admin_port))
        for key, host, port in doors:
            yield ports.judge(ports.look(key, host, port), ours=self._running.answers)

    def _session_hosts(self) -> Iterator[Verdict]:
        gateway = self._settings.gateway
        if gateway.session_domain:
            label = secrets.token_hex(LABEL_BYTES)
            names = session_hosts.look(gateway.public_url, gateway.session_domain, label)
            yield from session_hosts.judge(names)

    async def _engine(self) -> list[Verdict]:
        name = self._settings.engine.name
        if name is not EngineName.PROCESS:
            try:
                self._told = await docker_look.look(self._settings, self._serving())
            except EngineError as error:
                if name is EngineName.DOCKER:
                    return [docker.judge_silence(error)]
            else:
                return [*docker.judge(self._told), self._owner(self._told)]
        return list(process.judge(process.programs(self._settings), root=os.geteuid() == 0))

    def _serving(self) -> frozenset[str]:
        overview = self._running.overview
        instances = overview.instances if overview else ()
        return frozenset(each.id for each in instances if each.state in SERVING)

    def _owner(self, told: docker_look.Told) -> Verdict:
        gateway_id = self._settings.engine.gateway_id
        try:
            ours = self._fingerprint()
        except WarmgateError as error:
            return fail("secret", f"{error.code}: {error}", error.remedy)
        return docker.judge_owner(told, gateway_id, ours, answers=self._running.answers)

    def _fingerprint(self) -> str | None:
        """Return our secret's, or None where there is none yet: it is not for a doctor to make one."""
        given = self._settings.gateway.secret
        if not given.get_secret_value() and not os.path.lexists(self._folder.path / "secret"):
            return None
        secret = ensure_secret(self._folder.path, given)
        return Identities(secret.get_secret_value(), os.urandom).fingerprint

    def _room(self) -> Iterator[Verdict]:
        total = int(self._told.info.get("MemTotal") or 0) if self._told else 0
        overview = self._running.overview
        try:
            budget = overview.budget if overview else budget_of(self._settings, Machine(total)).total
        except ConfigError as error:
            yield from refused(error)
            return
        yield from memory.judge(
            memory.look(total),
            budget=budget,
            reserve=self._settings.memory.reserve,
            used=self._running.measured,
        )
        local = self._told is None or self._told.local
        yield from limits.judge(limits.look(self._folder.holder), self._settings, budget=budget, local=local)


def _sources(loaded: Loaded) -> str:
    named = [f"preset {loaded.preset}" if loaded.preset else "", str(loaded.file or "")]
    variables = sum(origin.startswith("env ") for origin in loaded.origins.values())
    named.append(f"{variables} from the environment" if variables else "")
    return "valid; " + (", ".join(filter(None, named)) or "every key has its default")


def refused(error: ConfigError) -> Iterator[Verdict]:
    """Say what is wrong with settings that cannot be used."""
    for problem in error.problems:
        yield fail("settings", f"{problem.key} = {problem.value}", f"{problem.key}: {problem.allowed}")
