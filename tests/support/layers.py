"""An image with a few more files in it, for as long as a test needs it."""

from __future__ import annotations

import time
import uuid
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

from pool.building.builder import BuildRequest, ImageBuilder
from pool.building.context import BuildContext
from pool.engines.docker_calls import open_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping


@asynccontextmanager
async def layered(base: str, folder: str, files: Mapping[str, str]) -> AsyncIterator[str]:
    """Put files into a folder of an image; yield the name of the new one, which goes in the end."""
    tag = f"warmgate-tests/test-{uuid.uuid4().hex[:12]}"
    content = {f"files/{name}": text.encode() for name, text in files.items()}
    context = BuildContext(
        "test-files", {"Dockerfile": f"FROM {base}\nCOPY files/ {folder}\n".encode(), **content}
    )
    async with open_client(None) as docker:
        async with aclosing(ImageBuilder(docker, time.monotonic).build(BuildRequest(context, tag))) as build:
            async for _ in build:
                pass
        try:
            yield tag
        finally:
            await docker.images.delete(tag, force=True)
