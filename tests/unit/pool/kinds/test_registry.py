"""The kinds by name."""

from __future__ import annotations

from pool.kinds.registry import KINDS


def test_each_kind_is_found_by_the_word_of_the_configuration() -> None:
    assert set(KINDS) == {"jupyter", "pluto", "generic"}
    assert all(kind.name == name for name, kind in KINDS.items())
