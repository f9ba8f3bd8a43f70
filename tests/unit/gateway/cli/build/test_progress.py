from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import gateway.cli.build.progress as module
from gateway.cli.build.progress import Progress, summary
from pool.building.builder import BuildProgress
from pool.building.steps import Step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest


async def build(*lines: BuildProgress) -> AsyncIterator[BuildProgress]:
    for line in lines:
        yield line


async def test_each_step_is_told_once_when_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(("base", "packages", "base"), lambda: 0.0)
    steps = await progress.follow(
        build(
            BuildProgress(1, 3, "FROM x", 0.0),
            BuildProgress(2, 3, "RUN a", 1.0),
            BuildProgress(2, 3, "out", 2.0),
            BuildProgress(3, 3, "FROM x", 3.0),
        )
    )
    assert capsys.readouterr().err.split() == ["0", "s", "base", "0", "s", "packages"]
    assert [step.name for step in steps] == ["base", "packages"]


async def test_a_silent_step_gives_signs_of_life_and_none_after_its_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUIET", 0.0)
    silent = asyncio.Event()

    async def slow() -> AsyncIterator[BuildProgress]:
        yield BuildProgress(1, 1, "RUN solve", 0.0)
        # A turn of the loop for each timer that is due.
        for _ in range(10):
            await asyncio.sleep(0)
        silent.set()

    await Progress(("packages",), lambda: 0.0).follow(slow())
    told = capsys.readouterr().err
    assert "packages: RUN solve" in told
    await asyncio.sleep(0)
    assert not capsys.readouterr().err


def test_the_summary_has_the_image_s_size_and_of_each_step_its_time_and_layer() -> None:
    steps = [Step("base", 0.1, ran=1), Step("packages", kept=2), Step("notebooks", 0.34, ran=1)]
    layers = {"packages": 61_234_567, "notebooks": 4_321}
    assert summary("course", steps, size=401_000_000, layers=layers).splitlines() == [
        "Image course is built: 0.4 s, 401.0 MB.",
        "  base           0.1 s",
        "  packages   as before     61.2 MB",
        "  notebooks      0.3 s      4.3 kB",
    ]
