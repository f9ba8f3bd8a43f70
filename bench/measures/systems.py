"""The measures of whole systems: real notebooks through the gateway and through JupyterHub, and a soak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.measures import bursts, clicks, soak
from bench.musts import GATEWAY
from bench.peers.hub import CONFIG, JupyterHub
from bench.peers.hub_image import build_missing
from bench.running import CONFIG_NAME

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence
    from pathlib import Path

    from bench.measures.measure import Plan, Section
    from bench.progress import Progress

GROUPS = ("clicks", "bursts", "soak")
CLICKS_A_ROUND = 4
"""Clicks on the gateway for one on JupyterHub, which takes hundreds of times as long."""
SESSIONS_A_ROUND = 50


class Systems:
    """Plays them with those of the two that are among `peers`; `folder` is for their files."""

    def __init__(self, peers: Sequence[str], plan: Plan, folder: Path, progress: Progress) -> None:
        self._own = folder / "system" if GATEWAY in peers else None
        self._hub = folder / "system-hub" if JupyterHub.name in peers else None
        self._plan = plan
        self._progress = progress
        self.setups: dict[str, str] = {}
        """What ran, by name, for the report."""
        for own in filter(None, (self._own, self._hub)):
            own.mkdir()

    async def play(self, groups: Sequence[str]) -> list[Section]:
        """Play those that are among `groups`; what cannot be measured is told to `progress`."""
        sections: list[Section] = []
        for name, part in (("clicks", self._clicks), ("bursts", self._bursts), ("soak", self._soak)):
            if name in groups:
                sections += await self._tried(name, part()) or []
                self._note_setups(name)
        return sections

    def _note_setups(self, name: str) -> None:
        if self._own and (config := self._own / name / CONFIG_NAME).exists():
            self.setups[f"{GATEWAY}, {name}"] = (
                f"$ warmgate serve --config {CONFIG_NAME}\n{config.read_text()}"
            )
        if self._hub and name != "soak":
            self.setups.setdefault(JupyterHub.name, CONFIG.read_text())

    async def _tried(self, name: str, work: Awaitable[list[Section]]) -> list[Section] | None:
        try:
            return await work
        except Exception as error:  # noqa: BLE001 - whatever it is, the rest of the report is worth having
            self._progress.fault(f"{name}: {type(error).__name__}: {error}")
            return None

    async def _clicks(self) -> list[Section]:
        rounds, progress = self._plan.rounds, self._progress
        own = await clicks.warm_clicks(self._own, rounds * CLICKS_A_ROUND, progress) if self._own else []
        if self._hub:
            await build_missing(progress)
        hub = await clicks.hub_clicks(self._hub, rounds, progress) if self._hub else []
        return [clicks.section(own, hub)]

    async def _bursts(self) -> list[Section]:
        found = [await bursts.gateway_bursts(self._own, self._progress)] if self._own else []
        if self._hub:
            await build_missing(self._progress)
            found.append(await bursts.hub_bursts(self._hub, self._progress))
        return bursts.sections(*found)

    async def _soak(self) -> list[Section]:
        if self._own is None:
            return []
        sessions = self._plan.rounds * SESSIONS_A_ROUND
        return [await soak.soak(self._own, sessions, self._plan.cpus, self._progress)]
