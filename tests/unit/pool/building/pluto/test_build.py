from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from aiodocker.exceptions import DockerError, DockerStreamError

import pool.building.builder as module
from pool.building.errors import ImageForeign, MemoryTooSmall, NotebookInvalid
from pool.building.folder import NotebookFolder
from pool.building.made import LABEL_IMAGE
from pool.building.pluto.build import PlutoBuilder
from pool.building.pluto.images import PlutoChoice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from pool.building.sweep import Traces

FOLDER = NotebookFolder({"a.jl": b"### A Pluto.jl notebook ###"})
GIB = 1024**3


class FakeEngine:
    """Stands for an engine: images by tag, and what a build of each tag streams."""

    def __init__(self) -> None:
        self.images = self
        self.system = self
        self.docker_host = "tcp://elsewhere"
        self.there: dict[str, dict[str, Any]] = {}
        self.streams: dict[str, list[dict[str, Any] | Exception]] = {}
        self.built: list[dict[str, Any]] = []
        self.memory = 8 * GIB
        self.hangs = False

    async def info(self) -> dict[str, Any]:
        return {"MemTotal": self.memory}

    async def inspect(self, tag: str) -> dict[str, Any]:
        for found in self.there.values():
            if found["Id"] == tag:
                return found
        if tag not in self.there:
            raise DockerError(404, "no such image")
        return self.there[tag]

    async def list(self, *, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
        wanted = {tuple(label.split("=", 1)) for label in filters["label"]}
        return [i for i in self.there.values() if wanted <= set(i["Config"]["Labels"].items())]

    async def build(self, **asked: Any) -> AsyncIterator[dict[str, Any]]:
        self.built.append(asked)
        for item in self.streams.get(asked["tag"], []):
            if isinstance(item, Exception):
                raise item
            yield item
        if self.hangs:
            await asyncio.Event().wait()
        self.there[asked["tag"]] = {
            "Id": f"sha256:{len(self.built)}", "Size": 100, "Config": {"Labels": asked["labels"]},
        }  # fmt: skip
        yield {"aux": {"ID": f"sha256:{len(self.built)}"}}


@pytest.fixture
def swept() -> list[Traces]:
    return []


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, swept: list[Traces]) -> FakeEngine:
    fake = FakeEngine()

    @asynccontextmanager
    async def open_client(_url: object) -> AsyncIterator[FakeEngine]:
        yield fake

    async def sweep(_docker: object, traces: Traces) -> None:
        swept.append(traces)

    monkeypatch.setattr(module, "open_client", open_client)
    monkeypatch.setattr(module, "sweep", sweep)
    return fake


class Nobody:
    def see(self, step: str, line: str) -> None:
        pass

    def remark(self, text: str) -> None:
        pass


def builder(choice: PlutoChoice | None = None, tag: str = "x") -> PlutoBuilder:
    return PlutoBuilder(FOLDER, choice or PlutoChoice(), tag, lambda: 0.0, Nobody())


async def test_the_server_image_is_built_first_and_the_notebooks_upon_its_id(engine: FakeEngine) -> None:
    await builder().build()
    assert [asked["tag"] for asked in engine.built] == ["x-server", "x"]
    assert engine.built[1]["buildargs"]["SERVER"] == engine.there["x-server"]["Id"]


async def test_what_is_there_is_not_built_again_unless_asked_for(engine: FakeEngine) -> None:
    await builder().build()
    await builder().build()
    assert len(engine.built) == 2
    await builder().build(again=True)
    assert [asked["tag"] for asked in engine.built[2:]] == ["x-server", "x"]


async def test_a_server_image_of_other_notebooks_serves_if_it_was_made_from_the_same(
    engine: FakeEngine,
) -> None:
    await builder(tag="x").build()
    await builder(tag="y").build()
    assert [asked["tag"] for asked in engine.built] == ["x-server", "x", "y"]


async def test_an_image_of_another_make_is_left_alone(engine: FakeEngine) -> None:
    engine.there["x"] = {"Id": "1", "Size": 1, "Config": {"Labels": {LABEL_IMAGE: "jupyter"}}}
    with pytest.raises(ImageForeign):
        await builder().build()
    assert engine.built == []


async def test_too_little_memory_is_told_before_anything_is_built(engine: FakeEngine) -> None:
    engine.memory = GIB
    with pytest.raises(MemoryTooSmall):
        await builder().build()
    assert engine.built == []
    await builder(PlutoChoice(sysimage=False)).build()
    assert len(engine.built) == 2


async def test_what_a_script_tells_becomes_the_error(engine: FakeEngine) -> None:
    told = '@warmgate {"error":"notebook","text":"a.jl, line 3"}\n'
    engine.streams["x-server"] = [{"stream": told}, DockerStreamError("returned a non-zero code: 1")]
    with pytest.raises(NotebookInvalid, match=r"a\.jl, line 3"):
        await builder().build()


async def test_the_stages_of_the_server_image_go_when_all_is_built(
    engine: FakeEngine, swept: list[Traces]
) -> None:
    engine.streams["x-server"] = [{"stream": " ---> 0123456789ab\n"}]
    engine.streams["x"] = [{"stream": " ---> ba9876543210\n"}]
    await builder().build()
    assert [traces.made for traces in swept] == [{"0123456789ab"}]


async def test_nothing_is_taken_from_the_cache_when_all_is_to_be_built_anew(engine: FakeEngine) -> None:
    await builder().build()
    await builder().build(again=True)
    assert [asked["nocache"] for asked in engine.built] == [False, False, True, True]


async def test_what_a_build_that_is_stopped_has_left_is_swept_up(
    engine: FakeEngine, swept: list[Traces]
) -> None:
    engine.streams["x-server"] = [{"stream": " ---> 0123456789ab\n"}]
    engine.hangs = True
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await builder().build()
    assert [traces.last for traces in swept] == ["0123456789ab"]
