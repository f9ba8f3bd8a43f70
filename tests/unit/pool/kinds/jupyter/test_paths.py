"""Which requests are a visitor's doing. What idle pages ask was recorded; see the kinds' README."""

from __future__ import annotations

import pytest

from pool.kinds.jupyter.paths import hides_secret, is_activity

IDLE_PAGES_ASK = [
    ("GET", "api/kernels"),
    ("GET", "api/sessions"),
    ("GET", "api/contents"),
    ("GET", "api/contents/folder"),
    ("GET", "api/contents/welcome.ipynb/checkpoints"),
    ("GET", "api/kernelspecs"),
    ("GET", "api/me"),
    ("GET", "api/status"),
    ("GET", "api/terminals"),
    ("GET", "api/events/subscribe"),
    ("GET", "api/kernels/0-1-2/channels"),
    ("GET", "lab/api/workspaces"),
    ("PUT", "lab/api/workspaces/default"),
]

VISITORS_ASK = [
    ("GET", ""),
    ("GET", "tree"),
    ("GET", "tree/folder"),
    ("GET", "lab"),
    ("GET", "lab/tree/welcome.ipynb"),
    ("GET", "notebooks/welcome.ipynb"),
    ("GET", "edit/a.txt"),
    ("GET", "consoles/1"),
    ("GET", "files/data.csv"),
    ("GET", "nbconvert/html/welcome.ipynb"),
    ("GET", "view/page.html"),
    ("GET", "proxy/8080/"),
    ("PUT", "api/contents/welcome.ipynb"),
    ("POST", "api/contents"),
    ("PATCH", "api/contents/welcome.ipynb"),
    ("DELETE", "api/contents/welcome.ipynb"),
    ("POST", "api/sessions"),
    ("DELETE", "api/sessions/1"),
    ("POST", "api/kernels/1/restart"),
    ("POST", "api/kernels/1/interrupt"),
    ("PUT", "lab/api/settings/@jupyterlab/apputils-extension:themes"),
]

PAGES_LOAD = [
    ("GET", "static/lab/main.js"),
    ("GET", "lab/extensions/a/static/b.js"),
    ("GET", "kernelspecs/python3/logo-64x64.png"),
    ("GET", "custom/custom.css"),
    ("GET", "lab/api/settings"),
    ("GET", "lab/api/themes/@jupyterlab/theme-light-extension/index.css"),
    ("GET", "lsp/status"),
    ("GET", "metrics"),
    ("GET", "api"),
    ("POST", "api/security/csp-report"),
    ("HEAD", "lab"),
    ("OPTIONS", "api/contents"),
]


@pytest.mark.parametrize(("method", "path"), IDLE_PAGES_ASK)
def test_what_a_page_asks_by_itself_is_no_activity(method: str, path: str) -> None:
    assert not is_activity(method, path)


@pytest.mark.parametrize(("method", "path"), PAGES_LOAD)
def test_what_comes_along_with_a_page_is_no_activity(method: str, path: str) -> None:
    assert not is_activity(method, path)


@pytest.mark.parametrize(("method", "path"), VISITORS_ASK)
def test_what_a_visitor_does_is_activity(method: str, path: str) -> None:
    assert is_activity(method, path)
    assert is_activity(method.lower(), path)


@pytest.mark.parametrize(
    "path", ["", "lab", "lab/tree/a.ipynb", "tree", "notebooks/a.ipynb", "doc/tree/a", "lab/api/nothing"]
)
def test_pages_may_show_the_token(path: str) -> None:
    assert hides_secret(path, 200)


@pytest.mark.parametrize(
    "path", ["files/page.html", "api/contents", "static/lab/index.html", "nbconvert/html/a.ipynb"]
)
def test_files_and_data_do_not_show_the_token_but_their_error_pages_may(path: str) -> None:
    assert not hides_secret(path, 200)
    assert hides_secret(path, 404)
