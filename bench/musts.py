"""What the gateway must reach, as ratios to its peers measured in the same run. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measures.measure import Section

GATEWAY = "gateway"


@dataclass(frozen=True, slots=True)
class Must:
    """The gateway's number of one column, alone or over a peer's, is at most `most`."""

    text: str
    section: str
    column: str
    most: float
    unit: str
    peer: str = ""
    """Whose number the gateway's is divided by; empty: the number itself counts."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was measured. Numbers are None where something was not measured in this run."""

    must: Must
    gateway: float | None
    peer: float | None
    measured: float | None

    @property
    def met(self) -> bool | None:
        """Whether it is reached; None where that was not measured."""
        return None if self.measured is None else self.measured <= self.must.most


MUSTS = (
    Must("CPU of a 1 KiB GET, to nginx", "get", "cpu", 2.0, "times", "nginx"),
    Must("CPU of a 1 KiB GET, to configurable-http-proxy", "get", "cpu", 0.2, "times", "chp"),
    Must("CPU of a 100 B websocket message, to HAProxy", "ws", "cpu", 1.15, "times", "haproxy"),
    Must("p50 added at one connection, to nginx's own", "latency_1", "p50_added", 1.5, "times", "nginx"),
    Must("RSS of a silent websocket", "idle_websockets", "memory", 8.0, "KiB"),
    Must("RSS of the gateway at rest", "rest", "rss", 70.0, "MiB"),
    Must("click to page, to JupyterHub with DockerSpawner", "clicks", "page", 0.02, "times", "jupyterhub"),
)


def verdicts(sections: Sequence[Section]) -> list[Verdict]:
    """Hold what was measured against what must be."""
    by_name = {section.name: section for section in sections}
    return [_verdict(must, by_name.get(must.section)) for must in MUSTS]


def _verdict(must: Must, section: Section | None) -> Verdict:
    if section is None:
        return Verdict(must, None, None, None)
    gateway = section.rows.get(GATEWAY, {}).get(must.column)
    if not must.peer:
        return Verdict(must, gateway, None, gateway)
    peer = section.rows.get(must.peer, {}).get(must.column)
    return Verdict(must, gateway, peer, ratio(gateway, peer))


def ratio(value: float | None, base: float | None) -> float | None:
    """Return value over base; None where one is unknown, or the base is not above zero: noise made it so."""
    return None if value is None or base is None or base <= 0 else value / base
