"""Static files are answered from a cache that only instances without a visitor can fill."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bench.running import RunningGateway
from bench.visitor import Visitor
from bench.watching import look
from tests.support import asset_server
from tests.support.asset_server import APP, BIG, CODE, COOKIE, DAILY, FILES, OWN, PLAIN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SERVER = Path(asset_server.__file__)
EVIL = b"steal(document)"


@dataclass
class Browser(Visitor):
    """A visitor who looks at answers, and can make their own instance say anything."""

    async def fetch(self, name: str, method: str = "GET", **fields: str) -> tuple[int, bytes, Any]:
        """Return status, body and fields of a file's answer."""
        asking = {field.replace("_", "-"): value for field, value in fields.items()}
        async with self.http.request(method, self.url + name, headers=asking) as answer:
            return answer.status, await answer.read(), answer.headers

    async def text(self, name: str) -> bytes:
        status, body, _ = await self.fetch(name)
        assert status == 200
        return body

    async def replace(self, name: str, body: bytes) -> None:
        async with self.http.post(self.url + name, data=body) as answer:
            assert answer.status == 200

    async def asked(self, name: str) -> int:
        """Return how often their own instance was asked for a file, by themselves."""
        async with self.http.get(self.url + "asked") as answer:
            counts: dict[str, int] = await answer.json(content_type=None)
        return counts.get(f"/{name}", 0)


@dataclass
class Shop:
    """A running gateway."""

    gateway: RunningGateway

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[Browser]:
        async with Browser(self.gateway.base) as visitor:
            await visitor.spawn_patiently()
            yield visitor

    async def count(self, name: str, **labels: str) -> float:
        async with aiohttp.ClientSession() as http:
            return (await look(self.gateway, http)).sum(f"warmgate_assets_{name}", **labels)

    async def until(self, name: str, value: float, **labels: str) -> None:
        """Wait until so many are counted."""

        async def reached() -> bool:
            return await self.count(name, **labels) >= value

        await self.gateway.until(reached, limit=60)

    async def warm_the_cache(self, *names: str) -> None:
        """Let a visitor ask for files, and wait until they are kept."""
        before = await self.count("stored_total")
        async with self.visitor() as first:
            for name in names:
                await first.text(name)
        await self.until("stored_total", before + len(names))


def pools(warm: int, most: int) -> str:
    return f"""
[[pools]]
name = "app"
kind = "generic"
command = ["python3", "{SERVER}", "{{ip}}", "{{port}}", "{{token}}"]
memory = "128MiB"
sizing = "static"
hot = {warm}
warm = {warm}
max = {most}
"""


@asynccontextmanager
async def opened(folder: Path, *, warm: int = 2, most: int = 6, lines: str = "") -> AsyncIterator[Shop]:
    async with RunningGateway(folder, pools(warm, most), engine="process", gateway=lines) as gateway:
        await gateway.until_quiet(warm)
        yield Shop(gateway)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with opened(tmp_path) as made:
        yield made


async def test_a_visitor_gets_what_was_fetched_whatever_their_own_instance_was_made_to_say(
    shop: Shop,
) -> None:
    await shop.warm_the_cache(APP)
    async with shop.visitor() as second:
        await second.replace(APP, EVIL)
        status, body, fields = await second.fetch(APP)
        assert (status, body) == (200, CODE)
        assert int(fields["Age"]) >= 0
        assert await second.asked(APP) == 0
    assert await shop.count("hits_total") == 1


async def test_what_a_visitors_instance_says_reaches_nobody_else(shop: Shop) -> None:
    async with shop.visitor() as evil, shop.visitor() as victim:
        await evil.replace(APP, EVIL)
        assert await evil.text(APP) == EVIL
        await shop.until("stored_total", 1)
        for _ in range(3):
            await evil.fetch(APP, Cache_Control="no-cache")
        assert await victim.text(APP) == CODE
        assert await evil.text(APP) == CODE
    async with shop.visitor() as later:
        assert await later.text(APP) == CODE


async def test_without_an_untouched_instance_nothing_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path, warm=1, most=1) as shop, shop.visitor() as only:
        for _ in range(2):
            assert await only.text(APP) == CODE
        assert await only.asked(APP) == 2
        assert await shop.count("misses_total") == 2
        assert await shop.count("stored_total") == 0


async def test_what_was_wanted_is_fetched_once_an_instance_is_warm_again(tmp_path: Path) -> None:
    async with opened(tmp_path, warm=1, most=2) as shop:
        await shop.warm_the_cache(APP)
        async with shop.visitor() as second:
            await second.text(APP)
            assert await second.asked(APP) == 0


async def test_what_differs_between_instances_or_wants_to_be_asked_for_is_not_kept(shop: Shop) -> None:
    async with shop.visitor() as first:
        for name in (OWN, DAILY, COOKIE, PLAIN):
            await first.text(name)
        for reason in ("secret", "cache_control", "cookie"):
            await shop.until("refused_total", 1, reason=reason)
        async with shop.visitor() as second:
            assert await first.text(OWN) != await second.text(OWN)
            for name in (DAILY, COOKIE, PLAIN):
                await second.text(name)
                assert await second.asked(name) == 1
    assert await shop.count("stored_total") == 0
    assert await shop.count("refused_total") == 3


async def test_a_kept_answer_has_the_fields_of_a_relayed_one(shop: Shop) -> None:
    async with shop.visitor() as first:
        _, _, relayed = await first.fetch(APP)
    await shop.until("stored_total", 1)
    async with shop.visitor() as second:
        _, _, kept = await second.fetch(APP)
    changing = {"Age", "Date"}
    assert {pair for pair in kept.items() if pair[0] not in changing} == {
        pair for pair in relayed.items() if pair[0] not in changing
    }
    assert kept["X-Own-Field"] == "kept"


async def test_head_and_conditions_are_answered_and_ranges_go_to_the_instance(shop: Shop) -> None:
    await shop.warm_the_cache(APP)
    async with shop.visitor() as second:
        status, body, fields = await second.fetch(APP, "HEAD")
        assert (status, body, fields["Content-Length"]) == (200, b"", str(len(CODE)))
        status, body, fields = await second.fetch(APP, If_None_Match='"0", W/"1"')
        assert (status, body, fields["ETag"]) == (304, b"", '"1"')
        assert await second.asked(APP) == 0
        status, body, _ = await second.fetch(APP, Range="bytes=0-3")
        assert (status, body) == (206, CODE[:4])
        await second.fetch(APP, Cache_Control="no-cache")
        assert await second.asked(APP) == 2


async def test_a_session_that_has_ended_is_gone_for_its_assets_too(shop: Shop) -> None:
    await shop.warm_the_cache(APP)
    async with shop.visitor() as second:
        await second.leave()
        status, _, _ = await second.fetch(APP)
        assert status == 410


async def test_large_files_asked_for_at_once_over_one_connection_come_whole_and_in_turn(shop: Shop) -> None:
    await shop.warm_the_cache(APP, BIG)
    big = FILES[f"/{BIG}"]
    async with shop.visitor() as second:
        path = second.url.removeprefix(shop.gateway.base)
        reader, writer = await asyncio.open_connection("127.0.0.1", shop.gateway.port)
        try:
            for name in (BIG, APP, BIG):
                writer.write(f"GET {path}{name} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            for body in (big, CODE, big):
                head = await reader.readuntil(b"\r\n\r\n")
                assert b"\r\nAge: " in head
                assert await reader.readexactly(len(body)) == body
        finally:
            writer.close()
        assert await second.asked(BIG) == 0


async def test_turned_off_every_instance_answers_for_itself(tmp_path: Path) -> None:
    async with opened(tmp_path, lines="asset_cache = 0") as shop, shop.visitor() as first:
        for _ in range(2):
            await first.text(APP)
        assert await first.asked(APP) == 2
        assert await shop.count("misses_total") == 0
