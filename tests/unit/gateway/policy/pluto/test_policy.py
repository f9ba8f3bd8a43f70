"""Which addresses of a Pluto server a reader's page may ask for."""

from __future__ import annotations

import pytest

from gateway.policy.pluto.policy import PlutoPolicy
from gateway.policy.policy import Wish
from gateway.policy.ruling import Answered, Passed, Refused
from tests.unit.gateway.policy.pluto.page import NOTEBOOK, PUBLISHED, TEXT

POLICY = PlutoPolicy(PUBLISHED, clock=lambda: 0.0)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("editor.8c3b.js", ""),
        ("img/favicon.svg", ""),
        ("fonts/JuliaMono@1.woff2", ""),
        ("ping", ""),
        ("auth-check", ""),
        ("notebookfile", f"id={NOTEBOOK}"),
        ("notebookexport", f"id={NOTEBOOK}"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_page_and_its_parts_can_be_read(method: str, path: str, query: str) -> None:
    assert POLICY.judge(Wish(method, path, query)) == Passed()


@pytest.mark.parametrize("more", ["", f"&isolated_cell_id={TEXT}"])
def test_the_notebooks_page_comes_calm(more: str) -> None:
    ruling = POLICY.judge(Wish("GET", "edit", f"id={NOTEBOOK}{more}"))
    assert isinstance(ruling, Passed)
    assert b"<style>" in ruling.script
    assert b"</script>" not in ruling.script[:-9]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("", ""),
        ("edit", ""),
        ("edit", "id=8f9e1d2c-0000-4000-8000-000000000002"),
        ("edit", f"id={NOTEBOOK}&id={NOTEBOOK}"),
        ("edit", f"id={NOTEBOOK}&statefile=https://evil.example/x"),
        ("edit", f"id={NOTEBOOK}&pluto_server_url=https://evil.example"),
        ("edit", f"id={NOTEBOOK}&preamble_html=x"),
        ("edit", f"id={NOTEBOOK}&isolated_cell_id=x"),
        ("edit/", f"id={NOTEBOOK}"),
        ("%65dit", f"id={NOTEBOOK}"),
        ("new", ""),
        ("open", "path=%2Fetc%2Fpasswd"),
        ("open", f"path=x.js&id={NOTEBOOK}"),
        ("open.js", "path=/etc/passwd"),
        ("sample/Basic.jl", ""),
        ("sample/x.js", ""),
        ("sample", ""),
        ("notebookupload", ""),
        ("notebooklist", ""),
        ("shutdown", f"id={NOTEBOOK}"),
        ("move", f"id={NOTEBOOK}&newpath=x"),
        ("statefile", f"id={NOTEBOOK}"),
        ("notebookfile", ""),
        ("notebookfile", "id=8f9e1d2c-0000-4000-8000-000000000002"),
        ("notebookexport", f"id={NOTEBOOK}&offline_bundle=1"),
        ("ping", "token=mine"),
        ("possible_binder_token_please", "token=mine"),
        ("a.js", "token=mine"),
        (".js", ""),
        ("a/.hidden/b.js", ""),
        ("x.jl", ""),
        ("%2e%2e/x.js", ""),
    ],
)
def test_everything_else_is_refused_though_it_be_a_get(path: str, query: str) -> None:
    assert isinstance(POLICY.judge(Wish("GET", path, query)), Refused)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "get", "PROPFIND"])
@pytest.mark.parametrize("path", ["edit", "new", "notebookupload", "a.js", "ping"])
def test_only_reading_methods_pass(method: str, path: str) -> None:
    assert isinstance(POLICY.judge(Wish(method, path)), Refused)


def test_a_request_with_a_body_is_refused() -> None:
    assert isinstance(POLICY.judge(Wish("GET", "a.js", body=True)), Refused)


def test_pluto_is_not_asked_for_a_token_that_somebody_may_have_left() -> None:
    assert POLICY.judge(Wish("GET", "possible_binder_token_please")) == Answered(200)


@pytest.mark.parametrize("path", ["", "channels"])
def test_the_pages_websocket_is_judged(path: str) -> None:
    ruling = POLICY.judge(Wish("GET", path, websocket=True))
    assert isinstance(ruling, Passed)
    assert ruling.converse is not None


@pytest.mark.parametrize(
    ("path", "query"), [("edit", ""), ("open", "path=x"), ("", "secret=x"), ("a.js", "")]
)
def test_a_websocket_at_another_address_is_refused(path: str, query: str) -> None:
    assert isinstance(POLICY.judge(Wish("GET", path, query, websocket=True)), Refused)
