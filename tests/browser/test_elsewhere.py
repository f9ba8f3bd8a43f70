"""What the tests of embeds rely on: that the other site is another site, and that its cookies are blocked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web

from bench.running import free_port

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext

    from tests.browser.elsewhere import AnotherSite

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

BY_SCRIPT = '<!doctype html><script>document.cookie = "script=1; SameSite=None; Secure"</script>'


async def test_a_site_that_sets_cookies_on_its_own_page_cannot_do_so_in_a_frame_elsewhere(
    readers: BrowserContext, site: AnotherSite
) -> None:
    sent: list[str] = []

    async def cookies(request: web.Request) -> web.Response:
        sent.append(request.headers.get("Cookie", ""))
        answer = web.Response(text=BY_SCRIPT, content_type="text/html")
        answer.set_cookie("header", "1", samesite="None", secure=True)
        return answer

    app = web.Application()
    app.router.add_get("/cookies", cookies)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    page = await readers.new_page()
    try:
        for _ in range(2):
            await page.goto(site.shows(f'<iframe src="http://127.0.0.1:{port}/cookies"></iframe>'))
            assert await page.frames[1].evaluate("document.cookie") == ""
        assert await readers.cookies() == []
        for _ in range(2):
            await page.goto(f"http://127.0.0.1:{port}/cookies")
        assert await page.evaluate("document.cookie") == "header=1; script=1"
        assert sent == ["", "", "", "header=1; script=1"]
    finally:
        await page.close()
        await readers.clear_cookies()
        await runner.cleanup()
