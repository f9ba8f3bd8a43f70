"""Which kinds there are, by the word of the configuration."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pool.kinds.generic import Generic
from pool.kinds.jupyter import Jupyter
from pool.kinds.pluto import Pluto

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pool.kinds.kind import Kind

_ALL: tuple[Kind, ...] = (Jupyter(), Pluto(), Generic())

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ALL})
