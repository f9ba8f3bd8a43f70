"""What a page and its frames ask for and complain of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page


class Traffic:
    """Takes down what a page does from now on."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        """Addresses of requests and of websockets, which Playwright does not count among them."""
        self.errors: list[str] = []
        """What scripts have failed with."""
        self.console: list[str] = []
        """Whatever the console says."""
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.console.append(message.text))

    @property
    def complaints(self) -> list[str]:
        """Errors and the console together."""
        return self.errors + self.console

    def only(self, base: str) -> bool:
        """Whether something was asked of the gateway, and nothing of anybody else."""
        return bool(self.asked) and all(url.startswith(base) for url in self.asked)
