from __future__ import annotations

import pytest
from markupsafe import escape

from gateway.previews.boxes import MOST_LINES, MOST_WIDTH, box


def boxed(written: str) -> str:
    return box(written, escape(written), label="Output", kind="stderr")


@pytest.mark.parametrize("written", ["line\n" * MOST_LINES + "last", "x" * (MOST_WIDTH + 1)])
def test_a_long_text_is_reached_by_keyboard_and_has_a_name(written: str) -> None:
    assert boxed(written).startswith('<pre class="stderr" tabindex="0" role="group" aria-label="Output">')


@pytest.mark.parametrize("written", ["", "short", "line\n" * (MOST_LINES - 1) + "last", "x" * MOST_WIDTH])
def test_a_short_text_is_no_stop_for_the_keyboard(written: str) -> None:
    assert boxed(written) == f'<pre class="stderr">{written}</pre>'


def test_what_is_written_is_not_read_as_html() -> None:
    assert boxed("<b>") == '<pre class="stderr">&lt;b&gt;</pre>'
