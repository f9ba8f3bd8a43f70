from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from aiodocker.exceptions import DockerError

from pool.building.errors import ImageForeign
from pool.building.made import LABEL_IMAGE, Made, layer_sizes, look, must_be_ours
from pool.errors import EngineError

if TYPE_CHECKING:
    import aiodocker


class FakeImages:
    """An engine's images: the one there is, and its layers."""

    def __init__(self) -> None:
        self.found: dict[str, Any] | Exception = DockerError(404, "no such image")
        self.layers: list[dict[str, Any]] = []

    async def inspect(self, tag: str) -> dict[str, Any]:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    async def history(self, tag: str) -> list[dict[str, Any]]:
        return self.layers


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


@pytest.mark.parametrize("labels", [None, {}, {LABEL_IMAGE: "other"}])
async def test_an_image_of_another_make_is_refused(docker: FakeDocker, labels: dict[str, str] | None) -> None:
    await must_be_ours(client(docker), "x", "own")
    docker.images.found = {"Id": "sha256:1", "Config": {"Labels": labels}, "Size": 5}
    with pytest.raises(ImageForeign, match="x is there"):
        await must_be_ours(client(docker), "x", "own")
    docker.images.found["Config"]["Labels"] = {LABEL_IMAGE: "own"}
    await must_be_ours(client(docker), "x", "own")
