from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from gateway.cli.answers import Overview, Written
from gateway.cli.errors import CommandRefused, GatewayUnreachable, InstanceGone
from gateway.cli.reading import FROM_THE_START, PATIENCE, Reading
from tests.unit.gateway.cli.overviews import instance, overview

if TYPE_CHECKING:
    from collections.abc import Callable


class Stop(Exception):
    """The test has seen enough of what goes on for ever."""


@dataclass
class Script:
    """A gateway whose instances write what the test says, one text for each time they are asked."""

    texts: dict[str, list[str | Exception]]
    pools: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, int, str]] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    now: float = 0.0
    rounds: int = 1000
    on_sleep: Callable[[], object] = lambda: None

    async def overview(self, *, measure: bool) -> tuple[Overview, bytes]:
        assert not measure, "reading must not wait for a measurement"
        return overview(*(instance(i, pool=self.pools.get(i, "app")) for i in self.texts)), b""

    async def output(self, instance_id: str, lines: int, after: str) -> Written:
        self.asked.append((instance_id, lines, after))
        texts = self.texts[instance_id]
        text = texts.pop(0) if texts else ""
        if isinstance(text, Exception):
            raise text
        mark = f"m{len(self.asked)}"
        return Written(id=instance_id, pool="app", state="warm", text=text, mark=mark)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.rounds -= 1
        self.on_sleep()
        if not self.rounds:
            raise Stop

    def reading(self, lines: int = 10) -> Reading:
        return Reading(
            self,
            lines,
            lambda instance_id, line: self.shown.append((instance_id, line)),
            self.notes.append,
            sleep=self.sleep,
            clock=lambda: self.now,
        )

    @property
    def lines(self) -> list[str]:
        return [line for _, line in self.shown]


GONE = InstanceGone("W601: it is gone")
AWAY = GatewayUnreachable("nobody there")


async def test_once_shows_what_each_has_and_asks_each_once() -> None:
    script = Script({"a": ["1\n2\n"], "b": ["3\n"]})
    await script.reading().once(["a", "b"])
    assert script.shown == [("a", "1"), ("a", "2"), ("b", "3")]
    assert [asked[0] for asked in script.asked] == ["a", "b"]


async def test_empty_lines_and_a_last_line_without_its_end_are_lines() -> None:
    script = Script({"a": ["\n\n1"]})
    await script.reading().once(["a"])
    assert script.lines == ["", "", "1"]


async def test_an_instance_is_followed_from_mark_to_mark_until_it_is_gone() -> None:
    script = Script({"a": ["1\n", "", "2\n", GONE]})
    await script.reading().follow("a")
    assert script.lines == ["1", "2"]
    assert [after for _, _, after in script.asked] == ["", "m1", "m2", "m3"]


async def test_none_of_the_lines_that_are_there_are_shown_when_none_are_asked_for() -> None:
    script = Script({"a": ["old\n", "new\nnewer\n", GONE]})
    await script.reading(lines=0).follow("a")
    assert script.lines == ["new", "newer"]


async def test_a_backlog_is_read_to_its_end_without_waiting() -> None:
    full = "x" * 99 + "\n"
    script = Script({"a": ["1\n", full * 700, full * 700, "end\n", GONE]})
    await script.reading().follow("a")
    assert len(script.lines) == 1402
    assert script.now < 2


@pytest.mark.parametrize("trouble", [AWAY, CommandRefused("W201: the engine does not answer")])
async def test_a_restart_of_gateway_or_engine_is_waited_for_and_told_once(trouble: Exception) -> None:
    script = Script({"a": ["1\n", trouble, trouble, trouble, "2\n", GONE]})
    await script.reading().follow("a")
    assert script.lines == ["1", "2"]
    assert len(script.notes) == 1


async def test_a_gateway_that_stays_away_ends_the_reading() -> None:
    script = Script({"a": ["1\n", *[AWAY] * 1000]})
    with pytest.raises(GatewayUnreachable):
        await script.reading().follow("a")
    assert script.now >= PATIENCE


async def test_of_a_pool_those_that_come_later_are_shown_from_their_start() -> None:
    script = Script({"a": ["1\n"], "z": []}, pools={"z": "other"}, rounds=3)
    script.on_sleep = lambda: script.texts.setdefault("b", ["2\n"])
    with pytest.raises(Stop):
        await script.reading(lines=3).follow_pool("app")
    assert script.shown == [("a", "1"), ("b", "2")]
    assert [asked for asked in script.asked if not asked[2]] == [("a", 3, ""), ("b", FROM_THE_START, "")]


async def test_one_that_ends_leaves_the_others_being_followed() -> None:
    script = Script({"a": ["1\n"], "b": ["2\n", "3\n"]}, rounds=3)
    script.texts["a"].append(GONE)
    with pytest.raises(Stop):
        await script.reading().follow_pool(None)
    assert script.lines == ["1", "2", "3"]
