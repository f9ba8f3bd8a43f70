from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import pytest
from aiodocker.exceptions import DockerError

import pool.building.made as module
from pool.building.made import LABEL_UNFINISHED, Made, layer_sizes, look, nothing_half, sweep
from pool.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiodocker


class FakeImages:
    """An engine's images: by name, their layers, and those that are left over and for how long in use."""

    def __init__(self) -> None:
        self.found: dict[str, Any] | Exception = DockerError(404, "no such image")
        self.layers: list[dict[str, Any]] = []
        self.left: dict[str, int] = {}
        self.filters: dict[str, list[str]] = {}

    async def inspect(self, tag: str) -> dict[str, Any]:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    async def history(self, tag: str) -> list[dict[str, Any]]:
        return self.layers

    async def list(self, *, filters: dict[str, list[str]]) -> list[dict[str, Any]]:
        self.filters = filters
        return [{"Id": name} for name in self.left]

    async def delete(self, name: str) -> None:
        if self.left[name]:
            self.left[name] -= 1
            raise DockerError(409, "in use by a container")
        del self.left[name]


class FakeDocker:
    def __init__(self) -> None:
        self.images = FakeImages()


@pytest.fixture
def docker() -> FakeDocker:
    return FakeDocker()


def client(docker: FakeDocker) -> aiodocker.Docker:
    return cast("aiodocker.Docker", docker)


async def test_an_image_is_looked_at_or_is_not_there(docker: FakeDocker) -> None:
    assert await look(client(docker), "x") is None
    docker.images.found = {"Id": "sha256:1", "Config": {"Labels": None}, "Size": 5}
    assert await look(client(docker), "x") == Made("sha256:1", {}, 5)


async def test_an_engine_that_fails_is_not_an_image_that_is_not_there(docker: FakeDocker) -> None:
    docker.images.found = DockerError(500, "broken")
    with pytest.raises(EngineError):
        await look(client(docker), "x")


async def test_layers_are_found_by_where_they_were_copied_to_the_newest_of_each(docker: FakeDocker) -> None:
    docker.images.layers = [
        {"CreatedBy": "/bin/sh -c #(nop) COPY dir:2 in /srv/notebooks/ ", "Size": 7},
        {"CreatedBy": "/bin/sh -c #(nop) COPY dir:1 in / ", "Size": 90},
        {"CreatedBy": "/bin/sh -c echo in /nowhere", "Size": 1},
        {"CreatedBy": "/bin/sh -c #(nop) COPY dir:0 in / ", "Size": 1000},
    ]
    folders = {"packages": "/", "notebooks": "/srv/notebooks/", "data": "/data"}
    assert await layer_sizes(client(docker), "x", folders) == {"packages": 90, "notebooks": 7}


async def test_only_what_was_left_unfinished_is_swept_as_soon_as_the_engine_lets_go(
    docker: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_EVERY", 0.0)
    docker.images.left = {"sha256:1": 0, "sha256:2": 3}
    await sweep(client(docker))
    assert not docker.images.left
    assert docker.images.filters == {"dangling": ["true"], "label": [f"{LABEL_UNFINISHED}=yes"]}


async def test_what_stays_in_use_is_given_up_on(docker: FakeDocker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_EVERY", 0.0)
    docker.images.left = {"sha256:1": 10_000}
    await sweep(client(docker))
    assert docker.images.left


async def test_what_fails_inside_is_swept_up_after_and_goes_on_as_it_is(
    docker: FakeDocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker.images.left = {"sha256:1": 0}

    @asynccontextmanager
    async def open_client(_url: str | None) -> AsyncIterator[FakeDocker]:
        yield docker

    monkeypatch.setattr(module, "open_client", open_client)
    async with nothing_half():
        pass
    assert docker.images.left
    with pytest.raises(asyncio.CancelledError):
        async with nothing_half():
            raise asyncio.CancelledError
    assert not docker.images.left
