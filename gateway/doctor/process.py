"""Instances as processes of this machine: are their programs there, and who may use them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from config import Kind
from gateway.doctor.verdict import Verdict, fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import Settings

PROGRAMS = {Kind.JUPYTER: "jupyter-lab", Kind.PLUTO: "julia"}
"""What a kind starts when the pool names no command."""
INSTALL = {"jupyter-lab": "pip install 'warmgate[jupyter]'", "julia": "install Julia, and Pluto in it"}
DOCKER = 'install Docker and set [engine] name = "docker" before letting others in'


def programs(settings: Settings) -> dict[str, bool]:
    """Look where the engine looks: which program each pool needs, and whether it is there."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    needed = [pool.command[0] if pool.command else PROGRAMS.get(pool.kind) for pool in settings.pools]
    return {name: shutil.which(name, path=path) is not None for name in needed if name is not None}


def judge(found: dict[str, bool], *, root: bool) -> Iterator[Verdict]:
    """Say whether instances can be started, and for whom."""
    for name, there in found.items():
        if not there:
            remedy = INSTALL.get(name, f"install {name}, or name its path in [[pools]] command")
            yield fail("engine", f"{name} is not on PATH", remedy)
    if all(found.values()):
        yield ok("engine", "processes of this machine; what pools start is there")
    who = "root" if root else "the gateway's own user"
    yield warn("isolation", f"notebooks run as {who}, with all its rights: for yourself only", DOCKER)
