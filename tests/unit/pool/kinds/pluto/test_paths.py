"""Which requests to Pluto are a visitor's doing, and which files are named by their content."""

from __future__ import annotations

import pytest

from pool.kinds.pluto.paths import is_activity, is_asset


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "edit"),
        ("GET", "notebookexport"),
        ("POST", "open"),
        ("POST", "ping.js"),
        ("GET", "new"),
    ],
)
def test_what_a_visitor_does_is_activity(method: str, path: str) -> None:
    assert is_activity(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "ping"),
        ("GET", "auth-check"),
        ("GET", "possible_binder_token_please"),
        ("GET", "editor.1a2b3c4d.js"),
        ("GET", "components/CellInput.js"),
        ("GET", "favicon.ico"),
        ("HEAD", ""),
        ("OPTIONS", "edit"),
    ],
)
def test_what_a_page_does_by_itself_is_none(method: str, path: str) -> None:
    assert not is_activity(method, path)


def test_bundles_are_assets_and_the_pages_that_load_them_are_not() -> None:
    assert is_asset("editor.1a2b3c4d.js", "")
    assert is_asset("JuliaMono-Regular.0f2e1d3c.woff2", "")
    assert not is_asset("editor.html", "")
    assert not is_asset("edit", "?id=11111111-1111-1111-1111-111111111111")
    assert not is_asset("notebookfile.1a2b3c4d.js", "?id=1")
    assert not is_asset("folder/of-a-notebook.1a2b3c4d.js", "")
