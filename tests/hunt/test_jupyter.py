"""A hunt for a way around the rules of view mode, on a Jupyter notebook."""

from __future__ import annotations

import json
from functools import partial
from itertools import cycle
from typing import TYPE_CHECKING
from uuid import uuid4

import aiohttp
import pytest

from tests.hunt.driving import SHOTS, Bag, Page, asking, hunt, reading, seeded
from tests.hunt.jupyter_prey import CODE, Prey
from tests.hunt.requests import Asker
from tests.support.jupyter import image_with, notebook

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.visitor import Visitor

pytestmark = pytest.mark.docker

NAME = "canary.ipynb"
SCALE = 'import os\nscale = 5\ncanary = "untouched"'
NAMES = """\
if "names" not in globals():
    names = {"names", *(name for name in globals() if not name.startswith("_"))}"""
TELL = """\
more = sorted({name for name in globals() if not name.startswith("_")} - names - {"more", "comms", "told"})
comms = len(__import__("comm").get_comm_manager().comms)
told = "new names:", more, "few comms:", comms <= 16
print("kernel:", scale, canary, *told, "file:", open("canary.txt").read())"""
FILES = "print(sorted(name for name in os.listdir() if not name.startswith('.')))"
CELLS = (SCALE, NAMES, TELL, FILES)

V1 = "v1.kernel.websocket.jupyter.org"

PATHS = (
    "api/contents/NAME", "api/contents/NAME?content=1&type=notebook", "api/contents",
    "api/contents/canary.txt", "api/contents/NAME/checkpoints", "api/contents/NAME/trust",
    "api/sessions", "api/kernels", "api/kernels/KERNEL", "api/kernels/KERNEL/restart",
    "api/kernels/KERNEL/interrupt", "api/terminals", "api/config/notebook", "api/me", "api/events",
    "nbconvert/html/NAME", "nbconvert/html", "lab/api/settings/@jupyterlab/notebook-extension:tracker",
    "lab/api/workspaces/default", "files/canary.txt", "files/NAME", "tree", "lab", "edit/canary.txt",
    "notebooks/NAME", "terminals/websocket/1", "api/kernels/KERNEL/channels",
    "api/collaboration/room/x", "proxy/8888/", "api/spec.yaml", "lab/api/extensions",
    "static/../api/contents", "login?next=/", "logout", "api/status", "view/NAME",
)  # fmt: skip

BODIES = (
    json.dumps({"path": "caught.txt", "type": "file", "format": "text", "content": "caught"}).encode(),
    json.dumps({"type": "notebook", "format": "json", "content": json.loads(notebook(CODE))}).encode(),
    json.dumps({"path": NAME, "name": NAME, "type": "notebook", "kernel": {"name": "python3"}}).encode(),
    json.dumps({"copy_from": "canary.txt"}).encode(),
    json.dumps({"raw": "{}"}).encode(),
    CODE.encode(),
)


async def look(reader: Visitor) -> None:
    """Read every canary as a reader can: in the kernel, in the files, in the notebook."""
    assert await reader.run(TELL) == ("kernel: 5 untouched new names: [] few comms: True file: untouched\n")
    assert await reader.run(FILES) == f"['{NAME}', 'canary.txt', 'welcome.ipynb']\n"
    status, body = await reader.get(f"api/contents/{NAME}?content=1&type=notebook")
    assert status == 200
    content = json.loads(body)["content"]
    assert [cell["source"] for cell in content["cells"] if cell["cell_type"] == "code"] == list(CELLS)
    assert b"caught" not in body


async def hunted(tmp_path: Path, mode: str, shots: int) -> Bag:
    """Hunt on a notebook that is to be viewed, or edited. Raises AssertionError, or anything, at a catch."""
    rng, bag = seeded(), Bag()
    async with (
        image_with({NAME: notebook(*CELLS), "canary.txt": "untouched"}) as image,
        reading(tmp_path, kind="jupyter", image=image, notebook=NAME, mode=mode) as reader,
    ):
        kernel = await reader.kernel()
        prey = Prey(rng, CELLS)
        asker = Asker(rng, [path.replace("NAME", NAME).replace("KERNEL", kernel) for path in PATHS], BODIES)
        forms = cycle([True, False])

        def page(count: int) -> Page:
            legacy = next(forms)

            async def connect() -> aiohttp.ClientWebSocketResponse:
                where = f"{reader.url}api/kernels/{kernel}/channels?session_id={uuid4().hex}"
                protocols = () if legacy else (V1,)
                return await reader.http.ws_connect(where, max_msg_size=0, protocols=protocols)

            return Page(connect, prey.messages(uuid4().hex[:8], count, legacy=legacy))

        async def ask(count: int) -> Mapping[int, int]:
            return await asking(reader.http, reader.url, asker.requests(count))

        await hunt(bag, page=page, ask=ask, look=partial(look, reader), shots=shots)
    return bag


@pytest.mark.timeout(900)
async def test_nothing_a_reader_sends_changes_a_jupyter_notebook(tmp_path: Path) -> None:
    bag = await hunted(tmp_path, "view", SHOTS)
    assert bag.messages + bag.requests >= SHOTS
    # It was the rules that held: no limit of pace, and not a server that had stopped answering.
    assert bag.paced == 0
    assert bag.statuses[403] > bag.requests / 4


async def test_where_visitors_may_edit_the_same_hunt_soon_catches_something(tmp_path: Path) -> None:
    with pytest.raises((AssertionError, KeyError, TimeoutError, ConnectionError, aiohttp.ClientError)):
        await hunted(tmp_path, "edit", 1_000)
