"""What becomes of requests that would change something: answered or refused. Only an interrupt passes."""

from __future__ import annotations

import json
import posixpath
from typing import TYPE_CHECKING

from gateway.policy.ruling import Answered, Passed, Refused, Ruling

if TYPE_CHECKING:
    from pool.kinds.published import Published

KEPT_BY_PAGES = ("lab/api/settings/", "lab/api/workspaces/")
"""What a page writes by itself. It is told that it was written, and goes on."""

REPORTS = "api/security/csp-report"
LONG_AGO = "1970-01-01T00:00:00.000000Z"


def judge(method: str, path: str, asked: dict[str, str], published: Published) -> Ruling:
    """Return what becomes of a request that is neither GET nor HEAD. `asked` is its query."""
    if asked:
        return Refused("a query where none belongs")
    if method == "POST" and path == f"api/kernels/{published.kernel}/interrupt":
        return Passed()
    if method == "POST" and path == "api/sessions":
        return Answered(201, json.dumps(session(published)).encode())
    if method == "POST" and path == REPORTS:
        return Answered(204)
    if method in {"PUT", "PATCH", "DELETE"} and path.startswith(KEPT_BY_PAGES):
        return Answered(204)
    return Refused("nothing can be changed here")


def session(published: Published) -> dict[str, object]:
    """Return the model of the session that runs the notebook, as the server would (jupyter_server,
    services/sessions; what JupyterLab wants in it: services/src/session/validate.ts).
    """
    return {
        "id": published.session,
        "path": published.notebook,
        "name": posixpath.basename(published.notebook),
        "type": "notebook",
        "kernel": {
            "id": published.kernel,
            "name": published.kernel_name,
            "last_activity": LONG_AGO,
            "execution_state": "idle",
            "connections": 1,
        },
        "notebook": {"path": published.notebook, "name": posixpath.basename(published.notebook)},
    }
