"""The image JupyterHub starts: the gateway's own and JupyterHub's package."""

from __future__ import annotations

import os
import time
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from pool.building.builder import BuildRequest, ImageBuilder
from pool.building.context import host_ca_bundle, read_context
from pool.engines.docker_calls import open_client

if TYPE_CHECKING:
    from bench.progress import Progress

TAG = "warmgate/bench-hub"
BASE = "warmgate/jupyter"
FOLDER = Path(__file__).parent / "image"
TELL_EVERY = 10.0
"""Seconds between two signs of life of a build."""


async def build_missing(progress: Progress) -> None:
    """Build the image unless it is there and made from the gateway's image as it is now.

    Raises the errors of pool.building.builder, and DockerError when the gateway's image is missing.
    """
    async with open_client(None) as docker:
        base = await docker.images.inspect(BASE)
        request = BuildRequest(read_context(FOLDER), TAG, {"BASE": base["Id"]}, host_ca_bundle(os.environ))
        builder = ImageBuilder(docker, time.monotonic)
        if not await builder.needs_build(request):
            return
        told = -TELL_EVERY
        async with aclosing(builder.build(request)) as lines:
            async for line in lines:
                if line.elapsed - told >= TELL_EVERY:
                    told = line.elapsed
                    progress.step(f"building {TAG}: {line.text[:80]}")
