from __future__ import annotations

import pytest

from gateway.workers.messages import Connection, Ended, Message, Opened, Stop, Used, decode, encode

OPENED = Opened("id", "instance", "pool", "generic", "::1", 80, "/user/id/", "/", [["A", "b"]], "secret")


@pytest.mark.parametrize(
    "message",
    [Stop(), Connection(more=True), Ended("id", "idle"), OPENED, Used([1, 2, 3, 4, 5], 6, 7, 8, [], ["x"])],
)
@pytest.mark.parametrize("data", [b"", b"\n\x00bytes\n"])
def test_a_message_and_its_bytes_come_back_as_they_were(message: Message, data: bytes) -> None:
    assert decode(encode(message, data)) == (message, data)


def test_no_secret_is_shown_when_a_message_is_printed() -> None:
    assert "secret" not in repr(OPENED)
    assert "id" not in repr(Ended("id", "idle")).replace("idle", "")


@pytest.mark.parametrize("packet", [b"", b"no json\n", b'["Nobody", {}]\n', b'["Stop", {"x": 1}]\n'])
def test_anything_else_is_refused(packet: bytes) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        decode(packet)
