"""`warmgate doctor`: look at everything a gateway depends on and say how to mend what is wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from config import ConfigError
from gateway.cli.main import BAD_CONFIG, FAILED, config_option, preset_option, run, settings
from gateway.doctor.examination import Examination, refused
from gateway.doctor.verdict import Level

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from config import Loaded
    from gateway.doctor.verdict import Verdict

STYLES: Mapping[Level, str] = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}

SUBJECT_WIDTH = 14
"""Characters of the longest subject, and one more."""

STATUSES = """Exit status: 0 where no line says FAIL; 1 where one does; 2 the settings or the command line
cannot be used; 130 stopped with Ctrl-C."""


@click.command(name="doctor", epilog=STATUSES)
@config_option
@preset_option
def command(file: Path | None, preset: str | None) -> None:
    """Look at settings, state, ports, sessions' hosts, engine, memory, limits, network and clock.

    Each line says ok, or how to mend what is not. It works with and without a running gateway, and changes
    nothing. Run it as the gateway's user; as root it can look at the firewall too.

    \b
    Example, before a new machine is opened to visitors:
      sudo warmgate doctor --config /etc/warmgate.toml
    """  # noqa: D301 - click looks for the character
    report = Report(Console(highlight=False, soft_wrap=True))
    try:
        loaded = settings(file, preset, {})
        run(_examine(loaded, report))
    except ConfigError as error:
        for verdict in refused(error):
            report.add(verdict)
        report.close()
        sys.exit(BAD_CONFIG)
    report.close()
    if report.counts[Level.FAIL]:
        sys.exit(FAILED)


async def _examine(loaded: Loaded, report: Report) -> None:
    async for verdict in Examination(loaded).run():
        report.add(verdict)


class Report:
    """Prints verdicts as they come and counts them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.counts = dict.fromkeys(Level, 0)

    def add(self, verdict: Verdict) -> None:
        """Print one verdict, and below it how to mend what is wrong."""
        self.counts[verdict.level] += 1
        level = Text(f"{verdict.level.value:<5} ", style=STYLES[verdict.level])
        self._console.print(level + Text(f"{verdict.subject:<{SUBJECT_WIDTH}} {verdict.finding}"))
        if verdict.remedy:
            self._console.print(Text(f"{'':<{SUBJECT_WIDTH + 6}} → {verdict.remedy}", style="bold"))

    def close(self) -> None:
        """Print how many there were of each kind."""
        told = [f"{count} {level.value}" for level, count in self.counts.items() if count]
        self._console.print(Text(f"\n{', '.join(told)}"))
