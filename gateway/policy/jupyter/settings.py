"""The settings with which a page of Notebook 7 is calm, put over those of the server. Pure.

A page learns from its settings which keys, menus and tool buttons there are (JupyterLab, settingregistry, the
schemas' `jupyter.lab.*`), so what a reader cannot use is taken out there, for every extension alike.
"""

from __future__ import annotations

import json
from typing import Any

from pool.kinds.shapes import mapping, objects, text

VALUES: dict[str, dict[str, Any]] = {
    # Light or dark, as the reader's device is.
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False, "renameUntitledFileOnSave": False},
    "@jupyterlab/notebook-extension:tracker": {
        "accessKernelHistory": False,
        # Running the last cell adds one behind it. A raw one can be told from the author's, and hidden.
        "defaultCell": "raw",
        "kernelShutdown": False,
        "showEditorForReadOnlyMarkdown": False,
    },
}

KEYS = frozenset(
    {
        "notebook:enter-command-mode",
        "notebook:enter-edit-mode",
        "notebook:interrupt-kernel",
        "notebook:move-cursor-down",
        "notebook:move-cursor-up",
        "notebook:run-cell",
        "notebook:run-cell-and-select-next",
        "runmenu:run",  # the same while no editor has the focus
    }
)
"""Commands that keep their keys: those that run, and those that move about."""

TOOLS = frozenset({"run", "interrupt", "spacer", "executionProgress"})


def settings(body: bytes) -> bytes:
    """Return the answer of `lab/api/settings`, for all or for one, made calm. Raises ValueError for what is
    none.
    """
    try:
        model = json.loads(body)
    except RecursionError as error:
        raise ValueError("JSON that is too deep") from error
    if not mapping(model):
        raise ValueError("no settings")
    if isinstance(model.get("settings"), list):
        model["settings"] = [_calm(each) for each in objects(model["settings"])]
        return json.dumps(model).encode()
    return json.dumps(_calm(model)).encode()


def _calm(model: dict[str, Any]) -> dict[str, Any]:
    if "schema" in model:
        model = {**model, "schema": _schema(mapping(model, "schema"))}
    ours = VALUES.get(text(model, "id"))
    if ours is None or "raw" not in model:
        return model
    values = {**mapping(model, "settings"), **ours}
    # Pages read `raw`, which may hold comments; `settings` is the same without them.
    return {**model, "settings": values, "raw": json.dumps(values)}


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    calm = {**schema, "jupyter.lab.menus": {}}
    if "jupyter.lab.shortcuts" in schema:
        keys = objects(schema["jupyter.lab.shortcuts"])
        calm["jupyter.lab.shortcuts"] = [each for each in keys if text(each, "command") in KEYS]
    calm["jupyter.lab.toolbars"] = {
        place: [each for each in objects(tools) if text(each, "name") in TOOLS]
        for place, tools in mapping(schema, "jupyter.lab.toolbars").items()
    }
    return calm
