"""Takes up what runs already when the gateway starts: sessions stay, warm instances are used again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from pool import labels
from pool.core.adopt import Candidate, Fate, fate
from pool.core.instance import Instance
from pool.core.states import Reason, State
from pool.engines.engine import LABEL_POOL, LIVE
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pool.engines.engine import Found
    from pool.journal import Replay
    from pool.labels import Tag
    from pool.pools import Pools

log = structlog.stdlib.get_logger(__name__)


def adopt(
    found: Iterable[Found],
    replay: Replay,
    pools: Pools,
    fingerprint: str,
    now: float,
    measured: Mapping[str, int],
) -> list[Instance]:
    """Put every found instance where it belongs; return those to be checked and warmed again.

    `measured` is bytes by instance where charges are measured: what nobody uses is charged that, or a full
    pool would count for many times the budget.

    A session whose instance is not found, or is found ended, was over while nobody looked: that is
    remembered.
    """
    for instance_id, reason in replay.ended.items():
        pools.recall(instance_id, reason)
    found = list(found)
    if found and not replay.whole:
        log.warning("journal_not_whole", kept_as_sessions=len(found))
    generations = {pool.name: pool.generation for pool in pools}
    lost = _how_they_ended(found, replay)
    again: list[Instance] = []
    for item in found:
        tag = labels.read(item.labels)
        if tag is None or item.address is None:
            doom(item, pools, now, now)
            continue
        reachable = tag.record.fingerprint == fingerprint and item.status in LIVE
        candidate = Candidate(tag.instance, tag.pool, tag.generation, reachable)
        match fate(candidate, replay.remembered, generations):
            case Fate.SESSION:
                lost.pop(tag.instance, None)
                pools.introduce(tag, item.address)
                pools.restore(_session(tag, replay.assigned.get(tag.instance), now), replay)
                log.info("session_adopted", instance=short(tag.instance), pool=tag.pool)
            case Fate.REUSE:
                pools.introduce(tag, item.address)
                instance = _known(tag, State.WARMING, now)
                if size := measured.get(tag.instance):
                    instance = replace(instance, charge=min(size, instance.limit))
                pools.roster.adopt(instance)
                again.append(instance)
            case Fate.REMOVE:
                doom(item, pools, now, now)
    for instance_id, reason in lost.items():
        pools.lost(instance_id, reason)
    return again


def _how_they_ended(found: Iterable[Found], replay: Replay) -> dict[str, Reason]:
    """Return why each session of the earlier run is over, should it turn out to be."""
    for_memory = {item.instance_id for item in found if item.out_of_memory}
    return {each: Reason.OUT_OF_MEMORY if each in for_memory else Reason.DIED for each in replay.assigned}


def doom(item: Found, pools: Pools, asked_at: float, now: float) -> None:
    """Take in an instance that is ours but of no use, for the plan to remove; leave a known one alone.

    One that was removed before the engine was asked, at `asked_at`, has come back: an engine may go on with a
    start that we have given up, and make the instance when its removal is long over.
    """
    gone_since = pools.roster.gone_since(item.instance_id)
    if item.instance_id in pools.roster or (gone_since is not None and gone_since >= asked_at):
        return
    tag = labels.read(item.labels)
    pools.roster.adopt(
        Instance(
            id=item.instance_id,
            pool=item.labels.get(LABEL_POOL, ""),
            generation="",
            charge=0 if tag is None or item.status not in LIVE else tag.record.charge,
            limit=0,
            state=State.DRAINING,
            created_at=now,
            since=now,
            idle_timeout=0.0,
            max_age=0.0,
            reason=Reason.ORPHAN,
        )
    )
    log.info("orphan_found", instance=short(item.instance_id), status=item.status.value)


def _session(tag: Tag, assigned_at: float | None, now: float) -> Instance:
    """Idle time counts anew: nobody could use the session while the gateway was away."""
    instance = _known(tag, State.ASSIGNED, now)
    at = instance.created_at if assigned_at is None else min(assigned_at, now)
    return replace(instance, assigned_at=at, last_activity=now, claimed=True)


def _known(tag: Tag, state: State, now: float) -> Instance:
    record = tag.record
    return Instance(
        id=tag.instance,
        pool=tag.pool,
        generation=tag.generation,
        charge=record.charge,
        limit=record.charge,
        state=state,
        created_at=min(record.created_at, now),
        since=now,
        idle_timeout=record.idle_timeout,
        max_age=record.max_age,
    )
