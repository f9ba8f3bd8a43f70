"""A visitor's fields as one instance gets them, kept for the next request that has the same. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.proxy.headers import HeadRules
    from gateway.proxy.request import RequestHead
    from gateway.proxy.visitor import Visitor, Visitors


class Written:
    """Good for requests with one header section, to one instance, that are `plain` or not alike."""

    __slots__ = ("plain", "rules", "visitor", "written")

    def __init__(self, rules: HeadRules, visitor: Visitor, written: bytes, *, plain: bool) -> None:
        self.rules = rules
        self.visitor = visitor
        self.written = written
        self.plain = plain


def written_for(
    request: RequestHead, peer: str | None, rules: HeadRules, visitors: Visitors, *, plain: bool
) -> Written:
    """Write a request's fields, and let its header section remember them."""
    section = request.section
    visitor = visitors.of(peer, section.named)
    written = rules.fields(request.method, section.fields, visitor, version=request.version, plain=plain)
    made = Written(rules, visitor, written, plain=plain)
    if request.method != "OPTIONS":  # whose Max-Forwards is counted down
        section.relayed = made
    return made
