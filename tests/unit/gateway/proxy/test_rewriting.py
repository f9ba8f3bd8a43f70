"""What changes a page on its way: a secret goes out, a script comes in, or nothing is to be done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UpstreamInvalid
from gateway.proxy import rewriting
from gateway.proxy.answer import Head

SECRET = b"5ecre75ecre75ecre7"
SCRIPT = b"<script>ours()</script>"
PAGE = b'<!doctype html><head><meta charset="utf-8">' + SECRET + b"</head><p>" + SECRET


def head(*fields: tuple[bytes, bytes], status: int = 200) -> Head:
    return Head("1.1", status, b"OK", fields)


HTML = (b"Content-Type", b"text/html; charset=utf-8")


@given(st.lists(st.integers(1, len(PAGE)), min_size=1))
def test_a_page_loses_the_secret_and_gets_the_script_wherever_it_is_cut(cuts: list[int]) -> None:
    changed = rewriting.of_page(SECRET, SCRIPT, head(HTML))
    assert changed is not None
    out, rest, turn = b"", PAGE, 0
    while rest:
        size = cuts[turn % len(cuts)]
        out += changed.feed(rest[:size])
        rest, turn = rest[size:], turn + 1
    out += changed.end()
    assert out == PAGE.replace(SECRET, b"").replace(b"<head>", b"<head>" + SCRIPT)


@pytest.mark.parametrize(("secret", "script"), [(SECRET, b""), (b"", SCRIPT)])
def test_either_is_done_alone(secret: bytes, script: bytes) -> None:
    changed = rewriting.of_page(secret, script, head(HTML))
    assert changed is not None
    out = changed.feed(PAGE) + changed.end()
    assert (SECRET in out) == (not secret)
    assert (SCRIPT in out) == bool(script)


@pytest.mark.parametrize(
    ("secret", "script", "answered"),
    [
        (b"", b"", head(HTML)),
        (SECRET, SCRIPT, head((b"Content-Type", b"image/png"))),
        (b"", SCRIPT, head(HTML, status=404)),
        (b"", SCRIPT, head(HTML, (b"Content-Encoding", b"br"))),
    ],
)
def test_what_is_no_page_of_ours_to_change_stays_as_it_is(
    secret: bytes, script: bytes, answered: Head
) -> None:
    assert rewriting.of_page(secret, script, answered) is None


def test_a_page_in_a_coding_could_hide_the_secret_and_is_refused() -> None:
    with pytest.raises(UpstreamInvalid):
        rewriting.of_page(SECRET, SCRIPT, head(HTML, (b"Content-Encoding", b"br")))
