"""A container's output, read on from where it was left. The engine keeps no place for a reader, but it stamps
each entry with the time and keeps the order of arrival, and from these a place can be made.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import aiodocker

from pool.engines.docker_calls import CONFLICT, NOT_FOUND
from pool.engines.engine import OUTPUT_LIMIT, Output

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

SECOND = 10**9
"""Nanoseconds, the unit of all times here."""

DISORDER = SECOND
"""Entries of the two outputs may be stored in another order than they were stamped, by far less than this."""

PIECE = 16 * 1024
"""Bytes at which the engine cuts a line into several entries; only the last of them ends with a line feed."""

HEAD = 8
"""Bytes before each entry (Docker Engine API, ContainerAttach): which output, and four bytes of length."""

_MARK = re.compile(r"d([0-9]{1,19})-([0-9]{1,9})-([0-9]{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log. `at` is nanoseconds since 1970."""

    at: int
    text: bytes = field(repr=False)

    @property
    def opens(self) -> bool:
        """Whether the line goes on in the next entry."""
        return len(self.text) >= PIECE and not self.text.endswith(b"\n")


@dataclass(frozen=True, slots=True)
class Place:
    """Of the entries stamped `since` or later, the first `seen` have been read, none of them after `last`."""

    since: int = 0
    seen: int = 0
    last: int = 0

    def __str__(self) -> str:
        return f"d{self.since}-{self.seen}-{self.last}"

    @classmethod
    def read(cls, mark: str) -> Place | None:
        """Return the place a mark names, or None when it names none."""
        found = _MARK.fullmatch(mark)
        return cls(*map(int, found.groups())) if found else None

    def skips(self, at: int, index: int) -> bool:
        """Return whether the entry at this index of an answer has been read. One that is stamped after all
        of those has not: the engine has thrown older ones away meanwhile, so that the count is too high.
        """
        return index < self.seen and at <= self.last


def moved(before: Place, times: list[int], *, first: int = 0) -> Place:
    """Return the place after entries with these times, which are all since `before`.

    Without a `before`, entries that were not asked for may lie before the first; `first` is that one's time.
    """
    if not times:
        return before
    last = max(*times, before.last)
    since = max(before.since, last - DISORDER, first)
    return Place(since, sum(at >= since for at in times), last)


async def read_on(docker: aiodocker.Docker, container: str, lines: int, mark: str) -> Output:
    """See Engine.output. Errors are aiodocker's; a container that is gone or has never run has none."""
    place = Place.read(mark)
    try:
        if place is None:
            return await _last(docker, container, lines)
        return await _since(docker, container, place)
    except aiodocker.DockerError as error:
        if error.status in {NOT_FOUND, CONFLICT}:
            return Output("", mark)
        raise


async def _last(docker: aiodocker.Docker, container: str, lines: int) -> Output:
    entries, size = [], 0
    async with aclosing(_entries(docker, container, tail=str(lines))) as stream:
        async for entry in stream:
            entries.append(entry)
            size += len(entry.text)
            while size > OUTPUT_LIMIT:
                size -= len(entries.pop(0).text)
    whole = _without_open_end(entries)
    # Behind the first of them, as others with its very time may lie before it.
    place = moved(Place(), [entry.at for entry in whole], first=whole[0].at + 1 if whole else 0)
    return Output(_text(whole), str(place))


class Rest:
    """What an answer to everything since a place holds that has not been read; ends when that is enough."""

    def __init__(self, place: Place, limit: int = OUTPUT_LIMIT) -> None:
        self._place = place
        self._limit = limit
        self._index = 0
        self._size = 0
        self._seen: list[int] = []
        self._new: list[Entry] = []

    def take(self, entry: Entry) -> bool:
        """Look at the next entry of the answer; return whether the rest can wait for another call."""
        if self._place.skips(entry.at, self._index):
            self._seen.append(entry.at)
        else:
            self._new.append(entry)
            self._size += len(entry.text)
        self._index += 1
        return self._size >= self._limit

    def output(self) -> Output:
        """Return what is new and the place behind it."""
        whole = _without_open_end(self._new, self._limit)
        return Output(_text(whole), str(moved(self._place, self._seen + [entry.at for entry in whole])))


async def _since(docker: aiodocker.Docker, container: str, place: Place) -> Output:
    rest = Rest(place)
    since = f"{place.since // SECOND}.{place.since % SECOND:09d}"
    async with aclosing(_entries(docker, container, since=since, tail="all")) as stream:
        async for entry in stream:
            if rest.take(entry):
                break
    return rest.output()


def _without_open_end(entries: list[Entry], limit: int = OUTPUT_LIMIT) -> list[Entry]:
    """Leave a line whose end is still to come for the next time, unless it is all there is."""
    end = len(entries)
    while end and entries[end - 1].opens:
        end -= 1
    return entries[:end] if end or sum(len(e.text) for e in entries) < limit else entries


def _text(entries: list[Entry]) -> str:
    return b"".join(entry.text for entry in entries).decode(errors="replace")


async def _entries(docker: aiodocker.Docker, container: str, **which: str) -> AsyncGenerator[Entry, None]:
    """Yield entries one by one, so that no more of an endless log is held than is asked for."""
    asked = {"stdout": "true", "stderr": "true", "timestamps": "true", **which}
    answer = await docker._do_query(  # noqa: SLF001 - aiodocker's own call gathers all, however much it is
        f"containers/{container}/logs", "GET", params=asked
    )
    try:
        while True:
            head = await answer.content.readexactly(HEAD)
            yield parsed(await answer.content.readexactly(int.from_bytes(head[4:], "big")))
    except asyncio.IncompleteReadError:
        return  # The end; half an entry, of a container that goes just now, is none.
    finally:
        answer.close()


def parsed(entry: bytes) -> Entry:
    """Read one entry with its time. Raises ValueError when it has none."""
    stamp, _, text = entry.partition(b" ")
    whole, _, fraction = stamp.decode("ascii").removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(f"{whole}+00:00").timestamp())
    return Entry(seconds * SECOND + int(fraction.ljust(9, "0")), text)
