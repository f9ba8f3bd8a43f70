"""Notebooks in frames on another site, where third parties' cookies are blocked."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.running import RunningGateway, free_port
from tests.browser.elsewhere import AnotherSite, reader_without_foreign_cookies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, FrameLocator, Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SESSION = re.compile(r"/user/([a-z2-7]{26})/")
TEN = 10
CALM_WINDOW = 8_000
"""Milliseconds in which requests are counted."""

POOLS = """
[[pools]]
name = "course"
title = "Squares"
sizing = "static"
warm = 2
max = 3
hot = 2
entry = "notebooks/welcome.ipynb"
notebook = "welcome.ipynb"
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def site() -> AsyncIterator[AnotherSite]:
    site = AnotherSite(free_port())
    async with site.open():
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(
    tmp_path_factory: pytest.TempPathFactory, site: AnotherSite
) -> AsyncIterator[RunningGateway]:
    """Lets the other site frame its notebooks."""
    allowed = f'embed_origins = ["{site.origin}"]'
    folder = tmp_path_factory.mktemp("embeds")
    async with RunningGateway(folder, POOLS, engine="process", gateway=allowed) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def readers() -> AsyncIterator[BrowserContext]:
    async with reader_without_foreign_cookies() as context:
        yield context


@pytest_asyncio.fixture(loop_scope="session")
async def page(readers: BrowserContext, gateway: RunningGateway) -> AsyncIterator[Page]:
    await gateway.until_quiet(2)
    page = await readers.new_page()
    yield page
    for session in sessions_of(page):
        await page.request.delete(f"{gateway.base}/api/session/{session}")
    await page.close()


def sessions_of(page: Page) -> set[str]:
    """Return the ids of the sessions in the page's frames."""
    return {match[1] for frame in page.frames if (match := SESSION.search(frame.url))}


def link(gateway: RunningGateway, more: str = "") -> str:
    """Return what an author writes into their page: one tag, and links."""
    view = f'<p><a data-warmgate {more} href="{gateway.base}/view/course">Squares</a></p>'
    return f'<script src="{gateway.base}/embed.js" async></script>{view}'


def embed(page: Page, number: int = 0) -> FrameLocator:
    return page.frame_locator("iframe").nth(number)


async def open_it(frame: FrameLocator) -> FrameLocator:
    """Press Open and wait for the notebook, which has grown to its height by then; return it."""
    await frame.get_by_role("button", name="Open live").last.click()
    await expect(frame.locator("#state")).to_have_text("Live", timeout=30_000)
    notebook = frame.frame_locator("#stage iframe")
    await expect(notebook.get_by_text("7 squared is 49").last).to_be_visible(timeout=30_000)
    return notebook


async def assigned(gateway: RunningGateway) -> int:
    return [instance["state"] for instance in await gateway.instances()].count("assigned")


async def test_one_tag_turns_a_link_into_an_embed_that_is_live_on_click_and_as_high_as_its_content(
    page: Page, gateway: RunningGateway, site: AnotherSite, readers: BrowserContext
) -> None:
    await page.goto(site.shows(link(gateway)))
    frame = embed(page)
    await expect(page.get_by_role("link", name="Squares")).to_be_hidden()
    await expect(page.locator("iframe")).to_have_attribute("title", "Squares")
    assert await assigned(gateway) == 0
    notebook = await open_it(frame)
    outer = await page.locator("iframe").bounding_box()
    inner = await frame.locator("#stage iframe").bounding_box()
    last = await notebook.locator(".jp-Cell").last.bounding_box()
    assert outer
    assert inner
    assert last
    assert last["y"] + last["height"] < inner["y"] + inner["height"] <= outer["y"] + outer["height"] + 1
    assert not await notebook.locator(".jp-WindowedPanel-outer").evaluate(
        "list => list.scrollHeight > list.clientHeight + 1"
    )
    assert await readers.cookies() == []


async def test_a_slider_moves_a_result_in_an_embed(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(link(gateway)))
    notebook = await open_it(embed(page))
    track = await notebook.locator(".noUi-base").bounding_box()
    handle = await notebook.get_by_role("slider").bounding_box()
    assert track
    assert handle
    await page.mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(track["x"] + track["width"], handle["y"] + handle["height"] / 2, steps=5)
    await page.mouse.up()
    await expect(notebook.get_by_text("20 squared is 400").last).to_be_visible()


async def test_an_end_is_told_in_the_embed_and_restart_opens_another_there(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(link(gateway)))
    frame = embed(page)
    await open_it(frame)
    (before,) = sessions_of(page)
    await page.request.post(f"{gateway.base}/user/{before}/api/shutdown")
    await expect(frame.get_by_role("heading", name="This notebook has ended.")).to_be_visible()
    await frame.get_by_role("button", name="Open a new one").click()
    await expect(frame.locator("#state")).to_have_text("Live", timeout=30_000)
    (second,) = sessions_of(page)
    await frame.get_by_role("button", name="Restart fresh").click()
    await frame.get_by_role("button", name="Restart", exact=True).click()
    await expect(frame.locator("#state")).not_to_have_text("Live")
    await expect(frame.locator("#state")).to_have_text("Live", timeout=30_000)
    (third,) = sessions_of(page)
    assert len({before, second, third}) == 3


async def test_single_outputs_are_shown_alone_before_and_after_opening(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(link(gateway, 'data-cells="slider" data-bar="0"')))
    frame = embed(page)
    await expect(frame.locator("#bar")).to_be_hidden()
    notebook = await open_it(frame)
    await expect(notebook.get_by_text("15 primes below 50").last).to_be_hidden()
    await expect(notebook.locator(".jp-InputArea").first).to_be_hidden()
    await expect(notebook.locator("#top-panel-wrapper")).to_be_hidden()


async def test_the_browser_refuses_a_site_that_is_not_listed_and_its_link_stays(
    page: Page, gateway: RunningGateway
) -> None:
    stranger = AnotherSite(free_port())
    async with stranger.open():
        await page.goto(stranger.shows(link(gateway)))
        await expect(page.locator("iframe")).to_have_count(1)
        await page.wait_for_function("() => frames.length === 1")
        await page.wait_for_timeout(1_000)
        assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]
        await expect(page.get_by_role("link", name="Squares")).to_be_visible()


async def test_only_what_was_scrolled_to_and_looked_at_becomes_live_by_itself(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    element = '<div style="margin-top: 3000px" data-warmgate="course" data-live="visible"></div>'
    html = f'<script src="{gateway.base}/embed.js" async></script>' + element * 3
    await page.goto(site.shows(html))
    await expect(page.locator("iframe")).to_have_count(3)
    await page.wait_for_timeout(1_500)
    assert await assigned(gateway) == 0
    await page.locator("iframe").nth(1).scroll_into_view_if_needed()
    await expect(embed(page, 1).locator("#state")).to_have_text("Live", timeout=30_000)
    assert await assigned(gateway) == 1


async def test_of_ten_embeds_only_the_opened_take_instances_and_none_asks_on_after_the_end(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    html = f'<script src="{gateway.base}/embed.js" async></script>'
    html += '<div data-warmgate="course" data-height="200"></div>' * TEN
    await page.goto(site.shows(html))
    await expect(page.locator("iframe")).to_have_count(TEN)
    for number in (0, 1):
        await page.locator("iframe").nth(number).scroll_into_view_if_needed()
        await open_it(embed(page, number))
    assert await assigned(gateway) == 2
    asked: Counter[str] = Counter()
    page.on("request", lambda request: asked.update([request.url]))
    await page.wait_for_timeout(CALM_WINDOW)
    calm = asked.total()
    for session in sessions_of(page):
        await page.request.post(f"{gateway.base}/user/{session}/api/shutdown")
    for number in (0, 1):
        await expect(embed(page, number).locator("#state")).to_have_text("Ended", timeout=30_000)
    asked.clear()
    await page.wait_for_timeout(CALM_WINDOW)
    assert asked == Counter()
    assert calm <= 2 * TEN


async def test_a_sandboxed_frame_keeps_the_preview_and_the_plain_button(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    sandboxed = f'<iframe sandbox="allow-scripts allow-forms" src="{gateway.base}/embed/course"></iframe>'
    await page.goto(site.shows(sandboxed))
    await embed(page).get_by_role("button", name="Open live").click()
    await page.wait_for_function("() => true")
    await expect(embed(page).locator("#bar")).to_have_count(0)
    assert len(sessions_of(page)) == 1


async def test_the_height_is_told_in_iframe_resizers_words_too(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    html = f"""<script>
      window.heard = [];
      addEventListener("message", ({{ data, source }}) => {{
        if (data === "[iFrameResizerChild]Ready") {{
          source.postMessage("[iFrameSizer]mine:8:false:false:32:true:true", "*");
        }} else if (typeof data === "string") window.heard.push(data);
      }});
    </script><iframe src="{gateway.base}/embed/course"></iframe>"""
    await page.goto(site.shows(html))
    await page.wait_for_function("() => heard.length > 0")
    assert re.fullmatch(r"\[iFrameSizer\]mine:\d+:\d+:init", await page.evaluate("heard[0]"))
