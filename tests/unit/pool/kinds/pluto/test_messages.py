"""Pluto's messages, as the recorded ones are."""

from __future__ import annotations

import msgpack
import pytest

from pool.kinds.pluto.messages import date, decode, encode, is_heartbeat

PING = bytes.fromhex(
    "84a474797065a470696e67a9636c69656e745f6964a6616263313233aa726571756573745f6964a27233a4626f647980"
)
"""As a page of Pluto 0.17.7 sends it."""


def test_a_request_is_the_envelope_a_page_writes() -> None:
    frame = encode("connect", {}, client_id="c", request_id="r", notebook_id="n")
    assert decode(frame) == {
        "type": "connect",
        "client_id": "c",
        "request_id": "r",
        "body": {},
        "notebook_id": "n",
    }


def test_a_request_that_is_about_no_notebook_names_none() -> None:
    assert encode("ping", {}, client_id="abc123", request_id="r3") == PING


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x93\x01",
        msgpack.packb([1]),
        PING + b"\x00",
        b"\x81\x91\x01\x02",
        b"\x91" * 5000,
        b"\x81\xa1\xff\x01",
    ],
    ids=["empty", "reserved", "cut", "a list", "something behind", "a list for a key", "deep", "no text"],
)
def test_what_is_no_map_and_nothing_but_it_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="MsgPack"):
        decode(data)


def test_maps_with_numbers_for_keys_are_read_as_julia_has_them() -> None:
    assert decode(msgpack.packb({"shown": {1: "one"}})) == {"shown": {1: "one"}}


def test_numbers_that_julia_packs_as_a_block_stay_a_block() -> None:
    packed = msgpack.packb({"body": msgpack.ExtType(0x18, bytes(16))})
    assert decode(packed) == {"body": msgpack.ExtType(0x18, bytes(16))}


def test_a_date_is_eight_bytes_little_endian() -> None:
    assert date(-1) == msgpack.ExtType(0x0D, b"\xff" * 8)


def test_only_the_ping_is_a_heartbeat() -> None:
    assert is_heartbeat(PING)
    assert not is_heartbeat(encode("interrupt_all", {}, client_id="c", request_id="r"))
    assert not is_heartbeat(encode("complete", {"query": "ping"}, client_id="c", request_id="r"))
    assert not is_heartbeat(b"ping")
