from __future__ import annotations

import pytest

from pool.kinds.generic import Generic
from pool.kinds.hashed_paths import LONGEST, holds_hash
from pool.kinds.jupyter import Jupyter

HASH = "efd36b46f3b45eb8"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"static/lab/main.{HASH}.js", f"?v={HASH}"),
        (f"static/lab/main.{HASH}.js", ""),
        ("editor.3f2a1b4c.css", ""),
        ("assets/logo-0a1b2c3d.min.svg", ""),
        (f"a/b.c/font.{HASH}.woff2", ""),
        (f"main.{HASH}.js.map", ""),
    ],
)
def test_a_name_with_a_hash_names_its_content(path: str, query: str) -> None:
    assert holds_hash(path, query)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("static/lab/bootstrap.js", f"?v={HASH}"),
        (f"static/lab/main.{HASH}.js", "?v=0123456789abcdef"),
        (f"static/lab/main.{HASH}.js", f"?v={HASH}&again=1"),
        (f"static/lab/main.{HASH}.js", "?"),
        (f"static/{HASH}.js/x", ""),
        (f"static/main.{HASH}.js/", ""),
        (f"static/{HASH}.js", ""),
        ("report-20261121.png", ""),
        ("index-deadbeef.js", ""),
        (f"notebook.{HASH}.html", ""),
        (f"data.{HASH}.json", ""),
        (f"main%2e.{HASH}.js", ""),
        ("", ""),
        ("x" * LONGEST + f".{HASH}.js", ""),
    ],
)
def test_anything_else_may_be_another_thing_to_each_visitor(path: str, query: str) -> None:
    assert not holds_hash(path, query)


def test_jupyters_assets_are_what_its_pages_load_by_hash() -> None:
    kind = Jupyter()
    assert kind.is_asset(f"static/lab/main.{HASH}.js", f"?v={HASH}")
    assert not kind.is_asset(f"static/lab/main.{HASH}.js", "")
    assert not kind.is_asset(f"lab/extensions/x/static/main.{HASH}.js", f"?v={HASH}")
    assert not kind.is_asset(f"files/main.{HASH}.js", f"?v={HASH}")
    assert not kind.is_asset("api/kernels", "")


def test_an_apps_assets_are_told_by_their_names_alone() -> None:
    kind = Generic()
    assert kind.is_asset("editor.3f2a1b4c.js", "")
    assert not kind.is_asset("editor.js", "")
