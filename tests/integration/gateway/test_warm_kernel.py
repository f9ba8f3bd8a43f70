"""A visitor's first new notebook gets the kernel that runs already; the second one a kernel of its own."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from bench.running import RunningGateway
from bench.visitor import Visitor

if TYPE_CHECKING:
    from pathlib import Path

POOLS = '[[pools]]\nsizing = "static"\nwarm = 1\nmax = 1\n'


async def open_notebook(visitor: Visitor, name: str) -> str:
    """Ask for a session as JupyterLab does; return the id of its kernel."""
    model = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
    async with visitor.http.post(visitor.url + "api/sessions", json=model) as answer:
        assert answer.status == 201
        return str((await answer.json())["kernel"]["id"])


async def test_the_first_session_gets_the_warm_kernel_and_no_other_does(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, POOLS, engine="process") as gateway, Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        (warm,) = json.loads((await someone.get("api/kernels"))[1])
        kernels = await asyncio.gather(open_notebook(someone, "a.ipynb"), open_notebook(someone, "b.ipynb"))
        assert warm["id"] in kernels
        assert len(set(kernels)) == 2
        await someone.leave()
