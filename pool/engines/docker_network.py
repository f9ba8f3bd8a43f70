"""The two networks of a gateway on a Docker engine, and how instances are reached through them.

One network for all instances without a way out, one for those that may reach the internet; on both, instances
cannot reach each other. The second is made when a launch first asks for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import aiodocker
import structlog

from config import Egress
from pool.engines.docker_calls import CHANGE_LIMIT, NOT_FOUND, limited
from pool.engines.engine import LABEL_GATEWAY
from pool.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

log = structlog.stdlib.get_logger(__name__)

ICC = "com.docker.network.bridge.enable_icc"
MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade"
BRIDGE = "com.docker.network.bridge.name"
PROMISED = (ICC, MASQUERADE)
"""Options a network must have exactly as we would make it, for us to use it."""


class Reach(StrEnum):
    """How the gateway reaches a container's server."""

    CONTAINER = "container"
    PUBLISHED = "published"


WORDS = {
    Reach.CONTAINER: "directly, at container addresses",
    Reach.PUBLISHED: "at ports published on 127.0.0.1, as container addresses cannot be reached from here",
}


def network_name(gateway_id: str, egress: Egress) -> str:
    """Return the network's name."""
    return f"warmgate-{gateway_id}" + ("-internet" if egress is Egress.INTERNET else "")


def bridge_name(gateway_id: str, egress: Egress) -> str:
    """Return the name of the network's bridge on the host, for firewall rules: `warmn-…` has no way out,
    `warmi-…` has one. Linux allows 15 characters.
    """
    digest = hashlib.sha256(gateway_id.encode()).hexdigest()[:8]
    return f"warm{'i' if egress is Egress.INTERNET else 'n'}-{digest}"


def network_config(gateway_id: str, egress: Egress, reach: Reach) -> dict[str, Any]:
    """Return the body of the create call (Docker Engine API, NetworkCreate).

    An internal network is the firm way to have no way out, but ports of its containers cannot be published.
    There, packets leave with an address that no answer finds its way back to.
    """
    options = {ICC: "false", BRIDGE: bridge_name(gateway_id, egress)}
    internal = egress is Egress.NONE and reach is Reach.CONTAINER
    if egress is Egress.NONE and not internal:
        options[MASQUERADE] = "false"
    return {
        "Name": network_name(gateway_id, egress),
        "Driver": "bridge",
        "Internal": internal,
        "EnableIPv6": False,
        "CheckDuplicate": True,
        "Options": options,
        "Labels": {LABEL_GATEWAY: gateway_id},
    }


def fits(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Return whether a network that is there keeps the promises of the one that is wanted."""
    options: Mapping[str, str] = found.get("Options") or {}
    return (
        all(found.get(key) == wanted[key] for key in ("Driver", "Internal", "EnableIPv6"))
        and all(options.get(key) == wanted["Options"].get(key) for key in PROMISED)
        and (found.get("Labels") or {}).get(LABEL_GATEWAY) == wanted["Labels"][LABEL_GATEWAY]
    )


def is_local(bridge: str, address: str) -> bool:
    """Return whether the bridge of this name and address is one of this machine's, so that what is behind it
    can be dialled. A virtual machine's bridge (Docker Desktop) or one in a namespace (rootless) is not.
    """
    if bridge not in {name for _, name in socket.if_nameindex()}:
        return False
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


class Networks:
    """Makes, finds and removes the gateway's networks. `local` is `is_local`, or a test's own."""

    def __init__(self, gateway_id: str, local: Callable[[str, str], bool] = is_local) -> None:
        self._gateway_id = gateway_id
        self._local = local
        self._lock = asyncio.Lock()
        self._ids: dict[Egress, str] = {}
        self.reach = Reach.CONTAINER
        """Known once `prepare` has run."""

    async def prepare(self, docker: aiodocker.Docker) -> Reach:
        """Make the network without a way out and find out how containers on it are reached."""
        async with self._lock, limited("networks", CHANGE_LIMIT):
            self._ids.clear()
            network = await self._find(docker, Egress.NONE)
            if network is None:
                await self._create(docker, network_config(self._gateway_id, Egress.NONE, Reach.CONTAINER))
                network = await self._find(docker, Egress.NONE)
            bridge, gateway = bridge_of(network or {})
            self.reach = Reach.CONTAINER if self._local(bridge, gateway) else Reach.PUBLISHED
            self._ids[Egress.NONE] = await self._make(docker, Egress.NONE)
        return self.reach

    async def ensure(self, docker: aiodocker.Docker, egress: Egress) -> str:
        """Return the id of the network, made now if it is not there."""
        async with self._lock, limited("networks", CHANGE_LIMIT):
            if egress not in self._ids:
                self._ids[egress] = await self._make(docker, egress)
            return self._ids[egress]

    def forget(self) -> None:
        """Look again before the next use: somebody may have removed a network."""
        self._ids.clear()

    async def remove_unused(self, docker: aiodocker.Docker) -> None:
        """Remove the networks nobody is attached to."""
        async with self._lock, limited("networks", CHANGE_LIMIT):
            self._ids.clear()
            for egress in Egress:
                network = await self._find(docker, egress)
                if network is not None:
                    await self._remove(docker, network["Id"])

    async def _make(self, docker: aiodocker.Docker, egress: Egress) -> str:
        wanted = network_config(self._gateway_id, egress, self.reach)
        network = await self._find(docker, egress)
        if network is not None and not fits(network, wanted):
            if not await self._remove(docker, network["Id"]):
                raise EngineError(
                    f"network {wanted['Name']} has other settings than it needs and is in use; "
                    "end its instances, then remove it"
                )
            network = None
        if network is None:
            refused = await self._create(docker, wanted)
            network = await self._find(docker, egress)
            if network is None or not fits(network, wanted):
                raise EngineError(f"network {wanted['Name']} cannot be made: {refused or 'it is gone again'}")
        found: str = network["Id"]
        return found

    async def _find(self, docker: aiodocker.Docker, egress: Egress) -> dict[str, Any] | None:
        name = network_name(self._gateway_id, egress)
        label = f"{LABEL_GATEWAY}={self._gateway_id}"
        listed = await docker.networks.list(filters={"name": [name], "label": [label]})
        # The engine's name filter finds parts of names too. Of two that were made at once, all take the same.
        same = [network for network in listed if network["Name"] == name]
        return min(same, key=lambda network: str(network["Id"]), default=None)

    async def _create(self, docker: aiodocker.Docker, config: dict[str, Any]) -> str:
        """Create a network; return the engine's words when it refused, mostly because somebody was faster."""
        try:
            await docker.networks.create(config)
        except aiodocker.DockerError as error:
            return error.message
        log.info("network_created", network=config["Name"], internal=config["Internal"])
        return ""

    async def _remove(self, docker: aiodocker.Docker, network_id: str) -> bool:
        """Remove a network; return False when it is in use."""
        try:
            await (await docker.networks.get(network_id)).delete()
        except aiodocker.DockerError as error:
            return error.status == NOT_FOUND
        return True


def bridge_of(network: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and the address of a network's bridge."""
    options: Mapping[str, str] = network.get("Options") or {}
    bridge = options.get(BRIDGE) or f"br-{network.get('Id', '')[:12]}"
    ranges = (network.get("IPAM") or {}).get("Config") or [{}]
    return bridge, str(ranges[0].get("Gateway", ""))
