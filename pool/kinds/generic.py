"""Any web app: started by the pool's command, warm as soon as it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pool.kinds import hashed_paths, http_probe
from pool.kinds.kind import Recipe, Warmed, unheard
from pool.kinds.placeholders import fill, mentions
from pool.kinds.untouched import Untouched

if TYPE_CHECKING:
    from collections.abc import Callable

    import aiohttp

    from config import PoolSettings
    from pool.upstream import Upstream

DEFAULT_PORT = 8000
DEFAULT_TMPFS = ("/tmp",)  # noqa: S108 - a mount point inside the instance, not a file of ours

_NO_DOING = frozenset({"HEAD", "OPTIONS"})


class Generic(Untouched):
    """Knows nothing of the app but where it listens and, if told by `{token}`, what opens it."""

    name = "generic"
    is_heartbeat = None
    """What an app's messages mean is not known."""

    def strips_prefix(self, pool: PoolSettings) -> bool:
        """Return True unless the app is told its base path: then it serves under `/`."""
        return not mentions(pool, "base_path")

    def recipe(self, pool: PoolSettings, *, base_path: str, token: str) -> Recipe:
        """Return the pool's own command, or the image's when it is empty."""
        command, env = fill(pool, pool.command, base_path=base_path, token=token)
        return Recipe(
            command=command,
            env=env,
            port=pool.port or DEFAULT_PORT,
            tmpfs=pool.tmpfs or DEFAULT_TMPFS,
        )

    def asks_token(self, pool: PoolSettings) -> bool:
        """Return whether the app is told the token."""
        return mentions(pool, "token")

    def credential(self, token: str) -> tuple[tuple[str, str], ...]:
        """Return `Authorization: token T`."""
        return (("Authorization", f"token {token}"),)

    def entry(self, pool: PoolSettings) -> str:
        """Return the configured entry; empty is the session's own path."""
        return pool.entry

    async def probe(self, http: aiohttp.ClientSession, upstream: Upstream, pool: PoolSettings) -> bool:
        """Return whether `pool.probe`, or the base path itself, answers 2xx or 3xx."""
        return await http_probe.answers(http, upstream, pool.probe)

    async def warm(
        self,
        http: aiohttp.ClientSession,  # noqa: ARG002 - the port's
        upstream: Upstream,  # noqa: ARG002 - the port's
        pool: PoolSettings,  # noqa: ARG002 - the port's
        tell: Callable[[str], None] = unheard,  # noqa: ARG002 - the port's
    ) -> Warmed:
        """Do nothing: that it answers is all that is known of an app being ready."""
        return Warmed()

    async def is_busy(self, http: aiohttp.ClientSession, upstream: Upstream) -> bool:  # noqa: ARG002 - the port's
        """Return False: there is no common way to ask."""
        return False

    def is_activity(self, method: str, path: str) -> bool:  # noqa: ARG002 - the port's
        """Return True for everything but HEAD and OPTIONS: which requests an app's page repeats by itself is
        not known, and a visitor's instance is not taken away on a guess.
        """
        return method.upper() not in _NO_DOING

    def is_asset(self, path: str, query: str) -> bool:
        """Return whether the file's name holds a hash: nothing else is known of an app's addresses."""
        return hashed_paths.holds_hash(path, query)
