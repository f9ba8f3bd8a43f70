"""`warmgate build pluto` itself, on the real engine; the environment has made the image these begin with."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pool.building.sweep import LABEL_BUILD
from tests.integration.images.conftest import JULIA, SERVER, in_container, scripts, told_in
from tests.julia.course import make_course

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

BUILD_LIMIT = 240.0
TAG = f"warmgate-tests/edited-{os.getpid()}"


class Build:
    """A build as an operator starts it."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments
        self.printed = ""
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gateway",
            "build",
            "pluto",
            *self._arguments,
            stderr=asyncio.subprocess.PIPE,
        )

    async def until(self, said: str) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        async with asyncio.timeout(BUILD_LIMIT):
            while said not in self.printed:
                line = await self.process.stderr.readline()
                assert line, f"ended before it said {said!r}: {self.printed}"
                self.printed += line.decode()

    async def ended(self) -> int:
        assert self.process is not None
        async with asyncio.timeout(BUILD_LIMIT):
            _, rest = await self.process.communicate()
        self.printed += rest.decode()
        assert self.process.returncode is not None
        return self.process.returncode


async def build(*arguments: str) -> Build:
    made = Build(*arguments)
    await made.start()
    return made


async def docker(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec("docker", *arguments, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(BUILD_LIMIT):
        printed, _ = await process.communicate()
    return printed.decode()


async def left_of_builds() -> set[str]:
    left: set[str] = set()
    for image in ("pluto-server", "pluto"):
        label = f"label={LABEL_BUILD}={image}"
        containers = await docker("ps", "-aq", "--filter", label)
        images = await docker("images", "-q", "--filter", label, "--filter", "dangling=true")
        left |= {*containers.split(), *images.split()}
    return left


async def layers(image: str) -> list[str]:
    found: list[dict[str, Any]] = json.loads(await docker("image", "inspect", image))
    return [str(layer) for layer in found[0]["RootFS"]["Layers"]]


@pytest.fixture(autouse=True)
async def nothing_of_a_build_is_left() -> AsyncIterator[None]:
    before = await left_of_builds()
    yield
    assert await left_of_builds() <= before


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return make_course(tmp_path / "course")


@pytest.fixture
async def tag() -> AsyncIterator[str]:
    yield TAG
    await docker("rmi", TAG)


async def test_an_edited_notebook_is_built_without_the_server_image_being_made_again(
    course: Path, tag: str
) -> None:
    edited = course / "slider.jl"
    edited.write_text(edited.read_text("utf-8").replace("scale = 5", "scale = 6"), "utf-8")
    chosen = ("--notebooks", str(course), "--tag", tag, "--base", JULIA, "--cpu-target", "generic")
    first = await build(*chosen)
    assert await first.ended() == 0, first.printed
    assert re.search(r"packages and system image +as before\n", first.printed)
    assert "making the system image" not in first.printed
    below = await layers(SERVER)
    assert (await layers(tag))[: len(below)] == below
    shown = await in_container(
        tag,
        "cat $HOME/slider.jl",
        {},
        "--entrypoint",
        "/opt/pluto/bin/entrypoint.sh",
        "--tmpfs",
        "/home/jovyan:uid=1000,gid=1000",
    )
    assert "scale = 6" in shown
    again = await build(*chosen)
    assert await again.ended() == 0
    assert again.printed == f"Image {TAG} is there, nothing to build.\n"


@pytest.mark.parametrize(
    ("base", "options", "said"),
    [
        ("debian:bookworm-slim", [], ["W215", "no program julia"]),
        (JULIA, ["--julia", "1.6"], ["W215", "1.5.3", "1.6 was asked for"]),
        (JULIA, ["--package", "NoSuchPackage"], ["W213", "NoSuchPackage"]),
    ],
)
async def test_what_cannot_be_built_from_ends_with_its_code(
    course: Path, packages: str, base: str, options: list[str], said: list[str]
) -> None:
    made = await build(
        "--notebooks",
        str(course),
        "--tag",
        "warmgate-tests/never",
        "--base",
        base,
        "--pkg-server",
        packages,
        *options,
    )
    assert await made.ended() == 1
    assert [part for part in said if part not in made.printed] == [], made.printed


async def test_a_notebook_that_is_not_julia_is_named_before_anything_is_installed(course: Path) -> None:
    broken = course / "slider.jl"
    broken.write_text(broken.read_text("utf-8").replace("scale = 5", "scale = (5"), "utf-8")
    made = await build(
        "--notebooks", str(course), "--tag", "warmgate-tests/never", "--base", JULIA, "--again"
    )
    assert await made.ended() == 1
    assert "W212: slider.jl, cell 22222222-2222-2222-2222-222222222222, line 21" in made.printed
    assert "installing packages" not in made.printed


async def test_ctrl_c_leaves_nothing_behind(course: Path, packages: str) -> None:
    made = await build(
        "--notebooks", str(course), "--tag", "warmgate-tests/never", "--base", JULIA,
        "--pkg-server", packages, "--again",
    )  # fmt: skip
    await made.until("installing packages")
    assert made.process is not None
    made.process.send_signal(signal.SIGINT)
    assert await made.ended() == 130
    assert "Traceback" not in made.printed
    assert await docker("images", "-q", "warmgate-tests/never") == ""


async def test_an_image_of_another_make_is_not_replaced(course: Path) -> None:
    made = await build("--notebooks", str(course), "--tag", JULIA, "--base", JULIA)
    assert await made.ended() == 1
    assert "W219" in made.printed


async def test_a_system_image_that_cannot_be_made_says_why(packages: str) -> None:
    command = (
        "mkdir -p /p && touch /p/Project.toml /p/s.jl && cd / && julia --startup-file=no"
        " /build/sysimage.jl /p /p/s.jl /p/out.so /p/compiler"
    )
    chosen = ("-e", f"JULIA_PKG_SERVER={packages}", "-e", "CPU_TARGET=nonsense")
    (told,) = [
        line for line in told_in(await in_container(JULIA, command, scripts(), *chosen)) if "error" in line
    ]
    assert told["error"] == "sysimage"
