"""Plays a case as its visitor, and judges what the visitor saw."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.compliance.case import (
    NO_SUCH_METHOD,
    Answered,
    AnsweredHere,
    Broken,
    Case,
    Either,
    Refused,
    Site,
    Stopped,
)
from tests.compliance.reading import Message, Reading, answers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.compliance.case import Outcome
    from tests.integration.proxy.peer import Peer

DATE = re.compile(rb"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT")
"""IMF-fixdate (RFC 9110 section 5.6.7)."""


@dataclass(slots=True)
class Conversation:
    """One connection of a visitor. Every byte that came counts, whether anybody waited for it or not."""

    client: Peer
    methods: tuple[str, ...] = ()
    """Of the requests that are answered, if not GET."""
    ended: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def reading(self) -> Reading:
        """The answers so far."""
        return answers(self.client.received, self.methods)

    @property
    def final(self) -> list[Message]:
        """The answers so far that are not interim ones."""
        return [message for message in self.reading.messages if message.status >= 200]

    async def listen(self) -> None:
        """Take in what comes, as long as the connection lasts."""
        try:
            while not self.ended:
                self.ended = not await self.client.some()
                self._news.set()
        except ConnectionError:
            self.ended = True
            self._news.set()

    async def send(self, data: bytes, *, piece: int = 0) -> None:
        """Send, if the other side still takes anything; `piece` bytes at a time, 0 for all at once."""
        for start in range(0, len(data), piece or len(data) or 1):
            if self.client.transport.is_closing():
                return
            self.client.write(data[start : start + piece] if piece else data)
            if piece:
                await asyncio.sleep(0)

    async def until(self, count: int, *, interim: bool = False) -> None:
        """Wait until there are so many answers, interim ones counted or not, or the connection has ended."""
        while not self.ended and len(self.reading.messages if interim else self.final) < count:
            self._news.clear()
            await self._news.wait()

    async def end(self) -> None:
        """Wait until the gateway ends the connection."""
        while not self.ended:
            self._news.clear()
            await self._news.wait()


async def play(client: Peer, case: Case, site: Site, *, piece: int = 0) -> Conversation:
    """Play the visitor's part of a case over a new connection. Raises an ExceptionGroup with a TimeoutError
    when nothing comes for the peer's patience.
    """
    seen = Conversation(client, methods(case.outcome))
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(seen.listen(), name="listen")
        await _play(seen, case, site, piece)
        listening.cancel()
    return seen


def methods(outcome: Outcome) -> tuple[str, ...]:
    """Return those of the requests that are answered."""
    answered = resolved(outcome, [200])
    return tuple(arrival.method for arrival in answered.arrivals) if isinstance(answered, Answered) else ()


async def _play(seen: Conversation, case: Case, site: Site, piece: int) -> None:
    match case.outcome:
        case Refused() | Broken():
            behind = "{smuggled}"
        case AnsweredHere():
            behind = "{next}"
        case _:
            behind = ""
    sent = site.encoded(case.sent)
    if case.then:
        await seen.send(sent, piece=piece)
        await seen.until(1, interim=True)
        sent = site.encoded(case.then)
    # `{length}` in the case does not count what is sent behind it.
    await seen.send(sent + site.encoded(behind), piece=piece)
    match case.outcome:
        case Stopped():
            await _half_close(seen)
        case _ if case.half_closed:
            await _half_close(seen)
        case Refused() | Broken():
            await seen.end()
        case AnsweredHere():
            await seen.until(2)
        case Either(answered=answered):
            await _follow(seen, answered, site)
        case Answered():
            await _follow(seen, case.outcome, site)


async def _half_close(seen: Conversation) -> None:
    with suppress(OSError):
        seen.client.half_close()
    await seen.end()


async def _follow(seen: Conversation, answered: Answered, site: Site) -> None:
    """Wait for the answers, then show what the connection is still good for."""
    count = len(answered.arrivals)
    await seen.until(count)
    await seen.send(site.encoded(answered.follow))
    await seen.until(count + 1)
    if answered.closes or answered.refuses_next:
        await seen.end()


def judge(case: Case, seen: Conversation, *, answered: Sequence[int]) -> None:
    """Assert that the visitor saw what the case says; `answered` is how the instance answers its arrivals."""
    statuses = [message.status for message in seen.final]
    assert not seen.reading.rest, "an answer that is not whole"
    for message in seen.final:
        (date,) = message.values(b"date")
        assert DATE.fullmatch(date)
    if len(seen.final) < len(seen.reading.messages):
        assert "HTTP/1.1\r\n" in case.sent
        assert "100-continue" in case.sent
    outcome = resolved(case.outcome, statuses)
    match outcome:
        case Refused() | Broken():
            assert len(statuses) == 1
            assert outcome.statuses.issuperset(statuses)
            assert seen.ended
        case Stopped():
            assert len(statuses) <= 1
            assert outcome.statuses.issuperset(statuses)
            assert seen.ended
        case AnsweredHere():
            assert outcome.statuses.issuperset(statuses[:1])
            assert statuses[1:] == [200] or (seen.ended and len(statuses) == 1)
        case Answered():
            assert statuses[: len(answered)] == list(answered)
            assert len(answered) == len(outcome.arrivals)
            _judge_following(case, outcome, statuses[len(answered) :], ended=seen.ended)


def _judge_following(case: Case, outcome: Answered, statuses: list[int], *, ended: bool) -> None:
    if outcome.closes or case.half_closed:
        assert not statuses
    elif outcome.refuses_next:
        assert len(statuses) == 1
        assert NO_SUCH_METHOD.statuses.issuperset(statuses)
    else:
        assert statuses == [200]
    assert ended == (outcome.closes or case.half_closed or outcome.refuses_next)


def resolved(
    outcome: Outcome, statuses: Sequence[int]
) -> Refused | Broken | Stopped | AnsweredHere | Answered:
    """Return which of two outcomes the first answer speaks of."""
    if isinstance(outcome, Either):
        return outcome.refused if outcome.refused.statuses.issuperset(statuses[:1]) else outcome.answered
    return outcome
