"""`[limits]`: how much one address, and all who wait together, may take."""

from typing import Annotated

from pydantic import Field

from config.section import Section
from config.values import Count

MOST = 1_000_000


class LimitsSettings(Section):
    """What keeps one visitor from taking everybody's notebooks.

    An address is that of the visitor, seen through `trusted_proxies`; addresses of IPv6 count together by
    /64, as one customer has at least that many.
    """

    tickets: Annotated[Count, Field(ge=0, le=MOST)] = 1000
    """Places in all waiting lines together; whoever comes when they are taken is answered 429. 0: nobody
    waits."""

    sessions_per_address: Annotated[Count, Field(ge=0, le=MOST)] = 50
    """Sessions and tickets one address may hold at once; one more is answered 429. A lecture hall, a school
    or a company often stands behind a single address: set it above the number of its seats. 0: no limit.
    This machine's own addresses are never limited, so a proxy here that is missing in `trusted_proxies` takes
    the limit away from everybody, and one elsewhere makes all its visitors share one."""

    spawns_per_minute: Annotated[Count, Field(ge=0, le=MOST)] = 60
    """Notebooks one address may ask for in a minute, and also at once after a quiet minute; the next is
    answered 429 with the time to wait. A lecture hall that clicks together needs one for each seat. 0: no
    limit. Whose address counts, and whose never does: see `sessions_per_address`."""
