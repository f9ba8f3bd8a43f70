"""Jupyter Server with JupyterLab or Notebook 7."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pool.building.context import SHIPPED
from pool.errors import WarmFailed
from pool.kinds import framed, http_probe
from pool.kinds.http_api import MAX_LIST
from pool.kinds.jupyter import paths
from pool.kinds.jupyter.api import JupyterApi
from pool.kinds.jupyter.sessions import find_warm_kernel, with_warm_kernel
from pool.kinds.jupyter.warming import warm_kernel, warm_notebook, warm_pages
from pool.kinds.kind import Recipe, Warmed, unheard
from pool.kinds.placeholders import fill
from pool.kinds.shapes import objects

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from config import PoolSettings
    from pool.upstream import Upstream

DEFAULT_PORT = 8888
DEFAULT_TMPFS = ("/tmp", "/home/jovyan")  # noqa: S108 - mount points inside the instance, no files of ours
BUSY_LIMIT = 2.0
"""Seconds the server may take to say whether a kernel computes."""

BASE_PATH = "WARMGATE_BASE_PATH"
LAUNCH = f"""\
import os, sys
from jupyterlab.labapp import main
sys.argv.append("--ServerApp.base_url=" + os.environ["{BASE_PATH}"])
sys.exit(main())
"""
"""The session's path comes by the environment: a command line is shown to every user of the host."""

COMMAND = (
    "python3",
    "-c",
    LAUNCH,
    "--no-browser",
    "--ip={ip}",
    "--port={port}",
    # Another port than the engine's would never be found.
    "--ServerApp.port_retries=0",
    # The engine decides who the server runs as.
    "--allow-root",
    # Requests come with the visitor's Host; the token is the door.
    "--ServerApp.allow_remote_access=True",
    "--ServerApp.terminals_enabled=False",
    "--ServerApp.quit_button=False",
    "--ServerApp.shutdown_no_activity_timeout=0",
    "--MappingKernelManager.cull_idle_timeout=0",
    # A kernel that dies young is else started again on other ports, and a page that has just connected
    # talks to the old ones for good (jupyter_client, restarter.py). Here nobody else takes a port.
    "--KernelRestarter.random_ports_until_alive=False",
    "--LabApp.extension_manager=readonly",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    "--LabApp.news_url=None",
    "--LanguageServerManager.autodetect=False",
    # Below that every start and request is a line, with the session's secret path in it.
    "--log-level=WARN",
)


SCRIPT = framed.script(Path(__file__).parent / "framed.js")


class Jupyter:
    """One server, one visitor. Its prefix is fixed when it starts, so nothing is stripped."""

    name = "jupyter"
    is_heartbeat = None
    """Pages send their kernels nothing by themselves."""

    def strips_prefix(self, pool: PoolSettings) -> bool:  # noqa: ARG002 - the port's
        """Return False: the server writes its prefix into pages."""
        return False

    def recipe(self, pool: PoolSettings, *, base_path: str, token: str) -> Recipe:
        """Return the pool's command or ours.

        The token travels in the environment, where `ps` does not show it; the pool cannot set another one.
        """
        command, env = fill(pool, pool.command or COMMAND, base_path=base_path, token=token)
        return Recipe(
            command=command,
            env={**env, "JUPYTER_TOKEN": token, BASE_PATH: base_path},
            port=pool.port or DEFAULT_PORT,
            tmpfs=pool.tmpfs or DEFAULT_TMPFS,
            skeleton=SHIPPED / "jupyter" / "skel",
        )

    def asks_token(self, pool: PoolSettings) -> bool:  # noqa: ARG002 - the port's
        """Return True: without a token anybody in the instance's network could enter."""
        return True

    def credential(self, token: str) -> tuple[tuple[str, str], ...]:
        """Return `Authorization: token T` (jupyter_server, auth/identity.py).

        It also takes the place of the XSRF and Origin checks made of browsers that come with a cookie.
        """
        return (("Authorization", f"token {token}"),)

    def entry(self, pool: PoolSettings) -> str:
        """Return the configured entry, such as `tree` or `lab`."""
        return pool.entry

    async def probe(self, http: aiohttp.ClientSession, upstream: Upstream, pool: PoolSettings) -> bool:
        """Return whether `pool.probe`, or `api`, the cheapest answer the server has, is there."""
        return await http_probe.answers(http, upstream, pool.probe or "api")

    async def warm(
        self,
        http: aiohttp.ClientSession,
        upstream: Upstream,
        pool: PoolSettings,
        tell: Callable[[str], None] = unheard,
    ) -> Warmed:
        """Start a kernel, or with `notebook` its session, and run the cells; then ask what pages will ask.

        Done twice it finds what is there; a notebook found half run is run anew in a new kernel.
        """
        api = JupyterApi(http, upstream)
        try:
            warmed = Warmed()
            if pool.notebook:
                warmed = await warm_notebook(api, pool.notebook, pool=pool.name, tell=tell)
            else:
                tell("a kernel")
                await warm_kernel(api)
            tell("the first page")
            await warm_pages(api, pool.entry)
        except TimeoutError as error:
            raise WarmFailed("a call to the server took too long") from error
        return warmed

    async def is_busy(self, http: aiohttp.ClientSession, upstream: Upstream) -> bool:
        """Return whether any kernel computes."""
        try:
            api = JupyterApi(http, upstream)
            kernels = objects(await api.call("GET", "api/kernels", limit=BUSY_LIMIT, most=MAX_LIST))
        except (WarmFailed, TimeoutError, ValueError):
            return False
        return any(kernel.get("execution_state") == "busy" for kernel in kernels)

    def is_activity(self, method: str, path: str) -> bool:
        """Return whether a visitor caused the request."""
        return paths.is_activity(method, path)

    def amends(self, method: str, path: str) -> bool:
        """Return whether a page asks for a session: its first one is given the kernel that runs already."""
        return method == "POST" and path in {"api/sessions", "api/sessions/"}

    async def amend(self, http: aiohttp.ClientSession, upstream: Upstream, body: bytes) -> bytes:
        """Return the body of a session's request so that it names the warm kernel, if nobody has it yet."""
        kernel = await find_warm_kernel(http, upstream)
        return body if kernel is None else with_warm_kernel(body, kernel)

    def hides_secret(self, path: str, status: int = 200) -> bool:
        """Return whether an HTML answer may show the token. Error pages do at every path."""
        return paths.hides_secret(path, status)

    def page_script(self, path: str) -> bytes:
        """Return for a notebook's page what lets it stand in a frame."""
        return SCRIPT if paths.is_notebook(path) else b""

    def is_asset(self, path: str, query: str) -> bool:
        """Return whether it is one of the pages' own bundles."""
        return paths.is_asset(path, query)
