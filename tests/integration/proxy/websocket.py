"""What tests of websockets say and do on both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.proxy.handshake import accept
from tests.integration.proxy.peer import Peer, until
from tests.integration.proxy.rig import Stage, get

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


KEY = "dGhlIHNhbXBsZSBub25jZQ=="


ASK = ("Upgrade: websocket", "Connection: keep-alive, Upgrade", f"Sec-WebSocket-Key: {KEY}")


MIB = 1 << 20


def ask(path: str = "api/kernels/1/channels?session_id=2&token=x", *fields: str) -> bytes:
    return get(path, *ASK, "Sec-WebSocket-Version: 13", *fields)


def grant(*fields: str, key: str = KEY) -> bytes:
    accepted = accept(key.encode()).decode()
    lines = (
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accepted}",
        *fields,
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def frame(opcode: int, payload: bytes = b"", *, masked: bool = False) -> bytes:
    size = len(payload)
    if size < 126:
        length = bytes([size])
    else:
        length = b"\x7e" + size.to_bytes(2, "big") if size < 1 << 16 else b"\x7f" + size.to_bytes(8, "big")
    head = bytearray(bytes([0x80 | opcode]) + length)
    if masked:
        head[1] |= 0x80
    return bytes(head) + (b"\0\0\0\0" if masked else b"") + payload


def switching(then: Callable[[Peer], Awaitable[None]], *fields: str) -> Callable[[Peer], Awaitable[None]]:
    async def script(peer: Peer) -> None:
        await peer.head()
        await peer.send(grant(*fields))
        await then(peer)

    return script


async def echo(peer: Peer) -> None:
    while data := await peer.some():
        await peer.send(data)


async def quiet(peer: Peer) -> None:
    await peer.rest()


async def opened(here: Stage, *fields: str) -> Peer:
    client = await here.client()
    await client.send(ask("ws", *fields))
    assert (await client.head()).startswith(b"HTTP/1.1 101 ")
    await until(lambda: here.connections.tunnels > 0)
    return client
