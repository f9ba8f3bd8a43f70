"""What the gateway that runs says of itself, if one does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from config import WarmgateError
from gateway.cli.client import admin
from gateway.cli.errors import GatewaySilent, GatewayUnreachable
from gateway.doctor.verdict import Verdict, fail, ok, warn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import Settings
    from gateway.cli.answers import Overview, Readiness

SUBJECT = "gateway"


@dataclass(frozen=True, slots=True)
class Running:
    """Answers of the admin port, or why there are none."""

    overview: Overview | None = None
    readiness: Readiness | None = None
    error: WarmgateError | None = None

    @property
    def answers(self) -> bool:
        """Whether a gateway runs at the admin address."""
        return self.overview is not None

    @property
    def measured(self) -> int:
        """Bytes its instances use, as far as they could be measured."""
        return sum(each.measured or 0 for each in self.overview.instances) if self.overview else 0


async def look(settings: Settings) -> Running:
    """Ask the gateway of these settings."""
    try:
        async with admin(settings) as client:
            readiness = await client.readiness()
            overview, _ = await client.overview(measure=True)
    except WarmgateError as error:
        return Running(error=error)
    return Running(overview, readiness)


def judge(running: Running, gateway_id: str) -> Iterator[Verdict]:
    """Say whether it serves visitors, with its own reasons where it does not."""
    if isinstance(running.error, GatewayUnreachable) and not isinstance(running.error, GatewaySilent):
        yield warn(
            SUBJECT, f"none runs ({running.error})", "warmgate serve, with the same --config or --preset"
        )
    elif running.error is not None:
        yield fail(SUBJECT, f"{running.error.code}: {running.error}", running.error.remedy)
    if running.overview is None or running.readiness is None:
        return
    if running.overview.gateway != gateway_id:
        yield fail(
            SUBJECT,
            f"the one that answers has gateway_id {running.overview.gateway}, these settings {gateway_id}",
            "name the settings it was started with, or set another [gateway] admin_port",
        )
    if running.readiness.ready:
        yield ok(SUBJECT, f"{running.overview.version} runs and can serve a visitor now")
    for reason in running.readiness.reasons:
        say = warn if running.readiness.ready else fail
        yield say(SUBJECT, reason, "warmgate logs and the gateway's own log tell more")
    if not running.readiness.ready and not running.readiness.reasons:
        yield fail(SUBJECT, "it says that it cannot serve, and not why", "see the gateway's own log")
