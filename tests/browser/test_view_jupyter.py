"""A Jupyter notebook for reading, in a frame on another site where third parties' cookies are blocked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.running import RunningGateway
from tests.browser import reading
from tests.browser.frames import inside
from tests.browser.reading import Published, Reading

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, Locator

    from tests.browser.elsewhere import AnotherSite

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SQUARES = Published(pool="squares", slider=".noUi-handle", sentence="squared is", first="7 squared is 49")
POOLS = f"""
[[pools]]
name = "{SQUARES.pool}"
notebook = "welcome.ipynb"
{reading.POOL}
"""

RUN_BY_SCRIPT = """async () => {
    const [{ kernel }] = await (await fetch("../api/sessions")).json()
    const there = new URL(`../api/kernels/${kernel.id}/channels?session_id=mine`, location)
    there.protocol = "ws:"
    const socket = new WebSocket(there)
    await new Promise((open) => (socket.onopen = open))
    const said = { msg_id: "mine-1", session: "mine", username: "", version: "5.3", date: "" }
    const header = { ...said, msg_type: "execute_request" }
    const more = { silent: false, store_history: true, user_expressions: {}, allow_stdin: false }
    const content = { code: "print('mine')", ...more }
    const heard = new Promise((hear) => {
        socket.onmessage = ({ data }) => {
            const { parent_header, channel, content } = JSON.parse(data)
            if (parent_header.msg_id === "mine-1" && channel === "shell") hear(content)
        }
    })
    const rest = { parent_header: {}, metadata: {}, channel: "shell", buffers: [] }
    socket.send(JSON.stringify({ header, content, ...rest }))
    return await heard
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gateway(
    tmp_path_factory: pytest.TempPathFactory, site: AnotherSite
) -> AsyncIterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("view")
    async with RunningGateway(folder, POOLS, engine="process", gateway=site.allowed) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def someone(
    readers: BrowserContext, gateway: RunningGateway, site: AnotherSite
) -> AsyncIterator[Reading]:
    async with reading.reading(readers, gateway, site, SQUARES) as opened:
        yield opened


async def run_again(someone: Reading, cell: Locator) -> None:
    """Run a cell as a person does, until its number tells that it has run."""
    prompt = cell.locator(".jp-InputArea-prompt")
    ran = await prompt.inner_text()
    await cell.locator(".cm-content").click()
    await someone.page.keyboard.press("Shift+Enter")
    await expect(prompt).to_have_text(re.compile(rf"^(?!{re.escape(ran)})\[\d+\]:$"))


async def test_a_slider_moves_a_result(someone: Reading, readers: BrowserContext) -> None:
    await someone.move()
    assert await readers.cookies() == []


async def test_the_authors_cell_runs_and_cannot_be_typed_into(someone: Reading) -> None:
    await someone.untouched()
    cell = someone.notebook.locator(".jp-CodeCell").first
    code = await cell.locator(".cm-content").inner_text()
    await cell.locator(".cm-content").click()
    await someone.page.keyboard.type("print('mine')")
    assert await cell.locator(".cm-content").inner_text() == code
    await run_again(someone, cell)
    await expect(cell.locator(".jp-OutputArea-output")).to_contain_text("2 3 5 7 11")


async def test_what_a_script_runs_in_the_page_is_refused_and_the_page_goes_on(someone: Reading) -> None:
    await someone.untouched()
    cell = someone.notebook.locator(".jp-CodeCell").first
    said = await inside(someone.page).evaluate(RUN_BY_SCRIPT)
    assert said["status"] == "error"
    saved = await inside(someone.page).evaluate(
        'async () => (await fetch("../api/contents/welcome.ipynb", { method: "PUT", body: "{}" })).status'
    )
    assert saved == 403
    await run_again(someone, cell)


async def test_who_is_told_of_the_end_opens_another_in_its_place(someone: Reading) -> None:
    await reading.an_end_is_told_in_place_and_another_opened_there(someone)


async def test_a_restart_gives_another_session_with_the_slider_at_its_first_place(someone: Reading) -> None:
    await reading.a_restart_gives_another_session_with_the_slider_at_its_first_place(someone)
