"""Pure reading of what a Docker engine answers. Models hold only what we use; anything else may change."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

from pool.engines.engine import LABEL_INSTANCE, LIVE, Address, Died, Found, MemoryKill, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

KILLED = 128 + 9
"""Exit code of a container whose first program was ended by SIGKILL."""

LABEL_PORT = "warmgate.port"
"""Where the server listens inside its container."""


def _map(value: Any) -> Any:
    """Go writes an empty map as null."""
    return {} if value is None else value


def _list(value: Any) -> Any:
    """And an empty list too."""
    return () if value is None else value


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class Endpoint(_Model):
    """A container's place in one network."""

    ip: str = Field("", validation_alias="IPAddress")


class Port(_Model):
    """One port of a container; `public` is None when it is not published."""

    host: str = Field("", validation_alias="IP")
    private: int = Field(validation_alias="PrivatePort")
    public: int | None = Field(None, validation_alias="PublicPort")


class Attachments(_Model):
    """Networks by name."""

    networks: Annotated[dict[str, Endpoint], BeforeValidator(_map)] = Field({}, validation_alias="Networks")


class Summary(_Model):
    """One entry of the container list."""

    id: str = Field(validation_alias="Id")
    state: str = Field(validation_alias="State")
    labels: Annotated[dict[str, str], BeforeValidator(_map)] = Field({}, validation_alias="Labels")
    ports: Annotated[tuple[Port, ...], BeforeValidator(_list)] = Field((), validation_alias="Ports")
    attachments: Attachments = Field(Attachments(), validation_alias="NetworkSettings")

    @property
    def instance_id(self) -> str:
        """The id we gave it."""
        return self.labels.get(LABEL_INSTANCE, "")


_summaries = TypeAdapter(tuple[Summary, ...])

STATUS: Mapping[str, Status] = MappingProxyType(
    {
        "created": Status.CREATED,
        "running": Status.RUNNING,
        "restarting": Status.RUNNING,
        "paused": Status.PAUSED,
        "removing": Status.EXITED,
        "exited": Status.EXITED,
        "dead": Status.EXITED,
    }
)


def summaries(answer: object) -> tuple[Summary, ...]:
    """Return the container list. Raises ValueError when it has not the promised shape."""
    return _summaries.validate_python(answer)


def status(summary: Summary) -> Status:
    """Return its status; a state no engine has had so far counts as ended, because doubt means destroy."""
    return STATUS.get(summary.state, Status.EXITED)


def address(summary: Summary) -> Address | None:
    """Return where it is reached from here: at its published port, or else at its own address."""
    port = summary.labels.get(LABEL_PORT, "")
    if status(summary) not in LIVE or not port.isdecimal():
        return None
    for each in summary.ports:
        if each.private == int(port) and each.public is not None:
            return Address(each.host, each.public)
    for endpoint in summary.attachments.networks.values():
        if endpoint.ip:
            return Address(endpoint.ip, int(port))
    return None


def found(summary: Summary, *, out_of_memory: bool) -> Found:
    """Return the instance as the port describes it."""
    return Found(
        instance_id=summary.instance_id,
        labels=MappingProxyType(summary.labels),
        status=status(summary),
        address=address(summary),
        out_of_memory=out_of_memory,
    )


def memory(stats: Mapping[str, Any]) -> int:
    """Return anonymous + shared + kernel memory in bytes, from one sample; 0 when nothing runs.

    Two ways to the same number, and the larger counts. Usage less file pages: takes in all kernel memory, on
    cgroup v1 and v2 alike. The parts themselves: right also while the kernel's usage lags behind them.
    On v1 the parts are the two anonymous lists, which hold shared memory too.
    """
    sample = stats.get("memory_stats") or {}
    parts: Mapping[str, int] = sample.get("stats") or {}

    def part(*names: str) -> int:
        # v1 has each number twice: its own, and `total_` with those of its children.
        return sum(parts.get(f"total_{name}", parts.get(name, 0)) for name in names)

    outside = int(sample.get("usage", 0)) - part("active_file", "inactive_file")
    if "anon" in parts:
        inside = part("anon", "shmem", "kernel_stack", "slab", "sock")
    else:
        inside = part("active_anon", "inactive_anon")
    return max(outside, inside, 0)


def warnings(info: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what this engine cannot keep of our promises, a sentence each, from its answer to `info`."""
    return tuple(lacks(info).values())


def lacks(info: Mapping[str, Any]) -> dict[str, str]:
    """Return the same by the field of the answer that tells it."""
    found = {
        key: sentence
        for key, sentence in (
            ("MemoryLimit", "The engine cannot limit memory: one instance can use up the host's."),
            ("SwapLimit", "The engine cannot limit swap: instances can swap (boot with swapaccount=1)."),
            ("PidsLimit", "The engine cannot limit processes: a fork bomb reaches the host."),
            ("CpuCfsQuota", "The engine cannot limit CPU: instances can slow each other down."),
            (
                "BridgeNfIptables",
                "Bridged traffic passes no firewall: instances can reach each other (modprobe br_netfilter).",
            ),
        )
        if info.get(key) is False and not (key == "BridgeNfIptables" and _loads_by_itself(info))
    }
    if not any("seccomp" in option for option in info.get("SecurityOptions") or ()):
        found["SecurityOptions"] = (
            "The engine runs containers without seccomp: the kernel is less well shielded."
        )
    return found


def _loads_by_itself(info: Mapping[str, Any]) -> bool:
    # From 28 on the engine loads br_netfilter when a network asks for isolation, and reports False always.
    major = str(info.get("ServerVersion", "")).partition(".")[0]
    return major.isdecimal() and int(major) >= 28


def ended_for_memory(*, limit_passed: bool, exit_code: int) -> bool:
    """Return whether an instance ended for its memory limit: not one whose kernel was killed for it and whose
    server ended later, by itself.
    """
    return limit_passed and exit_code == KILLED


def event(line: bytes, killed: set[str]) -> Died | MemoryKill | None:
    """Return whose end, or whose memory limit, a line of the event stream tells (Docker Engine API,
    SystemEvents), None for another.

    The engine tells of the memory limit first and of the end after it, perhaps hours after it, or never;
    `killed` keeps in mind whose it was.
    """
    try:
        told = json.loads(line)
        attributes = told["Actor"]["Attributes"]
        instance_id: str = attributes[LABEL_INSTANCE]
        action = told["Action"]
        exit_code = int(attributes.get("exitCode") or 0)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if action == "oom":
        killed.add(instance_id)
        return MemoryKill(instance_id)
    if action != "die":
        return None
    limit_passed = instance_id in killed
    killed.discard(instance_id)
    return Died(instance_id, ended_for_memory(limit_passed=limit_passed, exit_code=exit_code))
