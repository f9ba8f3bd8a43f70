"""What is made of the server's answers before a reader gets them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.policy.ruling import Passed
from tests.unit.gateway.policy.jupyter.page import PUBLISHED, judge
from tests.unit.gateway.policy.jupyter.test_requests import KERNEL, NOTEBOOK, SESSION


def reworked(path: str, model: Any, query: str = "") -> Any:
    ruling = judge("GET", path, query)
    assert isinstance(ruling, Passed)
    assert ruling.rework is not None
    return json.loads(ruling.rework(json.dumps(model).encode()))


CELL = {"cell_type": "code", "metadata": {"editable": True, "tags": ["x"]}, "source": "n = 6", "outputs": []}
BOOK = {
    "type": "notebook",
    "path": PUBLISHED.notebook,
    "writable": True,
    "content": {"cells": [CELL, {"cell_type": "markdown", "source": "x"}], "metadata": {}},
}


def test_the_notebook_is_served_locked_and_otherwise_as_it_was() -> None:
    model = reworked(f"api/contents/{NOTEBOOK}", BOOK, "content=1")
    assert model["writable"] is False
    first, second = model["content"]["cells"]
    assert first == {**CELL, "metadata": {"editable": False, "tags": ["x"], "deletable": False}}
    assert second["metadata"] == {"editable": False, "deletable": False}


def test_without_its_content_it_cannot_be_saved_either() -> None:
    model = reworked(f"api/contents/{NOTEBOOK}", {**BOOK, "content": None}, "content=0")
    assert (model["writable"], model["content"]) == (False, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"nonsense",
        b'{"type":"file","content":"x"}',
        b'{"type":"notebook","content":"x"}',
        b'{"type":"notebook","content":{"cells":["x"]}}',
        b'{"type":"notebook","content":{}}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_notebook_is_not_served(body: bytes) -> None:
    ruling = judge("GET", f"api/contents/{NOTEBOOK}")
    assert isinstance(ruling, Passed)
    assert ruling.rework is not None
    with pytest.raises(ValueError, match=r"."):
        ruling.rework(body)


@pytest.mark.parametrize(("folder", "entry"), [("", "course"), ("/course", "a b.ipynb")])
def test_a_folder_shows_the_way_to_the_notebook_and_nothing_beside_it(folder: str, entry: str) -> None:
    content = [{"name": name, "writable": True} for name in ("course", "a b.ipynb", "secret.csv")]
    model = reworked(f"api/contents{folder}", {"type": "directory", "writable": True, "content": content})
    assert model == {"type": "directory", "writable": False, "content": [{"name": entry, "writable": False}]}


@pytest.mark.parametrize(("path", "identity"), [("api/kernels", KERNEL), ("api/sessions", SESSION)])
def test_lists_hold_the_notebooks_own(path: str, identity: str) -> None:
    assert reworked(path, [{"id": identity}, {"id": "another"}]) == [{"id": identity}]


def test_kernels_have_no_debugger_and_tell_nothing_of_the_server() -> None:
    spec = {"argv": ["python"], "env": {"SECRET": "x"}, "metadata": {"debugger": True}, "language": "python"}
    model = reworked("api/kernelspecs", {"default": "python3", "kernelspecs": {"python3": {"spec": spec}}})
    assert model["kernelspecs"]["python3"]["spec"] == {
        "argv": [],
        "env": {},
        "metadata": {"debugger": False},
        "language": "python",
    }


def test_settings_keep_keys_and_tools_that_run_and_lose_the_rest() -> None:
    plugin = {
        "id": "@jupyterlab/notebook-extension:panel",
        "raw": "{}",
        "schema": {
            "jupyter.lab.shortcuts": [
                {"command": "notebook:run-cell"},
                {"command": "notebook:delete-cell"},
                {"command": "runmenu:run"},
            ],
            "jupyter.lab.menus": {"context": [{"command": "x"}]},
            "jupyter.lab.toolbars": {"Notebook": [{"name": "save"}, {"name": "run"}]},
        },
    }
    themes = {"id": "@jupyterlab/apputils-extension:themes", "raw": "// x", "settings": {"theme": "A"}}
    listed, single = reworked("lab/api/settings", {"settings": [plugin, themes]})["settings"]
    assert listed["schema"] == {
        "jupyter.lab.shortcuts": [{"command": "notebook:run-cell"}, {"command": "runmenu:run"}],
        "jupyter.lab.menus": {},
        "jupyter.lab.toolbars": {"Notebook": [{"name": "run"}]},
    }
    assert json.loads(single["raw"]) == single["settings"] == {"theme": "A", "adaptive-theme": True}
    assert reworked("lab/api/settings/@jupyterlab/notebook-extension:panel", plugin) == listed
