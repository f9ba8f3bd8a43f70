"""A visitor's fields as one instance gets them, kept for the next request that has the same. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.proxy.request_rules import RequestRules
    from gateway.proxy.visitor import Visitor


class Written:
    """Good for requests with one header section, to one instance, that are `plain` or not alike."""

    __slots__ = ("plain", "rules", "visitor", "written")

    def __init__(self, rules: RequestRules, visitor: Visitor, written: bytes, *, plain: bool) -> None:
        self.rules = rules
        self.visitor = visitor
        self.written = written
        self.plain = plain
