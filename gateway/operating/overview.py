"""Everything the operator's page shows, as one JSON object. Reads what is there; changes and asks nothing."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from gateway.operating.recent import together
from gateway.operating.remedies import REMEDIES
from gateway.version import COMPILED, VERSION
from pool.core.states import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.operating.recent import Minute, Tally
    from gateway.site import Site
    from pool.core.instance import Instance
    from pool.pool import Pool

HEADLINES = {
    "well": "All is well",
    "look": "Serving visitors, but something wants a look",
    "down": "Not every visitor can be served right now",
}
"""What the page says first, by state of health."""

STATES = tuple(state for state in State if state is not State.GONE)


def overview(site: Site, *, now: float, uptime: float) -> dict[str, Any]:
    """Return the page's numbers. Sizes are bytes, spans seconds, shares from 0 to 1, the unknown None.

    `now` is seconds since 1970, `uptime` seconds since the gateway was put together.
    """
    minutes = site.recent.minutes()
    since_1970 = now - site.clock()
    return {
        "version": VERSION,
        "compiled": COMPILED,
        "uptime": round(uptime),
        "now": round(now, 3),
        "health": _health(site),
        "engine": _engine(site),
        "memory": _memory(site),
        "pools": [
            *(_pool(site, pool, minutes) for pool in site.pools),
            *(_left_over(site, name) for name in _unconfigured(site)),
        ],
        "minutes": [
            {
                "at": round(since_1970 + minute.began),
                "pools": {name: _counted(tally) for name, tally in minute.pools.items()},
            }
            for minute in minutes
        ],
        "errors": [
            {**asdict(error), "at": round(error.at), "remedy": REMEDIES.get(error.code or "")}
            for error in site.errors.newest_first()
        ],
    }


def lasting(view: dict[str, Any]) -> dict[str, Any]:
    """Return the part of an overview whose change is news; clocks and the host's memory never stand still."""
    restless = {"available", "pressure"}
    return {
        **{key: value for key, value in view.items() if key not in {"now", "uptime"}},
        "memory": {key: value for key, value in view["memory"].items() if key not in restless},
        "minutes": [minute["pools"] for minute in view["minutes"]],
    }


def _health(site: Site) -> dict[str, Any]:
    ready, reasons = site.readiness()
    state = "down" if not ready else "look" if reasons else "well"
    return {"state": state, "headline": HEADLINES[state], "reasons": reasons}


def _engine(site: Site) -> dict[str, Any]:
    facts, error = site.observer.facts, site.observer.error
    return {
        "name": facts.name if facts else site.engine.name,
        "version": facts.version if facts else None,
        "reach": facts.reach if facts else None,
        "error": None if error is None else str(error),
        "code": None if error is None else error.code,
        "remedy": None if error is None else error.remedy,
    }


def _memory(site: Site) -> dict[str, Any]:
    roster, settings = site.pools.roster, site.settings.memory
    return {
        "budget": roster.budget,
        "charged": roster.charged,
        "free": max(0, roster.budget - roster.charged),
        "charge": settings.charge.value,
        "reserve": settings.reserve,
        "available": site.host.available or None,
        "pressure": None if site.host.pressure is None else site.host.pressure / 100,
        "states": _states(roster),
    }


def _pool(site: Site, pool: Pool, minutes: list[Minute]) -> dict[str, Any]:
    of_pool = [instance for instance in site.pools.roster if instance.pool == pool.name]
    tallies = [minute.pools[pool.name] for minute in minutes]
    return {
        "name": pool.name,
        "title": site.title(pool.name),
        "warm": pool.warm,
        "hot": pool.settings.hot,
        "target": pool.wanted_ready,
        "max": pool.settings.max,
        "generation": pool.generation,
        "charged": sum(instance.charge for instance in of_pool),
        "states": _states(of_pool),
        "waiting": site.waiting.line.waiting(pool.name),
        "error": _pool_error(site, pool),
        "cell_errors": _cell_errors(site, of_pool),
        **_hour(tallies),
    }


def _left_over(site: Site, name: str) -> dict[str, Any]:
    """Return what is left of a pool that is not configured any more: its sessions go on."""
    of_pool = [instance for instance in site.pools.roster if instance.pool == name]
    return {
        **dict.fromkeys(("warm", "hot", "target", "max", "waiting"), 0),
        "error": None,
        "cell_errors": None,
        "name": name,
        "title": f"{name} (no longer configured)",
        "generation": "",
        "charged": sum(instance.charge for instance in of_pool),
        "states": _states(of_pool),
        **_hour([]),
    }


def _unconfigured(site: Site) -> list[str]:
    configured = {pool.name for pool in site.pools}
    return sorted({instance.pool for instance in site.pools.roster} - configured)


def _states(instances: Iterable[Instance]) -> dict[str, dict[str, int]]:
    states = {state.value: {"count": 0, "charged": 0} for state in STATES}
    for instance in instances:
        counted = states[instance.state]
        counted["count"] += 1
        counted["charged"] += instance.charge
    return states


def _hour(tallies: list[Tally]) -> dict[str, Any]:
    hour = together(tallies)
    return {
        "hits": hour.hits,
        "misses": hour.misses,
        "hour": {
            **_counted(hour),
            "busiest": max((tally.arrivals for tally in tallies), default=0),
            "hit_rate": hour.hit_rate,
            "refused": dict(hour.refused),
        },
    }


def _counted(tally: Tally) -> dict[str, Any]:
    def known(seconds: float | None) -> float | None:
        return None if seconds is None else round(seconds, 4)

    return {
        "arrivals": tally.arrivals,
        "hits": tally.hits,
        "misses": tally.misses,
        "wait_p50": known(tally.wait_p50),
        "wait_max": known(tally.wait_max),
    }


def _cell_errors(site: Site, instances: Iterable[Instance]) -> str | None:
    """Return what failed in the notebooks of a pool, each once: its instances are all made alike."""
    failed = dict.fromkeys(
        str(error) for instance in instances for error in site.pools.cell_errors(instance.id)
    )
    return f"Fails in the notebook itself: {'; '.join(failed)}" if failed else None


def _pool_error(site: Site, pool: Pool) -> str | None:
    health = site.pools.roster.health(pool.name)
    if pool.image_error:
        return pool.image_error
    if health.failures:
        return f"{health.failures} failed starts in a row: {health.error}"
    return None
