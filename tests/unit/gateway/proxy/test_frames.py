from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proxy.frames import REASON_LIMIT, FrameScanner, close_frame, short_message

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(
    opcode: int, payload: bytes = b"", *, masked: bool = False, final: bool = True, rsv: int = 0
) -> bytes:
    size = len(payload)
    mask_bit = 0x80 if masked else 0
    if size < 126:
        length = bytes([mask_bit | size])
    elif size < 1 << 16:
        length = bytes([mask_bit | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([mask_bit | 127]) + size.to_bytes(8, "big")
    first = (0x80 if final else 0) | rsv << 4 | opcode
    return bytes([first]) + length + (b"mask" if masked else b"") + payload


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 100_000])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("opcode", [CONTINUATION, TEXT, BINARY])
def test_a_data_frame_of_any_size_is_seen_and_ends_at_a_boundary(
    size: int, opcode: int, *, masked: bool
) -> None:
    scanner = FrameScanner()
    whole = frame(opcode, b"\x88" * size, masked=masked, rsv=4)
    assert scanner.feed(whole)
    assert scanner.at_boundary()
    assert scanner.feed(whole[:-1] if size else whole[:1]) or not size
    assert not scanner.at_boundary()
    assert not scanner.closed


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_control_frames_are_no_activity(opcode: int) -> None:
    scanner = FrameScanner()
    assert not scanner.feed(frame(opcode, b"hello", masked=True) * 3)
    assert scanner.at_boundary()
    assert scanner.closed == (opcode == CLOSE)


def test_the_rest_of_a_long_data_frame_is_activity_too() -> None:
    scanner = FrameScanner()
    whole = frame(BINARY, b"a" * 1000)
    assert scanner.feed(whole[:500])
    assert scanner.feed(whole[500:900])
    assert scanner.feed(whole[900:] + frame(PING))
    assert not scanner.feed(frame(PING))


def test_a_ping_between_fragments_is_a_boundary() -> None:
    scanner = FrameScanner()
    scanner.feed(frame(TEXT, b"a", final=False))
    assert scanner.at_boundary()
    assert not scanner.feed(frame(PING))
    assert scanner.feed(frame(CONTINUATION, b"b"))


def test_a_length_no_stream_can_have_is_never_at_a_boundary() -> None:
    scanner = FrameScanner()
    scanner.feed(b"\x82\x7f" + b"\xff" * 8)
    scanner.feed(b"a" * 100_000)
    assert not scanner.at_boundary()


FRAMES = st.tuples(
    st.sampled_from([CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG]),
    st.sampled_from([0, 1, 2, 125, 126, 300, 70_000]),
    st.booleans(),
)


@given(st.lists(FRAMES, min_size=1, max_size=6), st.data())
def test_cuts_change_nothing(frames: list[tuple[int, int, bool]], data: st.DataObject) -> None:
    pieces = [
        frame(opcode, b"p" * min(size, 125 if opcode > 7 else size), masked=m) for opcode, size, m in frames
    ]
    stream = b"".join(pieces)
    ends = set(itertools.accumulate(len(piece) for piece in pieces))
    cuts = sorted(set(data.draw(st.lists(st.integers(1, len(stream)), max_size=8))) | {len(stream)})
    scanner = FrameScanner()
    saw = False
    start = 0
    for end in cuts:
        saw |= scanner.feed(stream[start:end])
        assert scanner.at_boundary() == (end in ends)
        start = end
    assert saw == any(opcode < CLOSE for opcode, _, _ in frames)
    assert scanner.closed == any(opcode == CLOSE for opcode, _, _ in frames)


def test_a_close_frame_toward_a_client_is_plain() -> None:
    assert close_frame(1012, "restart") == b"\x88\x09\x03\xf4restart"


def test_a_close_frame_toward_a_server_is_masked() -> None:
    sent = close_frame(1001, "bye", b"\x01\x02\x03\x04")
    assert sent[:6] == b"\x88\x85\x01\x02\x03\x04"
    assert bytes(byte ^ sent[2 + index % 4] for index, byte in enumerate(sent[6:])) == b"\x03\xe9bye"


def test_a_long_reason_is_cut_between_characters() -> None:
    sent = close_frame(1000, "é" * 100)
    assert len(sent) - 4 <= REASON_LIMIT
    sent[4:].decode()
    assert FrameScanner().feed(sent) is False


def sent(opcode: int, payload: bytes, mask: bytes, *, final: bool = True, rsv: int = 0) -> bytes:
    """A frame as a browser masks it (RFC 6455 section 5.3)."""
    masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return frame(opcode, masked, masked=True, final=final, rsv=rsv).replace(b"mask", mask, 1)


@given(st.sampled_from([TEXT, BINARY]), st.binary(max_size=125), st.binary(min_size=4, max_size=4))
def test_a_short_message_that_came_alone_is_read(opcode: int, payload: bytes, mask: bytes) -> None:
    assert short_message(sent(opcode, payload, mask)) == payload


@pytest.mark.parametrize(
    "chunk",
    [
        b"",
        b"\x82\x80\0\0\0",
        sent(BINARY, b"a", b"abcd") + b"\x82",
        sent(BINARY, b"a", b"abcd")[:-1],
        sent(BINARY, b"a" * 126, b"abcd"),
        sent(PING, b"a", b"abcd"),
        sent(CLOSE, b"", b"abcd"),
        sent(CONTINUATION, b"a", b"abcd"),
        sent(BINARY, b"a", b"abcd", final=False),
        frame(BINARY, b"abcdefg"),
    ],
    ids=[
        "empty",
        "half a head",
        "two",
        "cut",
        "long",
        "ping",
        "close",
        "the rest of one",
        "the first part",
        "unmasked",
    ],
)
def test_whatever_else_comes_is_not_looked_into(chunk: bytes) -> None:
    assert short_message(chunk) is None


def test_a_compressed_message_is_not_looked_into() -> None:
    assert short_message(sent(BINARY, b"a", b"abcd", rsv=4)) is None
