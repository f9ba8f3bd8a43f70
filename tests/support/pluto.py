"""The image with a Pluto in it that tests start, and notebooks that are put on top of it."""

from __future__ import annotations

import os
import time
import uuid
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from pool.building.builder import BuildRequest, ImageBuilder
from pool.building.context import BuildContext
from pool.engines.docker_calls import open_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

IMAGE = os.environ.get("PLUTO_IMAGE", "warmgate-tests/pluto")
"""Holds the stand-in (tests/julia/README.md), unless the environment names one with a real Pluto."""

NOTEBOOK = "slider.jl"
"""Four cells: a slider `n` at 7, `scale = 5`, their product, and a sentence that tells it."""

NOTEBOOKS = "/srv/notebooks/"
"""What an image's entrypoint fills a visitor's home from."""


def notebook(*cells: str) -> str:
    """Return a notebook's file."""
    # The ids that are nothing but 1 or 2 are those of cells with packages, which Pluto does not show.
    ids = [f"{number:08}-0000-4000-8000-000000000000" for number in range(1, len(cells) + 1)]
    return "\n".join(
        [
            "### A Pluto.jl notebook ###",
            "# v0.17.7",
            "",
            "using Markdown",
            "using InteractiveUtils",
            "",
            *(f"# ╔═╡ {cell_id}\n{code}\n" for cell_id, code in zip(ids, cells, strict=True)),
            "# ╔═╡ Cell order:",
            *(f"# ╠═{cell_id}" for cell_id in ids),
            "",
        ]
    )


@asynccontextmanager
async def image_with(files: Mapping[str, str]) -> AsyncIterator[str]:
    """Put files beside the notebooks of the image; yield the name of the new one, which goes in the end."""
    tag = f"warmgate-tests/test-{uuid.uuid4().hex[:12]}"
    dockerfile = f"FROM {IMAGE}\nCOPY notebooks/ {NOTEBOOKS}\n"
    context = BuildContext(
        "test-notebooks",
        {
            "Dockerfile": dockerfile.encode(),
            **{f"notebooks/{name}": text.encode() for name, text in files.items()},
        },
    )
    async with open_client(None) as docker:
        async with aclosing(ImageBuilder(docker, time.monotonic).build(BuildRequest(context, tag))) as build:
            async for _ in build:
                pass
        try:
            yield tag
        finally:
            await docker.images.delete(tag, force=True)
