"""Ctrl-C while an image that comes with warmgate is built on a real engine."""

from __future__ import annotations

import asyncio
import signal

import pytest

from tests.support.image_builds import an_author, typed

pytestmark = [pytest.mark.docker, pytest.mark.timeout(200)]


async def test_ctrl_c_leaves_nothing_of_a_shipped_image_s_build_either() -> None:
    async with an_author() as author:
        before = set(await author.unfinished("jupyter"))
        words = ("jupyter", "--tag", author.new_tag(), "--base", "debian:bookworm-slim", "--again")
        async with typed("build", *words) as process, asyncio.timeout(120):
            assert process.stdout is not None
            # A sign of life from within the first step: a container runs it.
            async for line in process.stdout:
                if "…".encode() in line:
                    break
            assert set(await author.unfinished("jupyter")) - before
            process.send_signal(signal.SIGINT)
            said, _ = await process.communicate()
        assert process.returncode == 130, said.decode()
        assert b"Traceback" not in said
        assert set(await author.unfinished("jupyter")) <= before
