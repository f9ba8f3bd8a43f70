"""Makes what a reader gets out of what a server answers: a locked notebook, lists without the rest. Pure.

Each takes the whole body of a good answer and raises ValueError for one it cannot read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pool.kinds.shapes import mapping, objects, text

if TYPE_CHECKING:
    from collections.abc import Callable


def notebook(body: bytes) -> bytes:
    """Return the model of a notebook that cannot be saved, with cells that can be run but not changed.

    Pages leave a file alone that is not `writable`, and a cell whose metadata say so (JupyterLab,
    docregistry/src/context.ts and cells/src/widget.ts).
    """
    model = _model(body, "notebook")
    content = model.get("content")
    if content is not None:
        cells = objects(mapping(content).get("cells"))
        for cell in cells:
            cell["metadata"] = {**mapping(cell, "metadata"), "editable": False, "deletable": False}
        model["content"]["cells"] = cells
    return _written(model)


def folder(entry: str) -> Callable[[bytes], bytes]:
    """Return what leaves only `entry`, a name, in the listing of a folder."""

    def rework(body: bytes) -> bytes:
        model = _model(body, "directory")
        if model.get("content") is not None:
            kept = [each for each in objects(model["content"]) if text(each, "name") == entry]
            model["content"] = [{**each, "writable": False} for each in kept]
        return _written(model)

    return rework


def only(identity: str) -> Callable[[bytes], bytes]:
    """Return what leaves only the model with this id in a list of kernels or sessions."""

    def rework(body: bytes) -> bytes:
        return _written([each for each in objects(_read(body)) if text(each, "id") == identity])

    return rework


def kernelspecs(body: bytes) -> bytes:
    """Return the kernels' specifications without a debugger, which would evaluate what it is told, and
    without what only the server needs.
    """
    model = _read(body)
    specs = mapping(model, "kernelspecs")
    if not specs:
        raise ValueError("no kernels")
    for each in specs.values():
        spec = mapping(each, "spec")
        spec.update(argv=[], env={}, metadata={**mapping(spec, "metadata"), "debugger": False})
    return _written(model)


def _model(body: bytes, kind: str) -> dict[str, Any]:
    model = mapping(_read(body))
    if text(model, "type") != kind:
        raise ValueError(f"no model of a {kind}")
    return {**model, "writable": False}


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("JSON that is too deep") from error


def _written(model: Any) -> bytes:
    return json.dumps(model).encode()
