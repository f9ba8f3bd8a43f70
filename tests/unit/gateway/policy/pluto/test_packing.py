from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.pluto.packing import MOST_DEPTH, MOST_PARTS, pack, unpack

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.binary(max_size=4).map(lambda data: msgpack.ExtType(0x17, data * 4)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_what_a_page_sends_is_read_and_written_as_it_was_meant(value: Any) -> None:
    assert unpack(msgpack.packb(value)) == value
    assert unpack(pack(unpack(msgpack.packb(value)))) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        value = unpack(data)
    except ValueError:
        return
    # Whatever was read is written in the one shortest form, and read alike by anybody.
    assert repr(unpack(pack(value))) == repr(value)


def nested(depth: int) -> bytes:
    return b"\x91" * depth + b"\xc0"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01\x01",
        b"\xc1",
        b"\x82\xa1a\x01\xa1a\x02",
        b"\x82\xa1a\x01\xd9\x01a\x02",
        b"\x81\x01\x01",
        b"\x81\xc4\x01a\x01",
        b"\x81\x91\x01\x01",
        b"\xa1\xff",
        b"\xa3\xed\xa0\x80",
        b"\xd4\x05\x00",
        b"\xd4\xff\x00",
        b"\xd6\xff\x00\x00\x00\x00",
        b"\xc7\x0c\xff" + bytes(12),
        b"\xc7\x03\x0d" + bytes(3),
        b"\xc7\x03\x18" + bytes(3),
        b"\xdf\xff\xff\xff\xff",
        b"\xdd\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xffabc",
        b"\xdd" + (MOST_PARTS + 1).to_bytes(4, "big") + b"\xc0" * (MOST_PARTS + 1),
        b"\x92" + (b"\xdd" + (MOST_PARTS // 2).to_bytes(4, "big") + b"\x90" * (MOST_PARTS // 2)) * 2,
        b"\xdd" + (MOST_PARTS // 2).to_bytes(4, "big") + b"\x81\xa0\xc0" * (MOST_PARTS // 2),
        nested(MOST_DEPTH + 2),
        nested(100_000),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_what_could_be_read_in_two_ways_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack(data)


def test_a_value_may_be_as_deep_as_a_few_lists_in_each_other() -> None:
    assert unpack(nested(MOST_DEPTH)) is not None
