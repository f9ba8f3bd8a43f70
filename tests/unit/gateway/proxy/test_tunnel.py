from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from gateway.proxy.carrier import Switched
from gateway.proxy.limits import DEFAULT
from gateway.proxy.quick_ack import QuickAcks
from gateway.proxy.tunnel import Tunnel

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

PING = b"\x89\x00"


class Transport:
    """Takes bytes and remembers; full from the first one on if it is told so."""

    def __init__(self, *, full: bool = False) -> None:
        self.protocol: Any = None
        self.written = b""
        self.reading = False
        self._full = full

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def write(self, data: bytes) -> None:
        self.written += data
        if self._full:
            self._full = False
            self.protocol.pause_writing()

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False

    def get_extra_info(self, _name: str) -> None:
        return None


class Meter:
    def to_instance(self, _size: int) -> None: ...

    def to_visitor(self, _size: int) -> None: ...


def tunnel(
    visitor: Transport,
    instance: Transport,
    early: bytes = b"",
    leftover: bytes = b"",
    on_activity: Callable[[], None] = lambda: None,
) -> Tunnel:
    made = Tunnel(
        Switched(
            cast("asyncio.Transport", visitor),
            early,
            cast("asyncio.Transport", instance),
            leftover,
            on_activity=on_activity,
            is_heartbeat=lambda message: message == b"still here",
            on_loss=lambda: None,
            on_over=lambda _carrier: None,
            meter=cast("Any", Meter()),
            limits=DEFAULT,
            random_bytes=bytes,
            quick_acks=QuickAcks(),
        )
    )
    made.start()
    return made


async def test_what_came_early_is_passed_on_both_ways() -> None:
    visitor, instance = Transport(), Transport()
    tunnel(visitor, instance, early=b"\x81\x80\0\0\0\0", leftover=PING)
    assert (instance.written, visitor.written) == (b"\x81\x80\0\0\0\0", PING)
    assert visitor.reading
    assert instance.reading


async def test_a_page_that_only_says_it_is_open_is_passed_on_and_is_no_activity() -> None:
    active: list[None] = []
    visitor, instance = Transport(), Transport()
    made = tunnel(visitor, instance, on_activity=lambda: active.append(None))
    heartbeat = b"\x82\x8a\0\0\0\0still here"
    made.visitor.data_received(heartbeat)
    assert (instance.written, active) == (heartbeat, [])
    made.visitor.data_received(b"\x82\x81\0\0\0\0a")
    assert active == [None]


@pytest.mark.parametrize("full", ["visitor", "instance"])
async def test_a_side_that_is_full_from_the_start_has_the_other_one_wait(full: str) -> None:
    visitor, instance = Transport(full=full == "visitor"), Transport(full=full == "instance")
    made = tunnel(visitor, instance, early=PING, leftover=PING)
    waiting, end = (instance, made.visitor) if full == "visitor" else (visitor, made.instance)
    assert not waiting.reading
    end.resume_writing()
    assert waiting.reading


async def test_a_side_that_drains_at_once_holds_nobody_up() -> None:
    visitor, instance = Transport(), Transport()
    made = tunnel(visitor, instance)
    for _ in range(3):
        made.visitor.pause_writing()
        made.visitor.resume_writing()
        assert instance.reading
        made.instance.pause_writing()
        made.instance.resume_writing()
        assert visitor.reading
