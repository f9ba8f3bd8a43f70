"""All instances of this gateway and the only ways to change them. Synchronous, so every change is atomic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pool.core import backoff
from pool.core.budget import charged
from pool.core.observed import Observed
from pool.core.order import by_assignment
from pool.core.states import NEXT, READY, Reason, State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pool.core.instance import Instance
    from pool.core.observed import Host

REMEMBERED_GONE = 4096
"""Ids of removed instances kept in mind, so that a late report of one is not taken for a stranger."""


class IllegalStepError(Exception):
    """A bug in warmgate: an instance was asked to take a step its state does not allow."""


class OverBudgetError(Exception):
    """A bug in warmgate: an instance was begun or assigned that the budget has no room for."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the starts of one pool fare."""

    failures: int = 0
    """In a row."""
    retry_at: float = 0.0
    error: str = ""


class Roster:
    """Holds instances by id. A beginning instance *is* the token of its start: it leaves `starting` by
    success or failure and its charge stays until `forget`, so the count of starts cannot drift.
    """

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._instances: dict[str, Instance] = {}
        self._in_flight: set[str] = set()
        self._health: dict[str, Health] = {}
        self._gone: dict[str, float] = {}
        self._promised: dict[str, int] = {}
        self.thawable = True
        """False while no engine answers: then what is paused cannot be assigned."""

    def __repr__(self) -> str:
        counts = " ".join(f"{state}={n}" for state, n in self.census().items() if n)
        return f"<Roster {counts or 'empty'} charged={self.charged}/{self.budget}>"

    def __iter__(self) -> Iterator[Instance]:
        return iter(tuple(self._instances.values()))

    def __len__(self) -> int:
        return len(self._instances)

    def __contains__(self, instance_id: str) -> bool:
        return instance_id in self._instances

    @property
    def charged(self) -> int:
        """Bytes charged by everything that is not gone."""
        return charged(self._instances.values())

    def was_here(self, instance_id: str) -> bool:
        """Return whether an instance of this id was removed lately."""
        return instance_id in self._gone

    def gone_since(self, instance_id: str) -> float | None:
        """Return when an instance of this id was removed, in monotonic seconds; None if it was not lately."""
        return self._gone.get(instance_id)

    def get(self, instance_id: str) -> Instance | None:
        """Return the instance of this id, or None."""
        return self._instances.get(instance_id)

    def observed(self, host: Host) -> Observed:
        """Return everything `plan` needs to see; `host` is what the roster cannot know."""
        return Observed(
            tuple(self._instances.values()), frozenset(self._in_flight), host, frozenset(self._promised)
        )

    def census(self, pool: str | None = None) -> dict[State, int]:
        """Return how many instances are in each state, of one pool or of all."""
        counts = dict.fromkeys(State, 0)
        for instance in self._instances.values():
            if pool is None or instance.pool == pool:
                counts[instance.state] += 1
        return counts

    def begin(self, instance: Instance) -> None:
        """Take in an instance that is about to start. Raises OverBudgetError when there is no room."""
        if self.charged + instance.charge > self.budget:
            raise OverBudgetError(repr(self))
        self._put_new(instance)

    def adopt(self, instance: Instance) -> None:
        """Take in an instance that already runs. It is charged even where that passes the budget:
        the memory is in use whether we like it or not, and nothing starts until there is room again.

        One that is draining may have been there before: it is only taken in to be removed once more.
        """
        if instance.state is State.DRAINING:
            self._gone.pop(instance.id, None)
        self._put_new(instance)

    def _put_new(self, instance: Instance) -> None:
        if instance.id in self._instances or self.was_here(instance.id):
            raise IllegalStepError(f"instance {instance.id[:8]} was there before: an id is never reused")
        self._instances[instance.id] = instance

    def step(self, instance_id: str, state: State, now: float, **changes: Any) -> Instance:
        """Move an instance to `state`. Raises IllegalStepError for a step that does not exist."""
        instance = self._instances[instance_id]
        if state not in NEXT[instance.state]:
            raise IllegalStepError(f"instance {instance_id[:8]}: {instance.state} → {state}")
        moved = replace(instance, state=state, since=now, **changes)
        self._instances[instance_id] = moved
        return moved

    def ready(self, pool: str, generation: str) -> list[Instance]:
        """Return the ready instances of a pool, the next visitor's first.

        One of an older generation only comes after all of the current one: better than none.
        """
        ready = [
            i
            for i in self._instances.values()
            if i.pool == pool
            and (i.state is State.WARM or (i.state is State.PAUSED and self.thawable))
            and i.id not in self._promised
        ]
        return sorted(ready, key=lambda i: (i.generation != generation, *by_assignment(i)))

    def assignable(self, pool: str, generation: str) -> list[Instance]:
        """Return those of `ready` that can be assigned one after the other with the room there is now: an
        assigned instance is charged its limit.
        """
        room = self.budget - self.charged
        found = []
        for instance in self.ready(pool, generation):
            growth = instance.limit - instance.charge
            # Without growth nothing has to fit: what is adopted may have passed the budget already.
            if growth and growth > room:
                break
            room -= growth
            found.append(instance)
        return found

    def promise(self, instance_id: str) -> None:
        """Keep a ready instance for a visitor, out of sight of others, while it is made to run.

        It is charged its limit from now on: what it will need is not there for anybody else meanwhile.
        Raises OverBudgetError when that does not fit.
        """
        instance = self._instances[instance_id]
        self._check_growth(instance)
        self._promised[instance_id] = instance.charge
        self._instances[instance_id] = replace(instance, charge=instance.limit)

    def free(self, instance_id: str) -> None:
        """Take the promise back."""
        before = self._promised.pop(instance_id, None)
        instance = self._instances.get(instance_id)
        if before is not None and instance is not None and instance.state in READY:
            self._instances[instance_id] = replace(instance, charge=before)

    def assign(self, instance_id: str, now: float) -> Instance:
        """Give a ready instance to a visitor. Raises OverBudgetError when its limit does not fit."""
        instance = self._instances[instance_id]
        self._check_growth(instance)
        return self.step(
            instance_id, State.ASSIGNED, now, charge=instance.limit, assigned_at=now, last_activity=now
        )

    def _check_growth(self, instance: Instance) -> None:
        growth = instance.limit - instance.charge
        if growth and self.charged + growth > self.budget:
            raise OverBudgetError(repr(self))

    def recharge(self, instance_id: str, measured: int) -> bool:
        """Charge a ready instance what it measures, at most its limit; 0 bytes mean it was not there. One
        that is promised keeps its charge.

        Returns False, and changes nothing, when it has grown and there is no room for that: then it must end.
        """
        instance = self._instances.get(instance_id)
        if instance is None or instance.state not in READY or instance_id in self._promised or not measured:
            return True
        charge = min(measured, instance.limit)
        if charge > instance.charge and self.charged - instance.charge + charge > self.budget:
            return False
        self._instances[instance_id] = replace(instance, charge=charge, measured=True)
        return True

    def claim(self, instance_id: str) -> None:
        """Note that the visitor has come."""
        instance = self._instances.get(instance_id)
        if instance is not None:
            self._instances[instance_id] = replace(instance, claimed=True)

    def touch(self, instance_id: str, now: float) -> None:
        """Note real use by the visitor."""
        instance = self._instances.get(instance_id)
        if instance is not None and instance.state is State.ASSIGNED:
            self._instances[instance_id] = replace(instance, last_activity=now)

    def end(self, instance_id: str, reason: Reason, now: float) -> Instance | None:
        """Let an instance drain. Returns it as it was, or None when it was already ending or gone."""
        instance = self._instances.get(instance_id)
        if instance is None or instance.state in {State.DRAINING, State.GONE}:
            return None
        self.step(instance_id, State.DRAINING, now, reason=reason)
        return instance

    def postpone(self, instance_id: str, until: float) -> None:
        """Do not try again to remove this instance before `until`."""
        instance = self._instances.get(instance_id)
        if instance is not None:
            self._instances[instance_id] = replace(instance, retry_at=until)

    def forget(self, instance_id: str, now: float) -> Instance:
        """The engine has confirmed that a draining instance is gone: give its charge back. Returns it as
        it was.
        """
        before = self._instances[instance_id]
        self.step(instance_id, State.GONE, now)
        self._gone[instance_id] = now
        if len(self._gone) > REMEMBERED_GONE:
            del self._gone[next(iter(self._gone))]
        self._in_flight.discard(instance_id)
        del self._instances[instance_id]
        return before

    def take_off(self, instance_id: str) -> None:
        """An action is now busy with this instance; `plan` proposes no second one."""
        self._in_flight.add(instance_id)

    def land(self, instance_id: str) -> None:
        """The action is over."""
        self._in_flight.discard(instance_id)

    def health(self, pool: str) -> Health:
        """Return how the starts of this pool fare."""
        return self._health.get(pool, Health())

    def start_failed(self, pool: str, error: str, now: float, jitter: float) -> Health:
        """Count a failed start and push the next one back."""
        failures = self.health(pool).failures + 1
        health = Health(failures, now + backoff.delay(failures, jitter), error)
        self._health[pool] = health
        return health

    def start_succeeded(self, pool: str) -> None:
        """Forget earlier failures."""
        self._health.pop(pool, None)
