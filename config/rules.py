"""What must hold between settings. Each rule is a pure function from settings to findings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config.addresses import is_below, is_loopback, may_collide
from config.errors import ConfigError, Problem
from config.keys import Path, dotted, field_at, shown
from config.pools import Kind, Mode
from config.settings import EngineName
from config.units import format_size
from config.wording import with_origin, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule: the key to blame, what is allowed there, and all keys the rule looked at."""

    blamed: Path
    allowed: str
    others: tuple[Path, ...] = ()

    def looked_at(self, path: Path) -> bool:
        """Say whether the value at `path`, or the table it stands for, played a part."""
        return any(key[: len(path)] == path for key in (self.blamed, *self.others))

    def problem(self, settings: Settings, origin: str = "file") -> Problem:
        """Add the value and where it came from, for an operator."""
        value: Any = settings
        for part in self.blamed:
            value = value[part] if isinstance(part, int) else getattr(value, part)
        text = with_origin(written(value, shown(field_at(self.blamed))), origin)
        return Problem(dotted(self.blamed), text, self.allowed)


def broken(settings: Settings, engine: EngineName) -> Iterator[Finding]:
    """Every broken rule with `engine` running instances; `auto` leaves out what only one engine asks for."""
    yield from _addresses(settings, engine)
    yield from _budget(settings)
    names = Counter(pool.name for pool in settings.pools)
    for at, pool in enumerate(settings.pools):
        if names[pool.name] > 1:
            same = [each for each, other in enumerate(settings.pools) if other.name == pool.name]
            others = tuple(("pools", each, "name") for each in same)
            yield Finding(("pools", at, "name"), "a name no other pool has", others)
        yield from _pool(settings, at, engine)


def check_engine(settings: Settings, engine: EngineName) -> None:
    """Check again once `auto` has become one engine. Raises ConfigError when the settings do not suit it."""
    found = [finding.problem(settings) for finding in broken(settings, engine)]
    if found:
        raise ConfigError(*found)


def _addresses(settings: Settings, engine: EngineName) -> Iterator[Finding]:
    gateway = settings.gateway
    host, port, admin_host = ("gateway", "host"), ("gateway", "port"), ("gateway", "admin_host")
    if engine is EngineName.PROCESS and not is_loopback(gateway.host):
        yield Finding(
            host,
            "a loopback address such as 127.0.0.1, as the process engine does not isolate visitors",
            (("engine", "name"),),
        )
    if not is_loopback(gateway.admin_host) and not gateway.admin_token.get_secret_value():
        yield Finding(
            ("gateway", "admin_token"),
            f"a token, as gateway.admin_host {gateway.admin_host} is not loopback",
            (admin_host,),
        )
    domain = ("gateway", "session_domain")
    if gateway.session_domain and not gateway.public_url:
        yield Finding(
            ("gateway", "public_url"),
            "the address people use, as hosts below gateway.session_domain take scheme and port from it",
            (domain,),
        )
    elif gateway.session_domain and is_below(gateway.public_url, gateway.session_domain):
        yield Finding(
            domain,
            "a domain that gateway.public_url is not below, or our own pages would be taken for a session's",
            (("gateway", "public_url"),),
        )
    if gateway.port and gateway.port == gateway.admin_port and may_collide(gateway.host, gateway.admin_host):
        yield Finding(
            ("gateway", "admin_port"),
            "a port other than gateway.port on the same host",
            (host, port, admin_host),
        )


def _budget(settings: Settings) -> Iterator[Finding]:
    budget = settings.memory.budget
    at, largest = max(enumerate(settings.pools), key=lambda entry: entry[1].memory)
    if budget != "auto" and budget < largest.memory:
        yield Finding(
            ("memory", "budget"),
            f"auto, or at least {format_size(largest.memory)}: one instance of pools[{at}] {largest.name}",
            (("pools", at, "memory"),),
        )


def _pool(settings: Settings, at: int, engine: EngineName) -> Iterator[Finding]:
    pool = settings.pools[at]

    def key(name: str) -> Path:
        return ("pools", at, name)

    if pool.warm > pool.max:
        yield Finding(key("warm"), f"at most pools[{at}].max, which is {pool.max}", (key("max"),))
    if pool.mode is Mode.VIEW and pool.kind is Kind.GENERIC:
        yield Finding(key("mode"), "edit, as nobody knows what kind generic may be asked", (key("kind"),))
    elif pool.mode is Mode.VIEW and not pool.notebook:
        yield Finding(key("notebook"), "a notebook, as mode view is for reading one", (key("mode"),))
    if pool.kind is Kind.GENERIC and pool.notebook:
        yield Finding(key("notebook"), "empty, as kind generic opens no notebook", (key("kind"),))
    needs = (key("command"), key("kind"), ("engine", "name"))
    if pool.kind is Kind.GENERIC and engine is EngineName.PROCESS and not pool.command:
        yield Finding(key("command"), "a command, as kind generic has none of its own", needs)
    elif not pool.image and (engine is EngineName.DOCKER or (pool.kind is Kind.GENERIC and not pool.command)):
        what = "an image" if engine is EngineName.DOCKER else "an image, or a command in pools[].command"
        yield Finding(key("image"), what, needs)
