"""The journal's disk is full: what cannot be written down is not handed out, and nothing else changes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from bench.visitor import Visitor
from pool.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.chaos.stage import Scene, Stage

pytestmark = [pytest.mark.docker, pytest.mark.long_form, pytest.mark.timeout(300)]

PAGE = 4096
"""Bytes of a page: a full disk still takes what fits into the journal's last one."""

SIZE = 64 * 1024
"""Bytes of the disk."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own for the state folder."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "state"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Take all space there is, and give it back."""
    ballast = folder / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(PAGE))
    except OSError:
        pass
    try:
        yield
    finally:
        ballast.unlink()


async def test_with_a_full_disk_nothing_is_handed_out_and_nothing_handed_out_is_lost(
    stage: Stage, small_disk: Path
) -> None:
    nearly_a_page(small_disk)
    async with stage.scene("journal's disk full") as scene:
        with filled(small_disk):
            scene.row.faults += 1
            await refused(scene)
            await scene.used()
        await scene.recovered(time.monotonic())
        async with Visitor(scene.gateway.base) as another:
            await another.spawn_patiently()
            await another.leave()


async def test_a_crash_while_the_disk_is_full_loses_nothing_that_was_handed_out(
    stage: Stage, small_disk: Path
) -> None:
    nearly_a_page(small_disk)
    async with stage.scene("gateway killed, journal's disk full") as scene:
        with filled(small_disk):
            await refused(scene)
            await scene.gateway.stop(signal.SIGKILL)
            scene.row.faults += 1
            # It says that it is not ready, and serves those who have a session.
            scene.gateway.wait_ready = False
            await scene.gateway.start()
            await scene.used()
        await scene.recovered(time.monotonic())


async def refused(scene: Scene) -> None:
    """Wait until assignments are refused: what is left of the journal's last page is used up first."""

    async def asked() -> bool:
        async with Visitor(scene.gateway.base) as someone, someone.http.post(spawn) as answer:
            body = await answer.text()
            if answer.status == 200:
                someone.url = scene.gateway.base + (await answer.json())["url"]
                await someone.leave()
            return answer.status == 503 and "W305" in body

    spawn = f"{scene.gateway.base}/api/spawn"
    await scene.gateway.until(asked)


def nearly_a_page(state: Path) -> None:
    """Leave a journal of an earlier run that fills its page but for a few records."""
    path = state / "journal.jsonl"
    journal = Journal(path)
    journal.open()
    journal.settled(0.0)
    for number in range(PAGE):
        if path.stat().st_size > PAGE - 600:
            break
        journal.ended(f"earlier{number:04}", 0.0, "idle")
    journal.close()
