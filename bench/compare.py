"""The gateway beside its peers, on the same work in one run: `make bench`."""

from __future__ import annotations

import argparse
import asyncio
import re
import resource
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import aiodocker

from bench.comparison import Report, tell
from bench.cpus import two_cpus
from bench.measures import bodies, echoes, requests, rest
from bench.measures.measure import Plan
from bench.measures.rounds import DIRECT, Player
from bench.measures.systems import GROUPS as SYSTEM_GROUPS
from bench.measures.systems import Systems
from bench.peers.gateway import BACKEND
from bench.peers.program import VERSION_LIMIT, output_of
from bench.peers.registry import PEERS
from bench.progress import Progress
from bench.report import machine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.measures.measure import Measure

MEASURES: tuple[Measure, ...] = (*requests.MEASURES, *echoes.MEASURES, *bodies.MEASURES, *rest.MEASURES)
GROUPS = (*dict.fromkeys(measure.group for measure in MEASURES), *SYSTEM_GROUPS)
FILES = 16_384
"""Open files a process needs: both sides of all silent websockets, and more."""


def raise_file_limit() -> None:
    """Let this process and those it starts open enough files. Raises RuntimeError where it may not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))
        except ValueError:
            raise RuntimeError(f"{FILES} open files are needed: `ulimit -Hn` says {hard}; raise it") from None
    elif soft < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))


def cpu_model() -> str:
    """Return what the processors call themselves."""
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else "unknown"


async def wrk_version() -> str:
    """Return the load generator's version; it tells it as if that were an error."""
    told = await output_of(["sh", "-c", "wrk -v || true"], limit=VERSION_LIMIT)
    return told.split()[1]


async def docker_version() -> str:
    """Return the engine's version, or that there is none."""
    try:
        async with aiodocker.Docker() as docker:
            return str((await docker.version())["Version"])
    except (aiodocker.DockerError, OSError, ValueError):
        return "no engine answers"


async def compare(groups: Sequence[str], names: Sequence[str], plan: Plan, progress: Progress) -> Report:
    """Play the measures of these groups with these peers."""
    about = machine() | {"cpu": cpu_model()}
    peers = [PEERS[name] for name in names]
    versions = {peer.name: await peer.version() for peer in peers} | {"wrk": await wrk_version()}
    if set(groups) & set(SYSTEM_GROUPS):
        versions["docker"] = await docker_version()
    with tempfile.TemporaryDirectory(prefix="warmgate-bench-") as folder:
        player = Player(peers, plan, Path(folder), progress)
        chosen = [measure for measure in MEASURES if measure.group in groups]
        sections = await player.play(chosen, [sys.executable, str(BACKEND)])
        systems = Systems(names, plan, Path(folder), progress)
        sections += await systems.play(groups)
    command = f"make bench ARGS={' '.join(sys.argv[1:])!r}" if sys.argv[1:] else "make bench"
    setups = systems.setups | player.setups
    return Report(command, about, versions, setups, sections, progress.faults, progress.elapsed)


def main() -> int:
    """Measure the gateway and its peers on the same work; write one report."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--only", default=",".join(GROUPS), help=f"measures, of {','.join(GROUPS)} (all)")
    parser.add_argument("--peers", default=",".join(PEERS), help=f"peers, of {','.join(PEERS)} (all)")
    parser.add_argument("--seconds", type=int, default=5, help="of one load (5)")
    parser.add_argument("--rounds", type=int, default=5, help="probes of each peer; the median counts (5)")
    parser.add_argument(
        "--out", type=Path, default=Path("bench/out"), help="folder of the report (bench/out)"
    )
    given = parser.parse_args()
    groups, names = given.only.split(","), given.peers.split(",")
    for what, choice, known in (("measure", groups, GROUPS), ("peer", names, PEERS)):
        for unknown in set(choice) - set(known):
            parser.error(f"no such {what}: {unknown}; there are {', '.join(known)}")
    if DIRECT not in names and any(measure.added for measure in MEASURES if measure.group in groups):
        names.insert(0, DIRECT)
    try:
        plan = Plan(given.seconds, given.rounds, two_cpus())
        raise_file_limit()
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    progress = Progress()
    try:
        report = asyncio.run(compare(groups, names, plan, progress))
    except KeyboardInterrupt:
        print("Interrupted: nothing is written.", file=sys.stderr)
        return 130
    tell(report, given.out)
    return 1 if progress.faults else 0


if __name__ == "__main__":
    sys.exit(main())
