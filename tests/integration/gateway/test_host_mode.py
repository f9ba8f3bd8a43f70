"""Host mode: each session has a host of its own, and answers there and nowhere else."""

from __future__ import annotations

import json
import re
import signal
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from bench.running import RunningGateway, free_port
from tests.support.apps import app_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOMAIN = "notes.example"
SITE = "https://blog.example"
PAGE = {"Accept": "text/html"}
OTHER_LABEL = "a" * 16


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=[1, 2], ids=["alone", "workers"])
async def gateway(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[RunningGateway]:
    running = RunningGateway(
        tmp_path_factory.mktemp("hosts"),
        app_pool(warm=2, most=5) + app_pool("one", warm=1, most=1),
        engine="process",
        gateway=f"""
workers = {request.param}
public_url = "https://{DOMAIN}:8443/base"
session_domain = "{DOMAIN}"
embed_origins = ["{SITE}"]
trusted_proxies = ["127.0.0.1"]
[limits]
spawns_per_minute = 10000
""",
        port=free_port(),
    )
    async with running as started:
        yield started


class Browser:
    """Asks the gateway as a proxy in front of it would: the name that was asked for stands in Host."""

    def __init__(self, gateway: RunningGateway) -> None:
        self.gateway = gateway

    async def ask(
        self, address: str, method: str = "GET", *, headers: dict[str, str] | None = None, **options: Any
    ) -> tuple[int, dict[str, str], str]:
        """Return status, fields and body of an absolute address's answer."""
        url = URL(address, encoded=True)
        said = {"Host": url.host or "", "X-Forwarded-For": "203.0.113.9", **(headers or {})}
        path = URL(self.gateway.base + url.raw_path_qs, encoded=True)
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, path, headers=said, allow_redirects=False, **options) as answer,
        ):
            return answer.status, dict(answer.headers), await answer.text()


@pytest.fixture
def browser(gateway: RunningGateway) -> Browser:
    return Browser(gateway)


@pytest_asyncio.fixture(loop_scope="module")
async def sessions(browser: Browser) -> AsyncIterator[tuple[str, str]]:
    """Two visitors' addresses; their sessions end with the test."""
    found = (await spawn(browser), await spawn(browser))
    yield found
    for address in found:
        await browser.ask(address + "api/shutdown", "POST")


MAIN = f"https://{DOMAIN}:8443/base"
ADDRESS = re.compile(
    rf"https://(?P<label>[a-z2-7]{{16}})\.{re.escape(DOMAIN)}:8443/base/user/(?P<id>[a-z2-7]{{26}})/"
)


async def spawn(browser: Browser, pool: str = "app") -> str:
    address = ""

    async def told() -> bool:
        nonlocal address
        status, _, text = await browser.ask(f"{MAIN}/api/spawn?pool={pool}", "POST")
        address = str(json.loads(text)["url"]) if status == 200 else ""
        return status == 200

    await browser.gateway.until(told)
    return address


def at(host: str, address: str) -> str:
    """Return an address with another host."""
    return str(URL(address, encoded=True).with_host(host))


def code(text: str) -> str:
    return str(json.loads(text)["code"])


async def test_a_program_is_told_an_absolute_address_that_works(browser: Browser) -> None:
    _, _, text = await browser.ask(f"{MAIN}/api/spawn", "POST")
    told = json.loads(text)
    assert ADDRESS.fullmatch(told["url"])
    assert told["entry"].startswith(told["url"])
    assert (await browser.ask(told["url"]))[0] == 200
    assert (await browser.ask(told["url"] + "api/shutdown", "POST"))[0] == 200


async def test_each_host_serves_its_own_session_and_no_other(
    browser: Browser, sessions: tuple[str, str]
) -> None:
    hosts = [URL(address).host or "" for address in sessions]
    assert hosts[0] != hosts[1]
    answers = {
        (mine, theirs): (await browser.ask(at(hosts[mine], sessions[theirs])))[0]
        for mine in (0, 1)
        for theirs in (0, 1)
    }
    assert answers == {(0, 0): 200, (1, 1): 200, (0, 1): 404, (1, 0): 404}


async def test_a_sessions_path_is_nothing_on_any_other_host(
    browser: Browser, sessions: tuple[str, str]
) -> None:
    own = URL(sessions[0]).host or ""
    for host in (DOMAIN, "127.0.0.1", "localhost", f"{OTHER_LABEL}.{DOMAIN}", f"{own}.", f"x.{own}"):
        for method in ("GET", "POST", "OPTIONS"):
            headers = {"Host": host}
            status, fields, text = await browser.ask(sessions[0], method, headers=headers)
            assert status in {403, 404}, (host, method)
            assert code(text) in {"W403", "W410"}
            assert "Location" not in fields
    assert (await browser.ask(sessions[0]))[0] == 200


async def test_the_missing_slash_is_added_on_the_sessions_own_host_only(
    browser: Browser, sessions: tuple[str, str]
) -> None:
    mine, theirs = (address.rstrip("/") for address in sessions)
    status, fields, _ = await browser.ask(mine)
    assert (status, fields["Location"]) == (308, URL(sessions[0]).path)
    assert (await browser.ask(at(URL(theirs).host or "", mine)))[0] == 404
    assert (await browser.ask(at(DOMAIN, mine)))[0] == 404


OURS = [
    ("GET", "/"), ("GET", ""), ("GET", "/spawn"), ("POST", "/spawn"), ("POST", "/api/spawn"),
    ("GET", "/api/stats"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/info"), ("GET", "/wait/x"),
    ("GET", "/robots.txt"), ("GET", "/assets"), ("GET", "/assets/../spawn"), ("GET", "/assets//x"),
    ("GET", "/assets/%2e%2e/spawn"), ("GET", "/user"), ("GET", "/user/x/"), ("OPTIONS", "/api/spawn"),
]  # fmt: skip


async def test_a_sessions_host_answers_nothing_of_our_own_but_the_parts_of_error_pages(
    browser: Browser, sessions: tuple[str, str]
) -> None:
    origin = str(URL(sessions[0]).origin())
    for prefix in ("", "/base"):
        for method, path in OURS:
            status, fields, text = await browser.ask(f"{origin}{prefix}{path}", method)
            assert (status, code(text)) == (404, "W403"), (method, prefix, path)
            assert "Location" not in fields
        for name in ("style.css", "icon.svg"):
            assert (await browser.ask(f"{origin}{prefix}/assets/{name}"))[0] == 200


async def test_a_script_does_not_reach_another_session_by_naming_its_host_beside_its_own(
    browser: Browser, sessions: tuple[str, str]
) -> None:
    mine, theirs = (URL(address).host or "" for address in sessions)
    # A page's script may set this field on requests to its own host, and many proxies pass it on.
    status, _, text = await browser.ask(at(mine, sessions[1]), headers={"X-Forwarded-Host": theirs})
    assert (status, code(text)) == (400, "W401")
    status, _, text = await browser.ask(at(DOMAIN, sessions[1]), headers={"X-Forwarded-Host": theirs})
    assert (status, code(text)) == (400, "W401")


async def test_a_proxy_that_asks_by_a_name_of_its_own_says_which_host_the_visitor_used(
    browser: Browser, sessions: tuple[str, str]
) -> None:
    mine, theirs = (URL(address).host or "" for address in sessions)
    for said, status in ((mine, 200), (f"{theirs}, {mine}", 200), (theirs, 404), (DOMAIN, 404)):
        headers = {"Host": "127.0.0.1", "X-Forwarded-Host": said}
        assert (await browser.ask(sessions[0], headers=headers))[0] == status


async def test_the_server_is_told_the_sessions_host_with_the_public_port(
    browser: Browser, sessions: tuple[str, str]
) -> None:
    # The test's server keeps what it runs, so the next request can look at the fields of this one.
    spy = "import sys\nresult = dict(sys._getframe(1).f_locals['self'].headers)"
    _, _, text = await browser.ask(sessions[0], "POST", data=spy)
    seen = json.loads(text)
    host = f"{URL(sessions[0]).host}:8443"
    assert (seen["Host"], seen["X-Forwarded-Host"], seen["X-Forwarded-Port"]) == (host, host, "8443")
    assert seen["X-Forwarded-Proto"] == "https"


async def test_the_page_of_a_session_may_be_framed_by_our_own_pages_and_listed_sites_and_read_by_the_latter(
    browser: Browser, sessions: tuple[str, str]
) -> None:
    ours = f"https://{DOMAIN}:8443"
    _, fields, _ = await browser.ask(sessions[0], headers={"Origin": ours})
    assert fields["Content-Security-Policy"] == f"frame-ancestors 'self' {ours} {SITE}"
    assert "Access-Control-Allow-Origin" not in fields
    _, fields, _ = await browser.ask(sessions[0], headers={"Origin": SITE})
    assert fields["Access-Control-Allow-Origin"] == SITE


@pytest.mark.parametrize(
    ("method", "path", "status", "lands"),
    [("POST", "/spawn", 303, ""), ("GET", "/spawn", 302, ""), ("GET", "/spawn/tree?x=1", 302, "tree?x=1")],
)
async def test_a_person_is_sent_to_the_sessions_host(
    browser: Browser, method: str, path: str, status: int, lands: str
) -> None:
    await until_ready(browser)
    got, fields, _ = await browser.ask(MAIN + path, method, headers=PAGE)
    assert got == status
    found = ADDRESS.match(fields["Location"])
    assert found
    assert fields["Location"] == found[0] + lands
    assert (await browser.ask(found[0]))[0] == 200
    await browser.ask(found[0] + "api/shutdown", "POST")


async def until_ready(browser: Browser) -> None:
    """Wait until an instance is ready, so that nobody is sent to the line."""

    async def ready() -> bool:
        return bool(json.loads((await browser.ask(f"{MAIN}/api/stats"))[2])["pools"]["app"]["available"])

    await browser.gateway.until(ready)


async def test_a_program_that_waited_is_told_the_sessions_host(browser: Browser) -> None:
    first = await spawn(browser, "one")
    _, _, text = await browser.ask(f"{MAIN}/api/spawn?pool=one&wait=1", "POST")
    ticket = URL(MAIN).origin().join(URL(json.loads(text)["url"]))
    await browser.ask(first + "api/shutdown", "POST")
    told = {}

    async def turn() -> bool:
        told.update(json.loads((await browser.ask(str(ticket)))[2]))
        return bool(told["status"] == "ready")

    await browser.gateway.until(turn)
    assert ADDRESS.fullmatch(told["url"])
    await browser.ask(told["url"] + "api/shutdown", "POST")


async def test_a_person_who_waited_is_led_to_the_sessions_host(browser: Browser) -> None:
    first = await spawn(browser, "one")
    _, fields, _ = await browser.ask(f"{MAIN}/spawn?pool=one", headers=PAGE)
    waiting = str(URL(MAIN).origin().join(URL(fields["Location"])))
    assert waiting.startswith(f"{MAIN}/wait/")
    await browser.ask(first + "api/shutdown", "POST")
    led = ""

    async def turn() -> bool:
        nonlocal led
        status, fields, _ = await browser.ask(waiting, headers=PAGE)
        led = fields.get("Location", "")
        return status == 303

    await browser.gateway.until(turn)
    found = ADDRESS.match(led)
    assert found
    assert (await browser.ask(found[0]))[0] == 200
    await browser.ask(found[0] + "api/shutdown", "POST")


async def test_an_ended_session_says_so_on_its_own_host_and_leads_to_the_main_site(browser: Browser) -> None:
    address = await spawn(browser)
    await browser.ask(address + "api/shutdown", "POST")
    status, fields, text = await browser.ask(address, headers=PAGE)
    assert status == 410
    assert f'href="{MAIN}/spawn?pool=app"' in text
    assert f'href="{MAIN}/"' in text
    assert 'href="/base/assets/style.css"' in text
    assert fields["Retry-After"]
    status, _, text = await browser.ask(at(DOMAIN, address))
    assert (status, code(text)) == (404, "W403")


async def test_after_a_kill_each_session_is_met_on_the_host_it_had(
    gateway: RunningGateway, browser: Browser, sessions: tuple[str, str]
) -> None:
    await gateway.stop(signal.SIGKILL)
    await gateway.start()
    for address, other in (sessions, sessions[::-1]):
        assert (await browser.ask(address))[0] == 200
        assert (await browser.ask(at(URL(other).host or "", address)))[0] == 404
