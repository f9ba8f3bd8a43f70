"""Which instances and pools a command line means. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gateway.cli.errors import WishUnusable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.cli.answers import InstanceRow, Overview, PoolRow

WISH = re.compile(r"([^=]+)=([0-9]{1,9})", re.ASCII)


def instance(overview: Overview, wanted: str) -> InstanceRow:
    """Return the one instance whose id begins so. Raises WishUnusable when there is none, or several."""
    found = [each for each in overview.instances if wanted and each.id.startswith(wanted)]
    found = [each for each in found if each.id == wanted] or found
    if len(found) == 1:
        return found[0]
    if not found:
        raise WishUnusable(f"no instance's id begins with {wanted!r}")
    ids = ", ".join(each.id for each in found[:5]) + (", …" if len(found) > 5 else "")
    raise WishUnusable(f"{len(found)} instances' ids begin with {wanted!r}: {ids}")


def pool(overview: Overview, wanted: str) -> PoolRow:
    """Return the pool of this name. Raises WishUnusable."""
    for each in overview.pools:
        if each.name == wanted:
            return each
    raise WishUnusable(f"no pool {wanted!r}; there are {', '.join(each.name for each in overview.pools)}")


def scales(overview: Overview, wishes: Sequence[str]) -> list[tuple[PoolRow, int]]:
    """Read `POOL=N` wishes. Raises WishUnusable for the first that cannot be taken, so that none is."""
    chosen: dict[str, tuple[PoolRow, int]] = {}
    for wish in wishes:
        read = WISH.fullmatch(wish)
        if read is None:
            raise WishUnusable(f"{wish!r} is not POOL=N with a whole number from 0, such as jupyter=5")
        found, warm = pool(overview, read[1]), int(read[2])
        if warm > found.max:
            raise WishUnusable(f"{wish}: pool {found.name} takes 0 to {found.max}, its `max`")
        if found.name in chosen:
            raise WishUnusable(f"pool {found.name} is named twice")
        chosen[found.name] = (found, warm)
    return list(chosen.values())
