"""The folder of one instance of the process engine: its record, its home, its output. Blocking.

<root>/<gateway_id>/<instance_id>/   0700
instance.json                    who it is; written whole or not at all
output.log                       both outputs, kept short
output.dropped                   how many bytes of them have been cut away
home/                            HOME and working directory
tmp/ jupyter/                    TMPDIR and Jupyter's own folders
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import sys
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from pydantic import TypeAdapter, ValidationError

from pool.engines.process_table import GATEWAY, INSTANCE, mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


LOOPBACK = "127.0.0.1"
LOG_MAX = 1024 * 1024
"""Bytes an instance's output may reach before it is cut."""

LOG_KEPT = 256 * 1024
"""Bytes that are left then."""

TAIL = 64 * 1024
"""The most bytes of output that are read at once."""

TRASH = ".gone-"
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """What finds an instance again after the gateway was killed. Sizes are bytes."""

    labels: dict[str, str] = field(repr=False)
    port: int
    memory: int
    pids: int
    pid: int = 0
    """0 until its process has been made."""
    birth: str = ""
    """See process_table.birth."""
    out_of_memory: bool = False


_records = TypeAdapter(Record)


@dataclass(frozen=True, slots=True)
class InstanceFolder:
    """One instance's folder, there or not."""

    path: Path

    @property
    def instance_id(self) -> str:
        """Its id names its folder."""
        return self.path.name

    @property
    def gateway_id(self) -> str:
        """All instances of a gateway are in one folder."""
        return self.path.parent.name

    @property
    def mark(self) -> str:
        """What its processes carry; see process_table."""
        return mark(self.gateway_id, self.instance_id)

    @property
    def home(self) -> Path:
        """HOME and working directory."""
        return self.path / "home"

    @property
    def log(self) -> Path:
        """Both outputs."""
        return self.path / "output.log"

    def make(self) -> None:
        """Make the folders. Raises OSError, also when there is one of this id already."""
        self.path.mkdir(mode=0o700)
        for part in ("home", "tmp", "jupyter"):
            (self.path / part).mkdir(mode=0o700)

    def fill(self, skeleton: Path | None) -> None:
        """Copy what a new home holds. Raises OSError."""
        if skeleton is not None:
            # Contents only: files of an installed package may be read-only, and these become the visitor's.
            shutil.copytree(
                skeleton, self.home, symlinks=True, dirs_exist_ok=True, copy_function=shutil.copyfile
            )

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the whole environment: nothing of the gateway's own but where programs are."""
        programs = (str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))
        jupyter = self.path / "jupyter"
        return {
            "PATH": os.pathsep.join(programs),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.path / "tmp"),
            "JUPYTER_CONFIG_DIR": str(jupyter / "config"),
            "JUPYTER_DATA_DIR": str(jupyter / "data"),
            "JUPYTER_RUNTIME_DIR": str(jupyter / "runtime"),
            "IPYTHONDIR": str(jupyter / "ipython"),
            **given,
            GATEWAY: self.gateway_id,
            INSTANCE: self.instance_id,
        }

    def write(self, record: Record) -> None:
        """Put the record in place, whole. Raises OSError."""
        # A name of its own for each writer: two may be at it.
        part = self.path / f"instance.{uuid.uuid4().hex}"
        part.write_bytes(orjson.dumps(asdict(record)))
        part.replace(self.path / "instance.json")

    def read(self) -> Record | None:
        """Return the record, or None when there is none that can be used."""
        try:
            return _records.validate_json((self.path / "instance.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def tail(self, lines: int) -> str:
        """Return the last lines of output; empty when there are none."""
        if lines <= 0:
            return ""
        return "".join(self._end(TAIL).decode(errors="replace").splitlines(keepends=True)[-lines:])

    def cut(self) -> None:
        """Keep the output short. Its writers append, so that they go on behind what is left."""
        try:
            if (size := self.log.stat().st_size) > LOG_MAX:
                end = self._end(LOG_KEPT)
                os.truncate(self.log, 0)
                with self.log.open("ab") as file:
                    file.write(end)
                self._dropped.write_text(str(self.dropped() + size - len(end)))
        except FileNotFoundError:
            return

    def dropped(self) -> int:
        """Return how many bytes of output lay before those that are left."""
        try:
            return int(self._dropped.read_text())
        except (OSError, ValueError):
            return 0

    @property
    def _dropped(self) -> Path:
        return self.path / "output.dropped"

    def _end(self, size: int) -> bytes:
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - size))
                return file.read(size)
        except FileNotFoundError:
            return b""

    def remove(self) -> None:
        """Remove the folder with all in it. It leaves the list at once and whole. Raises OSError."""
        trash = self.path.with_name(f"{TRASH}{uuid.uuid4().hex}")
        try:
            self.path.rename(trash)
        except FileNotFoundError:
            return
        _remove_tree(trash)


def folder_of(root: Path, instance_id: str) -> InstanceFolder | None:
    """Return the folder of an instance; None for an id that could name another place."""
    return InstanceFolder(root / instance_id) if _ID.fullmatch(instance_id) else None


def folders(root: Path) -> Iterator[InstanceFolder]:
    """Yield the folders of all instances."""
    try:
        entries = sorted(root.iterdir())
    except FileNotFoundError:
        return
    for entry in entries:
        if _ID.fullmatch(entry.name) and entry.is_dir():
            yield InstanceFolder(entry)


def empty_trash(root: Path) -> None:
    """Finish removals that were interrupted. Raises OSError."""
    for entry in root.glob(f"{TRASH}*"):
        _remove_tree(entry)


def free_port() -> int:
    """Return a port nobody listens on now. Who is faster makes the start fail, and the pool tries again."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def _remove_tree(folder: Path) -> None:
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except PermissionError:
        # Programs leave folders behind that not even their owner may look into.
        for path, folders, _ in os.walk(folder):
            for name in folders:
                inner = Path(path, name)
                if not inner.is_symlink():
                    inner.chmod(0o700)
        shutil.rmtree(folder)
