"""A Pluto notebook for reading, in a frame on another site where third parties' cookies are blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.running import RunningGateway
from tests.browser import reading
from tests.browser.reading import Published, Reading
from tests.support.pluto import IMAGE, NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext

    from tests.browser.elsewhere import AnotherSite

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ANSWERS = Published(
    pool="answers",
    slider="bond input[type=range]",
    sentence="The answer is",
    first="The answer is 35",
)
POOLS = f"""
[[pools]]
name = "{ANSWERS.pool}"
kind = "pluto"
image = "{IMAGE}"
notebook = "{NOTEBOOK}"
{reading.POOL}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(
    tmp_path_factory: pytest.TempPathFactory, site: AnotherSite
) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("view"), POOLS, gateway=site.allowed) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def someone(
    readers: BrowserContext, gateway: RunningGateway, site: AnotherSite
) -> AsyncIterator[Reading]:
    async with reading.reading(readers, gateway, site, ANSWERS) as opened:
        yield opened


async def test_a_slider_moves_a_result(someone: Reading, readers: BrowserContext) -> None:
    await someone.move()
    assert await readers.cookies() == []


async def test_what_a_script_changes_snaps_back_and_the_authors_cell_runs(someone: Reading) -> None:
    cell = someone.notebook.locator("pluto-cell").nth(1)
    code = cell.locator(".cm-content")
    await expect(code).to_have_text("scale = 5")
    # Readers cannot type; one who knows their browser's tools can.
    await cell.locator(".cm-editor").evaluate("editor => editor.CodeMirror.setValue('scale = 1000')")
    await expect(code).to_have_text("scale = 1000")
    await code.press("Shift+Enter")
    await expect(code).to_have_text("scale = 5")
    await someone.untouched()
    # The page goes on: nothing waits, sliders move.
    await expect(someone.notebook.locator("pluto-cell.queued")).to_have_count(0)
    await someone.move()


async def test_who_is_told_of_the_end_opens_another_in_its_place(someone: Reading) -> None:
    await reading.an_end_is_told_in_place_and_another_opened_there(someone)


async def test_a_restart_gives_another_session_with_the_slider_at_its_first_place(someone: Reading) -> None:
    await reading.a_restart_gives_another_session_with_the_slider_at_its_first_place(someone)
