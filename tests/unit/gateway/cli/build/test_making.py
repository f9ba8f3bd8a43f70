from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gateway.cli.build.making import make
from pool.building.builder import BuildRequest, ImageBuilder
from pool.building.context import BuildContext
from pool.building.errors import ImageForeign

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiodocker

DOCKERFILE = b"FROM y\n# step: adding the notebooks\nCOPY notebooks/ /srv/\n"
REQUEST = BuildRequest(BuildContext("own", {"Dockerfile": DOCKERFILE}), "course")


class FakeEngine:
    """Stands for an engine with one image, which a build makes anew."""

    def __init__(self, labels: dict[str, str]) -> None:
        self.images = self
        self.labels = labels
        self.built = 0

    async def inspect(self, _tag: str) -> dict[str, Any]:
        return {"Id": "sha256:1", "Size": 5_000_000, "Config": {"Labels": self.labels}}

    async def history(self, _tag: str) -> list[dict[str, Any]]:
        return [{"CreatedBy": "COPY dir:1 in /srv/ ", "Size": 4_300}]

    async def build(self, **_asked: Any) -> AsyncIterator[dict[str, Any]]:
        self.built += 1
        yield {"stream": "Step 3/4 : COPY notebooks/ /srv/\n"}
        yield {"aux": {"ID": "sha256:1"}}


async def make_on(engine: FakeEngine, request: BuildRequest = REQUEST) -> None:
    builder = ImageBuilder(cast("aiodocker.Docker", engine), lambda: 0.0)
    await make(builder, request, {"layer of notebooks": "/srv/"})


async def test_what_is_built_is_told_with_steps_and_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    await make_on(FakeEngine({**REQUEST.labels(), "warmgate.context": "other"}))
    assert [line.split() for line in capsys.readouterr().err.splitlines()] == [
        ["Building", "image", "course."],
        ["0", "s", "adding", "the", "notebooks"],
        ["course"],
        ["adding", "the", "notebooks", "0.0", "s"],
        ["in", "all", "0.0", "s"],
        ["layer", "of", "notebooks", "4.3", "kB"],
        ["image", "5.0", "MB"],
    ]


async def test_what_is_there_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    engine = FakeEngine(REQUEST.labels())
    await make_on(engine)
    assert capsys.readouterr().err == "Image course is there, nothing to build.\n"
    assert not engine.built


async def test_what_somebody_else_has_made_is_not_built_anew() -> None:
    engine = FakeEngine({})
    with pytest.raises(ImageForeign):
        await make_on(engine, replace(REQUEST, anew=True))
    assert not engine.built
