from __future__ import annotations

import pytest

from bench.load.frames import BINARY, CLOSE, PING, PONG, Unframer, accept_key, frame, masked, opening

MASK = b"\x37\xfa\x21\x3d"


def test_the_handshake_is_answered_as_in_rfc_6455_section_1_3() -> None:
    assert accept_key(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_a_masked_frame_is_as_in_rfc_6455_section_5_7() -> None:
    assert frame(0x1, b"Hello", MASK) == bytes.fromhex("818537fa213d7f9f4d5158")
    assert frame(0x1, b"Hello") == b"\x81\x05Hello"


def test_masking_twice_gives_the_payload_back() -> None:
    assert masked(masked(b"some bytes", MASK), MASK) == b"some bytes"


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_a_message_of_any_size_is_echoed_unmasked(size: int) -> None:
    payload = bytes(index % 251 for index in range(size))
    assert list(Unframer().answers(frame(BINARY, payload, MASK))) == [frame(BINARY, payload)]


def test_frames_cut_anywhere_are_echoed_the_same() -> None:
    stream = frame(BINARY, b"a" * 200, MASK) + frame(BINARY, b"b", MASK)
    unframer = Unframer()
    answers = [answer for byte in stream for answer in unframer.answers(bytes((byte,)))]
    assert answers == [frame(BINARY, b"a" * 200), frame(BINARY, b"b")]


def test_a_ping_is_answered_and_a_pong_is_not() -> None:
    stream = frame(PING, b"x", MASK) + frame(PONG, b"y", MASK)
    assert list(Unframer().answers(stream)) == [frame(PONG, b"x")]


def test_a_close_is_answered_and_ends_the_connection() -> None:
    assert list(Unframer().answers(frame(CLOSE, b"\x03\xe8", MASK))) == [frame(CLOSE, b"\x03\xe8"), None]


def test_two_handshakes_have_different_keys() -> None:
    assert opening("h:1", "/echo") != opening("h:1", "/echo")
