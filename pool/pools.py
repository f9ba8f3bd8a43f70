"""All pools together: what the gateway may ask of them. Every method is synchronous and makes no engine call,
so a visitor never waits for the engine.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import structlog
from cachetools import LRUCache

from pool.core.states import READY, Reason, State
from pool.errors import JournalUnwritable, PoolEmpty, PoolUnknown
from pool.identity import short
from pool.kinds.kind import Warmed
from pool.pool import Pool, base_path, public_path
from pool.running import Running
from pool.session import Ended, Session, Touch
from pool.upstream import Upstream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from config import PoolSettings
    from pool.core.instance import Instance
    from pool.core.roster import Roster
    from pool.engines.engine import Address
    from pool.identity import Identities
    from pool.journal import Journal, Replay
    from pool.kinds.kind import CellError, Kind
    from pool.kinds.published import Published
    from pool.labels import Tag
    from pool.metrics import PoolMetrics

log = structlog.stdlib.get_logger(__name__)

REMEMBERED_ENDED = 10_000
"""Ended session ids that are answered with the reason they ended for, not as unknown."""


class SessionListener(Protocol):
    """Is told when a session is over, at once and before its instance is removed."""

    def __call__(self, session: Session, reason: Reason) -> None:
        """Close what the session holds open. Must not raise."""
        ...


class Pools:
    """Assigns instances, knows sessions, ends them."""

    def __init__(
        self,
        pools: Sequence[Pool],
        *,
        kinds: Mapping[str, Kind],
        roster: Roster,
        journal: Journal,
        identities: Identities,
        metrics: PoolMetrics,
        clock: Callable[[], float],
        on_change: Callable[[], None],
    ) -> None:
        self._pools = {pool.name: pool for pool in pools}
        self._default = pools[0]
        self.roster = roster
        self.adopted = False
        """False until the engine has told what runs: till then an unknown session may yet be found."""
        self.journal_error: JournalUnwritable | None = None
        """Why the last assignment could not be written down, if it could not."""
        self._kinds = kinds
        self._journal = journal
        self._identities = identities
        self._metrics = metrics
        self._clock = clock
        self._on_change = on_change
        self._running: dict[str, Running] = {}
        self._sessions: dict[str, Session] = {}
        self._ended: LRUCache[str, Ended] = LRUCache(REMEMBERED_ENDED)
        self._listeners: list[SessionListener] = []
        self._openers: list[Callable[[Session], None]] = []
        self._reconfigured: list[Callable[[], None]] = []
        self._previewed: list[Callable[[Pool], None]] = []

    def __iter__(self) -> Iterator[Pool]:
        return iter(self._pools.values())

    def changed(self) -> None:
        """Something happened that the plan should look at soon."""
        self._on_change()

    def get(self, name: str | None) -> Pool:
        """Return the named pool, or the first one configured. Raises PoolUnknown."""
        if name is None:
            return self._default
        try:
            return self._pools[name]
        except KeyError:
            raise PoolUnknown(name[:64]) from None

    def peek(self, name: str) -> Pool | None:
        """Return the named pool while it is configured."""
        return self._pools.get(name)

    def reconfigure(self, pools: Sequence[PoolSettings]) -> None:
        """Go on with these pools. One that is no longer there gives up what is ready; its sessions stay."""
        known = self._pools
        self._pools = {}
        for settings in pools:
            kind = self._kinds[settings.kind]
            if (pool := known.get(settings.name)) is None:
                pool = Pool(settings, kind, settings.warm)
                self._metrics.expect(pool.name)
            else:
                pool.reconfigure(settings, kind)
            self._pools[pool.name] = pool
        self._default = self._pools[pools[0].name]
        for reconfigured in self._reconfigured:
            reconfigured()
        self._on_change()

    def listen(
        self,
        listener: SessionListener,
        *,
        opened: Callable[[Session], None] | None = None,
        reconfigured: Callable[[], None] | None = None,
    ) -> None:
        """From now on, call `listener` at the end of each session and `opened` at the beginning.

        `reconfigured` is called once there are other pools.
        """
        self._listeners.append(listener)
        if opened is not None:
            self._openers.append(opened)
        if reconfigured is not None:
            self._reconfigured.append(reconfigured)

    def on_preview(self, previewed: Callable[[Pool], None]) -> None:
        """From now on, call `previewed` with each pool that has a new `preview`."""
        self._previewed.append(previewed)

    def next_up(self, name: str | None = None) -> Instance:
        """Return the instance the next visitor gets. Raises PoolUnknown, PoolEmpty."""
        pool = self.get(name)
        ready = next(iter(self.roster.assignable(pool.name, pool.generation)), None)
        if ready is None:
            raise PoolEmpty(pool.name)
        return ready

    def assign(self, name: str | None = None) -> Session:
        """Give the next ready instance to a visitor and return their session.

        Raises PoolUnknown, PoolEmpty, and JournalUnwritable: what is not written down is not handed out.
        """
        return self.hand_over(self.next_up(name))

    def hand_over(self, ready: Instance) -> Session:
        """Give this ready instance to a visitor and return their session. Raises JournalUnwritable."""
        pool = self.get(ready.pool)
        now = self._clock()
        try:
            self._journal.assigned(ready.id, now, self._published(ready.id))
        except JournalUnwritable as error:
            self.journal_error = error
            raise
        self.journal_error = None
        instance = self.roster.assign(ready.id, now)
        session = self._open(instance)
        pool.assigned_at = now
        self._metrics.age.labels(pool.name).observe(now - instance.created_at)
        self._on_change()
        log.info("instance_assigned", instance=short(instance.id), pool=pool.name)
        return session

    def refuse(self, name: str) -> None:
        """A visitor was sent away because nothing was ready, and will come again."""
        self.get(name).refused_at = self._clock()
        self._on_change()

    def find(self, session_id: str) -> Session | None:
        """Return the living session of this id."""
        return self._sessions.get(session_id)

    def ended(self, session_id: str) -> Ended | None:
        """Return how the session of this id ended, or None when there never was one we remember."""
        return self._ended.get(session_id)

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All living sessions."""
        return tuple(self._sessions.values())

    def end(self, instance_id: str, reason: Reason) -> bool:
        """Let an instance, and its session if it has one, be over. Returns whether it was not yet."""
        now = self._clock()
        before = self.roster.end(instance_id, reason, now)
        if before is None:
            return False
        if before.state is State.ASSIGNED:
            self._close(instance_id, reason)
            if before.claimed and (pool := self.peek(before.pool)) is not None:
                pool.sessions.took(now - before.since)
        log.info("instance_ended", instance=short(instance_id), pool=before.pool, reason=reason.value)
        self._on_change()
        return True

    def drain(self, name: str | None = None) -> int:
        """End every ready instance of the named pool, or of all; new ones follow. Returns how many."""
        if name is not None:
            self.get(name)
        idle = [i.id for i in self.roster if i.state in READY and name in {None, i.pool}]
        return sum(self.end(instance_id, Reason.DRAINED) for instance_id in idle)

    def scale(self, name: str, warm: int) -> Pool:
        """Keep `warm` instances of the named pool ready from now on, within its `max`."""
        pool = self.get(name)
        pool.warm = min(warm, pool.settings.max)
        self._on_change()
        return pool

    def introduce(self, tag: Tag, address: Address) -> Upstream:
        """An instance runs at `address`: return how its server is spoken to.

        No two run at one address: whoever was there before has ended, though the engine has not said so yet.
        Its visitor must not reach the new one.
        """
        for other, known in tuple(self._running.items()):
            if known.upstream.address == address and other != tag.instance:
                self.end(other, Reason.DIED)
        kind = self._kinds[tag.record.kind]
        token = self._identities.token(tag.instance)
        upstream = Upstream(
            address=address,
            public_path=public_path(tag, self._identities),
            base_path=base_path(tag, self._identities),
            credential=kind.credential(token) if tag.record.asks_token else (),
            secret=token,
        )
        self._running[tag.instance] = Running(tag, upstream)
        return upstream

    def upstream(self, instance_id: str) -> tuple[Kind, Upstream] | None:
        """Return how to speak to a running instance."""
        found = self._running.get(instance_id)
        return None if found is None else (self._kinds[found.tag.record.kind], found.upstream)

    def prepared(self, instance_id: str, warmed: Warmed) -> None:
        """Keep what was found out while an instance was made warm."""
        if (running := self._running.get(instance_id)) is None:
            return
        running.warmed = warmed
        pool = self.peek(running.tag.pool)
        if pool and warmed.preview and pool.warmed(warmed.preview, running.tag.generation):
            for previewed in self._previewed:
                previewed(pool)
        for failed in warmed.cell_errors:
            log.warning("cell_failed", instance=short(instance_id), pool=running.tag.pool, detail=str(failed))

    def cell_errors(self, instance_id: str) -> tuple[CellError, ...]:
        """Return which cells of its author failed while an instance was made warm."""
        running = self._running.get(instance_id)
        return () if running is None else running.warmed.cell_errors

    def restore(self, instance: Instance, replay: Replay) -> Session:
        """Take up the session of an instance found running. `introduce` came before.

        One that the journal did not know is written down now, or the next start would hand it out.
        """
        if instance.id not in replay.assigned:
            with self._telling_of_the_journal():
                self._journal.assigned(instance.id, self._clock(), None)
        if (published := replay.published.get(instance.id)) is not None:
            self._running[instance.id].warmed = Warmed(published=published)
        self.roster.adopt(instance)
        return self._open(instance)

    def _published(self, instance_id: str) -> Published | None:
        """Return what the instance's visitor may use, where they may only view."""
        running = self._running[instance_id]
        return running.warmed.published if running.tag.record.judged else None

    def settle(self) -> None:
        """Everything that ran has been taken up: from now on an unknown session is unknown."""
        self.adopted = True
        if self.journal_error is None:
            with self._telling_of_the_journal():
                self._journal.settled(self._clock())

    @contextmanager
    def _telling_of_the_journal(self) -> Iterator[None]:
        """Where going on is better than stopping: tell that the journal could not be written."""
        try:
            yield
        except JournalUnwritable as error:
            self.journal_error = error
            log.warning("journal_unwritable", code=error.code, detail=error.detail)

    def recall(self, instance_id: str, reason: str) -> None:
        """Remember an ended session of an earlier run."""
        if reason in set(Reason):
            self._ended[self._identities.session_id(instance_id)] = Ended(Reason(reason))

    def lost(self, instance_id: str, reason: Reason) -> None:
        """A session of an earlier run has no living instance any more."""
        self._ended[self._identities.session_id(instance_id)] = Ended(reason)
        self._note_end(instance_id, reason)

    def forget(self, instance_id: str) -> None:
        """The engine has removed the instance."""
        now = self._clock()
        gone = self.roster.forget(instance_id, now)
        self._running.pop(instance_id, None)
        if (pool := self.peek(gone.pool)) is not None:
            pool.removals.took(now - gone.since)
        self._metrics.recycled.labels(gone.pool, gone.reason or Reason.ORPHAN).inc()
        self._on_change()

    def _open(self, instance: Instance) -> Session:
        running = self._running[instance.id]
        assigned_at = instance.created_at if instance.assigned_at is None else instance.assigned_at
        session = Session(
            id=self._identities.session_id(instance.id),
            instance_id=instance.id,
            pool=instance.pool,
            kind=self._kinds[running.tag.record.kind],
            upstream=running.upstream,
            entry=running.entry,
            ends_at=assigned_at + instance.max_age,
            idle_timeout=instance.idle_timeout,
            judged=running.tag.record.judged,
            published=running.warmed.published,
            _touch=Touch(self.roster.touch, self._clock),
            _claim=self.roster.claim,
        )
        self._sessions[session.id] = session
        for opened in self._openers:
            opened(session)
        return session

    def _close(self, instance_id: str, reason: Reason) -> None:
        session = self._sessions.pop(self._identities.session_id(instance_id))
        self._ended[session.id] = Ended(reason, session.pool)
        self._note_end(instance_id, reason)
        for listener in self._listeners:
            listener(session, reason)

    def _note_end(self, instance_id: str, reason: Reason) -> None:
        # The instance goes all the same; a restart before that would at worst find it still assigned.
        with self._telling_of_the_journal():
            self._journal.ended(instance_id, self._clock(), reason)
