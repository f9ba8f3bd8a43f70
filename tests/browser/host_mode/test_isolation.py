"""Sessions on hosts of their own: each is an origin, and reads nothing of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Error, expect
from yarl import URL

from tests.browser.host_mode.opening import CELL, OUTPUT, frame_in, open_notebook, session_in, shut_down

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

    from bench.running import RunningGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

FETCHED = "address => fetch(address).then(answer => answer.text(), error => error.name)"
"""What a script gets of an address: its text, or the name of the error."""

READ_WINDOW = """async (address) => {
    const there = open(address);
    const until = performance.now() + 30_000;
    // Until it has been led to the address, a new window is one's own.
    while (performance.now() < until) {
        there.document.title;
        await new Promise((again) => setTimeout(again, 100));
    }
}"""


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
    await expect(first.locator(OUTPUT)).to_contain_text("the answer is 42")


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
        await mine.evaluate(READ_WINDOW, address)


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
    await expect(page.locator(CELL).first).to_be_visible()
    assert session_in(page.url) not in {"", address}
