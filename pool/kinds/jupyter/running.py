"""Runs a notebook's cells, one after the other, as "Run all" does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pool.errors import NotebookUnreadable, WarmFailed
from pool.kinds.jupyter.kernel import Channel, KernelClient, Message
from pool.kinds.jupyter.notebook import Result, code_cells
from pool.kinds.jupyter.outputs import Outputs
from pool.kinds.kind import CellError
from pool.kinds.shapes import mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_ENAME = 80
"""Characters of an author's error name in a log line."""


@dataclass(frozen=True, slots=True)
class Run:
    """What running a notebook gave: results by cell index, the kernel's language, and what ended the run."""

    results: Mapping[int, Result]
    language_info: Mapping[str, Any]
    error: CellError | None
    snapshot: Callable[[str], dict[str, Any]]
    """Says of a widget's model how it looks; see `widgets.py`."""


async def run_cells(
    client: KernelClient,
    notebook: Mapping[str, Any],
    *,
    path: str,
    tell: Callable[[str], None],
) -> Run:
    """Run the cells until one fails. `tell` hears which one runs. Raises WarmFailed when the kernel ends, its
    subclass NotebookUnreadable for what is no notebook.
    """
    try:
        cells = code_cells(notebook)
    except ValueError as error:
        raise NotebookUnreadable(f"{path} is {error}") from error
    info = await client.request("kernel_info_request", {})
    outputs = Outputs()
    results: dict[int, Result] = {}
    failed: CellError | None = None
    for cell in cells:
        tell(f"cell {cell.index + 1} of {path}")
        try:
            reply = await client.request("execute_request", _execute(cell.source), outputs.take)
        except WarmFailed as error:
            raise WarmFailed(
                f"{error.detail} while the cell with index {cell.index} of {path} ran"
            ) from error
        for update in outputs.widget_updates():
            await client.send(Channel.SHELL, "comm_msg", update)
        results[cell.index] = _result(reply, outputs)
        if reply.content.get("status") != "ok" and not cell.goes_on_after_error:
            ename = str(reply.content.get("ename", ""))[:MAX_ENAME]
            failed = CellError(path, cell.index + 1, ename)
            break
    # Behind the last widget update, so that the kernel has taken it in; and late outputs get their chance.
    await client.request("kernel_info_request", {}, outputs.take)
    return Run(results, mapping(info.content, "language_info"), failed, outputs.snapshot)


def _execute(source: str) -> dict[str, Any]:
    return {
        "code": source,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": True,
    }


def _result(reply: Message, outputs: Outputs) -> Result:
    count = reply.content.get("execution_count")
    return Result(count if isinstance(count, int) else None, outputs.of(reply.parent))
