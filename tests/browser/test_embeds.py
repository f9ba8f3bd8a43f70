"""Notebooks in frames on another site, where third parties' cookies are blocked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.elsewhere import AnotherSite, tag
from tests.browser.frames import (
    assigned,
    bottom,
    embed,
    giving_back,
    live,
    open_live,
    sessions_of,
    until_replaced,
)
from tests.browser.sliders import drag_to_the_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, FrameLocator, Page

    from bench.running import RunningGateway

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

GLANCE = 1_500
"""Milliseconds after which an embed that is looked at has become live by itself, with some to spare."""


@pytest_asyncio.fixture(loop_scope="session")
async def page(readers: BrowserContext, squares: RunningGateway) -> AsyncIterator[Page]:
    async with giving_back(readers, squares, warm=2) as page:
        yield page


def link(gateway: RunningGateway, more: str = "") -> str:
    """Return what an author writes into their page: one tag, and links."""
    view = f'<p><a data-warmgate {more} href="{gateway.base}/view/course">Squares</a></p>'
    return tag(gateway) + view


async def opened(frame: FrameLocator) -> FrameLocator:
    """Press Open and wait for the notebook's results."""
    notebook = await open_live(frame)
    await expect(notebook.get_by_text("7 squared is 49").last).to_be_visible()
    return notebook


async def test_one_tag_turns_a_link_into_an_embed_that_is_live_on_click_and_as_high_as_its_content(
    page: Page, squares: RunningGateway, site: AnotherSite, readers: BrowserContext
) -> None:
    await page.goto(site.shows(link(squares)))
    frame = embed(page)
    await expect(page.get_by_role("link", name="Squares")).to_be_hidden()
    await expect(page.locator("iframe")).to_have_attribute("title", "Squares")
    assert await assigned(squares) == 0
    notebook = await opened(frame)
    outer, inner = page.locator("iframe"), frame.locator("#stage iframe")
    last, scrolled = notebook.locator(".jp-Cell").last, notebook.locator(".jp-WindowedPanel-outer")

    async def fits() -> bool:
        scrolls = await scrolled.evaluate("list => list.scrollHeight > list.clientHeight + 1")
        return not scrolls and await bottom(last) < await bottom(inner) <= await bottom(outer) + 1

    await squares.until(fits)
    assert await readers.cookies() == []


async def test_a_slider_moves_a_result_in_an_embed(
    page: Page, squares: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(link(squares)))
    notebook = await opened(embed(page))
    result = notebook.get_by_text("20 squared is 400").last
    await drag_to_the_end(page, notebook, result)


async def test_an_end_is_told_in_the_embed_and_restart_opens_another_there(
    page: Page, squares: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(link(squares)))
    frame = embed(page)
    await opened(frame)
    (before,) = sessions_of(page)
    await page.request.post(f"{squares.base}/user/{before}/api/shutdown")
    await expect(frame.get_by_role("heading", name="This notebook has ended.")).to_be_visible()
    await frame.get_by_role("button", name="Open a new one").click()
    await live(frame)
    (second,) = sessions_of(page)
    assert second != before
    await frame.get_by_role("button", name="Restart fresh").click()
    await frame.get_by_role("button", name="Restart", exact=True).click()
    third = await until_replaced(page, squares, second)
    assert third != before


async def test_single_outputs_are_shown_alone_before_and_after_opening(
    page: Page, squares: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(link(squares, 'data-cells="slider" data-bar="0"')))
    frame = embed(page)
    await expect(frame.locator("#bar")).to_be_hidden()
    await expect(frame.locator(".preview .cell")).to_have_count(1)
    await expect(frame.locator(".preview")).to_contain_text("7 squared is 49")
    notebook = await opened(frame)
    await expect(notebook.get_by_text("15 primes below 50").last).to_be_hidden()
    await expect(notebook.locator(".jp-InputArea").first).to_be_hidden()
    await expect(notebook.locator("#top-panel-wrapper")).to_be_hidden()


async def test_a_site_that_is_not_listed_keeps_its_link_shows_no_frame_and_is_told_once_why(
    page: Page, squares: RunningGateway
) -> None:
    stranger = AnotherSite()
    async with stranger.open():
        warnings: list[str] = []
        page.on("console", lambda said: warnings.append(said.text) if said.type == "warning" else None)
        await page.goto(stranger.shows(link(squares) * 2))
        frames = page.locator("iframe")
        await expect(frames).to_have_count(2)
        await expect(frames.first).to_have_css("visibility", "hidden")

        async def refused() -> bool:
            return [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"] * 2

        await squares.until(refused)
        await expect(frames.first).to_have_css("display", "none")
        await expect(frames.last).to_have_css("display", "none")
        await expect(page.get_by_role("link", name="Squares").first).to_be_visible()
        ours = [text for text in warnings if text.startswith("warmgate:")]
        assert len(ours) == 1
        assert "embed_origins" in ours[0]
        assert stranger.origin in ours[0]


async def test_only_what_was_scrolled_to_and_looked_at_becomes_live_by_itself(
    page: Page, squares: RunningGateway, site: AnotherSite
) -> None:
    element = '<div style="margin-top: 3000px" data-warmgate="course" data-live="visible"></div>'
    await page.goto(site.shows(tag(squares) + element * 3))
    await expect(page.locator("iframe")).to_have_count(3)
    await page.wait_for_timeout(GLANCE)
    assert await assigned(squares) == 0
    await page.locator("iframe").nth(1).scroll_into_view_if_needed()
    await live(embed(page, 1))
    assert await assigned(squares) == 1


async def test_a_sandboxed_frame_keeps_the_preview_and_the_plain_button(
    page: Page, squares: RunningGateway, site: AnotherSite
) -> None:
    sandboxed = f'<iframe sandbox="allow-scripts allow-forms" src="{squares.base}/embed/course"></iframe>'
    await page.goto(site.shows(sandboxed))
    await embed(page).get_by_role("button", name="Open live").click()
    await expect(embed(page).locator("#bar")).to_have_count(0)

    async def there() -> bool:
        return len(sessions_of(page)) == 1

    await squares.until(there)


async def test_the_height_is_told_in_iframe_resizers_words_too(
    page: Page, squares: RunningGateway, site: AnotherSite
) -> None:
    html = f"""<script>
      window.heard = [];
      addEventListener("message", ({{ data, source }}) => {{
        if (data === "[iFrameResizerChild]Ready") {{
          source.postMessage("[iFrameSizer]mine:8:false:false:32:true:true", "*");
        }} else if (typeof data === "string") window.heard.push(data);
      }});
    </script><iframe src="{squares.base}/embed/course"></iframe>"""
    await page.goto(site.shows(html))
    await page.wait_for_function("() => heard.length > 0")
    assert re.fullmatch(r"\[iFrameSizer\]mine:\d+:\d+:init", await page.evaluate("heard[0]"))
