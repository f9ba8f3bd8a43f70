from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gateway.proxy.door import Present

if TYPE_CHECKING:
    from gateway.proxy.door import Arrived


class Visitor:
    def __init__(self) -> None:
        self.told: list[str] = []

    def stop(self) -> None:
        self.told.append("stop")


def arrive(present: Present) -> Visitor:
    visitor = Visitor()
    present.came(cast("Arrived", visitor))
    return visitor


def test_at_a_stop_whoever_is_there_is_sent_away_and_whoever_comes_after_it_too() -> None:
    present = Present()
    before = arrive(present)
    assert before.told == []
    present.stop()
    assert before.told == ["stop"]
    assert arrive(present).told == ["stop"]
