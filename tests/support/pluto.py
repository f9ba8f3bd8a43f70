"""The image with a Pluto in it that tests start, and notebooks that are put on top of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.support.layers import layered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager

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


def image_with(files: Mapping[str, str]) -> AbstractAsyncContextManager[str]:
    """Put files beside the notebooks of the image; yield the name of the new one, which goes in the end."""
    return layered(IMAGE, NOTEBOOKS, files)
