"""What a verdict costs: microseconds a message, beside the bare decoding and encoding of the same bytes.

Nothing is started: the rules are pure. Each message is judged in batches on one core, and so is the library's
own way through the same bytes and back, in turn; the fastest batch of each counts, because all that disturbs
only slows.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import uuid
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgpack
from rich.console import Console
from rich.table import Table

from bench.report import machine, tell
from bench.visitor import execute_request
from gateway.policy.policy import Wish
from gateway.policy.registry import POLICIES
from gateway.policy.ruling import Passed
from pool.kinds.jupyter.sources import digest
from pool.kinds.published import Published

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.conversation import Conversation
    from gateway.policy.verdict import Message, Verdict

BATCH = 200
ROUNDS = 30
NOTEBOOK = "8f9e1d2c-0000-4000-8000-000000000001"
CELLS = [f"{number:08}-0000-4000-8000-000000000000" for number in range(20)]
CODE = "import numpy as np\nxs = np.linspace(0, 10, 500)\nplot(xs, np.sin(n * xs))\n"
PICTURE = 100_000
"""Bytes of a plot in an output."""


class Judging(NamedTuple):
    """One sort of message: what judges it, and what a program without rules would do with its bytes."""

    kind: str
    what: str
    size: int
    judge: Callable[[], object]
    bare: Callable[[], object]
    good: bool
    """Whether it is to pass."""


def conversation(kind: str, published: Published, path: str, protocol: str = "") -> Conversation:
    """Return the rules for one websocket."""
    clock = _Ahead()
    ruling = POLICIES[kind](published, clock=clock).judge(Wish("GET", path, websocket=True))
    if not isinstance(ruling, Passed) or ruling.converse is None:
        raise RuntimeError(f"{kind} refuses its own page's websocket")
    return ruling.converse(protocol)


class _Ahead:
    """A clock on which so much time passes between two looks that no rate is reached."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        self._now += 60.0
        return self._now


def pluto() -> list[Judging]:
    """Return what a Pluto page and its server say."""
    talk = conversation("pluto", Published(NOTEBOOK, CELLS, bonds=["n"], bindable=["n"]), "")

    def page(kind: str, body: object) -> bytes:
        envelope = {"type": kind, "client_id": "4y1k2", "request_id": "9zq0a", "notebook_id": NOTEBOOK}
        packed: bytes = msgpack.packb({**envelope, "body": body})
        return packed

    def bare(message: bytes) -> Callable[[], object]:
        return lambda: msgpack.packb(msgpack.unpackb(message))

    def update(path: list[str], value: object) -> bytes:
        return page("update_notebook", {"updates": [{"op": "replace", "path": path, "value": value}]})

    slider = update(["bonds", "n"], {"value": 42})
    edit = update(["cell_inputs", CELLS[0], "code"], CODE)
    run = page("run_multiple_cells", {"cells": CELLS[:1]})
    shown = {"body": bytes(PICTURE), "mime": "image/png", "last_run_timestamp": 1.7e9}
    diff = msgpack.packb(
        {
            "type": "notebook_diff",
            "message": {
                "patches": [{"op": "replace", "path": ["cell_results", CELLS[3], "output"], "value": shown}]
            },
        }
    )
    return [
        Judging(
            "pluto", "a slider's move", len(slider), lambda: talk.from_visitor(slider), bare(slider), True
        ),
        Judging(
            "pluto", "an author's cell to run", len(run), lambda: talk.from_visitor(run), bare(run), True
        ),
        Judging("pluto", "an edit, refused", len(edit), lambda: talk.from_visitor(edit), bare(edit), False),
        Judging(
            "pluto", "from the server: a plot", len(diff), lambda: talk.from_instance(diff), bare(diff), True
        ),
    ]


def jupyter() -> list[Judging]:
    """Return what a Jupyter page and its kernel say, in the format of JupyterLab 4."""
    published = Published(
        "a.ipynb", [digest(CODE)], session=str(uuid.uuid4()), kernel=str(uuid.uuid4()), kernel_name="python3"
    )
    path = f"api/kernels/{published.kernel}/channels"
    talk = conversation("jupyter", published, path, "v1.kernel.websocket.jupyter.org")
    request = execute_request("")["header"]

    def message(channel: str, kind: str, content: object) -> bytes:
        return v1(channel, {**request, "msg_type": kind}, {}, {}, content)

    comm = "0123456789abcdef0123456789abcdef"
    told = {"comm_id": comm, "target_name": "jupyter.widget", "data": {"state": {}, "buffer_paths": []}}
    talk.from_instance(message("iopub", "comm_open", told))
    plain = {"silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True}
    run = message("shell", "execute_request", {"code": CODE, **plain, "stop_on_error": True})
    other = message("shell", "execute_request", {"code": CODE + "#", **plain, "stop_on_error": False})
    moved = {"comm_id": comm, "data": {"method": "update", "state": {"value": 42}, "buffer_paths": []}}
    slider = message("shell", "comm_msg", moved)
    picture = {"data": {"image/png": "A" * PICTURE}, "metadata": {}, "transient": {}}
    plot = message("iopub", "display_data", picture)

    def bare(packed: bytes) -> Callable[[], object]:
        return lambda: v1(*parts(packed))

    return [
        Judging(
            "jupyter", "a slider's move", len(slider), lambda: talk.from_visitor(slider), bare(slider), True
        ),
        Judging(
            "jupyter", "an author's cell to run", len(run), lambda: talk.from_visitor(run), bare(run), True
        ),
        Judging(
            "jupyter", "other code, refused", len(other), lambda: talk.from_visitor(other), bare(other), False
        ),
        Judging(
            "jupyter",
            "from the kernel: a plot",
            len(plot),
            lambda: talk.from_instance(plot),
            bare(plot),
            True,
        ),
    ]


def v1(channel: str, *texts: object) -> bytes:
    """Write a message as jupyter_server does (`serialize_msg_to_ws_v1`)."""
    written = [channel.encode(), *(json.dumps(text, ensure_ascii=False).encode() for text in texts)]
    at = 8 * (len(written) + 2)
    offsets = [at, *(at := at + len(part) for part in written)]
    return b"".join(number.to_bytes(8, "little") for number in (len(offsets), *offsets)) + b"".join(written)


def parts(packed: bytes) -> tuple[str, object, object, object, object]:
    """Read one again, as jupyter_server does."""
    count = int.from_bytes(packed[:8], "little")
    offsets = [int.from_bytes(packed[8 * (n + 1) : 8 * (n + 2)], "little") for n in range(count)]
    channel, *texts = (packed[a:b] for a, b in pairwise(offsets))
    header, parent, metadata, content = (json.loads(text) for text in texts)
    return channel.decode(), header, parent, metadata, content


def fastest(*works: Callable[[], object]) -> list[float]:
    """Return the microseconds one call of each takes, all in turn."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for at, work in enumerate(works):
            start = time.perf_counter()
            for _ in range(BATCH):
                work()
            best[at] = min(best[at], (time.perf_counter() - start) / BATCH * 1e6)
    return best


def passes(judged: object) -> bool:
    """Return whether a verdict lets a message through."""
    verdict: Verdict = judged  # type: ignore[assignment]
    messages: tuple[Message, ...] = verdict.to_instance or verdict.to_visitor
    return not verdict.refused and bool(messages)


def main() -> int:
    """Measure, print, write."""
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument(
        "--out", type=Path, default=Path("bench/out/verdicts.json"), help="where the report goes"
    )
    asked = reader.parse_args()
    table = Table(title="What a verdict costs")
    for name in ("kind", "message"):
        table.add_column(name)
    for name in ("bytes", "judged, µs", "decoded and encoded, µs", "ratio"):
        table.add_column(name, justify="right")
    results = []
    with Console(stderr=True).status("judging"):
        for case in (*pluto(), *jupyter()):
            if passes(case.judge()) is not case.good:
                raise RuntimeError(f"{case.kind}: {case.what} was judged otherwise than it should be")
            judged, bare = fastest(case.judge, case.bare)
            table.add_row(
                case.kind, case.what, f"{case.size:,}", f"{judged:.1f}", f"{bare:.1f}", f"{judged / bare:.2f}"
            )
            results.append(
                {"kind": case.kind, "what": case.what, "bytes": case.size, "judged": judged, "bare": bare}
            )
    tell({"machine": machine(), "microseconds": results}, [table], asked.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
