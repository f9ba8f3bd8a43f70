"""How much a session's pages may say, and how fast. Time is the tests' own."""

from __future__ import annotations

import json

import pytest

from gateway.policy.jupyter.limits import MAX_JSON
from gateway.policy.pace import BYTES, BYTES_AT_ONCE, MESSAGES, MESSAGES_AT_ONCE
from tests.unit.gateway.policy.jupyter.page import FORMATS, Page, head

pytestmark = pytest.mark.parametrize("protocol", FORMATS)


def test_a_flood_of_messages_is_refused_and_answered_until_time_has_passed(protocol: str) -> None:
    page = Page(protocol)
    for _ in range(int(MESSAGES_AT_ONCE)):
        assert not page.say("shell", "history_request").refused
    verdict = page.say("shell", "history_request")
    assert page.is_refused(verdict)
    assert page.answers(verdict)[1] == ("shell", "history_reply")
    page.clock.now += 1.5 / MESSAGES
    assert not page.say("shell", "history_request").refused
    assert page.say("shell", "history_request").refused


def test_a_flood_of_bytes_is_not_even_read(protocol: str) -> None:
    page = Page(protocol)
    big = page.pack("shell", head("history_request"), {"x": "x" * (MAX_JSON // 2)})
    for _ in range(int(BYTES_AT_ONCE / len(big))):
        assert not page.send(big).refused
    assert page.send(big).refused == "too much at once"
    page.clock.now += len(big) / BYTES
    assert not page.send(big).refused


def test_many_websockets_of_a_session_may_say_no_more_than_one(protocol: str) -> None:
    page = Page(protocol)
    big = page.pack("shell", head("history_request"), {"x": "x" * (MAX_JSON // 2)})
    others = [Page(protocol, page.policy, page.clock) for _ in range(20)]
    assert sum(not other.send(big).refused for other in others) <= BYTES_AT_ONCE / len(big)
    page.clock.now += 60
    few = sum(not other.say("shell", "history_request").refused for other in others for _ in range(200))
    assert 0 < few <= MESSAGES_AT_ONCE


@pytest.mark.parametrize("value", ["[]", "{}", "1"])
def test_many_values_count_for_more_than_their_bytes(protocol: str, value: str) -> None:
    # Four mebibytes of these would take a second to read.
    page = Page(protocol)
    many = json.loads(f"[{','.join([value] * (MAX_JSON // (len(value) + 2)))}]")
    assert page.send(page.pack("shell", head("history_request"), {"x": many})).refused == (
        "too many values at once"
    )
    page.clock.now += 60
    some = page.pack("shell", head("history_request"), {"x": many[:100_000]})
    assert not page.send(some).refused


def test_what_stands_in_buffers_counts_for_its_bytes_only(protocol: str) -> None:
    page = Page(protocol)
    table = page.pack("shell", head("comm_msg"), {"comm_id": "w", "data": {}}, buffers=(b"," * MAX_JSON,))
    assert [page.send(table).refused for _ in range(3)] == ["a comm the kernel has not announced"] * 3


def test_the_shortest_messages_are_not_read_without_end(protocol: str) -> None:
    page = Page(protocol)
    junk = [page.conversation.from_visitor(b"x").refused for _ in range(5000)]
    assert junk[0] != junk[-1] == "too much at once"
