from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from gateway.proxy.limits import Limits
from gateway.proxy.tunnel import Switched, Tunnel

if TYPE_CHECKING:
    from gateway.proxy.tunnel import Carrier


class Stuck(asyncio.Transport):
    """Takes bytes, and passes none on."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = False
        self.held = b""
        self._protocol: asyncio.BaseProtocol | None = None

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = protocol

    def write(self, data: object) -> None:
        assert isinstance(data, bytes)
        first = not self.held
        self.held += data
        if first and self._protocol is not None:
            self._protocol.pause_writing()

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self.reading = False


class Uncounted:
    def request(self, status: int) -> None: ...

    def to_instance(self, size: int) -> None: ...

    def to_visitor(self, size: int) -> None: ...

    def tunnel_opened(self) -> None: ...

    def tunnel_closed(self) -> None: ...


def over(_: Carrier) -> None: ...


def nothing() -> None: ...


@pytest.mark.parametrize(("early", "leftover"), [(b"", b""), (b"\x82\x01a", b""), (b"", b"\x82\x01a")])
async def test_a_side_that_is_full_from_the_start_makes_the_other_one_wait(
    early: bytes, leftover: bytes
) -> None:
    visitor, instance = Stuck(), Stuck()
    tunnel = Tunnel(
        Switched(
            visitor,
            early,
            instance,
            leftover,
            on_activity=nothing,
            on_loss=nothing,
            on_over=over,
            meter=Uncounted(),
            limits=Limits(),
            random_bytes=bytes,
        )
    )
    tunnel.start()
    assert (instance.held, visitor.held) == (early, leftover)
    assert visitor.reading is not bool(early)
    assert instance.reading is not bool(leftover)
    tunnel.end()
