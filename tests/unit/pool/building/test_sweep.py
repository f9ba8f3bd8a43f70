from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aiodocker
import pytest

from pool.building.sweep import LABEL_BUILD, MOST_LOOKS, Traces, labelled, sweep
from pool.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

OURS, THEIRS, BASE = "0123456789ab", "ba9876543210", "bbbbbbbbbbbb"


class FakeContainer:
    def __init__(self, engine: FakeEngine, name: str) -> None:
        self._engine, self.id = engine, name

    def __getitem__(self, key: str) -> str:
        assert key == "ImageID"
        return f"sha256:{BASE}00"

    async def delete(self, *, force: bool) -> None:
        assert force
        self._engine.containers_there.remove(self.id)


class FakeEngine:
    """Stands for an engine that holds what a cancelled build left; more may come a moment later."""

    def __init__(self, containers: list[str], images: list[str], *, late: list[str] | None = None) -> None:
        self.containers_there, self.images_there = containers, images
        self.late = late or []
        self.label = "own"
        self.parent = f"sha256:{BASE}00"
        self.refuses: list[int] = []
        self.asked: list[Mapping[str, Any]] = []
        self.looks = 0
        self.containers = self.images = self

    async def list(self, *, filters: Mapping[str, Any], **params: Any) -> list[Any]:
        self.asked.append(filters)
        if params.get("all"):
            return [FakeContainer(self, name) for name in self.containers_there]
        labels = {LABEL_BUILD: self.label}
        return [{"Id": name, "ParentId": self.parent, "Labels": labels} for name in self.images_there]

    async def delete(self, name: str) -> None:
        if self.refuses:
            raise aiodocker.DockerError(self.refuses.pop(), "no")
        self.images_there.remove(name)

    async def sleep(self, _seconds: float) -> None:
        self.looks += 1
        self.containers_there += self.late
        self.late = []


async def swept(engine: FakeEngine, last: str = OURS) -> None:
    await sweep(cast("aiodocker.Docker", engine), Traces({OURS}, last), sleep=engine.sleep)


def test_what_is_made_is_told_apart_from_what_was_there() -> None:
    traces = Traces()
    for line in (
        "FROM y",
        f" ---> {BASE}",
        "RUN a",
        " ---> Using cache",
        f" ---> {THEIRS}",
        "RUN b",
        " ---> Running in cccccccccccc",
        "a program's own ---> dddddddddddd",
    ):
        traces.see(line)
    assert traces == Traces({BASE, "cccccccccccc"}, THEIRS)
    traces.see(f" ---> {OURS}")
    assert traces == Traces({BASE, "cccccccccccc", OURS}, OURS)


def test_every_stage_is_labelled_from_its_beginning_and_finished_ones_that_stay_no_longer() -> None:
    dockerfile = "ARG BASE\nFROM ${BASE} AS one\nRUN a\nfrom x\nRUN b\n"
    assert labelled(dockerfile, "own", keep_stages=True).splitlines() == [
        "ARG BASE", "FROM ${BASE} AS one", "LABEL warmgate.build=own", "RUN a", "LABEL warmgate.build=",
        "from x", "LABEL warmgate.build=own", "RUN b",
    ]  # fmt: skip
    assert labelled(dockerfile, "own", keep_stages=False).count("LABEL warmgate.build=own") == 2
    assert "LABEL warmgate.build=\n" not in labelled(dockerfile, "own", keep_stages=False)


async def test_containers_and_nameless_layers_of_the_build_are_removed() -> None:
    engine = FakeEngine([f"{OURS}99"], [f"sha256:{OURS}99"])
    await swept(engine)
    assert engine.containers_there == engine.images_there == []
    assert all(asked["label"] == [LABEL_BUILD] for asked in engine.asked)
    assert any(asked.get("dangling") == ["true"] for asked in engine.asked)


async def test_what_another_build_makes_is_left_alone() -> None:
    engine = FakeEngine([f"{THEIRS}99"], [f"sha256:{THEIRS}99"])
    await swept(engine)
    assert engine.containers_there
    assert engine.images_there


async def test_a_finished_stage_stays_as_the_engine_s_cache() -> None:
    engine = FakeEngine([], [f"sha256:{OURS}99"])
    engine.label = ""
    await swept(engine)
    assert engine.images_there


async def test_what_was_made_after_the_last_word_was_heard_is_removed_too() -> None:
    engine = FakeEngine([], [f"sha256:{THEIRS}99"])
    await swept(engine, last=BASE)
    assert engine.images_there == []


async def test_what_the_engine_makes_a_moment_later_is_removed_too() -> None:
    engine = FakeEngine([], [], late=[f"{OURS}99"])
    await swept(engine)
    assert engine.containers_there == []


@pytest.mark.parametrize("status", [404, 409])
async def test_what_is_gone_or_still_held_is_looked_at_again(status: int) -> None:
    engine = FakeEngine([], [f"sha256:{OURS}99"])
    engine.refuses = [status]
    await swept(engine)
    assert engine.images_there == []


async def test_what_stays_held_is_given_up_on() -> None:
    engine = FakeEngine([], [f"sha256:{OURS}99"])
    engine.refuses = [409] * 10_000
    await swept(engine)
    assert engine.looks == MOST_LOOKS


async def test_another_refusal_is_told() -> None:
    engine = FakeEngine([], [f"sha256:{OURS}99"])
    engine.refuses = [500]
    with pytest.raises(EngineError):
        await swept(engine)
