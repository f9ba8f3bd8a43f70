"""What keys and clipboard do in a Pluto notebook for reading: run, copy and go on, and change nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.running import RunningGateway
from tests.browser import reading
from tests.support.pluto import IMAGE, NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

POOLS = f"""
[[pools]]
name = "answers"
kind = "pluto"
image = "{IMAGE}"
notebook = "{NOTEBOOK}"
{reading.POOL}
"""

CODES = re.compile("@bind n"), "scale = 5", re.compile("answer ="), re.compile("The answer is")

TYPING = ["a", "(", "Enter", "Space", "Tab", "Shift+Tab"]
DELETING = ["Backspace", "Delete", "Control+Backspace", "Control+Delete", "Control+a", "Delete"]
EDITING = ["Control+/", "Control+m", "Control+Enter", "Control+z", "Control+]", "Alt+ArrowUp"]
CLIPBOARD = ["Control+a", "Control+x", "Control+v", "Shift+Insert"]
OF_THE_PAGE = ["Control+s", "Escape"]
KEYS = [*TYPING, *DELETING, *EDITING, *CLIPBOARD, *OF_THE_PAGE]

FOCUSED = "document.activeElement.closest('pluto-cell .cm-content')?.closest('pluto-cell').id"
IDS = "Array.from(document.querySelectorAll('pluto-cell'), (cell) => cell.id)"
TELL_OF_RUN = """cell => {
    cell.ran = new Promise((tell) => {
        const look = () => cell.matches(".queued, .running") && tell(true)
        new MutationObserver(look).observe(cell, { attributes: true, attributeFilter: ["class"] })
    })
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    async with RunningGateway(tmp_path_factory.mktemp("keys"), POOLS) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def notebook(browser: Browser, gateway: RunningGateway) -> AsyncIterator[Page]:
    """The notebook's own page, in a browser that lets it use the clipboard."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    await gateway.until_ready()
    page = await context.new_page()
    answer = await page.request.post(f"{gateway.base}/api/spawn")
    await page.goto(gateway.base + (await answer.json())["entry"])
    await expect(page.locator("pluto-output").last).to_have_text("The answer is 35")
    await expect(page.locator(".cm-content[contenteditable=false]")).to_have_count(len(CODES))
    yield page
    await context.close()


async def refused(page: Page, gateway: RunningGateway) -> str:
    """Return how much the gateway has refused so far."""
    answer = await page.request.get(f"{gateway.admin}/metrics")
    lines = (await answer.text()).splitlines()
    (found,) = [line for line in lines if line.startswith("warmgate_refused_total ")]
    return found


async def unchanged(page: Page) -> None:
    """Wait until the page shows the author's notebook, with no mark of a change."""
    await expect(page.locator("pluto-cell .cm-content")).to_have_text(list(CODES))
    await expect(page.locator(".code_differs")).to_have_count(0)
    await expect(page.locator("pluto-output").last).to_have_text("The answer is 35")


async def test_its_page_begins_with_its_first_cell(notebook: Page) -> None:
    box = await notebook.locator("pluto-cell").first.bounding_box()
    assert box
    assert box["y"] < 100


async def test_no_key_changes_code(notebook: Page, gateway: RunningGateway) -> None:
    before = await refused(notebook, gateway)
    await notebook.evaluate("navigator.clipboard.writeText('mine = 1')")
    code = notebook.locator("pluto-cell .cm-content").nth(1)
    for key in KEYS:
        await code.press(key)
        assert await code.inner_text() == "scale = 5", key
    await unchanged(notebook)
    assert await refused(notebook, gateway) == before


async def test_no_key_selects_or_deletes_cells(notebook: Page, gateway: RunningGateway) -> None:
    before = await refused(notebook, gateway)
    await notebook.locator("body").click(position={"x": 5, "y": 880})
    await notebook.evaluate("document.activeElement.blur()")
    await notebook.keyboard.press("Control+a")
    await expect(notebook.locator("pluto-cell.selected")).to_have_count(0)
    # A mouse may select them, to run them.
    await notebook.evaluate("getSelection().removeAllRanges()")
    await notebook.locator("pluto-cell").evaluate_all(
        "cells => cells.map((cell) => cell.classList.add('selected'))"
    )
    for key in ["Backspace", "Delete"]:
        await notebook.keyboard.press(key)
    await unchanged(notebook)
    assert await refused(notebook, gateway) == before
    await notebook.locator("pluto-cell").evaluate_all(
        "cells => cells.map((cell) => cell.classList.remove('selected'))"
    )


async def test_tab_goes_through_every_cell_once_and_out_again(notebook: Page) -> None:
    await notebook.locator("bond input").focus()
    ids = await notebook.evaluate(IDS)
    reached = []
    # Code and a button each.
    for _ in range(2 * len(ids)):
        await notebook.keyboard.press("Tab")
        reached.append(await notebook.evaluate(FOCUSED))
    assert [each for each in reached if each] == ids
    await notebook.keyboard.press("Tab")
    assert await notebook.evaluate("document.activeElement === document.body")
    await unchanged(notebook)


async def test_shift_enter_runs_the_authors_cell(notebook: Page) -> None:
    cell = notebook.locator("pluto-cell").nth(1)
    await cell.evaluate(TELL_OF_RUN)
    await cell.locator(".cm-content").press("Shift+Enter")
    assert await cell.evaluate("cell => cell.ran")
    await expect(notebook.locator("pluto-cell.queued, pluto-cell.running")).to_have_count(0)
    await unchanged(notebook)


async def test_code_can_be_copied(notebook: Page) -> None:
    await notebook.locator("pluto-cell .cm-content").nth(1).dblclick(position={"x": 15, "y": 8})
    await notebook.keyboard.press("Control+c")
    assert (await notebook.evaluate("navigator.clipboard.readText()")).strip() == "scale"


async def test_a_pasted_notebook_leaves_the_page_where_it_is(notebook: Page, gateway: RunningGateway) -> None:
    before = await refused(notebook, gateway)
    address = notebook.url
    mine = "### A Pluto.jl notebook ###\n# v0.17.7\n\n# \u2554\u2550\u2561 Cell order:\n"
    await notebook.evaluate("text => navigator.clipboard.writeText(text)", mine)
    await notebook.evaluate("document.activeElement.blur()")
    await notebook.keyboard.press("Control+v")
    await notebook.locator("pluto-cell .cm-content").nth(1).press("Control+v")
    await unchanged(notebook)
    assert notebook.url == address
    assert await refused(notebook, gateway) == before
