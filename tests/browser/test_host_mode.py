"""Host mode as a browser sees it: `*.localhost` leads to this machine, and each session is an origin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Error, expect
from yarl import URL

from bench.running import RunningGateway, free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, BrowserContext, Frame, Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CELL = ".jp-Notebook-cell.jp-CodeCell"
OUTPUT = ".jp-OutputArea-output"
SHOWN_LIMIT = 30_000
"""Milliseconds a notebook may take to show its results."""
BLOG_PORT = free_port()
LISTED = f"http://blog.localhost:{BLOG_PORT}"
STRANGER = f"http://stranger.localhost:{BLOG_PORT}"

POOLS = """
[[pools]]
name = "jupyter"
sizing = "static"
warm = 2
max = 2
hot = 2
entry = "notebooks/welcome.ipynb"
notebook = "welcome.ipynb"
"""

FETCHED = "address => fetch(address).then(answer => answer.text(), error => error.name)"
"""What a script gets of an address: its text, or the name of the error."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hosts(
    tmp_path_factory: pytest.TempPathFactory, calm_network: None
) -> AsyncIterator[RunningGateway]:
    del calm_network
    port = free_port()
    running = RunningGateway(
        tmp_path_factory.mktemp("hosts"),
        POOLS,
        engine="process",
        gateway=f"""
public_url = "http://localhost:{port}"
session_domain = "localhost"
embed_origins = ["{LISTED}"]
""",
        port=port,
    )
    async with running as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser, hosts: RunningGateway) -> AsyncIterator[BrowserContext]:
    """One browser's tabs; the sessions they opened end with the test."""
    await hosts.until_quiet(2)
    opened = await browser.new_context(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(30_000)
    yield opened
    frames = [frame for page in opened.pages for frame in page.frames]
    for address in {session_in(frame.url) for frame in frames} - {""}:
        await shut_down(hosts, address)
    await opened.close()


async def shut_down(hosts: RunningGateway, address: str) -> None:
    """End a session, by a program that cannot look `*.localhost` up as browsers do."""
    there = URL(address)
    own = {"Host": f"{there.host}:{there.port}"}
    async with aiohttp.ClientSession(hosts.base, headers=own) as http:
        await http.post(there.path + "api/shutdown")


def session_in(address: str) -> str:
    """Return the session's address from a page's, or an empty text."""
    found = re.match(r"http://[a-z2-7]{16}\.localhost:\d+/user/[a-z2-7]{26}/", address)
    return found[0] if found else ""


async def open_notebook(context: BrowserContext, hosts: RunningGateway) -> tuple[Page, str]:
    """Press Open on the start page; return the notebook's page and the session's address."""
    page = await context.new_page()
    await page.goto(f"http://localhost:{hosts.port}")
    await page.get_by_role("button", name=re.compile("Open")).click()
    await page.wait_for_url("**/user/**")
    await expect(page.locator(CELL).first.locator(OUTPUT)).to_contain_text(
        "15 primes below 50", timeout=SHOWN_LIMIT
    )
    address = session_in(page.url)
    assert address
    return page, address


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncIterator[None]:
    """A server of other sites' pages. On this machine, as browsers keep public pages off what is there."""

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>around</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", BLOG_PORT).start()
    yield
    await runner.cleanup()


async def frame_in(page: Page, address: str) -> Frame:
    """Put a frame into a page and return it when it has loaded."""
    await page.evaluate(
        """address => new Promise(resolve => {
            const frame = document.createElement("iframe");
            frame.addEventListener("load", resolve, { once: true });
            frame.src = address;
            document.body.append(frame);
        })""",
        address,
    )
    return page.frames[-1]


async def test_a_click_leads_to_a_host_of_the_visitors_own_where_the_notebook_works(
    context: BrowserContext, hosts: RunningGateway
) -> None:
    page, address = await open_notebook(context, hosts)
    assert address.startswith(str(URL(page.url).origin()))
    first = page.locator(CELL).first
    await first.locator(".cm-content").click()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("print('the answer is', len(primes) + 27)")
    await page.keyboard.press("Shift+Enter")
    await expect(first.locator(OUTPUT)).to_contain_text("the answer is 42", timeout=SHOWN_LIMIT)


async def test_one_sessions_script_reads_nothing_of_another_though_it_knows_its_path(
    context: BrowserContext, hosts: RunningGateway
) -> None:
    mine, my_address = await open_notebook(context, hosts)
    theirs, address = await open_notebook(context, hosts)
    assert await mine.evaluate("origin") != await theirs.evaluate("origin")
    at_mine = str(URL(address).with_host(URL(my_address).host or ""))

    # Their page, as a document, in a frame and in a window of mine, and by way of my own host.
    assert "welcome" in await theirs.evaluate(FETCHED, address + "api/contents")
    assert await mine.evaluate(FETCHED, address + "api/contents") == "TypeError"
    assert "W403" in await mine.evaluate(FETCHED, at_mine + "api/contents")
    assert not await readable(mine, address)
    assert await readable(mine, at_mine) == "There is no notebook at this address."
    with pytest.raises(Error, match="SecurityError"):
        await mine.evaluate(
            "async address => { const there = open(address); await new Promise(r => setTimeout(r, 500));"
            " return there.document.title }",
            address,
        )


async def readable(page: Page, address: str) -> str:
    """Return what a script reads of a frame with this address in it; an empty text if nothing."""
    await frame_in(page, address)
    heading = "document.querySelectorAll('iframe')[document.querySelectorAll('iframe').length - 1]"
    return str(
        await page.evaluate(f"{heading}.contentDocument?.querySelector('h1')?.textContent ?? ''")
    ).strip()


async def test_what_a_session_keeps_in_the_browser_is_not_there_for_another(
    context: BrowserContext, hosts: RunningGateway
) -> None:
    mine, _ = await open_notebook(context, hosts)
    theirs, _ = await open_notebook(context, hosts)
    await theirs.evaluate(
        """async () => {
            localStorage.setItem("secret", "s3cr3t");
            document.cookie = "secret=s3cr3t; path=/";
            document.cookie = "wide=s3cr3t; path=/; domain=localhost";
            await (await caches.open("secret")).put("/s", new Response("s3cr3t"));
            await new Promise((done) => { indexedDB.open("secret").onsuccess = done; });
            new BroadcastChannel("c").onmessage = (event) => event.target.postMessage("s3cr3t");
        }"""
    )
    assert "s3cr3t" in await theirs.evaluate("document.cookie")
    found = await mine.evaluate(
        """async () => {
            const heard = [];
            const channel = new BroadcastChannel("c");
            channel.onmessage = (event) => heard.push(event.data);
            channel.postMessage("anybody?");
            await new Promise((done) => setTimeout(done, 500));
            const known = await indexedDB.databases();
            return [localStorage.getItem("secret"), document.cookie.includes("s3cr3t"),
                await caches.has("secret"), known.some((each) => each.name === "secret"), heard];
        }"""
    )
    assert found == [None, False, False, False, []]


@pytest.mark.usefixtures("elsewhere")
async def test_our_own_pages_and_listed_sites_may_frame_a_session_and_a_stranger_may_not(
    context: BrowserContext, hosts: RunningGateway
) -> None:
    _, address = await open_notebook(context, hosts)
    entry = address + "notebooks/welcome.ipynb"
    page = await context.new_page()
    # An answer of ours that, being no page, says nothing of what it may frame.
    for around in (f"http://localhost:{hosts.port}/api/stats", LISTED):
        await page.goto(around)
        frame = await frame_in(page, entry)
        await expect(frame.locator(CELL).first.locator(OUTPUT)).to_contain_text(
            "15 primes below 50", timeout=SHOWN_LIMIT
        )
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))
    await page.goto(STRANGER)
    frame = await frame_in(page, entry)
    assert await frame.locator(CELL).count() == 0
    assert any("frame-ancestors" in refusal for refusal in refusals)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("around", ["a page of ours", "a listed site"])
async def test_a_notebooks_page_shows_it_in_a_frame_from_a_host_of_its_own(
    context: BrowserContext, hosts: RunningGateway, around: str
) -> None:
    page = await context.new_page()
    ours = f"http://localhost:{hosts.port}"
    if around == "a page of ours":
        await page.goto(f"{ours}/view/jupyter")
        shell = page.main_frame
    else:
        await page.goto(LISTED)
        shell = await frame_in(page, f"{ours}/embed/jupyter")
    await shell.get_by_role("button", name=re.compile("^Open")).first.click()
    notebook = shell.frame_locator("#stage iframe")
    await expect(notebook.locator(CELL).first.locator(OUTPUT)).to_contain_text(
        "15 primes below 50", timeout=SHOWN_LIMIT
    )
    (inner,) = [frame for frame in page.frames if session_in(frame.url)]
    assert await inner.evaluate("origin") != await shell.evaluate("origin")
    await expect(shell.locator("#state")).to_have_text("Live", timeout=SHOWN_LIMIT)


async def test_an_ended_sessions_page_leads_back_to_the_main_site_and_to_a_new_host(
    context: BrowserContext, hosts: RunningGateway
) -> None:
    page, address = await open_notebook(context, hosts)
    await shut_down(hosts, address)
    await page.goto(address + "tree")
    await expect(page.get_by_role("heading")).to_contain_text("ended")
    style = await page.evaluate("getComputedStyle(document.querySelector('.button')).display")
    assert style != "inline"
    await hosts.until_quiet(2)
    await page.get_by_role("link", name="Open a new one").click()
    await expect(page.locator(CELL).first).to_be_visible(timeout=SHOWN_LIMIT)
    assert session_in(page.url) not in {"", address}
