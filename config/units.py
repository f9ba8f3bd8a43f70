"""Sizes and durations as people write them: `512MiB` is bytes, `10m` is seconds. Parsing and its inverse.

Pydantic's ByteSize is not used: it reads `512MiB or so` as 512 MiB, `8Mbit` as a size and a bare `m` as
a million, where the container world means 1024². What can be read two ways is refused here.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

SIZE_ALLOWED = "a size such as 512MiB, 1.5GiB or 2GB, or a whole number of bytes"
DURATION_ALLOWED = "a time such as 90s, 10m, 1h30m or 6h, or a number of seconds"

_SIZES = {
    "TiB": 2**40, "TB": 10**12,
    "GiB": 2**30, "GB": 10**9,
    "MiB": 2**20, "MB": 10**6,
    "KiB": 2**10, "kB": 10**3,
    "B": 1,
}  # fmt: skip
_SIZE_BY_NAME = {name.lower(): factor for name, factor in _SIZES.items()} | {"": 1}
_SIZE = re.compile(r"([0-9]{1,19}(?:\.[0-9]{1,19})?) ?([A-Za-z]*)", re.ASCII)
_SIZE_MAX = 2**63 - 1  # what engines hold a size in: a signed 64-bit number of bytes

_DURATIONS = {
    unit: Decimal(n) for unit, n in {"d": "86400", "h": "3600", "m": "60", "s": "1", "ms": "0.001"}.items()
}  # seconds; longest first
_DURATION_PART = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?)(ms|[dhms])", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)
_DURATION_MAX = 366 * 86400.0  # seconds


def parse_size(value: object) -> int:
    """Bytes of `value`: a whole number of bytes, or text with a unit (B, kB, KiB, MB, MiB, ... TiB).

    Raises ValueError, whose text says what is allowed.
    """
    match value:
        case bool():
            raise ValueError(SIZE_ALLOWED)
        case int():
            size = Decimal(value)
        case str():
            size = _size_of_text(value.strip())
        case _:
            raise ValueError(SIZE_ALLOWED)
    if size != size.to_integral_value() or not 0 <= size <= _SIZE_MAX:
        raise ValueError(SIZE_ALLOWED)
    return int(size)


def _size_of_text(text: str) -> Decimal:
    found = _SIZE.fullmatch(text)
    if found is None:
        raise ValueError(SIZE_ALLOWED)
    number, unit = found.groups()
    factor = _SIZE_BY_NAME.get(unit.lower())
    if factor is not None:
        return Decimal(number) * factor
    if unit.lower() in {"k", "m", "g", "t"}:
        letter = unit.upper()
        raise ValueError(
            f"{number}{letter}iB (units of 1024) or {number}{letter}B (units of 1000); "
            f"a bare {unit} could mean either"
        )
    raise ValueError(SIZE_ALLOWED)


def format_size(size: int) -> str:
    """Write bytes so that parse_size gives exactly `size` back: 536870912 is `512MiB`."""
    for name, factor in _SIZES.items():
        if size >= factor and size % factor == 0:
            return f"{size // factor}{name}"
    return "0B"


def parse_duration(value: object) -> float:
    """Seconds of `value`: a number of seconds, or text such as `90s`, `10m`, `1h30m`, `250ms`.

    Units go from long to short, each at most once. Raises ValueError, whose text says what is allowed.
    """
    match value:
        case bool():
            raise ValueError(DURATION_ALLOWED)
        case int() | float():
            seconds = float(value) if abs(value) <= _DURATION_MAX else math.inf
        case str():
            seconds = _seconds_of_text(value.strip())
        case _:
            raise ValueError(DURATION_ALLOWED)
    if not 0 <= seconds <= _DURATION_MAX:  # false for nan too
        raise ValueError(f"{DURATION_ALLOWED}, at most 366d")
    return seconds


def _seconds_of_text(text: str) -> float:
    if _SECONDS.fullmatch(text):
        return float(text)
    total, at, longer = Decimal(0), 0, list(_DURATIONS)
    while found := _DURATION_PART.match(text, at):
        number, unit = found.groups()
        if unit not in longer:
            raise ValueError(DURATION_ALLOWED)
        longer = longer[longer.index(unit) + 1 :]
        total += Decimal(number) * _DURATIONS[unit]
        at = found.end()
    if at == 0 or at != len(text):
        raise ValueError(DURATION_ALLOWED)
    return float(total)


def format_duration(seconds: float) -> str:
    """Write seconds so that parse_duration gives exactly `seconds` back: 5400.0 is `1h30m`."""
    rest = Decimal(repr(seconds))
    text = ""
    for unit in ("d", "h", "m"):
        count, rest = divmod(rest, _DURATIONS[unit])
        if count:
            text += f"{count:f}{unit}"
    if rest or not text:
        text += f"{rest.normalize():f}s"
    return text
