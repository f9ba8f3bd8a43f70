"""Notebooks for reading, in frames on another site where third parties' cookies are blocked."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import expect

from bench.running import RunningGateway, free_port
from tests.browser.elsewhere import AnotherSite, reader_without_foreign_cookies
from tests.support.pluto import IMAGE, NOTEBOOK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import BrowserContext, Frame, FrameLocator, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

COMMON = 'mode = "view"\nsizing = "static"\nwarm = 1\nmax = 2\nhot = 1\n'
JUPYTER = f'[[pools]]\nname = "squares"\nnotebook = "welcome.ipynb"\n{COMMON}'
PLUTO = f"""[[pools]]
name = "answers"
kind = "pluto"
image = "{IMAGE}"
notebook = "{NOTEBOOK}"
{COMMON}"""

PATIENCE = 60_000
"""Milliseconds until something that must happen is given up: a new notebook may have to start."""

STEP = 2_000
"""Milliseconds after which a step that moved nothing is made again: pages show sliders before they listen."""


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
async def site() -> AsyncIterator[AnotherSite]:
    site = AnotherSite(free_port())
    async with site.open():
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def jupyter(
    tmp_path_factory: pytest.TempPathFactory, site: AnotherSite
) -> AsyncIterator[RunningGateway]:
    allowed = f'embed_origins = ["{site.origin}"]'
    folder = tmp_path_factory.mktemp("squares")
    async with RunningGateway(folder, JUPYTER, engine="process", gateway=allowed) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pluto(
    tmp_path_factory: pytest.TempPathFactory, site: AnotherSite, calm_network: None
) -> AsyncIterator[RunningGateway]:
    del calm_network
    allowed = f'embed_origins = ["{site.origin}"]'
    async with RunningGateway(tmp_path_factory.mktemp("answers"), PLUTO, gateway=allowed) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def readers() -> AsyncIterator[BrowserContext]:
    async with reader_without_foreign_cookies() as context:
        yield context


@asynccontextmanager
async def opened(
    readers: BrowserContext, gateway: RunningGateway, site: AnotherSite, name: str
) -> AsyncIterator[Page]:
    """A page elsewhere on which somebody has opened the notebook, and which they leave in the end."""
    await gateway.until_ready()
    page = await readers.new_page()
    embed = f"{gateway.base}/embed/{name}"
    await page.goto(site.shows(f'<iframe src="{embed}" width="900" height="700"></iframe>'))
    frame = page.frame_locator("iframe")
    await frame.get_by_role("button", name="Open live").last.click()
    await expect(frame.locator("#state")).to_have_text("Live", timeout=PATIENCE)
    try:
        yield page
    finally:
        await leave(page, gateway)
        await page.close()


async def leave(page: Page, gateway: RunningGateway) -> str:
    """End the page's session, if it has one; return its id."""
    if not any("/user/" in frame.url for frame in page.frames):
        return ""
    session = inside(page).url.split("/user/")[1].split("/")[0]
    await page.request.delete(f"{gateway.base}/api/session/{session}")
    return session


def notebook_on(page: Page) -> FrameLocator:
    return page.frame_locator("iframe").frame_locator("#stage iframe")


def inside(page: Page) -> Frame:
    """Return the notebook's own frame, for what only a script can do."""
    return next(frame for frame in page.frames if "/user/" in frame.url)


async def until_moved(slider: Locator, shown: Locator, before: str) -> None:
    """Move a slider until what it leads to is no longer what it was."""
    await slider.focus()
    for _ in range(10):
        await slider.press("ArrowRight")
        with suppress(AssertionError):
            await expect(shown).not_to_have_text(before, timeout=STEP)
            return
    pytest.fail("the slider moves nothing")


async def test_a_readers_slider_moves_a_result_in_a_jupyter_notebook(
    readers: BrowserContext, jupyter: RunningGateway, site: AnotherSite
) -> None:
    async with opened(readers, jupyter, site, "squares") as page:
        notebook = notebook_on(page)
        result = notebook.get_by_text("squared is").last
        await expect(result).to_have_text("7 squared is 49")
        await until_moved(notebook.locator(".noUi-handle"), result, "7 squared is 49")
        assert await readers.cookies() == []


async def test_a_reader_runs_the_authors_cell_and_cannot_type_into_it(
    readers: BrowserContext, jupyter: RunningGateway, site: AnotherSite
) -> None:
    async with opened(readers, jupyter, site, "squares") as page:
        notebook = notebook_on(page)
        cell = notebook.locator(".jp-CodeCell").first
        prompt = cell.locator(".jp-InputArea-prompt")
        ran = await prompt.inner_text()
        code = await cell.locator(".cm-content").inner_text()
        await cell.locator(".cm-content").click()
        await page.keyboard.type("print('mine')")
        assert await cell.locator(".cm-content").inner_text() == code
        await page.keyboard.press("Shift+Enter")
        await expect(prompt).not_to_have_text(ran)
        await expect(cell.locator(".jp-OutputArea-output")).to_contain_text("2 3 5 7 11")


async def test_what_a_reader_runs_by_script_in_jupyters_page_is_refused_and_the_page_goes_on(
    readers: BrowserContext, jupyter: RunningGateway, site: AnotherSite
) -> None:
    async with opened(readers, jupyter, site, "squares") as page:
        notebook = notebook_on(page)
        await expect(notebook.get_by_text("7 squared is 49").last).to_be_visible()
        cell = notebook.locator(".jp-CodeCell").first
        said = await inside(page).evaluate(RUN_BY_SCRIPT)
        assert said["status"] == "error"
        saved = await inside(page).evaluate(
            'async () => (await fetch("../api/contents/welcome.ipynb", { method: "PUT", body: "{}" })).status'
        )
        assert saved == 403
        prompt = cell.locator(".jp-InputArea-prompt")
        ran = await prompt.inner_text()
        await cell.locator(".cm-content").click()
        await page.keyboard.press("Shift+Enter")
        await expect(prompt).not_to_have_text(ran)


@pytest.mark.docker
async def test_a_readers_slider_moves_a_result_in_a_pluto_notebook(
    readers: BrowserContext, pluto: RunningGateway, site: AnotherSite
) -> None:
    async with opened(readers, pluto, site, "answers") as page:
        notebook = notebook_on(page)
        result = notebook.get_by_text("The answer is").last
        await expect(result).to_have_text("The answer is 35")
        await until_moved(notebook.locator("bond input[type=range]"), result, "The answer is 35")


@pytest.mark.docker
async def test_what_is_typed_into_a_pluto_notebook_snaps_back_and_its_author_s_cell_runs(
    readers: BrowserContext, pluto: RunningGateway, site: AnotherSite
) -> None:
    async with opened(readers, pluto, site, "answers") as page:
        notebook = notebook_on(page)
        cell = notebook.locator("pluto-cell").nth(1)
        code = cell.locator("textarea")
        await expect(code).to_have_value("scale = 5")
        # Readers cannot type; one who knows their browser's tools can.
        await expect(code).not_to_be_editable()
        await code.evaluate("element => { element.readOnly = false }")
        await code.fill("scale = 1000")
        await code.press("Shift+Enter")
        await expect(code).to_have_value("scale = 5")
        await expect(notebook.get_by_text("The answer is").last).to_have_text("The answer is 35")
        # The page goes on: nothing waits, sliders move.
        await expect(notebook.locator("pluto-cell.queued")).to_have_count(0)
        result = notebook.get_by_text("The answer is").last
        await until_moved(notebook.locator("bond input[type=range]"), result, "The answer is 35")


@pytest.mark.docker
async def test_a_reader_whose_session_has_ended_is_told_so_in_place_and_opens_a_new_one(
    readers: BrowserContext, pluto: RunningGateway, site: AnotherSite
) -> None:
    async with opened(readers, pluto, site, "answers") as page:
        notebook = notebook_on(page)
        await expect(notebook.get_by_text("The answer is").last).to_have_text("The answer is 35")
        session = await leave(page, pluto)
        frame = page.frame_locator("iframe")
        await expect(frame.locator("#state")).to_have_text("Ended")
        await expect(frame.locator("#stage iframe")).to_have_count(0)
        await frame.get_by_role("button", name="Open a new one").click()
        await expect(frame.locator("#state")).to_have_text("Live", timeout=PATIENCE)
        await expect(notebook.get_by_text("The answer is").last).to_have_text("The answer is 35")
        assert session not in inside(page).url
