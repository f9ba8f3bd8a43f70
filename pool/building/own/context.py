"""Puts an author's files and our parts of a Dockerfile together to what the engine builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.building.bases import with_base
from pool.building.context import SHIPPED, BuildContext

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "own-jupyter"
"""By this label an image made here is known again, whatever its tag."""

PARTS = SHIPPED / "own"

_PIP = ("collect.sh", "install.sh")
_CONDA = (*_PIP, "install_environment.py", "rattler.lock")


def own_context(
    base_id: str,
    *,
    notebooks: Mapping[str, bytes] | None = None,
    requirements: bytes | None = None,
    environment: bytes | None = None,
) -> BuildContext:
    """Return the context of an author's image: packages first, then the notebooks, so that a change of these
    leaves the packages' layer as it is. The base's name comes as the argument BASE.
    """
    stages: list[str] = []
    ends: list[str] = []
    files: dict[str, bytes] = {}
    if requirements is not None:
        stages, ends = ["pip"], ["packages"]
        files |= {"requirements.txt": requirements} | _parts(_PIP)
    elif environment is not None:
        stages, ends = ["conda"], ["packages", "environment"]
        files |= {"environment.yml": environment} | _parts(_CONDA)
    if notebooks is not None:
        ends.append("notebooks")
        files |= {f"notebooks/{name}": content for name, content in notebooks.items()}
    dockerfile = "\n".join(
        [
            "ARG BASE",
            *map(_dockerfile, stages),
            "FROM ${BASE}",
            "USER root",
            *map(_dockerfile, ends),
            "USER 1000:1000",
            "",
        ]
    )
    return with_base(BuildContext(NAME, files | {"Dockerfile": dockerfile.encode()}), base_id)


def _parts(names: tuple[str, ...]) -> dict[str, bytes]:
    return {name: (PARTS / name).read_bytes() for name in names}


def _dockerfile(part: str) -> str:
    return (PARTS / f"{part}.Dockerfile").read_text("utf-8")
