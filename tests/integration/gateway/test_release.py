"""Changed settings are taken up without a restart: what is new warms, what is old leaves, sessions stay."""

from __future__ import annotations

import asyncio
import signal
from asyncio.subprocess import PIPE, STDOUT
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bench.running import COMMAND, READY, RunningGateway
from bench.visitor import Visitor
from tests.support.apps import app_pool

if TYPE_CHECKING:
    from pathlib import Path

WORD = "import os; result = os.environ.get('WORD', '')"


@dataclass(slots=True)
class Shop:
    """A gateway whose settings the test changes."""

    gateway: RunningGateway

    def change(self, pools: str) -> None:
        self.gateway.pools = pools
        self.gateway.write_config()

    async def ready(self) -> dict[str, str]:
        """Return the generation of each ready instance."""
        return {i["id"]: i["generation"] for i in await self.gateway.instances() if i["state"] in READY}

    async def word(self, visitor: Visitor) -> str:
        async with visitor.http.post(visitor.url, data=WORD) as answer:
            said: str = await answer.json(content_type=None)
            return said


def pools(word: str, **options: int) -> str:
    return app_pool(**options, more=f'[pools.env]\nWORD = "{word}"')  # type: ignore[arg-type] # numbers only


@pytest.mark.parametrize("how", ["signal", "admin"])
async def test_new_settings_reach_new_visitors_and_leave_sessions_alone(tmp_path: Path, how: str) -> None:
    async with RunningGateway(tmp_path, pools("old", warm=2), engine="process") as gateway:
        shop = Shop(gateway)
        await gateway.until_quiet(2)
        async with Visitor(gateway.base) as early, Visitor(gateway.base) as late:
            await early.spawn_patiently()
            before = set((await shop.ready()).values())
            shop.change(pools("new", warm=2))
            if how == "signal":
                assert gateway.process is not None
                gateway.process.send_signal(signal.SIGHUP)
            else:
                told = await gateway.admin_json("/api/release", "POST")
                assert told["pools"]["app"]["new"]

            async def renewed() -> bool:
                now = await shop.ready()
                return len(now) == 2 and not before & set(now.values())

            await gateway.until(renewed)
            await late.spawn_patiently()
            assert await shop.word(early) == "old"
            assert await shop.word(late) == "new"


async def test_settings_that_cannot_be_used_change_nothing_and_are_told(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, pools("old", warm=1), engine="process") as gateway:
        shop = Shop(gateway)
        await gateway.until_quiet(1)
        before = await shop.ready()
        shop.change(pools("new", warm=9, most=2))
        with pytest.raises(aiohttp.ClientResponseError) as refused:
            await gateway.admin_json("/api/release", "POST")
        assert refused.value.status == 422
        assert await shop.ready() == before


async def test_pools_come_and_go_and_new_numbers_start_nothing_anew(tmp_path: Path) -> None:
    both = app_pool("one", warm=1) + app_pool("two", warm=1)
    async with RunningGateway(tmp_path, both, engine="process") as gateway:
        shop = Shop(gateway)
        await gateway.until_quiet(2)
        async with Visitor(gateway.base) as someone:
            await someone.spawn_patiently("two")
            kept = {i["id"] for i in await gateway.instances() if i["pool"] == "one"}
            shop.change(app_pool("one", warm=2) + app_pool("three", warm=1))
            await gateway.admin_json("/api/release", "POST")

            async def settled() -> bool:
                now = [(i["pool"], i["state"] in READY) for i in await gateway.instances()]
                return sorted(now) == [("one", True), ("one", True), ("three", True), ("two", False)]

            await gateway.until(settled)
            assert kept <= set(await shop.ready())
            assert await shop.word(someone) == ""
            assert await someone.spawn("two") == 404


async def test_the_command_tells_what_is_new_and_what_waits_for_a_restart(tmp_path: Path) -> None:
    async with RunningGateway(tmp_path, pools("old", warm=1), engine="process") as gateway:
        shop = Shop(gateway)
        await gateway.until_quiet(1)
        assert "as before" in await released(gateway, 0)
        gateway.gateway = 'public_url = "https://moved.example"'
        shop.change(pools("new", warm=1))
        said = await released(gateway, 0)
        assert "new generation" in said
        assert "Only after a restart: gateway.public_url" in said


async def released(gateway: RunningGateway, status: int) -> str:
    process = await asyncio.create_subprocess_exec(
        COMMAND, "release", "--config", str(gateway.config), stdout=PIPE, stderr=STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == status, said.decode()
    return said.decode()
