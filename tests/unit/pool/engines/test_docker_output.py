from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.engines.docker_output import DISORDER, PIECE, SECOND, Entry, Place, Rest, moved, parsed

STAMP = b"2026-11-21T08:52:37.443815966Z "


def entry(number: int, at: int) -> Entry:
    return Entry(at, b"%d\n" % number)


def read_on(log: list[Entry], mark: str, limit: int) -> tuple[list[int], str]:
    """Ask an engine that holds `log`, as it would answer: by time, in the order of arrival."""
    place = Place.read(mark)
    assert place is not None
    rest = Rest(place, limit)
    for each in log:
        if each.at >= place.since and rest.take(each):
            break
    output = rest.output()
    return [int(line) for line in output.text.split()], output.mark


@given(
    st.lists(st.integers(0, DISORDER - 1), min_size=1, max_size=60),
    st.lists(st.integers(0, 3), min_size=1, max_size=60),
    st.lists(st.integers(1, 20), min_size=1, max_size=60),
    st.integers(1, 40),
)
def test_whenever_the_engine_is_asked_every_entry_comes_once_and_in_order(
    disorder: list[int], steps: list[int], bursts: list[int], limit: int
) -> None:
    """Times may stand still, go on in leaps, and be out of order by less than DISORDER."""
    log: list[Entry] = []
    got: list[int] = []
    mark, now = str(Place()), DISORDER
    for turn, burst in enumerate(bursts):
        for _ in range(burst):
            number = len(log)
            now += steps[number % len(steps)] * DISORDER // 3
            log.append(entry(number, now - disorder[number % len(disorder)]))
        if turn % 2:
            new, mark = read_on(log, mark, limit)
            got += new
    while True:
        new, mark = read_on(log, mark, limit)
        if not new:
            break
        got += new
    assert got == list(range(len(log)))


def test_when_the_engine_has_thrown_old_entries_away_the_new_ones_still_come() -> None:
    log = [entry(number, SECOND + number) for number in range(10)]
    _, mark = read_on(log, str(Place()), 1000)
    left = [entry(number, SECOND + number) for number in range(20, 25)]
    assert read_on(left, mark, 1000)[0] == list(range(20, 25))


def test_after_the_last_lines_only_what_was_written_later_comes() -> None:
    log = [entry(number, SECOND + number) for number in range(10)]
    place = moved(Place(), [each.at for each in log[-2:]], first=log[-2].at + 1)
    assert read_on([*log, entry(10, 2 * SECOND)], str(place), 1000)[0] == [10]


def test_a_line_that_is_still_being_written_waits_for_its_end() -> None:
    begun = [entry(1, SECOND), Entry(SECOND, b"x" * PIECE)]
    first = Rest(Place())
    assert not any(map(first.take, begun))
    assert first.output().text == "1\n"
    rest = Rest(Place.read(first.output().mark) or Place())
    for each in [*begun, Entry(SECOND, b"y\n")]:
        rest.take(each)
    assert rest.output().text == "x" * PIECE + "y\n"


@pytest.mark.parametrize(
    "mark", ["", "p12", "d1-2", "d1-2-3-4", "d-1-2-3", "d1-2-x", "d" + "9" * 30 + "-1-1"]
)
def test_a_mark_that_is_not_ours_names_no_place(mark: str) -> None:
    assert Place.read(mark) is None


def test_a_place_is_written_and_read_back() -> None:
    assert Place.read(str(Place(5, 6, 7))) == Place(5, 6, 7)


def test_an_entry_is_read_to_the_nanosecond() -> None:
    read = parsed(STAMP + b"two words\n")
    assert (read.at % SECOND, read.text) == (443_815_966, b"two words\n")


@pytest.mark.parametrize("raw", [b"", b"no time", b"2026-11-21T08:52:37.x short", b"\xff "])
def test_an_entry_without_its_time_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each part of it has a message of its own
        parsed(raw)
