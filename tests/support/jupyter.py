"""Notebooks for Jupyter, and images that hold them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.support.layers import layered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractAsyncContextManager

IMAGE = "warmgate/jupyter"
SKELETON = "/opt/skel/"
"""What the image's entrypoint fills a visitor's home from."""


def notebook(*codes: str, title: str = "A notebook") -> str:
    """Return a notebook's file: a heading, then one cell for each code."""
    cells = [{"cell_type": "markdown", "id": "title", "metadata": {}, "source": f"# {title}"}]
    cells += [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "source": code,
            "execution_count": None,  # type: ignore[dict-item]
            "outputs": [],
        }
        for number, code in enumerate(codes)
    ]
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def image_with(files: Mapping[str, str]) -> AbstractAsyncContextManager[str]:
    """Put files into the home that visitors find; yield the image's name, which goes in the end."""
    return layered(IMAGE, SKELETON, files)
