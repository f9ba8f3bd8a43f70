"""The real Notebook and JupyterLab pages, driven through the gateway as a visitor would."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.sliders import drag_to_the_end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Locator, Page

    from bench.running import RunningGateway

pytestmark = [pytest.mark.docker, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CELL = ".jp-Notebook-cell.jp-CodeCell"
OUTPUT = ".jp-OutputArea-output"
TRIES = 6
TRY = 5_000
"""Milliseconds after which a page is asked for its launcher again."""


def session_of(page: Page) -> str:
    """Return the session's address from the page's."""
    found = re.match(r".*/user/[a-z2-7]{26}/", page.url)
    assert found, "the page is not under a session's path"
    return found[0]


@pytest_asyncio.fixture(loop_scope="session")
async def session(page: Page, gateway: RunningGateway) -> AsyncIterator[str]:
    """A notebook somebody has just opened from the start page; its address. It ends with the test."""
    await gateway.until_quiet(2)
    await page.goto(gateway.base)
    await page.get_by_role("button", name=re.compile("Open")).click()
    await page.wait_for_url("**/user/**")
    yield session_of(page)
    await page.request.post(session_of(page) + "api/shutdown")


async def run_cell(page: Page, cell: Locator, code: str) -> None:
    await cell.locator(".cm-content").click()
    await page.keyboard.press("Control+a")
    await page.keyboard.type(code)
    await page.keyboard.press("Shift+Enter")


async def test_the_notebook_shows_its_results_before_anything_is_run_and_a_cell_runs(
    page: Page, session: str
) -> None:
    assert "/notebooks/welcome.ipynb" in page.url.removeprefix(session.rstrip("/"))
    first = page.locator(CELL).first
    await expect(first.locator(OUTPUT)).to_contain_text("15 primes below 50")
    await run_cell(page, first, "print('the answer is', len(primes) + 27)")
    await expect(first.locator(OUTPUT)).to_contain_text("the answer is 42")


@pytest.mark.usefixtures("session")
async def test_a_slider_changes_a_result(page: Page) -> None:
    cell = page.locator(CELL).nth(1)
    await expect(cell).to_contain_text("7 squared is 49")
    await drag_to_the_end(page, cell, cell.get_by_text("20 squared is 400"))


async def test_jupyterlab_works_and_offers_no_terminal(page: Page, session: str) -> None:
    await page.goto(session + "lab/tree/welcome.ipynb")
    first = page.locator(CELL).first
    await expect(first).to_be_visible()
    await run_cell(page, first, "print('lab', 6 * 7)")
    await expect(first.locator(OUTPUT)).to_contain_text("lab 42")
    await page.goto(session + "lab?reset")
    launcher = page.locator(".jp-Launcher").first
    # It may come by itself, and a page hears no keys before it is ready.
    for _ in range(TRIES):
        with suppress(AssertionError):
            await expect(launcher).to_be_visible(timeout=TRY)
            break
        await page.keyboard.press("Control+Shift+L")
    await expect(launcher).to_be_visible()
    await expect(launcher).to_contain_text("Notebook")
    await expect(launcher).not_to_contain_text("Terminal")
    answer = await page.request.post(session + "api/terminals")
    assert answer.status == 404


async def test_a_file_is_uploaded_and_downloaded_by_hand(page: Page, session: str, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(b"a,b\n1,2\n" * 10_000)
    await page.goto(session + "tree")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Upload").click()
    await (await chooser.value).set_files(file)
    row = page.locator(".jp-DirListing-item", has_text="table.csv")
    await expect(row).to_be_visible()
    async with page.expect_download() as download:
        await row.click(button="right")
        await page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Download$")).click()
    assert (await (await download.value).path()).read_bytes() == file.read_bytes()


async def test_a_page_whose_session_has_ended_says_so_and_offers_another(
    page: Page, session: str, gateway: RunningGateway
) -> None:
    answer = await page.request.post(session + "api/shutdown")
    assert answer.ok
    await page.goto(session + "tree")
    await expect(page.get_by_role("heading")).to_contain_text("ended")
    await expect(page.get_by_text("It was shut down.")).to_be_visible()
    await gateway.until_quiet(2)
    await page.get_by_role("link", name="Open a new one").click()
    await expect(page.locator(CELL).first).to_be_visible()
    assert session_of(page) != session
