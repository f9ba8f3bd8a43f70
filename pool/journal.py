"""The lease journal: which instances belong to a visitor. Written before a session's URL is revealed.

One JSON record a line, appended. It holds instance ids only, from which nobody can make a session id. A line
is handed to the operating system before anyone is told, which is all that outlives a killed gateway needs:
instances do not outlive the machine, so nothing is synced to the disk.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import TypeAdapter

from pool.core.adopt import Remembered
from pool.errors import JournalUnwritable
from pool.kinds.published import Published

if TYPE_CHECKING:
    from pathlib import Path

KEPT_ENDED = 1000
"""Ended sessions still remembered after a restart, so that their pages are told what happened."""

MODE = 0o600

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
"""How a full disk, or a used-up quota, is told."""


_published = TypeAdapter(Published)


@dataclass(slots=True)
class Replay:
    """What an earlier run wrote. Times are monotonic seconds of this machine's uptime."""

    assigned: dict[str, float] = field(default_factory=dict)
    published: dict[str, Published] = field(default_factory=dict)
    """What visitors may use who may only view."""
    ended: dict[str, str] = field(default_factory=dict)
    """Instance id to reason."""
    whole: bool = False
    """False when there was no journal, or one that cannot be read to its end."""

    @property
    def remembered(self) -> Remembered:
        """The same for `core.adopt`."""
        return Remembered(frozenset(self.assigned), frozenset(self.ended), self.whole)


def replay(content: bytes) -> Replay:
    """Read a journal. A torn last line was never acted upon and is left out; any other damage is told, and
    so is an empty file: what we write has a first line.
    """
    result = Replay()
    *lines, _torn = content.split(b"\n")
    begun, damaged = False, not lines
    for line in lines:
        try:
            record = orjson.loads(line)
            instance, at = str(record["instance"]), float(record["at"])
            if record["op"] == "assigned":
                result.assigned[instance] = at
                if record.get("published") is not None:
                    result.published[instance] = _published.validate_python(record["published"])
            elif record["op"] in {"begun", "settled"}:
                # What was lost stays lost until everything that runs has been looked at and written down.
                begun = record["op"] == "begun"
            elif record["op"] == "ended":
                result.assigned.pop(instance, None)
                result.published.pop(instance, None)
                result.ended[instance] = str(record["reason"])
            else:
                damaged = True
        except (ValueError, KeyError, TypeError):
            damaged = True
    result.whole = not (begun or damaged)
    return result


class Journal:
    """An append-only file. One writer: the state folder's lock sees to that."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def open(self) -> Replay:
        """Read what is there, then start a new file that holds only what still matters.

        Where there is no room for a new one, the old one goes on: sessions are found again though the disk is
        full. Raises JournalUnwritable when there is neither.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            content = None
        except OSError as error:
            raise JournalUnwritable(f"{self._path}: {error.strerror}") from error
        before = Replay() if content is None else replay(content)
        before.ended = dict(list(before.ended.items())[-KEPT_ENDED:])
        lines = [
            _line("assigned", instance, at, published=before.published.get(instance))
            for instance, at in before.assigned.items()
        ]
        lines += [_line("ended", instance, 0.0, reason) for instance, reason in before.ended.items()]
        lines.insert(0, _line("settled" if before.whole else "begun", "", 0.0))
        try:
            self._replace(b"".join(lines))
        except OSError as error:
            if content is None or error.errno not in NO_ROOM:
                raise JournalUnwritable(f"{self._path}: {error.strerror}") from error
            self._go_on_with(content)
        return before

    def _replace(self, content: bytes) -> None:
        fresh = self._path.with_suffix(".new")
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, MODE)
            try:
                _write_all(descriptor, content)
            finally:
                os.close(descriptor)
        except OSError:
            # Half a file would take the room that the next record needs.
            fresh.unlink(missing_ok=True)
            raise
        fresh.replace(self._path)
        self._descriptor = self._append_only()

    def _go_on_with(self, content: bytes) -> None:
        try:
            self._descriptor = self._append_only()
            # Half a record would spoil the next one.
            os.ftruncate(self._descriptor, content.rfind(b"\n") + 1)
        except OSError as error:
            raise JournalUnwritable(f"{self._path}: {error.strerror}") from error

    def _append_only(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def assigned(self, instance_id: str, at: float, published: Published | None = None) -> None:
        """Write that a visitor now has this instance, and what they may use if they may only view.

        Raises JournalUnwritable: then nobody may have it.
        """
        self._append(_line("assigned", instance_id, at, published=published))

    def settled(self, at: float) -> None:
        """Write that every instance there is has been looked at: from now on the journal is whole. Raises
        JournalUnwritable.
        """
        self._append(_line("settled", "", at))

    def ended(self, instance_id: str, at: float, reason: str) -> None:
        """Write that the session is over. Raises JournalUnwritable."""
        self._append(_line("ended", instance_id, at, reason))

    def _append(self, line: bytes) -> None:
        if self._descriptor is None:
            raise JournalUnwritable(f"{self._path} is not open")
        start = os.fstat(self._descriptor).st_size
        try:
            _write_all(self._descriptor, line)
        except OSError as error:
            # Half a record would spoil the next one.
            os.ftruncate(self._descriptor, start)
            raise JournalUnwritable(f"{self._path}: {error.strerror}") from error


def _write_all(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _line(
    op: str, instance: str, at: float, reason: str | None = None, published: Published | None = None
) -> bytes:
    record: dict[str, Any] = {"op": op, "instance": instance, "at": at}
    if published is not None:
        record["published"] = published
    if reason is not None:
        record["reason"] = reason
    return orjson.dumps(record) + b"\n"
