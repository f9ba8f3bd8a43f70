"""What every call to a Docker engine has in common: a named time limit, and errors in our words."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiodocker
import aiohttp

from pool.errors import EngineError, EngineTimeout, EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

LOOK_LIMIT = 10.0
"""Seconds for a question: version, list, inspect, stats, logs."""

CHANGE_LIMIT = 30.0
"""Seconds for a small change: a network, pause, unpause."""

START_LIMIT = 60.0
"""Seconds for one of create and start; the engine works off parallel starts one after the other."""

REMOVE_LIMIT = 60.0
"""Seconds for killing and removing; the engine alone waits ten for a process that does not die."""

NO_ANSWER = 900
"""The status aiodocker gives an error that is not the engine's own: the connection failed."""

NOT_FOUND = 404
CONFLICT = 409

OLDEST_API = (1, 41)
"""Docker 20.10: the first that gives a single sample of a container's memory."""

NEWEST_API = (1, 48)
"""The newest this was written against. A newer engine still speaks it and answers in the same shapes."""


@asynccontextmanager
async def limited(what: str, seconds: float) -> AsyncIterator[None]:
    """Give the calls inside `seconds` together and turn what goes wrong into EngineError and its kin.

    `what` names the call in the error. A DockerError that is a normal outcome (404, 409) is for the caller to
    catch inside.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise EngineTimeout(f"{what}: no answer within {seconds:g} s") from error
    except aiodocker.DockerError as error:
        kind = EngineUnavailable if error.status == NO_ANSWER else EngineError
        raise kind(f"{what}: {error.message}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise EngineUnavailable(f"{what}: {said(error)}") from error
    except (ValueError, KeyError, TypeError) as error:
        # An answer that is not what the engine's API promises; a bug of ours is in the chained traceback.
        raise EngineError(f"{what}: an answer that cannot be used: {error}") from error


def open_client(url: str | None) -> aiodocker.Docker:
    """Return a client of the engine at `url`, or else of the one DOCKER_HOST, the current Docker context or a
    usual socket names. Raises EngineUnavailable when there is none. Must run inside the event loop.
    """
    try:
        client = aiodocker.Docker(url=url)
    except (AssertionError, ValueError, OSError, aiodocker.DockerError) as error:
        # aiodocker asserts that it has found a socket.
        what = str(error) or "DOCKER_HOST is not set, and no usual socket is there"
        raise EngineUnavailable(f"no Docker engine found: {what}") from error
    # Samples take a second each; a hundred at once would fill aiohttp's default and hold up every other call.
    client.connector._limit = 0  # noqa: SLF001 - only aiodocker knows how to make the right sort of connector
    return client


async def version(docker: aiodocker.Docker) -> dict[str, Any]:
    """Return what the engine is, and from now on speak the API version that both know. Raises EngineError.

    aiodocker itself would speak the newest version the engine knows, whatever it may mean.
    """
    answer: dict[str, Any] = await docker._query_json("version", versioned_api=False)  # noqa: SLF001 - see above
    docker.api_version = negotiated(answer)
    return answer


def negotiated(version: Mapping[str, Any]) -> str:
    """Return the API version to speak, as `v1.41`, from the engine's answer to `version`.

    Raises EngineError for an engine that is too old, or too new to know any version we know.
    """
    newest = _numbers(version["ApiVersion"])
    oldest = _numbers(version.get("MinAPIVersion") or "1.0")
    chosen = max(oldest, min(newest, NEWEST_API))
    if newest < OLDEST_API:
        wanted = ".".join(map(str, OLDEST_API))
        raise EngineError(f"Docker {version.get('Version', '?')} is too old: API {wanted} (20.10) is needed")
    return "v{}.{}".format(*chosen)


def said(error: Exception) -> str:
    """Return what an error says, or its name when it says nothing."""
    return str(error) or type(error).__name__


def _numbers(text: str) -> tuple[int, int]:
    major, minor = text.split(".")[:2]
    return int(major), int(minor)


async def stats(docker: aiodocker.Docker, container: str) -> dict[str, Any]:
    """Return one sample. Docker 20.10 takes one a second for each container, so that this may take a second;
    aiodocker's own call, which knows no `one-shot`, waits for two.
    """
    answer: dict[str, Any] | None = await docker._query_json(  # noqa: SLF001 - the only way to send `one-shot`
        f"containers/{container}/stats", params={"stream": "false", "one-shot": "true"}
    )
    # Nothing at all is answered for a container that goes while the sample is taken.
    return answer or {}


@asynccontextmanager
async def event_stream(docker: aiodocker.Docker, filters: str) -> AsyncIterator[aiohttp.ClientResponse]:
    """Open the engine's events. aiodocker's own channel shares one stream and its filters among all callers,
    and ends without a word when the connection breaks.
    """
    async with limited("events", LOOK_LIMIT):
        response = await docker._do_query("events", "GET", params={"filters": filters})  # noqa: SLF001 - see above
    try:
        yield response
    finally:
        # Not released but closed: the rest of an endless answer cannot be read to its end.
        response.close()
