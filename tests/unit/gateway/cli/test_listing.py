from __future__ import annotations

import io

import pytest
from rich.console import Console

from gateway.cli.listing import lasted, listing, mebibytes, totals
from tests.unit.gateway.cli.overviews import MIB, instance, overview, pool


def shown(*instances: object, measuring: bool = False, terminal: bool = False) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=100, force_terminal=terminal, color_system="standard" if terminal else None
    )
    console.print(listing(overview(*instances), measuring=measuring))  # type: ignore[arg-type] # instances
    return out.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (59.9, "59s"),
        (60, "1m00s"),
        (3599, "59m59s"),
        (3600, "1h00m"),
        (90_000, "1d01h"),
        (-1, "0s"),
    ],
)
def test_times_are_told_in_their_two_largest_units(seconds: float, text: str) -> None:
    assert lasted(seconds) == text


def test_sizes_are_whole_mebibytes() -> None:
    assert mebibytes(1536 * MIB + 1) == "1,536 MiB"


def test_columns_are_aligned_whatever_stands_in_them() -> None:
    short = instance("a" * 16, pool="a")
    long = instance("b" * 16, pool="a-much-longer-name", state="assigned", idle=12.0, measured=1200 * MIB)
    heading, *rows = shown(short, long).split("\n\n", maxsplit=1)[0].splitlines()
    for title in ("INSTANCE", "POOL", "STATE"):
        assert all(row[heading.index(title) - 1 : heading.index(title)].strip() == "" for row in rows)
    assert {len(row.rstrip()) for row in (heading, *rows)} == {len(heading.rstrip())}


def test_what_is_not_known_is_a_dash_and_what_is_being_measured_is_pending() -> None:
    assert shown(instance("a" * 16)).splitlines()[1].split()[-1] == "-"
    assert shown(instance("a" * 16), measuring=True).splitlines()[1].split()[-1] == "…"


def test_only_a_terminal_gets_colours() -> None:
    assert "\x1b[32mwarm" in shown(instance("a" * 16), terminal=True)
    assert "\x1b" not in shown(instance("a" * 16))


def test_an_id_or_name_is_never_taken_for_markup() -> None:
    assert "[red]x[/" in shown(instance("[red]x[/red]", pool="[b]"))


def test_the_totals_tell_who_waits_where_that_is_known() -> None:
    assert totals(overview(instance("a"))) == "1 instance, 512 MiB charged of 2,048 MiB budget"
    waiting = overview(pools=(pool("a", waiting=2), pool("b", waiting=1), pool("c")))
    assert totals(waiting).endswith(", 3 waiting")


def test_a_state_of_a_newer_gateway_is_shown_as_it_is() -> None:
    assert "resting" in shown(instance("a", state="resting"))
