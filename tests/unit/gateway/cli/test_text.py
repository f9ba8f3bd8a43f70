from __future__ import annotations

import pytest

from gateway.cli.text import plain


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain, with\ttabs and ünïcödé", "plain, with\ttabs and ünïcödé"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H"),
        ("\x9b2J", "\\x9b2J"),
        ("10%\r20%", "10%\\r20%"),
        ("of another system\r", "of another system"),
        ("user \u202egro.elpmaxe", "user \\u202egro.elpmaxe"),
        ("a\u2028b\x00", "a\\u2028b\\x00"),
    ],
)
def test_no_line_moves_the_cursor_or_reads_other_than_it_is_written(written: str, shown: str) -> None:
    assert plain(written) == shown


@pytest.mark.parametrize("code", [*range(32), *range(127, 160)])
def test_every_control_character_but_the_tab_is_made_visible(code: int) -> None:
    assert (plain(f"a{chr(code)}b") == f"a{chr(code)}b") is (chr(code) == "\t")
