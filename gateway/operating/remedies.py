"""What to do about each error of the tree, by its code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors_table import tree

if TYPE_CHECKING:
    from collections.abc import Mapping

REMEDIES: Mapping[str, str] = {kind.code: kind.remedy for kind in tree()}
