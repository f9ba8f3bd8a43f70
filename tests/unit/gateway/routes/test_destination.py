from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest
from gateway.routes.destination import Destination, destination

BASE = "/user/abc/"


@pytest.mark.parametrize(
    ("raw", "path", "query"),
    [
        ("", "", ""),
        ("/", "/", ""),
        ("/tree", "/tree", ""),
        ("/notebooks/a%20b.ipynb", "/notebooks/a%20b.ipynb", ""),
        ("/lab/tree/caf%C3%A9.ipynb?reset", "/lab/tree/caf%C3%A9.ipynb", "reset"),
        ("/tree?a=1&b=2", "/tree", "a=1&b=2"),
        ("?a=1", "", "a=1"),
        ("/v1.2/..notes/...", "/v1.2/..notes/...", ""),
        ("/a?b?c", "/a", "b?c"),
    ],
)
def test_a_plain_path_and_its_query_are_kept_as_they_were_written(raw: str, path: str, query: str) -> None:
    assert destination(raw) == Destination(path, query)


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        ("/tree?pool=course", ""),
        ("/tree?pool=course&a=1", "a=1"),
        ("/tree?a=1&token=secret&b=2", "a=1&b=2"),
        ("/tree?&&a=1&", "a=1"),
        ("/tree?tokens=3&pooling=1", "tokens=3&pooling=1"),
    ],
)
def test_what_is_meant_for_the_gateway_or_secret_is_not_passed_on(raw: str, query: str) -> None:
    assert destination(raw).query == query


@pytest.mark.parametrize(
    "path",
    [
        "tree",
        "//evil.example",
        "//evil.example/tree",
        "/\\evil.example",
        "\\\\evil.example",
        "/tree//file",
        "/.",
        "/..",
        "/../admin",
        "/tree/../../api/instances",
        "/tree/./file",
        "/tree/..",
        "/%2e%2e/admin",
        "/tree/%2E%2e/%2E./admin",
        "/tree/.%2e/admin",
        "/%2fevil.example",
        "/%5cevil.example",
        "/tree%2f..%2fadmin",
        "/tree%0d%0aSet-Cookie:%20a=b",
        "/tree%00",
        "/tree%0A",
        "/tree%7f",
        "/tree\r\nSet-Cookie: a=b",
        "/tree\n",
        "/tree\x00",
        "/tree/a b",
        "/tree/\u00e9",
        "/tree/<script>",
        '/tree/"',
        "/tree#fragment",
        "/tree[1]",
        "https://evil.example/",
        "@evil.example",
    ],
)
def test_a_path_that_is_not_plain_is_refused_whatever_follows(path: str) -> None:
    for raw in (path, f"{path}?a=1", f"/ok{path}" if path.startswith("/..") else path):
        with pytest.raises(BadRequest):
            destination(raw)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/user/someone/notebooks/a.ipynb", "/notebooks/a.ipynb"),
        ("/user/someone", ""),
        ("/user/someone/user/other/tree", "/user/other/tree"),
        ("/users/someone", "/users/someone"),
        ("/files/user/someone", "/files/user/someone"),
    ],
)
def test_of_tmpnbs_addresses_only_what_is_behind_the_name_is_kept(raw: str, path: str) -> None:
    assert destination(raw).path == path


def test_a_destination_is_below_the_session_and_its_entry_where_nothing_was_named() -> None:
    assert Destination().under(BASE, "tree") == "/user/abc/tree"
    assert Destination("/").under(BASE, "tree") == "/user/abc/tree"
    assert Destination("/lab", "reset").under(BASE, "tree") == "/user/abc/lab?reset"
    assert Destination("", "a=1").under(BASE, "") == "/user/abc/?a=1"


def test_a_destination_can_be_led_to_again_by_an_address_of_ours() -> None:
    assert Destination("/lab", "reset").after("/spawn", "course") == "/spawn/lab?pool=course&reset"
    assert Destination().after("/spawn", "") == "/spawn?pool="


@given(
    st.text(alphabet=st.sampled_from("/\\.%25eEfFcC0aAdD7?#@:&=;ab \r\n\t\x00é"), max_size=24).map(
        "/".__add__
    )
)
def test_whatever_is_let_through_stays_below_the_session_on_this_site(raw: str) -> None:
    try:
        where = destination(raw)
    except BadRequest:
        return
    address = where.under(BASE, "tree")
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc) == ("", "")
    assert address.startswith(BASE)
    segments = unquote(parts.path).replace("\\", "/").split("/")
    assert not {".", ".."} & set(segments)
    assert unquote(parts.path) == unquote(parts.path).translate(dict.fromkeys((*range(32), 127)))
