"""The wall clock jumps. libfaketime steps it for the gateway alone, not for this machine."""

from __future__ import annotations

import json
import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.chaos.form import FULL

if TYPE_CHECKING:
    from tests.chaos.stage import Scene, Stage

pytestmark = [pytest.mark.docker, pytest.mark.long_form]

HOUR = 3600

MORE = 'idle_timeout = "20s"\nmax_age = "30m"'
"""Both shorter than the step: whoever measured by the wall clock would end every session."""

LIBRARY = "faketime/libfaketimeMT.so.1"


def library() -> Path | None:
    """Return where Debian's libfaketime is, if it is there."""
    return next(Path("/usr/lib").glob(f"*/{LIBRARY}"), None)


@pytest.mark.timeout(300)
async def test_a_clock_that_jumps_an_hour_moves_nothing(stage: Stage) -> None:
    found = library()
    if found is None:
        why = "no libfaketime: run tests/environment/chaos.sh"
        if os.environ.get("CI") == "true" and os.geteuid() == 0:
            pytest.fail(why)
        pytest.skip(why)
    clock = stage.folder / "clock"
    clock.write_text("+0")
    environ = {
        "LD_PRELOAD": str(found),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    async with stage.scene("clock stepped by an hour", more=MORE, environ=environ) as scene:
        for step in (HOUR, -HOUR, 0) if FULL else (HOUR, -HOUR):
            clock.write_text(f"{step:+d}")
            scene.row.faults += 1
            before = await held(scene)
            await scene.used()
            # By then the gateway has written something, and has looked at everything it has.
            await scene.recovered(time.monotonic())
            assert abs(ahead(scene.gateway.log) - step) < HOUR / 2, "the clock did jump"
            assert before <= await held(scene), "sessions of those who stay are still there"
        clock.write_text(f"{HOUR:+d}")
        await scene.gateway.stop(signal.SIGKILL)
        scene.row.faults += 1
        again = time.monotonic()
        await scene.gateway.start()
        await scene.recovered(again)


async def held(scene: Scene) -> set[str]:
    """Return the instances whose visitors stay, when nobody else is there."""
    await scene.crowd.pause()
    found = {i["id"] for i in await scene.gateway.instances() if i["state"] == "assigned"}
    scene.crowd.resume()
    return found


def ahead(log: str) -> float:
    """Return how many seconds the clock that the gateway's last line was written by is ahead."""
    told = json.loads(log.splitlines()[-1])["timestamp"]
    return (datetime.fromisoformat(told) - datetime.now(UTC)).total_seconds()
