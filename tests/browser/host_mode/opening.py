"""Notebooks on hosts of their own: opened, found, framed and ended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import aiohttp
from playwright.async_api import expect
from yarl import URL

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Frame, Locator, Page

    from bench.running import RunningGateway

CELL = ".jp-Notebook-cell.jp-CodeCell"
OUTPUT = ".jp-OutputArea-output"


def main_site(hosts: RunningGateway) -> str:
    """Return the address of our own pages."""
    return f"http://localhost:{hosts.port}"


def session_in(address: str) -> str:
    """Return the session's address from a page's, or an empty text."""
    found = re.match(r"http://[a-z2-7]{16}\.localhost:\d+/user/[a-z2-7]{26}/", address)
    return found[0] if found else ""


async def open_notebook(context: BrowserContext, hosts: RunningGateway) -> tuple[Page, str]:
    """Press Open on the start page; return the notebook's page and the session's address."""
    page = await context.new_page()
    await page.goto(main_site(hosts))
    await page.get_by_role("button", name=re.compile("Open")).click()
    await page.wait_for_url("**/user/**")
    await shown(page.locator(CELL).first)
    address = session_in(page.url)
    assert address
    return page, address


async def shown(first: Locator) -> None:
    """Wait until a notebook's first cell tells what it has computed."""
    await expect(first.locator(OUTPUT)).to_contain_text("15 primes below 50")


async def shut_down(hosts: RunningGateway, address: str) -> None:
    """End a session, by a program that cannot look `*.localhost` up as browsers do."""
    there = URL(address)
    own = {"Host": f"{there.host}:{there.port}"}
    async with aiohttp.ClientSession(hosts.base, headers=own) as http:
        await http.post(there.path + "api/shutdown")


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
