"""`{base_path}` and `{token}` in a pool's command and environment; `{ip}` and `{port}` are the engine's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config import PoolSettings

_OURS = re.compile(r"(?<!\$)\{(base_path|token)\}")
"""`${token}` is left alone: that is a shell's own variable."""


def fill(
    pool: PoolSettings, command: tuple[str, ...], *, base_path: str, token: str
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return `command` and the pool's environment with our placeholders filled in, in one pass."""
    values = {"base_path": base_path, "token": token}

    def filled(text: str) -> str:
        return _OURS.sub(lambda found: values[found[1]], text)

    return tuple(map(filled, command)), {name: filled(text) for name, text in pool.env.items()}


def mentions(pool: PoolSettings, name: str) -> bool:
    """Return whether the pool's command or environment uses the placeholder `name`."""
    texts = (*pool.command, *pool.env.values())
    return any(found[1] == name for text in texts for found in _OURS.finditer(text))
