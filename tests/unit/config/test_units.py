from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.units import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MiB", 512 * 2**20),
        ("512 mib", 512 * 2**20),
        (" 1.5GiB ", 3 * 2**29),
        ("2GB", 2_000_000_000),
        ("10kB", 10_000),
        ("1TiB", 2**40),
        ("7B", 7),
        ("4096", 4096),
        (4096, 4096),
        (0, 0),
        ("0", 0),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_a_size_is_read_as_whole_bytes(text: object, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "wrong",
    [
        "", "MiB", "lots", "-1", -1, "1e9", "512MiB or so", "512MiB/2", "1_000", "1,5GiB", "0x10",
        "8Mbit", "3PB", "0.3B", "0.5", 1.5, True, False, None, [], {}, math.inf, math.nan, 2**63,
        "9223372036854775808", "9999999999TiB", "\N{ARABIC-INDIC DIGIT FIVE}MiB",
        "5\N{NO-BREAK SPACE}MiB", "5  MiB", "5\nMiB",
    ],
)  # fmt: skip
def test_what_is_no_size_is_refused_with_what_is_allowed(wrong: object) -> None:
    with pytest.raises(ValueError, match="512MiB"):
        parse_size(wrong)


@pytest.mark.parametrize("letter", ["k", "m", "G", "t"])
def test_a_bare_letter_is_refused_as_it_could_mean_1000_or_1024(letter: str) -> None:
    with pytest.raises(ValueError, match=rf"512{letter.upper()}iB .* or 512{letter.upper()}B"):
        parse_size(f"512{letter}")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (2**29, "512MiB"),
        (1_500_000_000, "1500MB"),
        (2**40, "1TiB"),
        (1025, "1025B"),
        (1000, "1kB"),
        (0, "0B"),
    ],
)
def test_a_size_is_written_in_the_largest_unit_that_is_exact(size: int, text: str) -> None:
    assert format_size(size) == text


@given(st.integers(0, 2**63 - 1) | st.integers(0, 2**20).map(lambda count: count * 2**20))
def test_a_written_size_is_read_back_exactly(size: int) -> None:
    assert parse_size(format_size(size)) == size


@given(st.integers(0, 10**9), st.sampled_from(["B", "kB", "KiB", "MB", "MiB", "GB", "GiB"]))
def test_a_size_means_the_same_in_any_case_and_with_a_blank(count: int, unit: str) -> None:
    assert (
        parse_size(f"{count}{unit}")
        == parse_size(f"{count} {unit.lower()}")
        == parse_size(f"{count}{unit.upper()}")
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90.0),
        ("10m", 600.0),
        ("6h", 21600.0),
        ("1h30m", 5400.0),
        ("1d", 86400.0),
        ("1d2h3m4s5ms", 93784.005),
        ("1.5h", 5400.0),
        ("250ms", 0.25),
        (" 5s ", 5.0),
        ("90", 90.0),
        ("0.5", 0.5),
        (90, 90.0),
        (0.25, 0.25),
        ("0s", 0.0),
        ("366d", 366 * 86400.0),
    ],
)
def test_a_duration_is_read_as_seconds(text: object, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "wrong",
    [
        "", "m", "soon", "-5s", -1, "10 m", "10M", "10min", "1h1h", "30m1h", "5s10", "1e3", "10m!",
        "1:30", "367d", True, None, [], math.inf, -math.inf, math.nan, 10**400, 1e300, "9" * 400,
        "\N{ARABIC-INDIC DIGIT FIVE}s",
    ],
)  # fmt: skip
def test_what_is_no_duration_is_refused_with_what_is_allowed(wrong: object) -> None:
    with pytest.raises(ValueError, match="90s, 10m"):
        parse_duration(wrong)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5400.0, "1h30m"), (600.0, "10m"), (0.0, "0s"), (0.25, "0.25s"), (86400.0, "1d"), (90.0, "1m30s")],
)
def test_a_duration_is_written_in_mixed_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(
    st.integers(0, 366 * 86400).map(float)
    | st.integers(0, 366 * 86_400_000).map(lambda ms: ms / 1000)
    | st.integers(1, 10**6).map(lambda micro: micro / 1_000_000)
)
def test_a_written_duration_is_read_back_exactly(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.text(max_size=20))
def test_any_text_is_a_size_and_a_duration_or_a_plain_refusal(text: str) -> None:
    said = []
    for parse in (parse_size, parse_duration):
        try:
            assert parse(text) >= 0
        except ValueError as error:
            said.append(str(error))
    assert all("such as" in each or "could mean either" in each for each in said)
