"""Limits by address, over real connections through a proxy whose word is believed."""

from __future__ import annotations

from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import aiohttp
from aiohttp import web

from bench.running import RunningGateway
from config.errors import WarmgateError
from gateway import answers
from gateway.clients import Clients
from gateway.limits import Limits
from gateway.proxy.hardened import HardenedRunner
from gateway.proxy.visitor import Visitors
from tests.support.apps import app_pool
from tests.support.house import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from aiohttp.typedefs import Handler

ONE = {"X-Forwarded-For": "203.0.113.7"}
TRUSTING = 'trusted_proxies = ["127.0.0.1"]'
OTHER = {"X-Forwarded-For": "203.0.113.8"}


@asynccontextmanager
async def door(limits: Limits, *, trusted: bool = True) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a client before a door at which every request is a wish for a notebook, and holds one."""
    networks = (ip_network("127.0.0.0/8"),) if trusted else ()
    clients = Clients(Visitors(networks))
    wishes = 0

    async def first(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal wishes
        wishes += 1
        try:
            limits.spawn(clients.of(request))
            limits.hold(clients.of(request), str(wishes))
        except WarmgateError as error:
            return answers.error(request, error, prefix="", again="/spawn")
        return web.Response()

    def explain(request: web.BaseRequest, error: WarmgateError) -> web.StreamResponse:
        return answers.error(request, error, prefix="")

    runner = HardenedRunner(web.Application(), first=first, explain=explain, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as http:
            yield http
    finally:
        await runner.cleanup()


async def wishes(http: aiohttp.ClientSession, headers: dict[str, str], count: int) -> list[str]:
    """Return how each of so many wishes was answered: `200`, or a code."""
    told = []
    for _ in range(count):
        async with http.post("/spawn", headers=headers) as answer:
            told.append("200" if answer.status == 200 else str((await answer.json())["code"]))
    return told


async def test_one_address_is_limited_and_another_behind_the_same_proxy_is_not() -> None:
    clock = Clock()
    async with door(Limits(sessions_per_address=0, spawns_per_minute=2, clock=clock)) as http:
        assert await wishes(http, ONE, 3) == ["200", "200", "W414"]
        assert await wishes(http, OTHER, 2) == ["200", "200"]
        async with http.post("/spawn", headers=ONE) as answer:
            assert answer.status == 429
            assert answer.headers["Retry-After"] == "30"
        clock.now += 30.0
        assert await wishes(http, ONE, 2) == ["200", "W414"]


async def test_one_address_holds_so_many_and_another_its_own() -> None:
    async with door(Limits(sessions_per_address=2, spawns_per_minute=0, clock=Clock())) as http:
        assert await wishes(http, ONE, 4) == ["200", "200", "W415", "W415"]
        assert await wishes(http, OTHER, 2) == ["200", "200"]


async def test_a_person_gets_a_page_that_says_why_and_tries_again_by_itself() -> None:
    async with door(Limits(sessions_per_address=0, spawns_per_minute=1, clock=Clock())) as http:
        assert await wishes(http, ONE, 1) == ["200"]
        async with http.get("/spawn", headers={**ONE, "Accept": "text/html"}) as page:
            text = await page.text()
        assert page.status == 429
        assert "from your network" in text
        assert "W414" in text
        assert 'content="60;url=/spawn"' in text
        assert "203.0.113" not in text


async def test_no_forged_address_and_no_spelling_of_it_escapes_the_limit() -> None:
    forged = [f"10.9.8.{number}, 203.0.113.7" for number in range(3)]
    spelled = ["203.0.113.7:1234", "::ffff:203.0.113.7", "[::ffff:203.0.113.7]:80"]
    async with door(Limits(sessions_per_address=0, spawns_per_minute=1, clock=Clock())) as http:
        assert await wishes(http, ONE, 1) == ["200"]
        for chain in forged + spelled:
            assert await wishes(http, {"X-Forwarded-For": chain}, 1) == ["W414"], chain


async def test_behind_a_proxy_of_this_machine_that_is_not_trusted_nobody_is_limited() -> None:
    limits = Limits(sessions_per_address=1, spawns_per_minute=1, clock=Clock())
    async with door(limits, trusted=False) as http:
        assert await wishes(http, ONE, 5) == ["200"] * 5


async def available(gateway: RunningGateway, count: int) -> None:
    """Wait until so many notebooks can be had at once."""

    async def ready() -> bool:
        async with aiohttp.ClientSession(gateway.base) as http, http.get("/api/stats") as answer:
            return int((await answer.json())["available"]) >= count

    await gateway.until(ready)


async def ask(gateway: RunningGateway, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Ask a running gateway for a notebook, as its proxy would pass the wish on."""
    async with (
        aiohttp.ClientSession(gateway.base) as http,
        http.post("/api/spawn", headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def test_a_gateway_limits_the_address_its_proxy_tells_and_no_other(tmp_path: Path) -> None:
    pools = app_pool(warm=3, most=6) + "\n[limits]\nspawns_per_minute = 2\n"
    running = RunningGateway(tmp_path, pools, engine="process", gateway=TRUSTING)
    async with running as gateway:
        await available(gateway, 3)
        assert [(await ask(gateway, ONE))[0] for _ in range(2)] == [200, 200]
        status, content = await ask(gateway, ONE)
        assert (status, content["code"], content["status"]) == (429, "W414", "error")
        assert (await ask(gateway, OTHER))[0] == 200
        assert '"code":"W414"' in gateway.log


async def test_a_notebook_that_was_closed_makes_room_for_its_visitors_next_one(tmp_path: Path) -> None:
    pools = app_pool(warm=2, most=6) + "\n[limits]\nsessions_per_address = 1\n"
    running = RunningGateway(tmp_path, pools, engine="process", gateway=TRUSTING)
    async with running as gateway:
        await available(gateway, 2)
        status, content = await ask(gateway, ONE)
        assert status == 200
        refused, told = await ask(gateway, ONE)
        assert (refused, told["code"]) == (429, "W415")
        async with aiohttp.ClientSession(gateway.base) as http:
            await http.post(f"{content['url']}api/shutdown")
        assert (await ask(gateway, ONE))[0] == 200
