from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import pytest
from aiodocker.exceptions import DockerError, DockerStreamError

import pool.building.builder as builder_module
from pool.building.builder import (
    LABEL_CONTEXT,
    BuildRequest,
    ImageBuilder,
)
from pool.building.context import BuildContext
from pool.building.errors import ImageBuildFailed
from pool.building.made import LABEL_IMAGE
from pool.building.output import KEPT_LINES, BuildProgress
from pool.building.sweep import LABEL_BUILD
from pool.errors import EngineError, EngineTimeout, EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiodocker

REQUEST = BuildRequest(BuildContext("jupyter", {"Dockerfile": b"FROM y"}), "warmgate/jupyter")


class FakeImages:
    """Stands for the engine's image calls: streams items, then raises or waits if told so."""

    def __init__(self) -> None:
        self.found: dict[str, Any] | Exception = DockerError(404, "no such image")
        self.items: list[dict[str, Any]] = []
        self.ends_with: Exception | None = None
        self.hangs = False
        self.asked: dict[str, Any] = {}
        self.closed = False

    async def inspect(self, tag: str) -> dict[str, Any]:
        if self.hangs:
            await asyncio.Event().wait()
        assert tag == REQUEST.tag
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    async def build(self, **asked: Any) -> AsyncIterator[dict[str, Any]]:
        self.asked = asked
        try:
            for item in self.items:
                yield item
            if self.hangs:
                await asyncio.Event().wait()
            if self.ends_with:
                raise self.ends_with
        finally:
            self.closed = True


class FakeDocker:
    def __init__(self) -> None:
        self.images = FakeImages()


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def docker() -> FakeDocker:
    return FakeDocker()


@pytest.fixture
def builder(docker: FakeDocker) -> ImageBuilder:
    return ImageBuilder(cast("aiodocker.Docker", docker), Clock())


async def build(builder: ImageBuilder) -> list[BuildProgress]:
    return [progress async for progress in builder.build(REQUEST)]


def with_labels(labels: dict[str, str] | None) -> dict[str, Any]:
    return {"Id": "sha256:1", "Size": 1, "Config": {"Labels": labels}}


async def test_a_missing_image_needs_a_build(builder: ImageBuilder) -> None:
    assert await builder.needs_build(REQUEST)


async def test_an_image_made_from_the_same_files_needs_no_build(
    builder: ImageBuilder, docker: FakeDocker
) -> None:
    docker.images.found = with_labels(REQUEST.labels())
    assert not await builder.needs_build(REQUEST)


async def test_an_image_made_from_other_files_needs_a_build(
    builder: ImageBuilder, docker: FakeDocker
) -> None:
    docker.images.found = with_labels({LABEL_CONTEXT: "other"})
    assert await builder.needs_build(REQUEST)


@pytest.mark.parametrize("labels", [None, {}, {"maintainer": "me"}])
async def test_an_image_somebody_else_made_is_left_alone(
    builder: ImageBuilder, docker: FakeDocker, labels: dict[str, str] | None
) -> None:
    docker.images.found = with_labels(labels)
    assert not await builder.needs_build(REQUEST)


async def test_an_image_made_with_arguments_changes_only_when_arguments_are_asked_for(
    builder: ImageBuilder, docker: FakeDocker
) -> None:
    chosen = BuildRequest(REQUEST.context, REQUEST.tag, {"BASE": "own"})
    docker.images.found = with_labels(chosen.labels())
    assert not await builder.needs_build(REQUEST)
    assert not await builder.needs_build(chosen)
    assert await builder.needs_build(BuildRequest(REQUEST.context, REQUEST.tag, {"BASE": "other"}))


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (DockerError(500, "broken"), EngineError),
        (DockerError(900, "Cannot connect"), EngineUnavailable),
        (aiohttp.ClientConnectionError("gone"), EngineUnavailable),
        (FileNotFoundError("no socket"), EngineUnavailable),
    ],
)
async def test_an_engine_that_cannot_be_asked_is_told_as_such(
    builder: ImageBuilder, docker: FakeDocker, raised: Exception, told: type[EngineError]
) -> None:
    docker.images.found = raised
    with pytest.raises(told):
        await builder.needs_build(REQUEST)


async def test_an_engine_that_does_not_answer_is_given_up_on(
    builder: ImageBuilder, docker: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pool.building.made.LOOK_LIMIT", 0.0)
    docker.images.hangs = True
    with pytest.raises(EngineTimeout):
        await builder.needs_build(REQUEST)


async def test_a_build_labels_the_image_with_its_name_and_what_it_was_made_from(
    builder: ImageBuilder, docker: FakeDocker
) -> None:
    docker.images.items = [{"stream": "Step 1/1 : FROM y\n"}, {"aux": {"ID": "sha256:1"}}]
    assert [progress.text for progress in await build(builder)] == ["FROM y"]
    assert docker.images.asked["tag"] == "warmgate/jupyter"
    assert docker.images.asked["labels"] == {
        LABEL_IMAGE: "jupyter",
        LABEL_CONTEXT: REQUEST.context.digest({}),
        LABEL_BUILD: "",
    }
    assert LABEL_BUILD in REQUEST.sent().files["Dockerfile"].decode()


async def test_a_failed_build_tells_the_reason_and_the_last_lines(
    builder: ImageBuilder, docker: FakeDocker
) -> None:
    docker.images.items = [{"stream": f"line {n}\n"} for n in range(KEPT_LINES + 5)]
    docker.images.ends_with = DockerStreamError("pip returned 1")
    with pytest.raises(ImageBuildFailed) as failure:
        await build(builder)
    lines = failure.value.detail.splitlines()
    assert lines[0].startswith("pip returned 1")
    assert lines[1:] == [f"line {n}" for n in range(5, KEPT_LINES + 5)]


async def test_a_build_the_engine_refuses_is_a_failed_build(
    builder: ImageBuilder, docker: FakeDocker
) -> None:
    docker.images.ends_with = DockerError(400, "dockerfile parse error")
    with pytest.raises(ImageBuildFailed, match="parse error"):
        await build(builder)


@pytest.mark.parametrize("raised", [aiohttp.ClientPayloadError("cut off"), DockerError(900, "cut off")])
async def test_an_engine_that_goes_away_while_building_is_unavailable(
    builder: ImageBuilder, docker: FakeDocker, raised: Exception
) -> None:
    docker.images.ends_with = raised
    with pytest.raises(EngineUnavailable, match="cut off"):
        await build(builder)


async def test_a_build_that_ends_without_an_image_has_lost_its_engine(
    builder: ImageBuilder, docker: FakeDocker
) -> None:
    docker.images.items = [{"stream": "Step 1/2 : FROM y\n"}]
    with pytest.raises(EngineUnavailable, match="FROM y"):
        await build(builder)


@pytest.mark.parametrize("limit", ["SILENCE_LIMIT", "BUILD_LIMIT"])
async def test_a_build_that_takes_too_long_fails_and_its_stream_is_closed(
    builder: ImageBuilder, docker: FakeDocker, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(builder_module, limit, 0.0)
    docker.images.hangs = True
    with pytest.raises(ImageBuildFailed, match="too long"):
        await build(builder)
    assert docker.images.closed


async def test_a_request_may_take_a_time_of_its_own(builder: ImageBuilder, docker: FakeDocker) -> None:
    docker.images.hangs = True
    with pytest.raises(ImageBuildFailed, match="too long"):
        async with aclosing(builder.build(replace(REQUEST, time_limit=0.0))) as progress:
            await anext(progress)


async def test_an_image_may_be_known_by_less_than_it_is_made_from(
    builder: ImageBuilder, docker: FakeDocker
) -> None:
    known_by = BuildContext("jupyter", {"list": b"1"})
    request = replace(REQUEST, known_by=known_by, passing_args={"HOW": "fast"})
    docker.images.items = [{"aux": {"ID": "sha256:1"}}]
    async with aclosing(builder.build(request)) as progress:
        assert [item async for item in progress] == []
    assert docker.images.asked["labels"][LABEL_CONTEXT] == known_by.digest({})
    assert docker.images.asked["buildargs"] == {"HOW": "fast"}


async def test_closing_the_iterator_early_closes_the_stream(
    builder: ImageBuilder, docker: FakeDocker
) -> None:
    docker.images.items = [{"stream": "one\n"}, {"stream": "two\n"}]
    async with aclosing(builder.build(REQUEST)) as progress:
        await anext(progress)
    assert docker.images.closed


def test_a_request_shows_no_certificates_in_logs() -> None:
    assert "PEM" not in repr(BuildRequest(REQUEST.context, REQUEST.tag, ca_bundle=b"PEM"))
