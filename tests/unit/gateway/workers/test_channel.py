from __future__ import annotations

import asyncio
import os
import socket
from contextlib import closing
from dataclasses import dataclass, field

from gateway.workers.channel import PIECE, Channel, pair
from gateway.workers.messages import Connection, Ended, Message, Stop, encode


@dataclass
class Side:
    """What one side was told."""

    messages: list[Message] = field(default_factory=list)
    connections: list[tuple[socket.socket, bytes]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    def open(self, end: socket.socket) -> Channel:
        return Channel(
            end, self.messages.append, lambda *given: self.connections.append(given), self.ended.set
        )

    async def until(self, messages: int = 0, connections: int = 0) -> None:
        async with asyncio.timeout(10):
            while len(self.messages) < messages or len(self.connections) < connections:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.001)


async def test_messages_arrive_in_order_however_many_there_are() -> None:
    here, there = pair()
    side = Side()
    sender, receiver = Side().open(here), side.open(there)
    # Far more than the kernel holds for a socket.
    sent: list[Message] = [Ended(f"{number:>500}", "idle") for number in range(5000)]
    for message in sent:
        sender.send(message)
    await side.until(messages=len(sent))
    assert side.messages == sent
    sender.close()
    receiver.close()


async def test_a_connection_crosses_with_all_that_came_over_it() -> None:
    here, there = pair()
    side = Side()
    sender, receiver = Side().open(here), side.open(there)
    visitor, accepted = socket.socketpair()
    came = os.urandom(3 * PIECE + 17)
    sender.hand_over(accepted.detach(), came)
    await side.until(connections=1)
    connection, data = side.connections[0]
    assert data == came
    with closing(connection), closing(visitor):
        connection.sendall(b"hello")
        assert visitor.recv(5) == b"hello"
    sender.close()
    receiver.close()


async def test_a_descriptor_that_was_lost_takes_its_visitors_bytes_along() -> None:
    here, there = pair()
    side = Side()
    receiver = side.open(there)
    # So it comes where the receiver has no descriptor left: the packet, without what it carried.
    here.send(encode(Connection(more=True), b"one visitor's"))
    here.send(encode(Connection(), b" request"))
    sender = Side().open(here)
    visitor, accepted = socket.socketpair()
    sender.hand_over(accepted.detach(), b"another's")
    await side.until(connections=1)
    connection, data = side.connections[0]
    assert data == b"another's"
    with closing(connection), closing(visitor):
        sender.close()
        receiver.close()


async def test_the_end_of_the_other_process_is_noticed() -> None:
    here, there = pair()
    side = Side()
    channel = side.open(here)
    there.close()
    async with asyncio.timeout(10):
        await side.ended.wait()
    channel.send(Stop())


async def test_a_connection_nobody_takes_any_more_is_closed() -> None:
    here, there = pair()
    channel = Side().open(here)
    channel.close()
    there.close()
    visitor, accepted = socket.socketpair()
    channel.hand_over(accepted.detach(), b"")
    with closing(visitor):
        assert visitor.recv(1) == b""
