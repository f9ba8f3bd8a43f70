"""Which kernel a visitor's new session gets."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pool.kinds.jupyter.sessions import WarmKernel, unused_kernel, with_warm_kernel

WARM = WarmKernel(id="k1", name="python3")


def kernel(**changes: Any) -> dict[str, Any]:
    return {"id": "k1", "name": "python3", "execution_state": "idle", "connections": 0, **changes}


def wish(**changes: Any) -> dict[str, Any]:
    """What JupyterLab sends for a new notebook; the path is a placeholder it changes afterwards."""
    return {
        "path": "ab1713c9-e540-4a6e-b99f-7be522d32544",
        "type": "notebook",
        "name": "Untitled.ipynb",
        "kernel": {"name": "python3"},
        **changes,
    }


def test_an_idle_kernel_that_nobody_uses_is_the_warm_one() -> None:
    assert unused_kernel([kernel()], []) == WARM


@pytest.mark.parametrize(
    "changes", [{"execution_state": "busy"}, {"execution_state": "starting"}, {"connections": 1}]
)
def test_a_kernel_in_use_is_not_free(changes: dict[str, Any]) -> None:
    assert unused_kernel([kernel(**changes)], []) is None


def test_a_kernel_of_a_session_is_not_free() -> None:
    assert unused_kernel([kernel()], [{"id": "s", "kernel": {"id": "k1"}}]) is None
    assert unused_kernel([kernel()], [{"id": "s", "kernel": {"id": "k2"}}]) == WARM


@pytest.mark.parametrize("answer", [None, {}, [1], "x"])
def test_answers_of_another_shape_are_a_value_error(answer: Any) -> None:
    with pytest.raises(ValueError, match="not a list"):
        unused_kernel(answer, [])
    with pytest.raises(ValueError, match="not a list"):
        unused_kernel([], answer)


@pytest.mark.parametrize(
    "asked", [{"name": "python3"}, {"name": "python3", "id": ""}, {"name": None}, {}, None]
)
def test_a_new_notebook_gets_the_warm_kernel(asked: Any) -> None:
    changed = json.loads(with_warm_kernel(json.dumps(wish(kernel=asked)).encode(), WARM))
    assert changed.pop("kernel")["id"] == "k1"
    assert changed == {name: value for name, value in wish().items() if name != "kernel"}


@pytest.mark.parametrize(
    "changes",
    [
        {"kernel": {"name": "julia"}},
        {"kernel": {"name": "python3", "id": "k9"}},
        {"path": "folder/ab1713c9"},
        {"path": ""},
        {"path": None},
        {"type": "file"},
        {"type": None},
    ],
)
def test_another_wish_is_left_as_it_is(changes: dict[str, Any]) -> None:
    body = json.dumps(wish(**changes)).encode()
    assert with_warm_kernel(body, WARM) is body


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_wish_at_all_is_left_as_it_is(body: bytes) -> None:
    assert with_warm_kernel(body, WARM) is body
