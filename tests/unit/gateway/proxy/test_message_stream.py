"""One side of a websocket as whole messages: what is heard, what is answered, what ends it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, SERVER

from gateway.policy.pace import Pace
from gateway.proxy.message_stream import MAX_FRAGMENTS, MessageStream

MIB = 2**20
AT_ONCE = 4
PER_SECOND = 2.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def sent(opcode: Opcode, data: bytes = b"", *, fin: bool = True) -> bytes:
    """Return a visitor's frame."""
    return Frame(opcode, data, fin).serialize(mask=True)


def heard(data: bytes) -> MessageStream:
    stream = MessageStream(SERVER, MIB)
    assert stream.feed(data) == []
    return stream


def test_a_message_is_heard_when_its_last_piece_has_come() -> None:
    stream = MessageStream(SERVER, MIB)
    assert stream.feed(sent(Opcode.TEXT, b"on", fin=False) + sent(Opcode.PING, b"?")) == []
    assert stream.feed(sent(Opcode.CONT, b"e") + sent(Opcode.BINARY, b"two")) == ["one", b"two"]
    assert stream.outgoing() == Frame(Opcode.PONG, b"?").serialize(mask=False)


@given(
    messages=st.lists(st.text(max_size=200) | st.binary(max_size=200), max_size=5),
    cuts=st.lists(st.integers(1, 300), min_size=1),
)
def test_however_the_bytes_are_cut_the_other_side_hears_what_was_said(
    messages: list[str | bytes], cuts: list[int]
) -> None:
    ours, theirs = MessageStream(CLIENT, MIB), MessageStream(SERVER, MIB)
    for message in messages:
        ours.send(message)
    data, came, turn = ours.outgoing(), [], 0
    while data:
        size = cuts[turn % len(cuts)]
        came += theirs.feed(data[:size])
        data, turn = data[size:], turn + 1
    assert came == messages


def test_a_message_longer_than_a_slice_is_heard_whole() -> None:
    data = bytes(range(256)) * 256
    assert MessageStream(SERVER, MIB).feed(sent(Opcode.BINARY, data)) == [data]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (sent(Opcode.BINARY, bytes(MIB + 1)), 1009),
        (sent(Opcode.TEXT, b"\xff"), 1007),
        (Frame(Opcode.TEXT, b"bare").serialize(mask=False), 1002),
        (sent(Opcode.CONT, b"of nothing"), 1002),
        (sent(Opcode.TEXT, fin=False) + sent(Opcode.CONT, fin=False) * MAX_FRAGMENTS, 1008),
    ],
)
def test_what_breaks_the_rules_ends_it_and_nothing_behind_it_is_heard(data: bytes, code: int) -> None:
    stream = heard(data + sent(Opcode.TEXT, b"after"))
    assert stream.heard
    assert stream.goodbye[0] == code
    assert stream.feed(sent(Opcode.TEXT, b"later")) == []


def test_a_goodbye_is_heard_with_its_reason_and_nothing_behind_it() -> None:
    stream = heard(sent(Opcode.CLOSE, b"\x03\xe8done") + sent(Opcode.TEXT, b"after"))
    assert stream.goodbye == (1000, "done")


@pytest.mark.parametrize("opcode", [Opcode.PING, Opcode.PONG, Opcode.TEXT])
def test_more_frames_than_the_pace_allows_end_it_whatever_they_are(opcode: Opcode) -> None:
    clock = Clock()
    stream = MessageStream(SERVER, MIB, Pace(PER_SECOND, AT_ONCE, clock=clock))
    stream.feed(sent(opcode) * AT_ONCE)
    assert not stream.heard
    clock.now = 1 / PER_SECOND
    stream.feed(sent(opcode))
    assert not stream.heard
    stream.feed(sent(opcode))
    assert stream.goodbye == (1008, "too many frames")


def test_of_a_flood_no_more_is_answered_than_the_pace_allows() -> None:
    stream = MessageStream(SERVER, MIB, Pace(PER_SECOND, AT_ONCE, clock=Clock()))
    stream.feed(sent(Opcode.PING) * 10_000)
    assert stream.outgoing().count(Frame(Opcode.PONG, b"").serialize(mask=False)) < 1_000


def test_an_instance_may_say_as_much_as_it_likes() -> None:
    stream = MessageStream(CLIENT, MIB)
    assert len(stream.feed(Frame(Opcode.TEXT, b"x").serialize(mask=False) * 10_000)) == 10_000
