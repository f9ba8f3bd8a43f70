"""Pluto: one server, one visitor, one notebook that has run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from pool.building.context import SHIPPED
from pool.errors import WarmFailed
from pool.kinds import framed, http_probe
from pool.kinds.kind import Recipe, Warmed, unheard
from pool.kinds.placeholders import fill
from pool.kinds.pluto import messages, paths
from pool.kinds.pluto.api import PlutoApi
from pool.kinds.pluto.warming import is_running, warm_notebook, warm_start_page
from pool.kinds.untouched import Untouched

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from config import PoolSettings
    from pool.upstream import Upstream

DEFAULT_PORT = 1234
DEFAULT_TMPFS = ("/tmp", "/home/jovyan")  # noqa: S108 - mount points inside the instance, no files of ours
BUSY_LIMIT = 2.0
"""Seconds the server may take to say whether a cell runs."""

TOKEN = "WARMGATE_TOKEN"  # noqa: S105 - the name of a variable
SERVE = (SHIPPED / "pluto" / "serve.jl").read_text("utf-8")
"""Passed on the command line, so that any image with Julia and Pluto will do."""

LAUNCH = 'exec julia ${WARMGATE_SYSIMAGE:+--sysimage="$WARMGATE_SYSIMAGE"} --startup-file=no -e "$0" "$@"'
COMMAND = ("sh", "-c", LAUNCH, SERVE, "{ip}", "{port}")


PAGES = frozenset({"", "edit"})
STORAGE = b"<script>" + (Path(__file__).parent / "storage.js").read_bytes() + b"</script>"
"""Some browsers, told to block third parties' cookies, refuse a frame's page its storage as well."""
SCRIPTS = STORAGE + framed.script(Path(__file__).parent / "framed.js")


class Pluto(Untouched):
    """Pluto 0.14.1 to 1.x. Its pages know no prefix, so the session's is taken off.

    It tells its secret in a cookie, which no visitor gets, and in no page.
    """

    name = "pluto"
    is_heartbeat = staticmethod(messages.is_heartbeat)

    def strips_prefix(self, pool: PoolSettings) -> bool:  # noqa: ARG002 - the port's
        """Return True: every address in Pluto's pages is relative, and its `base_url` came late (0.19.11)."""
        return True

    def recipe(self, pool: PoolSettings, *, base_path: str, token: str) -> Recipe:
        """Return the pool's command or ours.

        Ours makes the token Pluto's secret. A command of the pool's own may do the same with `{token}`, or
        start Pluto without one: then only the gateway can reach it all the same.
        """
        command, env = fill(pool, pool.command or COMMAND, base_path=base_path, token=token)
        return Recipe(
            command=command,
            env={**env, TOKEN: token},
            port=pool.port or DEFAULT_PORT,
            tmpfs=pool.tmpfs or DEFAULT_TMPFS,
        )

    def asks_token(self, pool: PoolSettings) -> bool:  # noqa: ARG002 - the port's
        """Return True: a server that was started without a secret takes no notice of ours."""
        return True

    def credential(self, token: str) -> tuple[tuple[str, str], ...]:
        """Return the cookie that Pluto gives its own pages (src/webserver/Authentication.jl)."""
        return (("Cookie", f"secret={token}"),)

    def entry(self, pool: PoolSettings) -> str:
        """Return the configured entry, or where the notebook is found before its id is known."""
        if pool.entry or not pool.notebook:
            return pool.entry
        return f"open?path={quote(pool.notebook, safe='')}&execution_allowed=true"

    async def probe(self, http: aiohttp.ClientSession, upstream: Upstream, pool: PoolSettings) -> bool:
        """Return whether `pool.probe`, or `ping`, the cheapest answer Pluto has, is there."""
        return await http_probe.answers(http, upstream, pool.probe or "ping")

    async def warm(
        self,
        http: aiohttp.ClientSession,
        upstream: Upstream,
        pool: PoolSettings,
        tell: Callable[[str], None] = unheard,
    ) -> Warmed:
        """Open the notebook and have all of it run, or without one have the start page made once.

        Done twice it finds what is there.
        """
        api = PlutoApi(http, upstream)
        try:
            if not pool.notebook:
                tell("the start page")
                return await warm_start_page(api)
            warmed = await warm_notebook(api, pool.notebook, tell=tell)
        except TimeoutError as error:
            raise WarmFailed("a call to the server took too long") from error
        return replace(warmed, entry=pool.entry or warmed.entry)

    async def is_busy(self, http: aiohttp.ClientSession, upstream: Upstream) -> bool:
        """Return whether any cell runs."""
        try:
            async with asyncio.timeout(BUSY_LIMIT):
                return await is_running(PlutoApi(http, upstream))
        except (WarmFailed, TimeoutError):
            return False

    def is_activity(self, method: str, path: str) -> bool:
        """Return whether a visitor caused the request."""
        return paths.is_activity(method, path)

    def page_script(self, path: str) -> bytes:
        """Return for Pluto's own pages what lets them stand in a frame, without a browser's storage too."""
        return SCRIPTS if path in PAGES else b""

    def is_asset(self, path: str, query: str) -> bool:
        """Return whether it is one of the pages' own bundles."""
        return paths.is_asset(path, query)
