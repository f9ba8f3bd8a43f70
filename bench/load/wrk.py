"""The HTTP load generator `wrk`: how it is called, and what its output means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}
_REQUESTS = re.compile(r"^\s*(\d+) requests in ([\d.]+)(ms|s|m),", re.MULTILINE)
_LATENCY = re.compile(r"^\s*(\d+)%\s+([\d.]+)(us|ms|s|m) *$", re.MULTILINE)
_SOCKET_ERRORS = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
_STATUS_ERRORS = re.compile(r"Non-2xx or 3xx responses: (\d+)")


@dataclass(frozen=True, slots=True)
class Load:
    """What one run did. Times are seconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int
    """Requests without a good answer, and connections that failed."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def arguments(url: str, *, connections: int, seconds: int, fields: Mapping[str, str]) -> list[str]:
    """Return the command that loads `url` from one thread, with latencies and these request fields."""
    given = [part for name, value in fields.items() for part in ("-H", f"{name}: {value}")]
    return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", *given, url]


def parse(output: str) -> Load:
    """Read wrk's report. Raises ValueError where it holds no numbers."""
    done = _REQUESTS.search(output)
    latency = {int(percent): float(n) * _UNITS[unit] for percent, n, unit in _LATENCY.findall(output)}
    if done is None or not latency.keys() >= {50, 99}:
        raise ValueError(f"not a report of wrk: {output!r}")
    failed = _SOCKET_ERRORS.search(output)
    refused = _STATUS_ERRORS.search(output)
    errors = sum(map(int, failed.groups())) if failed else 0
    return Load(
        requests=int(done[1]),
        seconds=float(done[2]) * _UNITS[done[3]],
        p50=latency[50],
        p99=latency[99],
        errors=errors + (int(refused[1]) if refused else 0),
    )
