"""How much a session's pages may say, and how fast. Time is the tests' own."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policy.pace import BYTES_AT_ONCE, MESSAGES_AT_ONCE
from tests.unit.gateway.policy.pluto.page import Page, read


def test_a_page_that_edits_without_end_costs_the_server_few_states_and_is_answered_all_the_same() -> None:
    page = Page()
    verdicts = [page.bond("scale", 1) for _ in range(100)]
    states = [verdict for verdict in verdicts if verdict.to_instance]
    assert 0 < len(states) < 20
    for verdict in verdicts:
        assert len(verdict.to_instance) + len(verdict.to_visitor) == 1
    (answer,) = read(verdicts[-1].to_visitor)
    assert answer["message"]["patches"] == []
    assert "counter" not in answer["message"]
    page.clock.now += 60
    assert page.bond("scale", 1).to_instance


def test_asking_for_the_whole_state_again_and_again_is_slowed_down_too() -> None:
    page = Page()
    assert 0 < sum(bool(page.say("reset_shared_state").to_instance) for _ in range(100)) < 20


def test_a_page_that_never_stops_talking_is_answered_and_no_longer_heard() -> None:
    page = Page()
    verdicts = [page.bond("n", number) for number in range(3000)]
    assert verdicts[1000].to_instance
    assert verdicts[-1].refused == "too many messages"
    assert len(verdicts[-1].to_visitor) == 1
    page.clock.now += 1
    assert page.bond("n", 1).to_instance


def test_more_bytes_than_anybody_needs_are_not_even_read() -> None:
    page = Page()
    file = {"name": "a.csv", "data": bytes(3 * 2**20)}
    verdicts = [page.bond("n", file) for _ in range(10)]
    assert verdicts[0].to_instance
    assert verdicts[-1].refused == "too much at once"


def test_many_websockets_of_a_session_may_say_no_more_than_one() -> None:
    page = Page()
    others = [Page(f"page{number}", beside=page) for number in range(50)]
    file = {"name": "a.csv", "data": bytes(3 * 2**20)}
    assert sum(bool(other.bond("n", file).to_instance) for other in others) <= BYTES_AT_ONCE / 2**20
    page.clock.now += 60
    passed = sum(bool(other.bond("n", 1).to_instance) for other in others for _ in range(100))
    assert 0 < passed <= MESSAGES_AT_ONCE


@pytest.mark.parametrize("value", [[[]] * 40_000, [{}] * 40_000, [None] * 90_000])
def test_many_values_count_for_more_than_their_bytes(value: list[Any]) -> None:
    # Tens of kilobytes of these take as long to read as megabytes of text.
    page = Page()
    verdicts = [page.bond("n", value) for _ in range(10)]
    assert verdicts[0].to_instance
    assert sum(bool(verdict.to_instance) for verdict in verdicts) <= 4
    assert verdicts[-1].refused == "too much at once"
    page.clock.now += 60
    assert page.bond("n", 1).to_instance


def test_the_shortest_messages_are_not_read_without_end() -> None:
    page = Page()
    junk = [page.conversation.from_visitor(b"x").refused for _ in range(5000)]
    assert junk[0] == "unreadable"
    assert junk[-1] == "too much at once"
