"""Changes a message a little, in the ways in which two readers may come to differ about it. Pure."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**63 - 1, -(2**63), 0.0, float("inf"), "", " ", "\0", "a" * 300,
    "__proto__", "constructor", "../..", "/etc/passwd", "*", [], {}, [[]], [{}], {"": None}, b"", b"\0",
    "\ufeff", "\u202e", "💥", "null", "true", "0",
)  # fmt: skip


class Twice(dict[str, Any]):
    """A map of which `again` is written a second time, behind the rest."""

    def __init__(self, first: dict[str, Any], again: Sequence[tuple[str, Any]]) -> None:
        super().__init__(first)
        self.again = tuple(again)


class Shaker:
    """Makes messages from others. `names` are those that mean something to the server."""

    def __init__(self, rng: Random, names: Sequence[str], values: Sequence[Any]) -> None:
        self.rng = rng
        self._names = names
        self._values = (*values, *ODD)

    def shaken(self, message: Any) -> Any:
        """Return a message with up to three changes; now and then none."""
        for _ in range(self.rng.choice((0, 1, 1, 1, 2, 3))):
            message = self._changed(message, self.rng.random())
        return message

    def _changed(self, value: Any, luck: float) -> Any:
        """Change the value itself or, more often, something inside of it."""
        if isinstance(value, dict) and value and luck > 0.15:
            name = self.rng.choice(list(value))
            return (
                {**value, name: self._changed(value[name], self.rng.random())}
                if luck > 0.5
                else self._map(value)
            )
        if isinstance(value, list) and value and luck > 0.2:
            at = self.rng.randrange(len(value))
            if luck > 0.5:
                return [*value[:at], self._changed(value[at], self.rng.random()), *value[at + 1 :]]
            return self.rng.choice(
                ([*value, *value], value[::-1], value[:at], [*value, self._any()], [value])
            )
        if isinstance(value, str) and luck > 0.3:
            return self._text(value)
        return self._any()

    def _map(self, value: dict[str, Any]) -> dict[str, Any]:
        name = self.rng.choice(list(value))
        rest = {each: value[each] for each in value if each != name}
        match self.rng.randrange(6):
            case 0:
                return rest
            case 1:
                return {**value, self.rng.choice(self._names): self._any()}
            case 2:
                return Twice(value, [(name, self._any())])
            case 3:
                return Twice({**value, name: self._any()}, [(name, value[name])])
            case 4:
                return {**rest, self._text(name): value[name]}
            case _:
                return {**rest, self.rng.choice(self._names): value[name]}

    def _text(self, text: str) -> str:
        return self.rng.choice(
            (
                text.upper(),
                f" {text}",
                f"{text}\0",
                unicodedata.normalize(self.rng.choice(("NFC", "NFD", "NFKC", "NFKD")), text),
                text.replace("n", "\uff4e").replace("o", "\u043e"),
                text + self.rng.choice(("\n", "\r\n", ";", "#", "/", "\u200b", "\ufeff")),
                self.rng.choice(self._names),
                text[: self.rng.randrange(len(text) + 1)],
                text + text,
            )
        )

    def _any(self) -> Any:
        return self.rng.choice(self._values)

    def torn(self, data: bytes) -> bytes:
        """Return the bytes of a message, now and then cut, flipped, or with more behind them."""
        match self.rng.randrange(24):
            case 0:
                return data[: self.rng.randrange(len(data) + 1)]
            case 1:
                return data + data
            case 2:
                return data + self.rng.randbytes(self.rng.randrange(1, 9))
            case 3 | 4 | 5:
                shaken = bytearray(data)
                for _ in range(self.rng.randrange(1, 4)):
                    shaken[self.rng.randrange(len(shaken))] ^= 1 << self.rng.randrange(8)
                return bytes(shaken)
            case _:
                return data
