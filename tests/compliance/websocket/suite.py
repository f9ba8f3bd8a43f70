"""Runs Autobahn's fuzzing client, which plays the visitor, against one server."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.compliance.websocket.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CASE_LIMIT = 600.0
"""Seconds until the next case must have begun: Autobahn itself gives up the longest ones after 480."""
ANNOUNCED = re.compile(rb"Ok, will run (\d+) test cases")
RUNNING = re.compile(rb"Running test case ID ([0-9.]+) ")
LAST_WORDS = 20
"""Lines of the client's output that are told when it fails."""


@dataclass(slots=True)
class Suite:
    """One run of the cases against one server, and how far it is."""

    name: str
    wstest: Path
    """The command that `tests/environment/autobahn.sh` leaves."""
    folder: Path
    """Where Autobahn writes its own report."""
    cases: Sequence[str]
    """Ids, or patterns such as `12.1.*`."""
    announced: int = 0
    """How many cases there will be."""
    begun: int = 0
    case: str = ""
    """The one that runs now."""

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        return f"{self.name}: {self.begun} of {self.announced}" + (f" ({self.case})" if self.case else "")

    async def run(self, url: str) -> dict[str, Verdict]:
        """Play all cases; return the verdicts by case.

        Raises TimeoutError when a case does not end, RuntimeError with its last output when the client fails.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        spec, index = self.folder / "fuzzingclient.json", self.folder / "index.json"
        index.unlink(missing_ok=True)
        spec.write_text(
            json.dumps(
                {
                    "outdir": str(self.folder),
                    "servers": [{"agent": self.name, "url": url}],
                    "cases": list(self.cases),
                    "exclude-cases": [],
                }
            )
        )
        client = await asyncio.create_subprocess_exec(
            self.wstest,
            "--mode=fuzzingclient",
            f"--spec={spec}",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            said = await self._watch(client)
            async with asyncio.timeout(CASE_LIMIT):
                await client.wait()
        except BaseException:
            with suppress(ProcessLookupError):
                client.kill()
            await client.wait()
            raise
        if not index.exists():
            raise RuntimeError(f"Autobahn's client ended without a report: {said.decode(errors='replace')}")
        judged = json.loads(index.read_text()).get(self.name, {})
        return {
            case: Verdict(one["behavior"], one["behaviorClose"], one["remoteCloseCode"])
            for case, one in judged.items()
        }

    async def _watch(self, client: asyncio.subprocess.Process) -> bytes:
        """Follow the client until it ends; return the last lines it has written."""
        assert client.stdout is not None
        said: list[bytes] = []
        while True:
            async with asyncio.timeout(CASE_LIMIT):
                line = await client.stdout.readline()
            if not line:
                return b"".join(said)
            said = [*said, line][-LAST_WORDS:]
            if found := ANNOUNCED.search(line):
                self.announced = int(found[1])
                if self.announced == 0:
                    raise RuntimeError(f"Autobahn has no case {' '.join(self.cases)}")
            elif found := RUNNING.search(line):
                self.begun, self.case = self.begun + 1, found[1].decode()
