"""A hunt for a way around the rules of view mode, on a Pluto notebook."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import aiohttp
import pytest

from bench.pluto_page import opened
from tests.hunt.driving import SHOTS, Bag, Page, asking, hunt, reading, seeded
from tests.hunt.pluto_prey import CODE, Prey
from tests.hunt.requests import Asker
from tests.support.pluto import image_with, notebook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.visitor import Visitor

pytestmark = pytest.mark.docker

NOTEBOOK = "canary.jl"
CELLS = (
    "@bind n html\"<input type='range' min='1' max='100' value='7'>\"",
    "scale = 5",
    'canary = "untouched"',
    'string("kernel: ", n * scale, " ", canary, ", file: ", read("canary.txt", String))',
)

PATHS = (
    "edit?id=ID", "", "new", "open?path=canary.txt", "open?path=canary.jl&execution_allowed=true", "open?url=http://x",
    "sample/Basic.jl", "notebookupload?name=canary.jl", "shutdown?id=ID", "move?id=ID&newpath=canary.txt",
    "notebooklist", "notebookfile?id=ID", "statefile?id=ID", "notebookexport?id=ID", "ping", "channels",
    "possible_binder_token_please?token=caught", "index.css", "api/spawn", "edit?id=ID&statefile=x",
)  # fmt: skip


async def look(reader: Visitor) -> None:
    """Read every canary as a reader can: in the kernel, in the file, in the notebook."""
    async with opened(reader.http, reader.landed) as page:
        state = await page.load()
        assert {cell["code"] for cell in state["cell_inputs"].values()} == set(CELLS)
        assert [state["cell_inputs"][cell]["code"] for cell in state["cell_order"]] == list(CELLS)
        assert state["process_status"] == "ready"
        # None at all, where the cell of the slider was the last to be run again: Pluto forgets its bond.
        assert state["bonds"].keys() <= {"n"}
        # Twice, because a slider that stands there already moves nothing.
        for value in (3, 4):
            await page.move("n", value)
            await page.until_shown(f"kernel: {value * 5} untouched, file: untouched")
    status, file = await reader.get(f"notebookfile?{urlsplit(reader.landed).query}")
    assert status == 200
    assert b"caught" not in file


async def hunted(tmp_path: Path, mode: str, shots: int) -> Bag:
    """Hunt on a notebook that is to be viewed, or edited. Raises AssertionError, or anything, at a catch."""
    rng, bag = seeded(), Bag()
    async with (
        image_with({NOTEBOOK: notebook(*CELLS), "canary.txt": "untouched"}) as image,
        reading(tmp_path, kind="pluto", image=image, notebook=NOTEBOOK, mode=mode) as reader,
    ):
        notebook_id = parse_qs(urlsplit(reader.landed).query)["id"][0]
        async with opened(reader.http, reader.landed) as first:
            cells = (await first.load())["cell_order"]
        prey = Prey(rng, notebook_id, cells)
        asker = Asker(rng, [path.replace("ID", notebook_id) for path in PATHS], [CODE.encode(), b"{}"])

        async def connect() -> aiohttp.ClientWebSocketResponse:
            return await reader.http.ws_connect(reader.url, max_msg_size=0)

        def page(count: int) -> Page:
            return Page(connect, prey.messages(uuid4().hex[:8], count))

        async def ask(count: int) -> Mapping[int, int]:
            return await asking(reader.http, reader.url, asker.requests(count))

        await hunt(bag, page=page, ask=ask, look=partial(look, reader), shots=shots)
    return bag


@pytest.mark.timeout(900)
async def test_nothing_a_reader_sends_changes_a_pluto_notebook(tmp_path: Path) -> None:
    bag = await hunted(tmp_path, "view", SHOTS)
    assert bag.messages + bag.requests >= SHOTS
    # It was the rules that held: no limit of pace, and not a server that had stopped answering.
    assert bag.paced == 0
    assert bag.statuses[403] > bag.requests / 4


async def test_where_visitors_may_edit_the_same_hunt_soon_catches_something(tmp_path: Path) -> None:
    with pytest.raises((AssertionError, KeyError, TimeoutError, ConnectionError, aiohttp.ClientError)):
        await hunted(tmp_path, "edit", 1_000)
