"""Which requests may be answered from the cache, and which answers may enter it. Pure.

An answer is kept for strangers, so whatever is not surely the same for all of them is refused, never mended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from gateway.assets import freshness
from gateway.assets.asset import Asset, Refusal, Refused
from gateway.errors import UpstreamInvalid
from gateway.proxy import answer, fields, rewrites
from gateway.proxy.answer import Ends, Head
from gateway.proxy.answer_rules import RESPONSE_OUT

if TYPE_CHECKING:
    from gateway.proxy.request import RequestHead
    from pool.upstream import Upstream

METHODS = frozenset({"GET", "HEAD"})

ASKING_FOR_MORE = frozenset(
    {
        b"cache-control",
        b"expect",
        b"if-match",
        b"if-range",
        b"if-unmodified-since",
        b"pragma",
        b"range",
        b"upgrade",
    }
)
"""Request fields with which a visitor's own instance is asked: for parts, and by who wants no cache."""

SAME_FOR_ALL = frozenset({b"accept-encoding", b"origin"})
"""Fields an answer may vary by: what is fetched is uncoded, and CORS is the gateway's own."""

NOT_KEPT = RESPONSE_OUT | {b"age", b"content-location", b"location"}
"""Fields that are the gateway's to write, or tell of one instance's address."""

POLICY = b"content-security-policy"


def answerable(request: RequestHead) -> bool:
    """Return whether a request, of one of METHODS, asks for no more than a whole file, however old."""
    return not request.has_body and ASKING_FOR_MORE.isdisjoint(request.section.named)


@dataclass(frozen=True, slots=True)
class Arriving:
    """The head of an answer that may be kept, if its body and fields hold no secret."""

    head: Head = field(repr=False)
    length: int
    """Bytes of the body."""
    lifetime: float
    """Seconds."""
    age: float
    """Seconds."""

    @classmethod
    def judged(cls, head: Head, *, now: float, delay: float, limit: int) -> Self:
        """Judge the answer to a GET that showed no credential (RFC 9111 section 3).

        `now` is Unix time, `delay` the seconds it took, `limit` the bytes of the longest body. Raises
        Refused.
        """
        try:
            answer.check(head)
            framing = answer.framing(head, "GET")
        except UpstreamInvalid:
            raise Refused(Refusal.FAULTY) from None
        named = head.named
        if head.status != 200:
            raise Refused(Refusal.STATUS)
        if b"set-cookie" in named or b"set-cookie2" in named:
            raise Refused(Refusal.COOKIE)
        if b"content-encoding" in named:
            raise Refused(Refusal.CODING)
        if not SAME_FOR_ALL.issuperset(fields.elements(named, b"vary")):
            raise Refused(Refusal.VARY)
        if framing.ends is not Ends.LENGTH or framing.length is None or framing.length > limit:
            raise Refused(Refusal.LENGTH)
        lifetime = freshness.lifetime(named)
        age = freshness.age(named, now=now, delay=delay)
        if age >= lifetime:
            raise Refused(Refusal.CACHE_CONTROL)
        return cls(kept(head), framing.length, lifetime, age)

    def whole(self, body: bytes, upstream: Upstream, *, stored_at: float) -> Asset:
        """Return the asset, unless it holds what belongs to its instance alone. Raises Refused."""
        texts = (fields.lines(self.head.fields), body)
        if any(secret in text for secret in secrets(upstream) for text in texts):
            raise Refused(Refusal.SECRET)
        return Asset(self.head, body, self.lifetime, self.age, stored_at)


def kept(head: Head) -> Head:
    """Return a head with only the fields that are true for every instance, ready to be relayed."""
    out = NOT_KEPT.union(fields.elements(head.named, b"connection"))
    found = []
    for name, value in head.fields:
        low = name.lower()
        # Its reports go to an address of the instance.
        written = rewrites.content_policy(value) if low == POLICY else value
        if low not in out and (written or low != POLICY):
            found.append((name, written))
    return Head(head.version, head.status, head.reason, tuple(found))


def secrets(upstream: Upstream) -> list[bytes]:
    """Return what tells one instance from the others: its session's id, its token and its address."""
    session = upstream.public_path.rstrip("/").rpartition("/")[2]
    told = (session, upstream.secret, upstream.origin.partition("//")[2])
    return [text.encode() for text in told if text]
