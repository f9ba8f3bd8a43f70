"""What becomes of a place in line, on the real engine: given up, used once, with scripts and without."""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from yarl import URL

from bench.line import BROWSER, events, stand, stream_of
from bench.running import RunningGateway
from bench.visitor import Visitor
from gateway.routes.waiting import PAGE_PATIENCE
from tests.support.apps import container_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module")]

LIMIT = 60.0
"""Seconds until whoever is next must have a notebook."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("gateway"), container_pool(warm=1, most=1)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def holder(gateway: RunningGateway) -> AsyncIterator[Visitor]:
    """Whoever has the only notebook; it is free again after the test."""
    await gateway.until_quiet(1)
    async with Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        assert (await someone.get(""))[0] == 200
        yield someone
        if (await someone.get(""))[0] == 200:
            await someone.leave()


async def take_ticket(visitor: Visitor) -> dict[str, Any]:
    async with visitor.http.post(f"{visitor.base}/api/spawn", params={"wait": "1"}) as answer:
        assert answer.status == 202
        told: dict[str, Any] = await answer.json()
    return told


async def ask(visitor: Visitor, ticket: str) -> tuple[int, dict[str, Any]]:
    async with visitor.http.get(f"{visitor.base}/api/tickets/{ticket}") as answer:
        return answer.status, await answer.json()


async def until_ready(visitor: Visitor, ticket: str) -> dict[str, Any]:
    """Ask as often as the answers say."""
    async with asyncio.timeout(LIMIT):
        while True:
            async with visitor.http.get(f"{visitor.base}/api/tickets/{ticket}") as answer:
                assert answer.status == 200
                told: dict[str, Any] = await answer.json()
                if told["status"] == "ready":
                    return told
                await asyncio.sleep(int(answer.headers["Retry-After"]))


async def test_a_closed_page_gives_its_place_to_the_next(gateway: RunningGateway, holder: Visitor) -> None:
    del holder
    async with Visitor(gateway.base) as first, Visitor(gateway.base) as second:
        async with first.http.post(f"{gateway.base}/spawn", headers=BROWSER) as page:
            stream = stream_of(await page.text())
            ticket = page.url.path.removeprefix("/wait/")
        behind = await take_ticket(second)
        assert behind["position"] == 2
        async with asyncio.timeout(LIMIT), aclosing(events(second, behind["events"])) as told:
            async with aclosing(events(first, stream)) as page_open:
                assert (await anext(page_open))[1]["position"] == 1
                assert (await anext(told))[1]["position"] == 2
            await first.http.close()
            # The limit is the promise: a page that is closed keeps its place that long.
            async with asyncio.timeout(2 * PAGE_PATIENCE):
                while (await anext(told))[1]["position"] != 1:
                    pass
        assert (await ask(second, ticket))[0] == 404
        async with second.http.delete(f"{gateway.base}/api/tickets/{behind['ticket']}") as answer:
            assert answer.status == 204


async def test_a_ticket_leads_its_holder_to_one_notebook_and_then_to_none(
    gateway: RunningGateway, holder: Visitor
) -> None:
    async with Visitor(gateway.base) as someone:
        ticket = (await take_ticket(someone))["ticket"]
        await holder.leave()
        ready = await until_ready(someone, ticket)
        # An answer that is lost on its way can be asked for again, as long as nobody has come.
        assert (await ask(someone, ticket))[1]["url"] == ready["url"]
        someone.url = gateway.base + ready["url"]
        assert (await someone.get(""))[0] == 200
        status, told = await ask(someone, ticket)
        assert (status, told["code"]) == (410, "W307")
        async with someone.http.get(
            f"{gateway.base}/wait/{ticket}", headers=BROWSER, allow_redirects=False
        ) as page:
            assert page.status == 410
            assert "/user/" not in await page.text()
        await someone.leave()


async def test_a_page_without_scripts_gets_its_notebook_by_reloading(
    gateway: RunningGateway, holder: Visitor
) -> None:
    async with Visitor(gateway.base) as reader, asyncio.timeout(LIMIT):
        async with reader.http.post(f"{gateway.base}/spawn", headers=BROWSER) as page:
            where, text = page.url, await page.text()
        assert await holder.leave() == 200
        while "/user/" not in where.path:
            refresh = re.search(r'<noscript><meta http-equiv="refresh" content="(\d+)"></noscript>', text)
            assert refresh is not None
            await asyncio.sleep(int(refresh[1]))
            async with reader.http.get(where, headers=BROWSER) as page:
                where, text = page.url, await page.text()
                assert page.status == 200
        reader.url = str(where)
        assert (await reader.get(""))[0] == 200
        await reader.leave()


async def test_a_program_that_waits_gets_its_notebook(gateway: RunningGateway, holder: Visitor) -> None:
    async with Visitor(gateway.base) as program:
        async with program.http.post(f"{gateway.base}/api/spawn", params={"wait": "1"}) as answer:
            assert answer.status == 202
            told = await answer.json()
            assert answer.headers["Location"] == told["url"] == f"/api/tickets/{told['ticket']}"
        assert (told["status"], told["position"]) == ("waiting", 1)
        await holder.leave()
        ready = await until_ready(program, told["ticket"])
        program.url = gateway.base + ready["url"]
        async with program.http.post(program.url, data="result = 6 * 7") as answer:
            assert await answer.json(content_type=None) == 42
        await program.leave()


async def test_a_page_with_scripts_is_led_on_by_its_stream(gateway: RunningGateway, holder: Visitor) -> None:
    async with Visitor(gateway.base) as someone, asyncio.timeout(LIMIT), asyncio.TaskGroup() as group:
        standing = group.create_task(stand(someone), name="stand")

        async def in_line() -> bool:
            async with someone.http.get(gateway.admin + "/metrics") as answer:
                return 'warmgate_waiting{pool="app"} 1.0' in await answer.text()

        await gateway.until(in_line)
        await holder.leave()
        stay = await standing
        assert stay.shown == 1
        assert URL(someone.url).path.startswith("/user/")
        assert (await someone.get(""))[0] == 200
        await someone.leave()
