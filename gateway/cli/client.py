"""Speaks to the admin port of a running gateway, as the operator's commands need it.

Address and token come from the same settings as those of `warmgate serve`, so that a command needs no flags
of its own. What comes back is checked: another program may listen there.
"""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
from pydantic import BaseModel, ValidationError

from config import ConfigError, Problem
from gateway.cli.answers import Drained, Overview, Readiness, Refusal, Released, Scaled, Written
from gateway.cli.errors import (
    AnswerUnusable,
    CommandRefused,
    GatewaySilent,
    GatewayUnreachable,
    InstanceGone,
    TokenRefused,
)
from gateway.errors import InstanceUnknown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from config import Settings

CONNECT_LIMIT = 3.0
"""Seconds for the gateway's socket to accept."""

ANSWER_LIMIT = 20.0
"""Seconds for a whole answer; measuring alone may take five, reading an instance's output ten."""

BODY_LIMIT = 16 * 2**20
"""Bytes of an answer; ten thousand instances take a quarter of it."""

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not bound to
"""Where a gateway that listens on all addresses is reached from its own machine."""

T = TypeVar("T", bound=BaseModel)


def admin_url(settings: Settings) -> str:
    """Return the admin port's address. Raises GatewayUnreachable when the settings do not tell its port."""
    host, port = settings.gateway.admin_host, settings.gateway.admin_port
    if port == 0:
        raise GatewayUnreachable("admin_port is 0, so that each start takes another; give it a number")
    host = EVERYWHERE.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class AdminClient:
    """One gateway's admin port. Every method raises an error of gateway.cli.errors."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self.url = url

    async def overview(self, *, measure: bool) -> tuple[Overview, bytes]:
        """Return instances and pools, and the answer as it came. Measuring takes a second or more."""
        body = await self._ask("GET", "/api/instances", params={"measure": "yes" if measure else "no"})
        return self._read(Overview, body), body

    async def output(self, instance_id: str, lines: int, after: str) -> Written:
        """Return an instance's last lines, or those since the mark `after`."""
        path = f"/api/instances/{instance_id}/logs"
        return self._read(Written, await self._ask("GET", path, params={"lines": str(lines), "after": after}))

    async def scale(self, pool: str, warm: int) -> Scaled:
        """Keep `warm` instances of a pool from now on."""
        return self._read(Scaled, await self._ask("POST", f"/api/pools/{pool}/scale", json={"warm": warm}))

    async def release(self) -> Released:
        """Take up the gateway's settings and images as they are now. Raises ConfigError."""
        told = self._read(Released, await self._ask("POST", "/api/release", expected=frozenset({200, 422})))
        if told.problems:
            raise ConfigError(*(Problem(each.key, each.value, each.allowed) for each in told.problems))
        return told

    async def drain(self, pool: str | None) -> int:
        """End the warm instances of a pool, or of all; return how many."""
        params = {} if pool is None else {"pool": pool}
        return self._read(Drained, await self._ask("DELETE", "/api/pool", params=params)).drained

    async def readiness(self) -> Readiness:
        """Return whether visitors can be served, and every reason why not."""
        return self._read(Readiness, await self._ask("GET", "/readyz", expected=frozenset({200, 503})))

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        expected: frozenset[int] = frozenset({200}),
        params: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> bytes:
        try:
            async with self._http.request(
                method, self.url + path, params=params, json=json, allow_redirects=False
            ) as answer:
                body = b""
                while len(body) < BODY_LIMIT and (more := await answer.content.read(BODY_LIMIT)):
                    body += more
                if answer.status not in expected:
                    self._refused(answer.status, body)
        except (TimeoutError, aiohttp.ServerTimeoutError) as error:
            raise GatewaySilent(f"no answer from {self.url} within {ANSWER_LIMIT:g} s") from error
        except aiohttp.ClientConnectorError as error:
            number = error.os_error.errno
            said = os.strerror(number) if number else str(error.os_error)
            raise GatewayUnreachable(f"no gateway at {self.url}: {said}") from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientPayloadError) as error:
            raise GatewayUnreachable(f"the gateway at {self.url} closed the connection") from error
        except aiohttp.ClientError as error:
            raise AnswerUnusable(f"{self.url}: {str(error) or type(error).__name__}") from error
        return body

    def _refused(self, status: int, body: bytes) -> None:
        try:
            refusal = Refusal.model_validate_json(body)
        except ValidationError:
            raise AnswerUnusable(f"{self.url} answers {status}, and not as warmgate does") from None
        if status in {401, 403}:
            raise TokenRefused(f"{self.url} does not accept the admin_token of these settings")
        kind = InstanceGone if refusal.code == InstanceUnknown.code else CommandRefused
        raise kind(f"{refusal.code}: {refusal.message}")

    def _read(self, model: type[T], body: bytes) -> T:
        try:
            return model.model_validate_json(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise AnswerUnusable(f"{self.url}: {where}: {first['msg']}") from None


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AdminClient]:
    """Yield a client of the gateway these settings are for; nothing is asked yet."""
    token = settings.gateway.admin_token.get_secret_value()
    url = admin_url(settings)
    async with aiohttp.ClientSession(
        headers={"Authorization": f"token {token}"} if token else {},
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=ANSWER_LIMIT, sock_connect=CONNECT_LIMIT),
    ) as http:
        yield AdminClient(http, url)
