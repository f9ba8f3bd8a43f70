"""What becomes of requests that would change something."""

from __future__ import annotations

import json

import pytest

from gateway.policy.ruling import Answered, Passed, Refused
from tests.unit.gateway.policy.jupyter.page import PUBLISHED, judge

KERNEL, SESSION = PUBLISHED.kernel, PUBLISHED.session
NOTEBOOK = "course/a%20b.ipynb"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", f"api/contents/{NOTEBOOK}"),
        ("POST", "api/contents"),
        ("PATCH", f"api/contents/{NOTEBOOK}"),
        ("DELETE", f"api/contents/{NOTEBOOK}"),
        ("POST", f"api/contents/{NOTEBOOK}/checkpoints"),
        ("POST", f"api/contents/{NOTEBOOK}/checkpoints/checkpoint"),
        ("POST", f"api/contents/{NOTEBOOK}/trust"),
        ("PATCH", f"api/sessions/{SESSION}"),
        ("DELETE", f"api/sessions/{SESSION}"),
        ("POST", "api/kernels"),
        ("DELETE", f"api/kernels/{KERNEL}"),
        ("POST", f"api/kernels/{KERNEL}/restart"),
        ("POST", "api/kernels/another/interrupt"),
        ("POST", "api/terminals"),
        ("PUT", "api/config/notebook"),
        ("PATCH", "api/me"),
        ("POST", "api/events"),
        ("POST", "nbconvert/html"),
        ("POST", "api/shutdown"),
        ("POST", "lab/api/extensions"),
        ("POST", "login"),
        ("OPTIONS", "api/contents"),
        ("PUT", "api/collaboration/session/x"),
    ],
)
def test_what_would_change_something_is_refused(method: str, path: str) -> None:
    assert isinstance(judge(method, path), Refused)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["lab/api/settings/@jupyterlab/x:y", "lab/api/workspaces/default"])
def test_what_a_page_writes_by_itself_is_told_to_be_written(method: str, path: str) -> None:
    assert judge(method, path, body=True) == Answered(204)


def test_a_session_asked_for_is_the_one_that_runs() -> None:
    ruling = judge("POST", "api/sessions", body=True)
    assert isinstance(ruling, Answered)
    assert ruling.status == 201
    model = json.loads(ruling.body)
    assert (model["id"], model["path"], model["name"]) == (SESSION, PUBLISHED.notebook, "a b.ipynb")
    assert (model["type"], model["kernel"]["id"], model["kernel"]["name"]) == ("notebook", KERNEL, "python3")


def test_a_running_cell_can_be_interrupted() -> None:
    assert judge("POST", f"api/kernels/{KERNEL}/interrupt") == Passed()
    assert isinstance(judge("POST", f"api/kernels/{KERNEL}/interrupt", body=True), Refused)
    assert isinstance(judge("POST", f"api/kernels/{KERNEL}/interrupt", "token=x"), Refused)
