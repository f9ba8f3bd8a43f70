"""A notebook's own page: a preview that becomes live where it stands, and says so when it is over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.running import RunningGateway
from tests.browser.test_dashboard import CONTRAST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, FrameLocator, Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SESSION = re.compile(r"/user/([a-z2-7]{26})/")
ADDRESS = "/view/course"

POOLS = """
[[pools]]
name = "course"
title = "Squares"
source = "https://example.org/squares.ipynb"
sizing = "static"
warm = 2
max = 2
hot = 2
entry = "notebooks/welcome.ipynb"
notebook = "welcome.ipynb"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("page"), POOLS, engine="process") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def reader(page: Page, gateway: RunningGateway) -> AsyncIterator[Page]:
    """Somebody on the notebook's page, who gives back what they have opened."""
    await gateway.until_quiet(2)
    await page.goto(gateway.base + ADDRESS)
    yield page
    for session in {session_of(page)} - {""}:
        await page.request.delete(f"{gateway.base}/api/session/{session}")


def session_of(page: Page) -> str:
    """Return the id of the session in the page's frame, or nothing."""
    found = [match[1] for frame in page.frames if (match := SESSION.search(frame.url))]
    return found[0] if found else ""


def notebook(page: Page) -> FrameLocator:
    return page.frame_locator("#stage iframe")


async def open_it(page: Page) -> None:
    await page.get_by_role("button", name="Open Squares").click()
    await expect(page.locator("#state")).to_have_text("Live", timeout=30_000)


async def assigned(gateway: RunningGateway) -> int:
    return [instance["state"] for instance in await gateway.instances()].count("assigned")


async def test_looking_takes_no_instance_and_open_takes_one_and_stays_on_the_page(
    reader: Page, gateway: RunningGateway
) -> None:
    await expect(reader.get_by_role("heading", name="Squares", exact=True)).to_be_visible()
    assert await assigned(gateway) == 0
    await open_it(reader)
    await expect(notebook(reader).get_by_text("15 primes below 50").last).to_be_visible()
    assert reader.url == gateway.base + ADDRESS
    assert await assigned(gateway) == 1


async def test_the_bar_says_whose_it_is_how_long_it_lasts_and_where_it_comes_from(reader: Page) -> None:
    await open_it(reader)
    await expect(reader.get_by_text("Yours alone to edit. Gone after use.")).to_be_visible()
    await expect(reader.locator("#minutes")).to_have_text("10 min left")
    source = reader.locator("#bar").get_by_role("link", name="Source")
    await expect(source).to_have_attribute("href", "https://example.org/squares.ipynb")


async def test_a_reload_finds_the_same_notebook_though_no_cookie_and_no_address_tells_it(
    reader: Page,
) -> None:
    await open_it(reader)
    before = session_of(reader)
    await reader.reload()
    await expect(reader.locator("#state")).to_have_text("Live", timeout=30_000)
    assert session_of(reader) == before
    assert await reader.context.cookies() == []


async def test_restart_fresh_ends_the_session_and_opens_another_in_place(
    reader: Page, gateway: RunningGateway
) -> None:
    await open_it(reader)
    before = session_of(reader)
    await reader.get_by_role("button", name="Restart fresh").click()
    dialog = reader.get_by_role("dialog", name="Restart fresh?")
    await dialog.get_by_role("button", name="Keep this one").click()
    assert session_of(reader) == before
    await reader.get_by_role("button", name="Restart fresh").click()
    await dialog.get_by_role("button", name="Restart", exact=True).click()
    # Until the old one has gone the page is as live as before.
    await expect(reader.locator(f'#stage iframe[src*="{before}"]')).to_have_count(0)
    await expect(reader.locator("#state")).to_have_text("Live", timeout=60_000)
    assert session_of(reader) not in {"", before}
    assert reader.url == gateway.base + ADDRESS
    ended = await reader.request.get(f"{gateway.base}/api/session/{before}")
    assert ended.status == 410
    assert before not in gateway.log


async def test_an_end_is_told_in_place_over_the_preview_and_another_is_offered(
    reader: Page, gateway: RunningGateway
) -> None:
    await open_it(reader)
    before = session_of(reader)
    await reader.request.post(f"{gateway.base}/user/{before}/api/shutdown")
    await expect(reader.get_by_role("heading", name="This notebook has ended.")).to_be_visible()
    await expect(reader.get_by_text("It was shut down from its own page.").last).to_be_visible()
    await expect(reader.locator("#stage iframe")).to_have_count(0)
    await expect(reader.get_by_role("heading", name="Squares", exact=True)).to_be_visible()
    await gateway.until_ready()
    await reader.get_by_role("button", name="Open a new one").click()
    await expect(reader.locator("#state")).to_have_text("Live", timeout=30_000)
    assert session_of(reader) != before


async def test_all_of_it_works_by_keyboard(reader: Page) -> None:
    button = reader.get_by_role("button", name="Open Squares")
    while not await button.evaluate("element => element === document.activeElement"):
        await reader.keyboard.press("Tab")
    await reader.keyboard.press("Enter")
    await expect(reader.locator("#state")).to_have_text("Live", timeout=30_000)
    await expect(reader.locator("#stage iframe")).to_be_focused()
    await reader.get_by_role("button", name="Hide bar").focus()
    await reader.keyboard.press("Enter")
    await expect(reader.locator("#bar")).to_be_hidden()
    show = reader.get_by_role("button", name="Show bar")
    await expect(show).to_be_focused()
    await reader.keyboard.press("Enter")
    await expect(reader.get_by_role("button", name="Hide bar")).to_be_focused()
    await reader.keyboard.press("Shift+Tab")
    await expect(reader.locator("#bar").get_by_role("link", name="Source")).to_be_focused()


async def test_a_phone_keeps_the_rest_of_the_bar_in_a_menu(reader: Page) -> None:
    await reader.set_viewport_size({"width": 390, "height": 780})
    await open_it(reader)
    more = reader.get_by_role("button", name="More")
    restart = reader.get_by_role("button", name="Restart fresh")
    await expect(restart).to_be_hidden()
    await more.focus()
    await reader.keyboard.press("Enter")
    await expect(more).to_have_attribute("aria-expanded", "true")
    await expect(restart).to_be_visible()
    await reader.keyboard.press("Escape")
    await expect(restart).to_be_hidden()
    await expect(more).to_be_focused()
    assert await reader.evaluate("document.documentElement.scrollWidth") <= 390


async def test_what_a_screen_reader_hears_follows_the_state(reader: Page) -> None:
    said = reader.get_by_role("status")
    await reader.evaluate("""() => {
      window.heard = [];
      const said = document.getElementById("said");
      new MutationObserver(() => window.heard.push(said.textContent)).observe(said, { childList: true });
    }""")
    await open_it(reader)
    await expect(said.first).to_have_text("Live")
    assert await reader.evaluate("heard") == ["Opening", "Connecting", "Live"]


async def test_without_scripts_the_button_leads_to_the_notebook(
    browser: Browser, gateway: RunningGateway
) -> None:
    await gateway.until_quiet(2)
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(gateway.base + ADDRESS)
    await expect(page.get_by_text("Link or embed this notebook")).to_be_visible()
    await expect(page.locator("#bar")).to_be_hidden()
    await page.get_by_role("button", name="Open Squares").click()
    await expect(page).to_have_url(SESSION)
    found = SESSION.search(page.url)
    assert found
    await page.request.delete(f"{gateway.base}/api/session/{found[1]}")
    await context.close()


@pytest.mark.parametrize("path", [ADDRESS, "/embed/course"])
async def test_the_page_fits_a_phone_asks_nobody_else_and_complains_of_nothing(
    browser: Browser, gateway: RunningGateway, path: str
) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 640})
    page = await context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(gateway.base + path)
    await expect(page.locator("body.scripted")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await context.close()
    assert all(url.startswith(gateway.base) for url in asked)
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_of_page_bar_and_notice_stands_out_from_its_ground(
    browser: Browser, gateway: RunningGateway, scheme: str
) -> None:
    await gateway.until_quiet(2)
    context = await browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    page = await context.new_page()
    await page.goto(gateway.base + ADDRESS)
    measured: list[tuple[str, float]] = await page.evaluate(CONTRAST.replace("main *", "body *"))
    await open_it(page)
    measured += await page.evaluate(CONTRAST.replace("main *", "#bar *"))
    await page.request.delete(f"{gateway.base}/api/session/{session_of(page)}")
    await expect(page.locator("#state")).to_have_text("Ended")
    measured += await page.evaluate(CONTRAST.replace("main *", "#panel *"))
    await context.close()
    assert len(measured) > 20
    assert [text for text, contrast in measured if contrast < 4.5] == []
