"""The settings with which a page of Notebook 7 is calm, put over those of the server. Pure.

Every setting and its meaning: the schemas that the server tells at `lab/api/settings`.
"""

from __future__ import annotations

import json
from typing import Any

from pool.kinds.shapes import mapping, objects, text

OURS: dict[str, dict[str, Any]] = {
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


def settings(body: bytes) -> bytes:
    """Return the answer of `lab/api/settings`, for all or for one, with our settings in it. Raises ValueError
    for what is none.
    """
    try:
        model = json.loads(body)
    except RecursionError as error:
        raise ValueError("JSON that is too deep") from error
    if not mapping(model):
        raise ValueError("no settings")
    if isinstance(model.get("settings"), list):
        model["settings"] = [_with_ours(each) for each in objects(model["settings"])]
        return json.dumps(model).encode()
    return json.dumps(_with_ours(model)).encode()


def _with_ours(model: dict[str, Any]) -> dict[str, Any]:
    ours = OURS.get(text(model, "id"))
    if ours is None or "raw" not in model:
        return model
    values = {**mapping(model, "settings"), **ours}
    # Pages read `raw`, which may hold comments; `settings` is the same without them.
    return {**model, "settings": values, "raw": json.dumps(values)}
