from __future__ import annotations

import asyncio

import aiodocker
import aiohttp
import pytest

from pool.engines.docker_calls import limited, negotiated, open_client
from pool.errors import EngineError, EngineTimeout, EngineUnavailable


@pytest.mark.parametrize(
    ("server", "minimum", "spoken"),
    [
        ("1.41", "1.12", "v1.41"),
        ("1.47", "1.24", "v1.47"),
        ("1.48", "1.24", "v1.48"),
        ("1.54", "1.44", "v1.48"),
        ("1.60", "1.50", "v1.50"),
        ("1.43", None, "v1.43"),
    ],
)
def test_the_newest_version_both_know_is_spoken(server: str, minimum: str | None, spoken: str) -> None:
    assert negotiated({"ApiVersion": server, "MinAPIVersion": minimum}) == spoken


def test_an_engine_before_20_10_is_refused() -> None:
    with pytest.raises(EngineError, match=r"19\.03.*too old"):
        negotiated({"ApiVersion": "1.40", "MinAPIVersion": "1.12", "Version": "19.03"})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (aiodocker.DockerError(500, "no"), EngineError),
        (aiodocker.DockerError(900, "Cannot connect"), EngineUnavailable),
        (aiohttp.ServerDisconnectedError(), EngineUnavailable),
        (aiohttp.ClientPayloadError("cut"), EngineUnavailable),
        (ConnectionRefusedError(111, "refused"), EngineUnavailable),
        (TimeoutError(), EngineTimeout),
        (KeyError("Id"), EngineError),
        (ValueError("not JSON"), EngineError),
        (EngineError("ours"), EngineError),
    ],
)
async def test_every_failure_gets_our_words(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        async with limited("list", 5.0):
            raise error
    assert type(caught.value) is kind


async def test_a_call_without_an_answer_ends_at_its_limit() -> None:
    with pytest.raises(EngineTimeout, match="list: no answer within 0 s"):
        async with limited("list", 0.0):
            await asyncio.Event().wait()


async def test_being_cancelled_is_no_failure() -> None:
    async with asyncio.TaskGroup() as tasks:
        entered = asyncio.Event()

        async def call() -> None:
            async with limited("list", 60.0):
                entered.set()
                await asyncio.Event().wait()

        task = tasks.create_task(call())
        await entered.wait()
        task.cancel()
    assert task.cancelled()


async def test_calls_do_not_wait_for_a_free_connection() -> None:
    client = open_client("unix:///nowhere.sock")
    assert client.connector.limit == 0
    await client.close()


async def test_a_url_nobody_understands_is_no_engine() -> None:
    with pytest.raises(EngineUnavailable, match="no Docker engine"):
        open_client("carrier-pigeon")
