"""An image of the docker-stacks kind, which knows nothing of warmgate, needs `image` and `command` alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bench.running import RunningGateway
from bench.visitor import Visitor
from pool.building.context import read_context
from tests.support.image_builds import an_author

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]

FOLDER = Path(__file__).with_name("elsewhere")

COMMAND = """command = [
  "start-notebook.py", "--ip={ip}", "--port={port}", "--ServerApp.port_retries=0",
  "--ServerApp.base_url={base_path}", "--ServerApp.allow_remote_access=True",
  "--ServerApp.terminals_enabled=False", "--ServerApp.quit_button=False",
]"""
"""The same as in the README of `pool/images`."""

ITS_OWN_FILES = 'read_only = false\ntmpfs = ["/tmp"]\nnotebook = "work/lesson.ipynb"'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def image() -> AsyncIterator[str]:
    async with an_author() as author:
        tag = author.new_tag()
        archive = read_context(FOLDER).archive()
        await author.docker.images.build(fileobj=archive, encoding="gzip", tag=tag, forcerm=True)
        yield tag


def pool(image: str, *more: str) -> str:
    lines = "\n".join(more)
    return f'[[pools]]\nimage = "{image}"\nsizing = "static"\nwarm = 1\nmax = 1\n{lines}\n'


@pytest.mark.parametrize("command", ["", COMMAND], ids=["the kind's command", "the image's own command"])
async def test_a_cell_runs_in_an_image_made_elsewhere_and_all_limits_hold(
    tmp_path: Path, image: str, command: str
) -> None:
    async with (
        RunningGateway(tmp_path, pool(image, command)) as gateway,
        Visitor(gateway.base) as someone,
    ):
        await someone.spawn_patiently()
        assert await someone.run("import sys, os; sys.prefix, os.getuid(), os.getcwd()") == (
            "('/opt/conda', 1000, '/home/jovyan')"
        )
        assert await someone.run("open('/opt/conda/x', 'w')") == "OSError"
        assert await someone.run("open('mine.txt', 'w').write('kept in memory')") == "14"
        for page in ("lab", "tree"):
            assert (await someone.get(page))[0] == 200, page
        async with someone.http.post(someone.url + "api/terminals") as answer:
            assert answer.status in {403, 404}
        await someone.leave()


async def test_files_in_the_image_s_home_are_seen_when_that_is_not_kept_in_memory(
    tmp_path: Path, image: str
) -> None:
    async with (
        RunningGateway(tmp_path, pool(image, COMMAND, ITS_OWN_FILES)) as gateway,
        Visitor(gateway.base) as someone,
    ):
        await someone.spawn_patiently()
        ran = json.loads((await someone.get("api/contents/work/lesson.ipynb"))[1])["content"]
        assert ran["cells"][0]["outputs"][0]["text"] == "/opt/conda\n"
        await someone.leave()


async def test_the_entry_that_is_documented_is_the_one_that_is_tried() -> None:
    told = (Path(__file__).parents[3] / "pool" / "images" / "README.md").read_text()
    assert COMMAND in told
    assert all(line in told for line in ITS_OWN_FILES.splitlines()[:2])
