from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

import gateway.cli.build.progress as module
from gateway.cli.build.progress import Progress
from pool.building.errors import NotebooksMissing
from pool.building.steps import FINISHING

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[str]]:
    def since() -> list[str]:
        return capsys.readouterr().err.splitlines()

    return since


async def turns() -> None:
    # One of the loop for each timer that is due.
    for _ in range(5):
        await asyncio.sleep(0)


async def test_each_step_is_told_once_when_it_begins(told: Callable[[], list[str]]) -> None:
    clock = Clock()
    async with Progress("course", clock) as progress:
        progress.see(FINISHING, "FROM x")
        progress.see("installing packages", "RUN a")
        progress.see("installing packages", "out")
        clock.now = 12.0
        progress.see("adding the notebooks", "COPY b")
        progress.see("installing packages", "COPY c")
    assert told() == [
        "Building image course.",
        "    0 s  installing packages",
        "   12 s  adding the notebooks",
    ]
    assert progress.elapsed() == 12.0


async def test_where_nothing_is_built_nothing_is_told(told: Callable[[], list[str]]) -> None:
    async with Progress("course", Clock()):
        pass
    assert told() == []


async def test_each_line_of_a_remark_is_told(told: Callable[[], list[str]]) -> None:
    async with Progress("course", Clock()) as progress:
        progress.remark("warning: one\ntwo")
    assert told() == ["    0 s    warning: one", "    0 s    two"]


async def test_a_silent_step_gives_signs_of_life_and_none_after_its_end(
    told: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUIET", 0.0)
    async with Progress("course", Clock()) as progress:
        await turns()
        assert "    0 s    … waiting for the engine" in told()
        progress.see("installing packages", "")
        await turns()
        assert "    0 s    … installing packages" in told()
        progress.see("installing packages", "Collecting tiny")
        progress.see("installing packages", " ---> Running in 0123456789ab")
        await turns()
        assert "    0 s    … Collecting tiny" in told()
    told()
    await turns()
    assert told() == []


async def test_an_error_inside_goes_on_as_it_is() -> None:
    with pytest.raises(NotebooksMissing):
        async with Progress("course", Clock()):
            raise NotebooksMissing("here")
