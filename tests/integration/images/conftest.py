"""What the tests of images share: programs that run in a container of their own and are gone afterwards."""

from __future__ import annotations

import asyncio
import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from pool.building.folder import read_files
from pool.building.pluto.images import SCRIPTS
from pool.building.pluto.told import Told, read_line
from pool.engines.engine import LABEL_GATEWAY
from tests.julia.course import PACKAGES
from tests.julia.package_server import package_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

JULIA = "warmgate-tests/julia:bullseye"
SERVER = "warmgate-tests/pluto-server"
PLUTO = "warmgate-tests/pluto"

RUN_LIMIT = 300.0


def scripts(folder: str = "build") -> dict[str, bytes]:
    """The scripts of a build, as files of a container."""
    return {f"{folder}/{path}": content for path, content in read_files(SCRIPTS).items()}


def packed(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


async def in_container(
    image: str, command: str, files: Mapping[str, bytes], *options: str, root: str = "/"
) -> str:
    """Run a shell command in a container that first gets these files; return all it prints."""
    process = await asyncio.create_subprocess_exec(
        "docker", "run", "--rm", "-i", "--label", f"{LABEL_GATEWAY}=test-images", *options,
        image, "sh", "-c", f"tar -x -C {root} 2>/dev/null; {command}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(RUN_LIMIT):
        printed, _ = await process.communicate(packed(files))
    return printed.decode()


def told_in(printed: str) -> list[Told]:
    return [told for line in printed.splitlines() if (told := read_line(line)) is not None]


@pytest.fixture(scope="session")
def bridge() -> str:
    """The address under which containers reach this machine."""
    return asyncio.run(_bridge())


async def _bridge() -> str:
    asked = ("docker", "network", "inspect", "--format", "{{ (index .IPAM.Config 0).Gateway }}", "bridge")
    process = await asyncio.create_subprocess_exec(*asked, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(RUN_LIMIT):
        printed, _ = await process.communicate()
    return printed.decode().strip()


@pytest.fixture(scope="session")
def packages(bridge: str) -> Iterator[str]:
    with package_server(PACKAGES, bridge) as address:
        yield address
