"""A websocket whose messages are judged, on real sockets: what crosses, what does not, and how it ends."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.policy.ruling import Passed
from gateway.policy.verdict import Verdict
from gateway.proxy.frames import close_frame
from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import LIMITS, SECRET, Stage, get, hello, stage
from tests.integration.proxy.websocket import MIB, ask, frame, grant, opened, quiet, switching

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from gateway.policy.verdict import Message
    from gateway.proxy.limits import Limits

HEAD_END = b"\r\n\r\n"


class Rules:
    """Lets everything pass but `no`, which it answers, and `fail`, over which it stumbles."""

    def __init__(self, subprotocol: str = "") -> None:
        self.subprotocol = subprotocol
        self.heard: list[Message] = []

    def from_visitor(self, message: Message) -> Verdict:
        self.heard.append(message)
        if message in {"no", b"no"}:
            return Verdict(to_visitor=("refused",), refused="no")
        if message == "fail":
            raise RuntimeError(message)
        return Verdict(to_instance=(message,), active=message != "alive")

    def from_instance(self, message: Message) -> Verdict:
        self.heard.append(message)
        return Verdict(to_visitor=(message,))


class Judged:
    """What a test looks at besides the stage."""

    def __init__(self) -> None:
        self.rules: list[Rules] = []

    def begin(self, subprotocol: str) -> Rules:
        self.rules.append(Rules(subprotocol))
        return self.rules[-1]


async def answering(peer: Peer) -> None:
    """Answer each text of a few bytes with itself, as a server's text."""
    while True:
        head = await peer.exactly(2)
        if head[0] & 0x0F == 8:
            break
        payload = await peer.exactly((head[1] & 0x7F) + 4)
        text = bytes(byte ^ payload[index % 4] for index, byte in enumerate(payload[4:]))
        await peer.send(frame(head[0] & 0x0F, text))


@asynccontextmanager
async def judged(
    then: Callable[[Peer], Awaitable[None]] = answering, *fields: str, limits: Limits = LIMITS
) -> AsyncIterator[tuple[Stage, Judged]]:
    looked_at = Judged()
    async with stage(
        switching(then, *fields), limits=limits, passed=Passed(converse=looked_at.begin)
    ) as here:
        yield here, looked_at


def text(words: str) -> bytes:
    return frame(1, words.encode(), masked=True)


async def test_a_message_that_may_pass_is_written_anew_and_so_is_its_answer() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        await client.send(text("hello"))
        assert await client.exactly(7) == frame(1, b"hello")
        written = here.peers[0].received.partition(HEAD_END)[2]
        assert written[:2] == b"\x81\x85"
        # Masked with four bytes of our own, not with the visitor's.
        assert written[2:6] != bytes(4)
        assert here.session.touched
        client.close()


async def test_a_message_in_pieces_reaches_the_instance_as_one() -> None:
    async with judged() as (here, looked_at):
        client = await opened(here)
        whole = text("hello")
        pieces = [b"\x01\x82" + whole[2:8], b"\x00\x81" + bytes(4) + b"l", b"\x80\x82" + bytes(4) + b"lo"]
        for piece in pieces:
            await client.send(piece)
            await asyncio.sleep(0.01)
        assert await client.exactly(7) == frame(1, b"hello")
        assert looked_at.rules[0].heard[0] == "hello"
        client.close()


async def test_a_session_has_only_so_many_judged_websockets_at_once() -> None:
    async with judged(limits=replace(LIMITS, judged=2)) as (here, _):
        first, second = await opened(here), await opened(here)
        await until(lambda: here.connections.tunnels == 2)
        client = await here.client()
        await client.send(ask("ws"))
        assert (await client.head()).startswith(b"HTTP/1.1 503 ")
        assert await client.exactly(4) == b"W504"
        first.close()
        await until(lambda: here.connections.tunnels == 1)
        (await opened(here)).close()
        second.close()
        client.close()


async def test_a_refused_message_is_answered_and_never_reaches_the_instance() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        await client.send(text("no"))
        assert await client.exactly(9) == frame(1, b"refused")
        assert here.peers[0].received.partition(HEAD_END)[2] == b""
        assert here.meter.refusals == 1
        await client.send(text("yes"))
        assert await client.exactly(5) == frame(1, b"yes")
        client.close()


async def test_a_sign_of_life_is_no_use_of_the_session() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        before = here.session.touched
        await client.send(text("alive"))
        await client.exactly(7)
        assert here.session.touched == before
        await client.send(text("hello"))
        await client.exactly(7)
        assert here.session.touched > before
        client.close()


async def test_nothing_passes_a_rule_that_fails() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        await client.send(text("fail") + text("after"))
        goodbye = close_frame(1011, "this message could not be judged")
        assert await client.exactly(len(goodbye)) == goodbye
        await client.send(close_frame(1011, "", b"mask"))
        await until(lambda: here.connections.tunnels == 0)
        assert b"after" not in here.peers[0].received
        client.close()


async def test_no_extension_is_asked_for_so_that_messages_can_be_read() -> None:
    async with judged() as (here, _):
        client = await opened(here, "Sec-WebSocket-Extensions: permessage-deflate")
        assert b"xtension" not in here.peers[0].received
        client.close()


async def test_a_server_that_grants_an_extension_all_the_same_is_not_believed() -> None:
    deflate = "Sec-WebSocket-Extensions: permessage-deflate"
    async with judged(quiet, deflate) as (here, _):
        client = await here.client()
        await client.send(ask("ws", deflate))
        assert (await client.head()).startswith(b"HTTP/1.1 502 ")
        client.close()


async def test_the_rules_know_the_subprotocol_that_was_agreed_on() -> None:
    subprotocol = "Sec-WebSocket-Protocol: v1.kernel.websocket.jupyter.org"
    async with judged(quiet, subprotocol) as (here, looked_at):
        client = await opened(here, subprotocol + ", other")
        assert looked_at.rules[0].subprotocol == "v1.kernel.websocket.jupyter.org"
        client.close()


async def test_a_websocket_without_rules_is_never_a_tunnel() -> None:
    async with stage(switching(quiet), passed=Passed()) as here:
        client = await here.client()
        await client.send(ask("ws"))
        assert (await client.head()).startswith(b"HTTP/1.1 502 ")
        assert here.connections.tunnels == 0
        client.close()


async def test_a_visitors_ping_is_answered_here_and_crosses_to_nobody() -> None:
    async with judged() as (here, _):
        client = await opened(here)
        await client.send(frame(9, b"there?", masked=True) + frame(10, b"", masked=True))
        assert await client.exactly(8) == frame(10, b"there?")
        assert here.peers[0].received.partition(HEAD_END)[2] == b""
        client.close()


async def test_an_instances_ping_is_answered_here_too() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(frame(9, b"there?"))
        await peer.rest()

    async with judged(script) as (here, _):
        client = await opened(here)
        await until(lambda: len(here.peers[0].received.partition(HEAD_END)[2]) == 12)
        assert here.peers[0].received.partition(HEAD_END)[2][:2] == b"\x8a\x86"
        client.close()


BROKEN = {
    "unmasked": frame(1, b"hello"),
    "a reserved bit": b"\xc1\x85" + bytes(4) + b"hello",
    "an unknown opcode": b"\x83\x80" + bytes(4),
    "a piece of nothing": b"\x80\x80" + bytes(4),
    "a message inside of another": b"\x01\x80" + bytes(4) + text("x"),
    "a long ping": b"\x89\xfe\x00\x7e" + bytes(4 + 126),
    "a ping in pieces": b"\x09\x80" + bytes(4),
    "bytes that are no text": frame(1, b"\xff", masked=True),
    "half a character": frame(1, "ö".encode()[:1], masked=True),
    "a goodbye of one byte": frame(8, b"\x03", masked=True),
    "a goodbye with no code there is": frame(8, b"\x03\xec", masked=True),
    "a message too long": b"\x82\xff" + (LIMITS.message_of_visitor + 1).to_bytes(8, "big") + bytes(4),
    "signs of life without end": frame(10, masked=True) * (2 * LIMITS.frames_at_once),
    "pieces without end": (b"\x01\x80" + bytes(4)) + (b"\x00\x80" + bytes(4)) * 1024,
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_no_websocket_ends_it_with_a_goodbye_that_says_so(name: str) -> None:
    async with judged() as (here, looked_at):
        client = await opened(here)
        await client.send(BROKEN[name] + text("after"))
        head = await client.exactly(2)
        assert head[0] == 0x88
        await client.exactly(head[1])
        await until(lambda: here.connections.tunnels == 0)
        assert looked_at.rules[0].heard == []
        client.close()


async def test_an_instance_that_breaks_the_rules_ends_it_for_both() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(b"\xc1\x05hello")
        await peer.rest()

    async with judged(script) as (here, looked_at):
        client = await opened(here)
        assert (await client.exactly(4))[:1] == b"\x88"
        await client.send(close_frame(1002, "", b"mask"))
        await until(lambda: here.connections.tunnels == 0)
        assert looked_at.rules[0].heard == []
        client.close()


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (1001, "leaving"), (4000, "own")])
async def test_a_visitors_goodbye_reaches_the_instance(code: int, reason: str) -> None:
    async with judged(quiet) as (here, _):
        client = await opened(here)
        await client.send(close_frame(code, reason, bytes(4)))
        goodbye = close_frame(code, reason)
        assert await client.exactly(len(goodbye)) == goodbye
        await until(lambda: here.connections.tunnels == 0)
        await until(lambda: here.peers[0].ended)
        written = here.peers[0].received.partition(HEAD_END)[2]
        assert written[0] == 0x88
        assert len(written) == len(goodbye) + 4
        client.close()


async def test_an_instances_goodbye_reaches_the_visitor() -> None:
    async def script(peer: Peer) -> None:
        await peer.send(frame(1, b"last words") + close_frame(1001, "restart"))
        await peer.rest()

    async with judged(script) as (here, _):
        client = await opened(here)
        words = frame(1, b"last words") + close_frame(1001, "restart")
        assert await client.exactly(len(words)) == words
        await client.send(close_frame(1001, "", bytes(4)))
        await until(lambda: here.connections.tunnels == 0)
        client.close()


async def test_the_end_of_a_session_is_told_with_its_reason() -> None:
    async with judged(quiet) as (here, _):
        client = await opened(here)
        here.connections.end("idle")
        goodbye = close_frame(4410, "W404 idle")
        assert await client.exactly(len(goodbye)) == goodbye
        await until(lambda: here.connections.tunnels == 0)
        client.close()


async def test_a_visitor_hears_why_their_instance_is_gone() -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    async with judged(script, limits=replace(LIMITS, cause=10.0)) as (here, _):
        client = await opened(here)
        await until(lambda: here.meter.losses > 0)
        here.connections.end("out_of_memory")
        goodbye = close_frame(4410, "W417 out_of_memory")
        assert await client.exactly(len(goodbye)) == goodbye
        await until(lambda: here.connections.tunnels == 0)
        client.close()


async def test_where_nobody_can_say_why_the_connection_is_cut() -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    async with judged(script, limits=replace(LIMITS, cause=0.05)) as (here, _):
        client = await opened(here)
        assert await client.rest() == b""
        await until(lambda: here.connections.tunnels == 0)


async def test_a_visitor_who_goes_away_takes_the_instances_connection_along() -> None:
    async with judged(quiet) as (here, _):
        client = await opened(here)
        client.reset()
        await until(lambda: here.connections.tunnels == 0)
        await until(lambda: here.peers[0].ended)


async def test_a_visitor_who_takes_no_bytes_makes_the_instance_wait() -> None:
    sent = 0

    async def script(peer: Peer) -> None:
        nonlocal sent
        piece = frame(2, bytes(MIB))
        for _ in range(64):
            await peer.send(piece)
            sent += len(piece)
        await peer.rest()

    async with judged(script) as (here, _):
        client = await opened(here)
        client.transport.pause_reading()
        await asyncio.sleep(0.5)
        assert sent < 32 * MIB
        client.transport.resume_reading()
        total = 64 * len(frame(2, bytes(MIB)))
        assert await client.swallow(total) == total
        client.close()


async def test_one_who_asks_for_refusals_and_never_reads_them_is_not_read_further() -> None:
    endless = replace(LIMITS, frames_at_once=10**9)
    async with judged(quiet, limits=endless) as (here, looked_at):
        client = await opened(here)
        client.transport.pause_reading()
        flood = text("no") * 4096
        for _ in range(400):
            client.transport.write(flood)
        heard = looked_at.rules[0].heard
        before = -1
        while before != len(heard):
            before = len(heard)
            await asyncio.sleep(0.5)
        assert len(heard) < 400 * 4096
        client.reset()
        await until(lambda: here.connections.tunnels == 0)


async def test_an_answer_is_reworked_when_it_is_whole() -> None:
    passed = Passed(rework=lambda body: body.upper() + b"!")
    async with stage(hello, passed=passed) as here:
        client = await here.client()
        await client.send(get("x"))
        assert (await client.head()).startswith(b"HTTP/1.1 200 ")
        assert await client.until(b"0\r\n\r\n") == b"6\r\nHELLO!\r\n0\r\n\r\n"
        assert b"Accept-Encoding: identity" in here.peers[0].received
        client.close()


def unreadable(_body: bytes) -> bytes:
    raise ValueError("no JSON")


async def test_an_answer_that_cannot_be_reworked_is_never_taken_for_whole() -> None:
    async with stage(hello, passed=Passed(rework=unreadable)) as here:
        client = await here.client()
        await client.send(get("x"))
        assert not await client.closed()
        assert b"hello" not in client.received


async def large(peer: Peer) -> None:
    """Answer every request with a mebibyte."""
    while True:
        await peer.head()
        await peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MIB + bytes(MIB))


async def test_answers_that_are_held_back_count_until_they_are_taken() -> None:
    limits = replace(LIMITS, reworked=4 * MIB)
    longer = Passed(rework=lambda body: body * 16)
    async with stage(large, passed=longer, limits=limits) as here:
        idle = [await here.client() for _ in range(4)]
        for client in idle:
            client.transport.pause_reading()
            await client.send(get("x"))
        await until(lambda: here.meter.sent == 4 * 16 * MIB)
        late = await here.client()
        await late.send(get("x"))
        assert not await late.closed()
        for client in idle:
            client.transport.resume_reading()
            assert await client.swallow(16 * MIB) >= 16 * MIB
        await until(lambda: here.connections.holding.size == 0)
        for client in idle:
            await client.send(get("x"))
            assert await client.swallow(16 * MIB) >= 16 * MIB
            client.close()


async def test_a_page_gets_the_rules_script_and_loses_the_secret_alike() -> None:
    page = f"<html><head></head>{SECRET}.</html>".encode()

    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page)
        )

    async with stage(script, passed=Passed(script=b"<style>calm</style>")) as here:
        client = await here.client()
        await client.send(get("lab"))
        await client.head()
        body = await client.until(b"0\r\n\r\n")
        assert b"<head><style>calm</style></head>" in body
        assert SECRET.encode() not in body
        client.close()


async def test_a_visitor_cannot_have_a_plain_request_switched() -> None:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant())
        await peer.rest()

    async with stage(script, passed=Passed()) as here:
        head, _ = await here.ask(get("x"))
        assert head.startswith(b"HTTP/1.1 502 ")
