"""Finds what tests left behind: everything a test makes carries a gateway id that begins with `test-`."""

from __future__ import annotations

import aiodocker
import psutil

from pool.engines.engine import LABEL_GATEWAY

PREFIX = "test-"


async def leftovers(*, docker: bool) -> list[str]:
    """Return names of containers and networks, and command lines of instances' processes."""
    found = [
        f"process {process.pid} {' '.join(process.info['cmdline'] or [])[:80]}"
        for process in psutil.process_iter(["cmdline", "environ"])
        if (process.info["environ"] or {}).get("WARMGATE_GATEWAY", "").startswith(PREFIX)
    ]
    if not docker:
        return found
    wanted = {"label": [LABEL_GATEWAY]}
    async with aiodocker.Docker() as engine:
        containers = [c._container for c in await engine.containers.list(all=True, filters=wanted)]
        networks = await engine.networks.list()
    found += [f"container {c['Names'][0]}" for c in containers if _of_a_test(c["Labels"])]
    return found + [f"network {n['Name']}" for n in networks if _of_a_test(n["Labels"] or {})]


def _of_a_test(labels: dict[str, str]) -> bool:
    return labels.get(LABEL_GATEWAY, "").startswith(PREFIX)
