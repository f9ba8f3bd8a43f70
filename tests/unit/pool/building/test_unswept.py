"""What is swept up after a build, and when."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aiodocker.exceptions import DockerStreamError

import pool.building.builder as module
from pool.building.builder import BuildRequest, open_builder
from pool.building.context import BuildContext
from pool.building.errors import ImageBuildFailed
from pool.building.sweep import Traces
from pool.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REQUEST = BuildRequest(BuildContext("own", {"Dockerfile": b"FROM y"}), "course")
MADE = "0123456789ab"


class FakeEngine:
    """Stands for an engine that makes one layer, and what is swept from it once its client is closed."""

    def __init__(self) -> None:
        self.images = self
        self.ends_with: Exception | None = None
        self.hangs = False
        self.clients = 0
        self.swept: list[Traces] = []
        self.is_away = False

    async def build(self, **_asked: Any) -> AsyncIterator[dict[str, Any]]:
        yield {"stream": f" ---> {MADE}\n"}
        if self.hangs:
            await asyncio.Event().wait()
        if self.ends_with:
            raise self.ends_with
        yield {"aux": {"ID": "sha256:1"}}

    @asynccontextmanager
    async def open_client(self, _url: object) -> AsyncIterator[FakeEngine]:
        self.clients += 1
        try:
            yield self
        finally:
            self.clients -= 1

    async def sweep(self, _docker: object, traces: Traces) -> None:
        assert self.clients <= 1
        if self.is_away:
            raise EngineUnavailable("away")
        self.swept.append(traces)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    engine = FakeEngine()
    monkeypatch.setattr(module, "open_client", engine.open_client)
    monkeypatch.setattr(module, "sweep", engine.sweep)
    return engine


async def build(request: BuildRequest = REQUEST) -> None:
    async with open_builder(lambda: 0.0) as builder, aclosing(builder.build(request)) as lines:
        async for _ in lines:
            pass


async def test_a_finished_build_keeps_its_stages_for_the_next_one(engine: FakeEngine) -> None:
    await build()
    assert engine.swept == []


async def test_stages_that_are_not_kept_are_swept_when_all_went_well(engine: FakeEngine) -> None:
    await build(replace(REQUEST, keeps_stages=False))
    assert engine.swept == [Traces({MADE}, MADE)]


async def test_a_failed_build_is_swept_up_after(engine: FakeEngine) -> None:
    engine.ends_with = DockerStreamError("pip returned 1")
    with pytest.raises(ImageBuildFailed):
        await build()
    assert engine.swept == [Traces({MADE}, MADE)]


async def test_a_build_that_is_stopped_is_swept_up_after(engine: FakeEngine) -> None:
    engine.hangs = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await build()
    assert engine.swept == [Traces({MADE}, MADE)]


async def test_why_a_build_failed_is_told_even_where_the_engine_cannot_be_asked_to_tidy_up(
    engine: FakeEngine,
) -> None:
    engine.ends_with, engine.is_away = DockerStreamError("pip returned 1"), True
    with pytest.raises(ImageBuildFailed, match="pip returned 1"):
        await build()
