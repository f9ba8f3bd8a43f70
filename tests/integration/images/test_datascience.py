"""Kernels of three languages in one image, each run through the gateway within an instance's usual limits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bench.running import RunningGateway
from bench.visitor import Visitor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

NOTEBOOKS = {"python": "welcome.ipynb", "r": "welcome-r.ipynb", "octave": "welcome-octave.ipynb"}
POOLS = "".join(
    f"""
[[pools]]
name = "{name}"
image = "warmgate/datascience"
memory = "512MiB"
pids = 256
sizing = "static"
warm = 1
max = 1
notebook = "{notebook}"
"""
    for name, notebook in NOTEBOOKS.items()
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("gateway"), POOLS) as running:
        yield running


@pytest.mark.parametrize(
    ("pool", "code", "answer", "figure"),
    [
        ("python", "6 * 7", "42", None),
        ("r", "cat(sum(1:3) * 7, R.version$language)", "42 R", "image/png"),
        ("octave", "printf('%d %d', sum(1:3) * 7, exist('OCTAVE_VERSION'))", "42 5", "image/svg+xml"),
    ],
)
async def test_a_cell_of_each_language_runs_and_its_welcome_has_run_before(
    gateway: RunningGateway, pool: str, code: str, answer: str, figure: str | None
) -> None:
    async with Visitor(gateway.base) as someone:
        await someone.spawn_patiently(pool)
        assert (await someone.run(code)).strip() == answer
        path = f"api/contents/{NOTEBOOKS[pool]}"
        cells = json.loads((await someone.get(path))[1])["content"]["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        assert outputs
        assert not [output for output in outputs if output["output_type"] == "error"]
        if figure is not None:
            assert any(figure in output.get("data", {}) for output in outputs)
            assert not any("warning" in str(output.get("text", "")) for output in outputs)
        (mine,) = [i for i in await gateway.instances() if i["pool"] == pool and i["state"] == "assigned"]
        assert mine["measured"] < 512 * 2**20
        await someone.leave()


async def test_the_three_kernels_can_be_chosen_in_one_notebook_server(gateway: RunningGateway) -> None:
    async with Visitor(gateway.base) as someone:
        await someone.spawn_patiently("python")
        found = json.loads((await someone.get("api/kernelspecs"))[1])["kernelspecs"]
        assert set(found) == {"python3", "ir", "octave"}
        await someone.leave()
