"""What the recording does not show of Pluto's stand-in: its routes, and notebooks that go wrong."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio

from bench.pluto_page import PlutoPage
from tests.integration.proxy.websocket import ASK, frame
from tests.support.pluto import notebook
from tests.support.stand_in import JULIA, SECRET, StandIn, idle, serving, unpacked

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

KEY = f"secret={SECRET}"
COOKIE = f"{KEY}; SameSite=Strict; HttpOnly"
UNREADABLE = "1 + "
TROUBLES = (
    "a = 1",
    "b = missing_name + a",
    UNREADABLE,
    "c = 1",
    "c = 2",
    "[1, 2, (x = 1,)]",
    "d = c",
    "1 + 1;",
)

NOTEBOOKS = {
    "slider.jl": (JULIA / "recordings" / "slider.jl").read_text(),
    "troubles.jl": notebook(*TROUBLES),
    "endless.jl": notebook("seconds = 0", "while seconds > 0; sleep(0.1); end", "rest = 1"),
    "leaving.jl": notebook("leave = false", "leave ? ccall(:_exit, Cvoid, (Cint,), 3) : 1"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand_in() -> AsyncIterator[StandIn]:
    async with serving("threads=1", NOTEBOOKS) as running:
        yield running


@asynccontextmanager
async def page_of(stand_in: StandIn, name: str) -> AsyncIterator[PlutoPage]:
    status, headers, _ = await stand_in.get(f"/open?path=/nb/{name}&{KEY}")
    assert status == 302
    notebook_id = headers["Location"].removeprefix("./edit?id=")
    async with stand_in.http.ws_connect(f"{stand_in.base}/?{KEY}", max_msg_size=0) as socket:
        page = PlutoPage(socket, notebook_id)
        # Every page has the same client's id: what the server believes this one knows is the last one's.
        await page.send("connect", {})
        await page.reply(await page.send("reset_shared_state", {}))
        await until(page, lambda state: idle(state) and state["process_status"] != "starting")
        yield page


async def until(page: PlutoPage, condition: Callable[[dict[str, Any]], bool]) -> None:
    async with asyncio.timeout(120):
        while not condition(page.state):
            await page.receive()


def result(page: PlutoPage, number: int) -> dict[str, Any]:
    found: dict[str, Any] = page.state["cell_results"][page.state["cell_order"][number - 1]]
    return found


def message(page: PlutoPage, number: int) -> str:
    assert result(page, number)["errored"]
    assert result(page, number)["output"]["mime"] == "application/vnd.pluto.stacktrace+object"
    return str(result(page, number)["output"]["body"]["msg"])


async def run(page: PlutoPage, number: int, code: str) -> None:
    """Edit and run a cell, as Shift-Enter does."""
    cell = page.state["cell_order"][number - 1]
    edit = {"op": "replace", "path": ["cell_inputs", cell, "code"], "value": code}
    await page.reply(await page.send("update_notebook", {"updates": [edit]}))
    await page.reply(await page.send("run_multiple_cells", {"cells": [cell]}))


async def test_pages_need_the_secret_and_leave_it_as_a_cookie(stand_in: StandIn) -> None:
    for path in ("/", "/edit?id=1", "/new", "/open?path=/nb/slider.jl", "/statefile?id=1"):
        assert (await stand_in.get(path))[0] == 403
        assert (await stand_in.get(path, headers={"Cookie": "secret=wrong"}))[0] == 403
    for options in ({"params": {"secret": SECRET}}, {"headers": {"Cookie": f"a=b; {KEY}"}}):
        status, headers, _ = await stand_in.get("/edit", **options)
        assert status == 200
        assert headers["Set-Cookie"] == COOKIE
        assert headers["Referrer-Policy"] == "origin-when-cross-origin"
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        await stand_in.http.ws_connect(stand_in.base + "/")


async def test_what_is_open_to_all_is_open(stand_in: StandIn) -> None:
    assert (await stand_in.get("/ping"))[2] == b"OK!"
    assert (await stand_in.get("/nothing"))[0] == 404
    _, _, page = await stand_in.get(f"/edit?{KEY}")
    (script,) = [part.partition('"')[0] for part in page.decode().split('src="')[1:]]
    status, headers, _ = await stand_in.get(f"/{script}")
    assert status == 200
    assert headers["Cache-Control"] == "public, max-age=2592000, immutable"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Content-Length" in headers


async def test_the_first_token_is_told_to_everybody(stand_in: StandIn) -> None:
    assert (await stand_in.get("/possible_binder_token_please"))[2] == b""
    assert (await stand_in.get("/ping?token=first"))[0] == 200
    assert (await stand_in.get("/ping?token=second"))[0] == 200
    assert (await stand_in.get("/possible_binder_token_please"))[2] == b"first"


async def test_a_get_makes_a_notebook_and_a_post_does_too(stand_in: StandIn) -> None:
    status, headers, _ = await stand_in.get(f"/new?{KEY}")
    assert status == 302
    made = headers["Location"].removeprefix("./edit?id=")
    async with stand_in.http.post(f"{stand_in.base}/new?{KEY}") as answer:
        assert answer.status == 200
        assert await answer.text() not in {"", made}
    async with stand_in.http.post(
        f"{stand_in.base}/notebookupload?{KEY}", data=NOTEBOOKS["slider.jl"]
    ) as answer:
        uploaded = await answer.text()
    for notebook_id in (made, uploaded):
        status, _, content = await stand_in.get(f"/statefile?id={notebook_id}&{KEY}")
        assert status == 200
        assert unpacked(content)["in_temp_dir"]
    assert (await stand_in.get(f"/open?path=/nb/absent.jl&{KEY}"))[0] == 404
    assert (await stand_in.get(f"/open?{KEY}"))[0] == 400
    assert (await stand_in.get(f"/open?path=/etc/hostname&{KEY}"))[0] == 500


async def test_a_notebook_is_saved_as_it_was(stand_in: StandIn) -> None:
    async with page_of(stand_in, "slider.jl") as page:
        _, headers, content = await stand_in.get(f"/notebookfile?id={page.notebook_id}&{KEY}")
        assert headers["Transfer-Encoding"] == "chunked"
        mark = "# ╔═╡ "
        assert content.decode().split(mark)[1:] == NOTEBOOKS["slider.jl"].split(mark)[1:]


async def test_what_is_wrong_with_a_cell_is_its_output(stand_in: StandIn) -> None:
    async with page_of(stand_in, "troubles.jl") as page:
        assert message(page, 2) == "UndefVarError: missing_name not defined"
        assert "syntax: incomplete" in message(page, 3)
        assert "c" in message(page, 4)
        assert message(page, 4) == message(page, 5)
        assert result(page, 6)["output"]["mime"] == "application/vnd.pluto.tree+object"
        assert message(page, 7) == "UndefVarError: c not defined"
        assert (result(page, 8)["output"]["body"], result(page, 8)["errored"]) == ("", False)
        await run(page, 5, "nothing")
        await until(page, lambda state: idle(state) and not result(page, 7)["errored"])
        assert result(page, 7)["output"]["body"] == "1"


async def test_a_cell_that_does_not_end_runs_until_it_is_interrupted(stand_in: StandIn) -> None:
    async with page_of(stand_in, "endless.jl") as page:
        await page.move("seconds", 5)
        await until(page, lambda _: result(page, 2)["running"])
        await asyncio.sleep(1)
        await page.reply(await page.send("ping", {}))
        assert result(page, 2)["running"]
        await page.send("interrupt_all", {})
        await until(page, idle)
        assert "Interrupt" in message(page, 2)
        await run(page, 1, "seconds = 0")
        await until(page, lambda state: idle(state) and not result(page, 2)["errored"])


async def test_a_process_that_ends_is_told_and_can_be_started_anew(stand_in: StandIn) -> None:
    async with page_of(stand_in, "leaving.jl") as page:
        await page.move("leave", value=True)
        await until(page, lambda state: state["process_status"] == "no_process" and idle(state))
        assert result(page, 2)["errored"]
        await page.send("restart_process", {})
        await until(page, lambda state: state["process_status"] == "ready" and idle(state))
        assert not result(page, 2)["errored"]


async def test_what_goes_wrong_in_a_handler_is_answered_by_nothing(stand_in: StandIn) -> None:
    async with page_of(stand_in, "slider.jl") as page:
        for kind, body in (
            ("run_multiple_cells", {"cells": ["99999999-0000-4000-8000-000000000000"]}),
            ("nobody_knows_it", {}),
            ("update_notebook", {}),
        ):
            await page.send(kind, body)
        asked = await page.send("ping", {})
        assert (await page.receive())["request_id"] == asked


async def test_an_update_that_fails_is_taken_back(stand_in: StandIn) -> None:
    async with page_of(stand_in, "slider.jl") as page:
        wrong = {"op": "replace", "path": ["shortpath"], "value": "mine.jl"}
        answer = await page.reply(await page.send("update_notebook", {"updates": [wrong]}))
        assert answer["message"]["response"]["update_went_well"] == "👎"
        (patch,) = answer["message"]["patches"]
        assert (patch["path"], patch["value"]) == (["shortpath"], "slider.jl")


async def test_a_client_is_where_it_spoke_last(stand_in: StandIn) -> None:
    async with page_of(stand_in, "slider.jl") as before:
        async with stand_in.http.ws_connect(f"{stand_in.base}/channels?{KEY}", max_msg_size=0) as socket:
            now = PlutoPage(socket, before.notebook_id, before.state, before.client_id)
            await now.reply(await now.send("ping", {}))
            await now.move("n", 21)
            await now.until_shown("The answer is <strong>105</strong>")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(before.socket.receive(), 0.5)


async def test_a_message_in_pieces_is_one_message_and_a_close_is_answered_once(stand_in: StandIn) -> None:
    host, _, port = stand_in.base.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = [
        f"GET /?{KEY} HTTP/1.1",
        f"Host: {host}",
        *ASK,
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "",
        "",
    ]
    writer.write("\r\n".join(head).encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    ping = b"\x84\xa4type\xa4ping\xa9client_id\xa1a\xaarequest_id\xa1b\xa4body\x80"
    begun = bytearray(frame(2, ping[:9], masked=True))
    begun[0] = 2
    for piece in (bytes(begun), frame(9, b"hello", masked=True), frame(0, ping[9:], masked=True)):
        writer.write(piece)
        await writer.drain()
    assert await reader.readexactly(7) == frame(10, b"hello")
    answer = await reader.readexactly(2)
    assert b"pong" in await reader.readexactly(answer[1])
    writer.write(frame(8, b"\x03\xe8", masked=True))
    assert await reader.read() == frame(8, b"\x03\xe8")
    writer.close()
