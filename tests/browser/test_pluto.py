"""Pluto's notebooks in frames on another site, where no cookie reaches them: by the API, and as embeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.running import RunningGateway
from tests.browser.elsewhere import tag
from tests.browser.frames import bottom, embed, giving_back, inside, open_live
from tests.browser.sliders import until_moved
from tests.support.pluto import IMAGE, NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, FrameLocator, Page

    from tests.browser.elsewhere import AnotherSite

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

POOLS = f"""
[[pools]]
name = "pluto"
kind = "pluto"
image = "{IMAGE}"
notebook = "{NOTEBOOK}"
sizing = "static"
warm = 1
max = 1
hot = 1
"""

BY_API = """<iframe width="900" height="600"></iframe>
<script type="module">
const gateway = "GATEWAY";
const answer = await fetch(`${gateway}/api/spawn`, { method: "POST" });
document.querySelector("iframe").src = gateway + (await answer.json()).entry;
</script>"""

FIRST = "The answer is 35"
SENTENCE = "44444444-4444-4444-4444-444444444444"
"""The cell that tells the product of the slider and the scale."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(
    tmp_path_factory: pytest.TempPathFactory, site: AnotherSite
) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("pluto"), POOLS, gateway=site.allowed) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(readers: BrowserContext, gateway: RunningGateway) -> AsyncIterator[Page]:
    async with giving_back(readers, gateway, warm=1) as page:
        yield page


def element(gateway: RunningGateway, more: str = "") -> str:
    """Return what an author writes into their page."""
    return f'{tag(gateway)}<div data-warmgate="pluto" {more}></div>'


async def opened(page: Page) -> FrameLocator:
    notebook = await open_live(embed(page))
    await expect(notebook.locator("body")).to_contain_text(FIRST)
    return notebook


async def test_a_slider_moves_a_result_in_a_frame_without_cookies(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(BY_API.replace("GATEWAY", gateway.base)))
    notebook = embed(page)
    result = notebook.locator("pluto-output").get_by_text("The answer is").last
    await expect(result).to_have_text(FIRST)
    slider = notebook.locator("bond input[type=range]")
    await expect(slider).to_have_value("7")
    await until_moved(slider, result, FIRST)
    product = 5 * int(await slider.input_value())
    assert product > 35
    await expect(result).to_have_text(f"The answer is {product}")
    assert await page.context.cookies() == []
    assert inside(page).url.startswith("http://127.0.0.1:")
    assert await inside(page).evaluate("document.cookie") == ""


async def test_an_embed_is_as_high_as_the_notebook(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(element(gateway)))
    notebook = await opened(page)
    await expect(notebook.locator("pluto-cell").last).to_be_visible()
    inner, last = embed(page).locator("#stage iframe"), notebook.locator("pluto-cell").last

    async def fits() -> bool:
        return 0 <= await bottom(inner) - await bottom(last) < 100

    await gateway.until(fits)


async def test_a_single_output_stands_alone_before_and_after_opening(
    page: Page, gateway: RunningGateway, site: AnotherSite
) -> None:
    await page.goto(site.shows(element(gateway, f'data-cells="{SENTENCE}"')))
    preview = embed(page).locator(".preview")
    await expect(preview.locator(".cell")).to_have_count(1)
    await expect(preview).to_contain_text(FIRST)
    notebook = await opened(page)
    visible = notebook.locator("pluto-cell:visible")
    await expect(visible).to_have_count(1)
    await expect(visible.locator("pluto-input")).to_be_hidden()
