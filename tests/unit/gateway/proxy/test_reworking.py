"""Answers that must be whole before they can be changed, and how many one session may have held back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import SessionBusy, UpstreamInvalid
from gateway.proxy.reworking import Holding, Reworking

if TYPE_CHECKING:
    from collections.abc import Callable


def upper(body: bytes) -> bytes:
    return body.upper()


def reworking(holding: Holding, rework: Callable[[bytes], bytes] = upper) -> Reworking:
    return Reworking(rework, holding)


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_nothing_is_sent_before_the_end_and_then_all_of_it_changed(pieces: list[bytes]) -> None:
    changed = reworking(Holding(1_000))
    assert all(changed.feed(piece) == b"" for piece in pieces)
    assert changed.end() == b"".join(pieces).upper()


def test_what_cannot_be_reworked_is_the_instances_fault() -> None:
    def unreadable(body: bytes) -> bytes:
        raise ValueError(body)

    changed = reworking(Holding(10), unreadable)
    changed.feed(b"no JSON")
    with pytest.raises(UpstreamInvalid):
        changed.end()


def test_one_sessions_answers_share_one_limit() -> None:
    holding = Holding(10)
    first, second = reworking(holding), reworking(holding)
    first.feed(bytes(6))
    second.feed(bytes(4))
    with pytest.raises(SessionBusy):
        second.feed(b"x")
    first.end()
    with pytest.raises(SessionBusy):
        second.feed(b"x")
    first.over()
    assert second.feed(b"x") == b""


def test_an_answer_that_was_refused_leaves_no_more_counted_than_it_held() -> None:
    holding = Holding(10)
    changed = reworking(holding)
    changed.feed(bytes(8))
    with pytest.raises(SessionBusy):
        changed.feed(bytes(3))
    changed.over()
    changed.over()
    assert holding.size == 0
