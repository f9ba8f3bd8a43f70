"""Finds what a page would send for each `@bind` of a notebook as its first value. Pure.

A widget without a value of its own gives `missing` until a browser has shown it: the page reads the first
element inside of `<bond def="name">` and sends what it holds (Pluto, frontend/common/Bond.js). Sent while
nobody waits, the cells behind it have run when a visitor comes. Widgets made by scripts are left to the page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from pool.kinds.pluto.messages import date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MARK = "<bond"

RANGE_MIN, RANGE_MAX = 0.0, 100.0
COLOUR = "#000000"
"""What browsers take where the author names nothing (HTML, "The input element")."""

UNKNOWN = object()
"""Only a browser can tell."""


def first_values(outputs: Iterable[str]) -> dict[str, Any]:
    """Return name and first value of each bond in what cells show, but for what only a browser knows."""
    values: dict[str, Any] = {}
    for output in outputs:
        for bond in _read(output):
            value = bond.value()
            if value is not UNKNOWN:
                values.setdefault(bond.name, value)
    return values


def names(outputs: Iterable[str]) -> set[str]:
    """Return the name of every bond in what cells show."""
    return {bond.name for output in outputs for bond in _read(output)}


def _read(output: str) -> list[_Bond]:
    if MARK not in output:
        return []
    reader = _Bonds()
    reader.feed(output)
    reader.close()
    return reader.found


@dataclass(slots=True)
class _Option:
    attributes: Mapping[str, str | None]
    text: str = ""

    @property
    def value(self) -> str:
        told = self.attributes.get("value")
        return " ".join(self.text.split()) if told is None else told


@dataclass(slots=True)
class _Bond:
    """One `<bond>` and the first element in it."""

    name: str
    tag: str = ""
    attributes: Mapping[str, str | None] = field(default_factory=dict)
    text: str = ""
    options: list[_Option] = field(default_factory=list)

    def value(self) -> Any:
        match self.tag:
            case "input":
                return _input(self.attributes)
            case "select":
                return self._selected()
            case "textarea":
                return self.text.removeprefix("\n")
            case "button":
                return self.attributes.get("value") or ""
            case _:
                return UNKNOWN

    def _selected(self) -> Any:
        chosen = [option.value for option in self.options if "selected" in option.attributes]
        if "multiple" in self.attributes:
            return chosen
        if chosen:
            return chosen[-1]
        usable = [option.value for option in self.options if "disabled" not in option.attributes]
        return usable[0] if usable else UNKNOWN


class _Bonds(HTMLParser):
    """Collects bonds. `found` holds them in the order they stand."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Bond] = []
        self._bond: _Bond | None = None
        self._open: str = ""
        """Whose text is being read: `textarea`, `option`, or nobody's."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "bond":
            name = attributes.get("def")
            self._bond = _Bond(name) if name else None
            if self._bond is not None:
                self.found.append(self._bond)
        elif self._bond is None:
            return
        elif not self._bond.tag:
            self._bond.tag, self._bond.attributes = tag, attributes
            self._open = tag if tag == "textarea" else ""
        elif tag == "option" and self._bond.tag == "select":
            self._bond.options.append(_Option(attributes))
            self._open = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == "bond":
            self._bond = None
        if tag in {"bond", "select", self._open}:
            self._open = ""

    def handle_data(self, data: str) -> None:
        if self._bond is None or not self._open:
            return
        if self._open == "option":
            self._bond.options[-1].text += data
        else:
            self._bond.text += data


def _input(attributes: Mapping[str, str | None]) -> Any:
    kind = (attributes.get("type") or "text").lower()
    if kind in _BY_TYPE:
        return _BY_TYPE[kind](attributes)
    return attributes.get("value") or ""


def _number_field(attributes: Mapping[str, str | None]) -> Any:
    # Empty it is "not a number", which compares equal to nothing; that is left to the page.
    value = _number(attributes.get("value"))
    return UNKNOWN if value is None else _plain(value)


def _range(attributes: Mapping[str, str | None]) -> Any:
    """Return where a slider stands (HTML, "Range state"): inside of its ends, on one of its steps."""
    low = _number(attributes.get("min"), RANGE_MIN)
    high = _number(attributes.get("max"), RANGE_MAX)
    middle = low if high < low else low + (high - low) / 2
    value = max(low, min(_number(attributes.get("value"), middle), max(low, high)))
    if attributes.get("step") == "any":
        return _plain(value)
    step = _number(attributes.get("step"), 1.0)
    step = step if step > 0 else 1.0
    steps = int((value - low) / step + 0.5)
    while steps and low + steps * step > max(low, high) + step * 1e-9:
        steps -= 1
    # Sums of decimal fractions come out as a browser's, which rounds them to what was written.
    return _plain(round(low + steps * step, 12))


def _number(text: str | None, otherwise: float | None = None) -> Any:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        value = None
    return otherwise if value is None or value != value or value in {float("inf"), -float("inf")} else value  # noqa: PLR0124 - not a number


def _plain(value: float) -> int | float:
    """Return whole numbers as integers, as a page's MsgPack does."""
    return int(value) if value.is_integer() else value


def _date(attributes: Mapping[str, str | None]) -> Any:
    text = attributes.get("value")
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return date(int(day.timestamp()) * 1000)


def _given(otherwise: str) -> Callable[[Mapping[str, str | None]], Any]:
    return lambda attributes: attributes.get("value") or otherwise


def _unknown(attributes: Mapping[str, str | None]) -> Any:  # noqa: ARG001 - whatever they are
    return UNKNOWN


_BY_TYPE: Mapping[str, Callable[[Mapping[str, str | None]], Any]] = {
    "range": _range,
    "number": _number_field,
    "checkbox": lambda attributes: "checked" in attributes,
    "radio": _given("on"),
    "date": _date,
    "color": _given(COLOUR),
    "file": _unknown,
    "image": _unknown,
}
"""What is not named here is text."""
