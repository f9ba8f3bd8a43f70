"""Pluto, 0.14.1 to 1.x."""

from pool.kinds.pluto.kind import Pluto

__all__ = ["Pluto"]
