"""Asks a Docker engine, and makes or changes nothing there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from config import Egress
from gateway.assignment import accepts
from pool import labels
from pool.engines import docker_containers, docker_read
from pool.engines.docker_calls import LOOK_LIMIT, limited, open_client, version
from pool.engines.docker_network import bridge_of, is_local, network_name
from pool.engines.engine import LABEL_GATEWAY
from pool.errors import ImageMissing

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aiodocker

    from config import Settings

DEFAULT_NETWORK = "bridge"
"""The engine's own, which shows how our own will be reached before there is one."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the engine says."""

    version: str
    info: Mapping[str, Any] = field(repr=False)
    missing: tuple[str, ...]
    """Images of pools that are not there."""
    local: bool
    """Whether instances are on this machine, and dialled directly."""
    fingerprints: frozenset[str]
    """Of the secrets that instances with our gateway id were made with."""
    unreachable: tuple[str, ...]
    """Ids of instances that ought to accept a connection and do not."""
    reached: int = 0
    """How many do."""


async def look(settings: Settings, serving: frozenset[str]) -> Told:
    """Ask the engine; `serving` are ids of instances that should answer. Raises EngineError."""
    async with open_client(None) as docker:
        async with limited("info", LOOK_LIMIT):
            told = await version(docker)
            info = await docker.system.info()
        missing = [pool.image for pool in settings.pools if not await _there(docker, pool.image)]
        gateway_id = settings.engine.gateway_id
        async with limited("list", LOOK_LIMIT):
            found = await docker_containers.listed(docker, f"{LABEL_GATEWAY}={gateway_id}")
            local = await _local(docker, gateway_id)
    tags = [labels.read(each.labels) for each in found]
    unreachable, reached = [], 0
    for each in found:
        address = docker_read.address(each)
        if each.instance_id not in serving or address is None:
            continue
        if await accepts(address):
            reached += 1
        else:
            unreachable.append(each.instance_id)
    return Told(
        version=str(told.get("Version", "")),
        info=info,
        missing=tuple(dict.fromkeys(missing)),
        local=local,
        fingerprints=frozenset(tag.record.fingerprint for tag in tags if tag is not None),
        unreachable=tuple(unreachable),
        reached=reached,
    )


async def _there(docker: aiodocker.Docker, image: str) -> bool:
    async with limited("image", LOOK_LIMIT):
        try:
            await docker_containers.image(docker, image)
        except ImageMissing:
            return False
    return True


async def _local(docker: aiodocker.Docker, gateway_id: str) -> bool:
    by_name = {network["Name"]: network for network in await docker.networks.list()}
    ours = by_name.get(network_name(gateway_id, Egress.NONE)) or by_name.get(DEFAULT_NETWORK) or {}
    if ours.get("Name") == DEFAULT_NETWORK:
        ours = {**ours, "Id": ""}
        bridge = (ours.get("Options") or {}).get("com.docker.network.bridge.name", "docker0")
        return is_local(bridge, bridge_of(ours)[1])
    return is_local(*bridge_of(ours))
