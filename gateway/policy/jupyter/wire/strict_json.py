"""Reads JSON in which nothing can be read in two ways, and writes it anew. Pure.

The kernel, the server and this module would each decide for themselves what a key that is there twice means,
so it is a fault. RFC 8259 sections 4, 6 and 8 leave these cases open; here they are closed.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple

from gateway.policy.jupyter.limits import MAX_DEPTH, MAX_DIGITS

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Read(NamedTuple):
    """What a text holds. `fault` is empty, or says why nobody should rely on `value`."""

    value: Any
    fault: str = ""


def read(text: str) -> Read:
    """Return what a text holds. Raises ValueError for what is no JSON at all."""
    if not text.isascii():
        text.encode()
    reader = _Reader()
    try:
        value = json.loads(
            text,
            object_pairs_hook=reader.object,
            parse_constant=reader.constant,
            parse_int=reader.whole,
            parse_float=reader.fraction,
        )
    except RecursionError as error:
        raise ValueError("JSON that is too deep") from error
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        reader.fault = "JSON that is too deep"
    if _SURROGATE.search(text) and not _is_text(value):
        reader.fault = "half a character"
    return Read(value, reader.fault)


def read_bytes(data: bytes) -> Read:
    """Return what a text in UTF-8 holds. Raises ValueError for what is none."""
    return read(data.decode())


def parts(data: str | bytes, first: int = 0, last: int | None = None) -> int:
    """Return about how many values stand in a part of some JSON, from above: signs in its texts count too."""
    if isinstance(data, str):
        return sum(data.count(sign, first, last) for sign in "[{,")
    return sum(data.count(sign, first, last) for sign in (b"[", b"{", b","))


def write(value: Any) -> str:
    """Return a value that was read without a fault as JSON."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class _Reader:
    """Takes part in reading one text, and notes what is wrong with it."""

    def __init__(self) -> None:
        self.fault = ""

    def object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            self.fault = "a key that is there twice"
        return made

    def constant(self, name: str) -> None:
        self.fault = f"{name}, which is no number in JSON"

    def whole(self, digits: str) -> int:
        if len(digits) > MAX_DIGITS:
            self.fault = "a number of more than 64 bits"
            return 0
        return int(digits)

    def fraction(self, digits: str) -> float:
        value = float(digits)
        if not math.isfinite(value):
            self.fault = "a number that is too big"
        return value


def _depth(value: Any) -> int:
    """Return how deep a value is, as far as that matters."""
    deep, layer = 0, [value] if isinstance(value, dict | list) else []
    while layer and deep <= MAX_DEPTH:
        deep += 1
        layer = [
            inner
            for each in layer
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    return deep


def _is_text(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
