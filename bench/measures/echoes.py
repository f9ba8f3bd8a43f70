"""CPU and rate of websocket messages that are echoed."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from bench.cost import cpu_seconds
from bench.measures.measure import Column, Measure
from bench.peers.program import module, output_of

if TYPE_CHECKING:
    from bench.measures.measure import Plan, Values
    from bench.peers.peer import Front

MARGIN = 40.0
"""Seconds the load may take beyond its run."""
CONNECTIONS = 16
LARGE_CONNECTIONS = 4
SMALL = 100
LARGE = 2**20


async def echo(front: Front, plan: Plan, connections: int, size: int) -> Values:
    """Send messages of `size` bytes there and back; a message and its echo count as one."""
    command = module("bench.load.echo", front.url + "echo", f"--connections={connections}")
    command += [f"--size={size}", f"--seconds={plan.seconds}"]
    before = cpu_seconds(front.pids)
    done = json.loads(await output_of(command, limit=plan.seconds + MARGIN, cpu=plan.cpus.load))
    used = cpu_seconds(front.pids) - before
    if not done["messages"]:
        raise RuntimeError("no message came back")
    cost = used / done["messages"] * 1e6 if front.pids else None
    return {"cpu": cost, "rate": done["messages"] / done["seconds"]}


COLUMNS = (Column("cpu", "CPU µs a message"), Column("rate", "messages/s", 0))

MEASURES = (
    Measure(
        "ws",
        "ws",
        f"Websocket echo of {SMALL} B",
        COLUMNS,
        "cpu",
        partial(echo, connections=CONNECTIONS, size=SMALL),
        f"{CONNECTIONS} connections, each sends when the echo of its last message has come.",
    ),
    Measure(
        "ws",
        "ws_large",
        "Websocket echo of 1 MiB",
        COLUMNS,
        "cpu",
        partial(echo, connections=LARGE_CONNECTIONS, size=LARGE),
        f"{LARGE_CONNECTIONS} connections, each sends when the echo of its last message has come.",
        rounds=3,
    ),
)
