"""Which requests pass, which are answered, and what the rest gets."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.jupyter import JupyterPolicy
from gateway.policy.policy import Wish
from gateway.policy.ruling import Answered, Passed, Refused
from pool.kinds.published import Published
from tests.unit.gateway.policy.jupyter.page import PUBLISHED, Clock, judge

KERNEL, SESSION = PUBLISHED.kernel, PUBLISHED.session
NOTEBOOK = "course/a%20b.ipynb"
CHANGING = ("POST", "PUT", "PATCH", "DELETE", "PROPFIND", "get")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"notebooks/{NOTEBOOK}", ""),
        ("notebooks/course/%61%20b%2Eipynb", ""),
        ("static/notebook/main.abc123.js", "v=abc123"),
        ("static/favicons/favicon-notebook.ico", ""),
        ("lab/extensions/@jupyter-widgets/jupyterlab-manager/static/remoteEntry.c8.js", ""),
        ("lab/api/themes/@jupyterlab/theme-dark-extension/index.css", ""),
        ("lab/api/settings", "1795299271435"),
        ("lab/api/settings", "ids_only=true&1795299272319"),
        ("lab/api/settings/@jupyterlab/notebook-extension:panel", ""),
        ("lab/api/translations/default", "1795299271832"),
        ("custom/custom.css", ""),
        ("kernelspecs/python3/logo-64x64.png", ""),
        ("api", ""),
        ("api/me", "1795299271405"),
        ("api/status", ""),
        ("api/kernels", "1795299271446"),
        (f"api/kernels/{KERNEL}", ""),
        ("api/sessions", "1795299271448"),
        (f"api/sessions/{SESSION}", ""),
        ("api/kernelspecs", "1795299271395"),
        ("api/contents", "content=1&hash=0&1795299272453"),
        ("api/contents/course", "content=1"),
        (f"api/contents/{NOTEBOOK}", "type=notebook&content=1&hash=1&contentProviderId=undefined&1795"),
        (f"api/contents/{NOTEBOOK}", "content=0"),
        (f"files/{NOTEBOOK}", ""),
        ("files/course/img/a%20plot.PNG", ""),
    ],
)
def test_what_the_page_asks_for_passes(path: str, query: str) -> None:
    assert isinstance(judge("GET", path, query), Passed)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "lab",
        f"lab/tree/{NOTEBOOK}",
        "tree",
        "tree/course",
        f"edit/{NOTEBOOK}",
        f"view/{NOTEBOOK}",
        f"nbconvert/html/{NOTEBOOK}",
        f"consoles/{NOTEBOOK}",
        "notebooks/other.ipynb",
        "notebooks/course",
        f"notebooks/{NOTEBOOK}/",
        "notebooks/course%2Fa%20b.ipynb",
        "notebooks/course/a%2520b.ipynb",
        "notebooks/COURSE/a%20b.ipynb",
        f"Notebooks/{NOTEBOOK}",
        f"%6Eotebooks/{NOTEBOOK}",
        f"notebooks/{NOTEBOOK}%00",
        f"notebooks/{NOTEBOOK}%0a",
        "notebooks/course/a%20b.ipynb%ff",
        "api/contents/other.ipynb",
        "api/contents/course/data.csv",
        "api/contents/cour",
        "api/contents/",
        "api/contents/.ssh",
        f"api/contents/{NOTEBOOK}/checkpoints/checkpoint",
        "files/course/data.csv",
        "files/plot.png",
        "files/courses/plot.png",
        "files/course/.hidden.png",
        "files/course/.git/plot.png",
        "files/course/png",
        "files/course/plot.png%5c..%5cdata.csv",
        "files/course/%2e%2e/plot.png",
        "api/kernels/another",
        f"api/kernels/{KERNEL}/channels",
        f"api/kernels/{KERNEL}/interrupt",
        "api/sessions/another",
        "api/sessions/",
        "api/terminals/1",
        "api/config/notebook",
        "api/spec.yaml",
        "api/events/subscribe",
        "api/shutdown",
        "kernelspecs/python3/kernel.json",
        "static/../../etc/passwd",
        "static/.hidden",
        "static/%2e%2e/x",
        "static/",
        "lab/api/licenses",
        "lab/api/listings/x",
        "lab/api/extensions",
        "lsp/ws/pylsp",
        "proxy/8080/",
        "terminals/1",
        "metrics",
        "login",
        "logout",
    ],
)
def test_all_else_is_refused(path: str) -> None:
    assert isinstance(judge("GET", path), Refused)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"notebooks/{NOTEBOOK}", "token=abc"),
        (f"notebooks/{NOTEBOOK}", "x=1"),
        ("api/me", "permissions=%7B%7D"),
        ("api/kernels", "no_track_activity=1"),
        (f"api/contents/{NOTEBOOK}", "type=file"),
        (f"api/contents/{NOTEBOOK}", "format=text"),
        (f"api/contents/{NOTEBOOK}", "type=notebook&type=file"),
        (f"api/contents/{NOTEBOOK}", "content=1&content=0"),
        (f"api/contents/{NOTEBOOK}", "content=2"),
        (f"api/contents/{NOTEBOOK}", "c%6Fntent=1"),
        (f"api/contents/{NOTEBOOK}", "content=%31"),
        (f"api/contents/{NOTEBOOK}", "content"),
        (f"api/contents/{NOTEBOOK}", "&"),
        (f"api/contents/{NOTEBOOK}/checkpoints", "x=1"),
        ("api/contents", "type=notebook"),
        ("static/notebook/main.js", "v=a&x=1"),
        ("static/notebook/main.js", "v=<script>"),
        ("custom/custom.css", "token=abc"),
        (f"files/{NOTEBOOK}", "download=1;x=2"),
        ("lab/api/settings", "ids_only=true&token=x"),
    ],
)
def test_a_query_no_page_sends_is_refused(path: str, query: str) -> None:
    assert isinstance(judge("GET", path, query), Refused)


@pytest.mark.parametrize(
    "path", ["api/terminals", "api/nbconvert", "lsp/status", f"api/contents/{NOTEBOOK}/checkpoints"]
)
def test_what_a_reader_has_none_of_is_answered_with_nothing(path: str) -> None:
    ruling = judge("GET", path)
    assert isinstance(ruling, Answered)
    assert ruling.status == 200
    json.loads(ruling.body)


@pytest.mark.parametrize("path", [f"notebooks/{NOTEBOOK}", "api/kernels", "static/a.js"])
def test_nothing_passes_with_a_body(path: str) -> None:
    assert isinstance(judge("GET", path, body=True), Refused)


def test_a_head_passes_where_nothing_is_made_anew() -> None:
    assert isinstance(judge("HEAD", "static/a.js"), Passed)
    assert isinstance(judge("HEAD", f"api/contents/{NOTEBOOK}"), Refused)


@pytest.mark.parametrize(
    ("method", "path", "query", "passes"),
    [
        ("GET", f"api/kernels/{KERNEL}/channels", "session_id=0b-9", True),
        ("GET", f"api/kernels/{KERNEL}/channels", "", True),
        ("GET", "api/events/subscribe", "", True),
        ("GET", f"api/kernels/{KERNEL}/channels", "session_id=a&session_id=b", False),
        ("GET", f"api/kernels/{KERNEL}/channels", "session_id=a&token=b", False),
        ("GET", f"api/kernels/{KERNEL}/channels", "session_id=" + "a" * 65, False),
        ("POST", f"api/kernels/{KERNEL}/channels", "", False),
        ("GET", "api/kernels/another/channels", "session_id=a", False),
        ("GET", f"api/kernels/{KERNEL}/channels/", "session_id=a", False),
        ("GET", "terminals/websocket/1", "", False),
        ("GET", "lsp/ws/pylsp", "", False),
        ("GET", "api/collaboration/room/x", "", False),
        ("GET", "api/kernels", "", False),
    ],
)
def test_only_the_notebooks_websockets_are_opened(
    method: str, path: str, query: str, *, passes: bool
) -> None:
    ruling = judge(method, path, query, websocket=True)
    assert isinstance(ruling, Passed if passes else Refused)
    if isinstance(ruling, Passed):
        assert ruling.converse is not None


def test_on_the_websocket_of_events_a_page_only_listens() -> None:
    ruling = judge("GET", "api/events/subscribe", websocket=True)
    assert isinstance(ruling, Passed)
    assert ruling.converse is not None
    talk = ruling.converse("")
    assert talk.from_instance("{}").to_visitor == ("{}",)
    verdict = talk.from_visitor("{}")
    assert verdict.refused
    assert not verdict.to_instance


def test_the_page_gets_what_keeps_it_calm_and_nothing_that_would_end_it_early() -> None:
    ruling = judge("GET", f"notebooks/{NOTEBOOK}")
    assert isinstance(ruling, Passed)
    assert ruling.script.count(b"<style>") == ruling.script.count(b"</style>") == 1
    assert ruling.script.count(b"<script>") == ruling.script.count(b"</script>") == 1


def test_a_notebook_at_the_top_has_its_pictures_beside_it() -> None:
    policy = JupyterPolicy(
        Published("top.ipynb", [], session="s", kernel="k", kernel_name="python3"), clock=Clock()
    )
    assert isinstance(policy.judge(Wish("GET", "files/img/plot.svg")), Passed)
    assert isinstance(policy.judge(Wish("GET", "files/data.csv")), Refused)
    assert isinstance(policy.judge(Wish("GET", "api/contents")), Passed)


@given(
    st.sampled_from(("GET", "HEAD", *CHANGING)),
    st.lists(
        st.sampled_from(["api", "contents", "kernels", "files", "notebooks", "course", "a%20b.ipynb", KERNEL])
        | st.text(alphabet="%.aA0/\\~", max_size=4),
        max_size=5,
    ).map("/".join),
    st.text(alphabet="a=&1%;+", max_size=6),
    st.booleans(),
)
def test_whatever_is_asked_is_judged_and_only_an_interrupt_changes_anything(
    method: str,
    path: str,
    query: str,
    websocket: bool,  # noqa: FBT001 - drawn
) -> None:
    ruling = judge(method, path, query, websocket=websocket)
    if method in CHANGING and isinstance(ruling, Passed):
        assert (method, path) == ("POST", f"api/kernels/{KERNEL}/interrupt")
