"""What was a request becomes a websocket: both its connections go to what carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import UpstreamInvalid
from gateway.proxy import handshake
from gateway.proxy.carrier import Switched

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from gateway.policy.conversation import Conversation
    from gateway.proxy.answer import Head
    from gateway.proxy.connections import SessionConnections
    from gateway.proxy.fields import Named


def agree(
    connections: SessionConnections,
    head: Head,
    key: bytes,
    asked: Named,
    converse: Callable[[str], Conversation] | None,
) -> Conversation | None:
    """Check the instance's 101 against what was `asked` with `key`; return what is to judge the messages.

    Raises UpstreamInvalid, and SessionBusy where too many are judged already.
    """
    judged = connections.target.judged
    handshake.check(head, key, asked, readable=judged)
    if judged:
        if converse is None:
            raise UpstreamInvalid("a websocket that no rule knows")
        connections.check_judged()
    return None if converse is None else converse(handshake.subprotocol(head))


def hand_over(
    connections: SessionConnections,
    head: Head,
    visitor: tuple[asyncio.Transport, bytes],
    instance: tuple[asyncio.Transport, bytes],
    conversation: Conversation | None,
) -> None:
    """Tell the visitor that it is a websocket now, and have it carried. The bytes are what came ahead."""
    tools = connections.tools
    tools.meter.request(head.status)
    visitor[0].write(connections.answer_rules.switching(head))
    switched = Switched(
        *visitor,
        *instance,
        on_activity=connections.target.touch,
        is_heartbeat=connections.target.is_heartbeat,
        on_loss=tools.on_loss,
        on_over=connections.drop_tunnel,
        meter=tools.meter,
        limits=tools.limits,
        random_bytes=tools.random_bytes,
        quick_acks=tools.quick_acks,
        conversation=conversation,
    )
    carrier = tools.carry(switched)
    connections.add_tunnel(carrier)
    carrier.start()
