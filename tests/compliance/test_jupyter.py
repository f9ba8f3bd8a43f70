"""Every case to a real Jupyter server behind a real gateway, each in a process of its own."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest
import pytest_asyncio

from bench.running import RunningGateway
from bench.visitor import Visitor
from tests.compliance.case import Answered, AnsweredHere, Arrival, Case, Site, arrives, request
from tests.compliance.playing import Conversation, judge, play, resolved
from tests.compliance.reading import answers
from tests.compliance.tables import CASES
from tests.integration.proxy.peer import PATIENCE, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.compliance.reading import Message

pytestmark = pytest.mark.asyncio(loop_scope="module")

POOLS = '[[pools]]\nsizing = "static"\nwarm = 1\nmax = 1\n'
LINE_END = re.compile(r"HTTP/1\.[01]\r\n")
CANARY = "canary"
UNREAD = {400, 404}
"""How Jupyter's server answers what it does not read: some trailers and extensions, absolute targets."""


@dataclass(frozen=True, slots=True)
class Place:
    """A session as the gateway shows it, and the server behind it."""

    base: str
    gateway_port: int
    jupyter_port: int
    token: str

    def site(self, case: Case) -> Site:
        name = re.sub(r"\W", "-", case.id)
        return Site(
            self.base, f"127.0.0.1:{self.gateway_port}", "api/status", f"api/contents/{CANARY}-{name}.txt"
        )

    async def visit(self, case: Case) -> Conversation:
        return await visit(self.gateway_port, case, self.site(case))

    async def answered_directly(self, case: Case, arrival: Arrival) -> int:
        """Send what the gateway makes of a request to the server itself; return the status.

        What the visitor sent gets the same there, unless the server cannot read it.
        """
        login = f"Authorization: token {self.token}"
        site = self.site(case)
        lines = (
            f"{arrival.method} {arrival.target} HTTP/1.1",
            "Host: {host}",
            login,
            *arrival.fields,
            f"Content-Length: {len(site.fill(arrival.body))}",
        )
        status = await self._status(site.encoded(request(*lines, body=arrival.body)))
        as_sent = LINE_END.sub(rf"\g<0>{login}\r\n", case.sent)
        assert await self._status(site.encoded(as_sent) + site.encoded(case.then)) in UNREAD | {status}
        return status

    async def _status(self, data: bytes) -> int:
        """Return the status of the server's first answer that is not an interim one, 400 if it hangs up."""
        client = await connect(self.jupyter_port)
        try:
            client.write(data)
            while (status := int((await client.head()).split(b" ")[1])) < 200:
                pass
        except (ConnectionError, EOFError):
            return 400
        else:
            return status
        finally:
            client.abort()

    async def ask(self, method: str, path: str, body: str = "") -> Message:
        """Send one good request over a connection of its own; return the answer."""
        client = await connect(self.gateway_port)
        try:
            client.write(
                f"{method} {self.base}{path} HTTP/1.1\r\nHost: 127.0.0.1:{self.gateway_port}\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
            )
            (answer,) = answers(await client.rest()).messages
            return answer
        finally:
            client.abort()

    async def canaries(self) -> list[str]:
        """Return the files that smuggled requests have made."""
        answer = await self.ask("GET", "api/contents")
        assert answer.status == 200
        return [file["name"] for file in json.loads(answer.body)["content"] if CANARY in file["name"]]


async def connect(port: int) -> Peer:
    return Peer(*await asyncio.open_connection("127.0.0.1", port))


async def visit(port: int, case: Case, site: Site) -> Conversation:
    client = await connect(port)
    try:
        return await play(client, case, site)
    finally:
        client.abort()


def server_behind(gateway: RunningGateway, base: str) -> tuple[int, str]:
    """Return port and token of the server that has this base path."""
    assert gateway.process is not None
    for process in psutil.Process(gateway.process.pid).children(recursive=True):
        environ = process.environ()
        listening = [each for each in process.net_connections("tcp") if each.status == psutil.CONN_LISTEN]
        if environ.get("WARMGATE_BASE_PATH") == base and listening:
            return listening[0].laddr.port, environ["JUPYTER_TOKEN"]
    raise LookupError("no server of this session")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    running = RunningGateway(tmp_path_factory.mktemp("gateway"), POOLS, engine="process")
    async with running as gateway, Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        base = urlsplit(someone.url).path
        yield Place(base, gateway.port, *server_behind(gateway, base))
        await someone.leave()


async def test_what_is_smuggled_would_be_seen(place: Place) -> None:
    seen = await place.visit(Case("honest", "", "{smuggled}", arrives("PUT")))
    assert seen.final[0].status == 201
    (canary,) = await place.canaries()
    assert (await place.ask("DELETE", f"api/contents/{canary}")).status == 204


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_jupyter_is_asked_nothing_that_was_not_meant_for_it(place: Place, case: Case) -> None:
    seen = await place.visit(case)
    assert not await place.canaries()
    outcome = resolved(case.outcome, [message.status for message in seen.final])
    if isinstance(outcome, Answered):
        answered = [await place.answered_directly(case, arrival) for arrival in outcome.arrivals]
        judge(case, seen, answered=answered)
    else:
        judge(case, seen, answered=())
    if isinstance(outcome, AnsweredHere):
        assert all(message.values(b"allow") for message in seen.final if message.status == 405)


async def test_nothing_of_it_came_later(place: Place) -> None:
    async with asyncio.timeout(PATIENCE):
        assert not await place.canaries()
