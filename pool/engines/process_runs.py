"""Makes, finds, watches and ends instances that are processes. Blocking, for threads."""

from __future__ import annotations

import shutil
import subprocess
import threading
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import structlog

from pool.engines import process_output
from pool.engines.engine import LABEL_GATEWAY, LABEL_INSTANCE, Address, Found, Output, Status
from pool.engines.process_control import (
    KILL_ROUND,
    continue_all,
    kill_all,
    leader,
    restrain,
    status,
    stop_all,
)
from pool.engines.process_folder import (
    LOOPBACK,
    InstanceFolder,
    Record,
    empty_trash,
    folder_of,
    folders,
    free_port,
)
from pool.engines.process_table import Table, alive, birth, memory, owned
from pool.errors import EngineError, EngineTimeout, StartFailed
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import psutil

    from pool.engines.engine import Launch
    from pool.engines.process_table import Row

log = structlog.stdlib.get_logger(__name__)


class Runs:
    """All instances of one gateway. `root` holds their folders and nothing else."""

    def __init__(self, root: Path, gateway_id: str, clock: Callable[[], float]) -> None:
        self._root = root
        self._gateway_id = gateway_id
        self._clock = clock
        self._table = Table(clock)
        self._lock = threading.Lock()
        self._cutting = threading.Lock()
        """Held while an output is cut, or read on from a place that a cut would move."""
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        """Processes this very gateway has started: the kernel keeps each until we have asked for its end."""
        self._ended: frozenset[str] = frozenset()

    def prepare(self) -> None:
        """Make the folder; finish removals that were interrupted. Raises OSError."""
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        empty_trash(self._root)

    def start(self, launch: Launch) -> Address:
        """Make an instance; when that fails nothing of it is left. Raises StartFailed, OSError."""
        folder = folder_of(self._root, launch.instance_id)
        if folder is None or not launch.command:
            raise StartFailed("the process engine needs a command, and an id of letters and digits")
        folder.make()
        try:
            return self._start(folder, launch)
        except BaseException:
            self.destroy(launch.instance_id)
            raise

    def _start(self, folder: InstanceFolder, launch: Launch) -> Address:
        folder.fill(launch.skeleton)
        port = free_port()
        command, given = launch.filled(LOOPBACK, port)
        environment = folder.environment(given)
        program = shutil.which(command[0], path=environment["PATH"])
        if program is None:
            raise StartFailed(_missing(command[0]))
        labels = {**launch.labels, LABEL_GATEWAY: self._gateway_id, LABEL_INSTANCE: launch.instance_id}
        record = Record(labels, port=port, memory=launch.memory, pids=launch.pids)
        # Before the process there is a record of it, so that one which is never written down is still found.
        folder.write(record)
        with folder.log.open("ab") as output:
            child = subprocess.Popen(  # noqa: S603 - running the pool's command is what an engine is for
                command,
                executable=program,
                cwd=folder.home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
            )
        with self._lock:
            # Nobody asks for its end before it is in this dictionary, so its pid is still its own.
            folder.write(replace(record, pid=child.pid, birth=birth(child.pid) or ""))
            self._children[launch.instance_id] = child
        if why := restrain(child.pid):
            log.debug("process_not_restrained", instance=short(launch.instance_id), detail=why)
        return Address(LOOPBACK, port)

    def destroy(self, instance_id: str) -> None:
        """End all processes of an instance and remove its folder. Raises EngineTimeout, OSError."""
        folder = folder_of(self._root, instance_id)
        if folder is None:
            return
        self._kill(folder)
        self._bury(instance_id)
        folder.remove()

    def pause(self, instance_id: str) -> None:
        """Stop all processes of an instance. Raises EngineError when it is not there."""
        folder = self._running(instance_id)
        stop_all(lambda: self._processes(folder, folder.read(), self._table.rows()), self._clock)

    def unpause(self, instance_id: str) -> None:
        """Let them go on. Raises EngineError when it is not there."""
        folder = self._running(instance_id)
        continue_all(lambda: self._processes(folder, folder.read(), self._table.rows()), self._clock)

    def measure(self, instance_id: str) -> int:
        """Return anonymous and shared memory in bytes."""
        folder = folder_of(self._root, instance_id)
        if folder is None:
            return 0
        return sum(map(memory, self._processes(folder, folder.read(), self._table.rows())))

    def logs(self, instance_id: str, lines: int) -> str:
        """Return the last lines of output."""
        folder = folder_of(self._root, instance_id)
        return "" if folder is None else folder.tail(lines)

    def output(self, instance_id: str, lines: int, mark: str) -> Output:
        """Return what was written since `mark`."""
        folder = folder_of(self._root, instance_id)
        if folder is None:
            return Output("", mark)
        # Asked before the reading: what an instance wrote before its end is then surely read to the end.
        ended = leader(folder.read()) is None
        with self._cutting:
            return process_output.read_on(folder, lines, mark, ended=ended)

    def found(self) -> tuple[Found, ...]:
        """Return all instances."""
        self._reap()
        return tuple(self._found(folder, folder.read()) for folder in folders(self._root))

    def watch(self) -> bool:
        """Hold every instance to its limits; return whether one has ended since the last look."""
        self._reap()
        records = {folder: folder.read() for folder in folders(self._root)}
        rows = self._table.rows() if records else ()
        ended = set()
        for folder, record in records.items():
            with self._cutting:
                folder.cut()
            if record is None or not record.pid:
                continue
            if leader(record) is None or not self._holds(folder, record, rows):
                ended.add(folder.instance_id)
        news, self._ended = ended - self._ended, frozenset(ended)
        return bool(news)

    def let_go(self) -> None:
        """Forget the children; they go on without us, and the next gateway finds them."""
        with self._lock:
            for child in self._children.values():
                if child.poll() is None:
                    # Popen warns of a child it has not seen end; this one is left running on purpose.
                    child.returncode = 0
            self._children.clear()

    def _running(self, instance_id: str) -> InstanceFolder:
        folder = folder_of(self._root, instance_id)
        if folder is None or leader(folder.read()) is None:
            raise EngineError(f"instance {short(instance_id)} is not there")
        return folder

    def _found(self, folder: InstanceFolder, record: Record | None) -> Found:
        if record is None:
            # Killed between making the folder and writing the record; it is in our own folder, so it is ours.
            labels = {LABEL_GATEWAY: self._gateway_id, LABEL_INSTANCE: folder.instance_id}
            return Found(folder.instance_id, MappingProxyType(labels), Status.CREATED, None)
        now = status(record)
        live = now in {Status.RUNNING, Status.PAUSED}
        return Found(
            instance_id=folder.instance_id,
            labels=MappingProxyType(record.labels),
            status=now,
            address=Address(LOOPBACK, record.port) if live else None,
            out_of_memory=record.out_of_memory and not live,
        )

    def _processes(
        self, folder: InstanceFolder, record: Record | None, rows: Sequence[Row]
    ) -> list[psutil.Process]:
        first = leader(record)
        pids = owned(rows, folder.mark, None if first is None else first.pid)
        return [row.process for row in rows if row.pid in pids and alive(row.process)]

    def _holds(self, folder: InstanceFolder, record: Record, rows: Sequence[Row]) -> bool:
        """Return whether an instance keeps within its limits; one that does not is killed."""
        processes = self._processes(folder, record, rows)
        used = sum(map(memory, processes))
        if used <= record.memory and len(processes) <= record.pids:
            return True
        if used > record.memory:
            # Said before it is done: a gateway killed in between leaves no death without its cause.
            folder.write(replace(record, out_of_memory=True))
        log.info("limit_passed", instance=short(folder.instance_id), bytes=used, processes=len(processes))
        self._kill(folder)
        return False

    def _kill(self, folder: InstanceFolder) -> None:
        kill_all(lambda: self._processes(folder, folder.read(), self._table.rows()), self._clock)

    def _bury(self, instance_id: str) -> None:
        with self._lock:
            child = self._children.pop(instance_id, None)
        if child is None:
            return
        try:
            # Killed, but its threads may still be on their way out, and it cannot be reaped before the last.
            child.wait(KILL_ROUND)
        except subprocess.TimeoutExpired:
            with self._lock:
                self._children[instance_id] = child
            raise EngineTimeout(f"process {child.pid} does not end") from None

    def _reap(self) -> None:
        with self._lock:
            for child in self._children.values():
                child.poll()


def _missing(program: str) -> str:
    if program.startswith("jupyter"):
        return f"{program} is not installed beside warmgate: pip install 'warmgate[jupyter]'"
    return f"{program} is not on PATH"
