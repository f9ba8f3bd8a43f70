from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from pool.building.errors import MemoryTooSmall
from pool.building.pluto.room import GIB, SMALLEST_NOTEBOOK, available, notebook_limit

if TYPE_CHECKING:
    import aiodocker


class FakeEngine:
    """Stands for an engine somewhere with so much memory."""

    def __init__(self, host: str, total: int) -> None:
        self.docker_host = host
        self.system = self
        self._total = total

    async def info(self) -> dict[str, Any]:
        return {"MemTotal": self._total}


@pytest.fixture(autouse=True)
def two_gib_are_free(monkeypatch: pytest.MonkeyPatch) -> None:
    class Memory:
        available = 2 * GIB

    monkeypatch.setattr("psutil.virtual_memory", Memory)


@pytest.mark.parametrize(
    ("host", "total", "free"),
    [
        ("unix:///var/run/docker.sock", 16 * GIB, 2 * GIB),
        ("unix:///var/run/docker.sock", GIB, GIB),  # a virtual machine that holds the engine alone
        ("tcp://elsewhere:2376", 16 * GIB, 16 * GIB),
    ],
)
async def test_what_is_free_counts_only_where_the_engine_is_here(host: str, total: int, free: int) -> None:
    assert await available(cast("aiodocker.Docker", FakeEngine(host, total))) == free


def test_too_little_memory_for_a_system_image_is_refused_and_the_way_out_named() -> None:
    with pytest.raises(MemoryTooSmall, match=r"2\.0 GiB are free") as caught:
        notebook_limit(2 * GIB, sysimage=True)
    assert "--no-sysimage" in caught.value.remedy


def test_a_notebook_may_take_what_the_server_leaves() -> None:
    assert notebook_limit(8 * GIB, sysimage=True) == 8 * GIB - 3 * GIB // 2
    assert notebook_limit(GIB, sysimage=False) == SMALLEST_NOTEBOOK
