"""What a Docker engine must be able to do. Pure."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Any

from gateway.doctor.verdict import Verdict, fail, ok, warn
from pool.building.naming import how_to_get
from pool.engines import docker_read
from pool.engines.docker_network import WORDS, Reach
from pool.errors import EngineTimeout
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.doctor.docker_look import Told
    from pool.errors import EngineError

DAEMON = "/etc/docker/daemon.json"

REMEDIES: Mapping[str, tuple[bool, str]] = {
    "MemoryLimit": (True, "boot with cgroup_enable=memory on the kernel's command line"),
    "SwapLimit": (False, "boot with swapaccount=1 on the kernel's command line, or use cgroup v2"),
    "PidsLimit": (True, "use a kernel with CONFIG_CGROUP_PIDS"),
    "CpuCfsQuota": (False, "use a kernel with CONFIG_CFS_BANDWIDTH"),
    "BridgeNfIptables": (
        True,
        "sudo modprobe br_netfilter, and the name in /etc/modules-load.d/warmgate.conf",
    ),
    "SecurityOptions": (False, f'take "seccomp-profile": "unconfined" out of {DAEMON}'),
}
"""By what the engine lacks: whether visitors are not safe without it, and what to do."""


def judge_silence(error: EngineError) -> Verdict:
    """Say why the engine cannot be used."""
    if "ermission denied" in error.detail:
        remedy = f"sudo usermod -aG docker {getpass.getuser()}, then log in again; that group is as root"
    elif isinstance(error, EngineTimeout):
        remedy = "sudo systemctl restart docker; without live-restore this ends sessions"
    else:
        remedy = 'sudo systemctl start docker, or set DOCKER_HOST, or [engine] name = "process" for yourself'
    return fail("engine", f"{error.code}: {error.detail}", remedy)


def judge(told: Told) -> Iterator[Verdict]:
    """Say what the engine can do, and what instances meet there."""
    yield ok("engine", f"Docker {told.version} answers")
    yield from _limits(told.info)
    yield _live_restore(told.info)
    for image in told.missing:
        yield fail("image", f"{image} is not there", how_to_get(image))
    if not told.missing:
        yield ok("image", "those of all pools are there")
    yield _reach(told)


def _limits(info: Mapping[str, Any]) -> Iterator[Verdict]:
    lacks = docker_read.lacks(info)
    for key, sentence in lacks.items():
        unsafe, remedy = REMEDIES[key]
        yield (fail if unsafe else warn)("limits", sentence, remedy)
    if not lacks:
        yield ok("limits", f"memory, swap, processes and CPU, by cgroup v{info.get('CgroupVersion') or '1'}")


def _live_restore(info: Mapping[str, Any]) -> Verdict:
    if info.get("LiveRestoreEnabled"):
        return ok("live-restore", "sessions outlive a restart of Docker")
    return warn(
        "live-restore",
        "a stop or an upgrade of Docker ends every session",
        f'"live-restore": true in {DAEMON}, then sudo systemctl reload docker',
    )


def _reach(told: Told) -> Verdict:
    if told.unreachable:
        names = ", ".join(map(short, told.unreachable))
        return fail(
            "reach",
            f"no connection to {names}, which the gateway holds for ready",
            "sudo iptables -S OUTPUT shows what the host's firewall stops; warmgate logs ID the rest",
        )
    way = WORDS[Reach.CONTAINER if told.local else Reach.PUBLISHED]
    return ok("reach", f"instances are reached {way}" + (f"; {told.reached} tried" if told.reached else ""))


def judge_owner(told: Told, gateway_id: str, ours: str | None, *, answers: bool) -> Verdict:
    """Say whether two gateways have this id. `ours`: our secret's fingerprint; None before a first start."""
    others = told.fingerprints - {ours}
    remedy = "[engine] gateway_id: another one for one of the two"
    if len(told.fingerprints) > 1 or (others and answers):
        finding = f"instances of more than one gateway carry {gateway_id}; each removes the other's"
        return fail("gateway_id", finding, remedy)
    if others:
        return warn(
            "gateway_id",
            f"instances carry {gateway_id} that another secret than ours made; our start would remove them",
            f"{remedy}; if there is only this one, its secret was lost and nothing can be done",
        )
    return ok("gateway_id", f"{gateway_id} is no other gateway's on this engine")
