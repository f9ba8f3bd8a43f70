"""The sessions a worker knows, and which requests it relays by itself. Made of what the owner tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import hdrs

from gateway.hosts import ANY, Hosts
from gateway.judging import judge, policy_of
from gateway.policy.ruling import Passed
from gateway.proxy.desk import Relaying
from gateway.proxy.guard import ends_here
from gateway.proxy.paths import SessionPath, parse
from gateway.session_hosts import session_hosts
from gateway.visits import SHUTDOWN, is_amended
from pool.engines.engine import Address
from pool.kinds.published import Published
from pool.kinds.registry import KINDS
from pool.upstream import Upstream

if TYPE_CHECKING:
    from gateway.proxy.connections import SessionConnections
    from gateway.proxy.relay import Relay
    from gateway.proxy.request import RequestHead
    from gateway.proxy.visitor import Visitors
    from gateway.workers.messages import Ended, Opened, Site
    from gateway.workers.usage import Usage
    from pool.kinds.kind import Kind


class KnownSession:
    """A session of the owner's, as the relay sees it; its use is noted until the owner is told."""

    def __init__(self, told: Opened, usage: Usage) -> None:
        self.id = told.id
        self.instance_id = told.instance_id
        self.pool = told.pool
        self.kind: Kind = KINDS[told.kind]
        credential = tuple((name, value) for name, value in told.credential)
        self.upstream = Upstream(
            Address(told.host, told.port), told.public_path, told.base_path, credential, told.secret
        )
        self.is_activity = self.kind.is_activity
        self.is_heartbeat = self.kind.is_heartbeat
        self.hides_secret = self.kind.hides_secret
        self.page_script = self.kind.page_script
        self.host_label = told.host_label
        self.judged = told.judged
        self.published = None if told.published is None else Published(**told.published)
        self.policy = policy_of(self)
        self._usage = usage

    def touch(self) -> None:
        """Note real use by the visitor."""
        self._usage.touched.add(self.id)


class Directory:
    """Implements Desk. None means: this is the owner's."""

    def __init__(self, site: Site, relay: Relay, usage: Usage, visitors: Visitors) -> None:
        self._prefix = site.prefix
        named = Hosts.of_machine(site.public_url, site.session_domain)
        self._hosts = named if site.own_names_only else ANY
        self._visitors = visitors
        self._session_hosts = session_hosts(site.public_url, site.session_domain)
        self._relay = relay
        self._usage = usage
        self._sessions: dict[str, KnownSession] = {}
        self._visits: dict[str, SessionConnections] = {}

    def opened(self, told: Opened) -> None:
        """A session lives."""
        self._sessions[told.id] = KnownSession(told, self._usage)

    def ended(self, told: Ended) -> None:
        """A session is over."""
        self._sessions.pop(told.id, None)
        connections = self._visits.pop(told.id, None)
        if connections is not None:
            connections.end(told.reason)

    def receive(self, head: RequestHead, peer: str | None) -> Relaying | None:
        """Return where a request of a living session goes. Raises BadRequest, SessionUnknown."""
        if not self._hosts.admit(head.named):
            return None
        place = parse(head.target, self._prefix)
        if not isinstance(place, SessionPath):
            return None
        session = self._sessions.get(place.id)
        if session is None or ends_here(head.method, head.named):
            return None
        if self._session_hosts.separate:
            asked = self._visitors.asked(peer, head.named)
            self._session_hosts.check(asked, place, session.host_label)
        if head.method == hdrs.METH_POST and (
            place.rest in SHUTDOWN or is_amended(head, place, session.kind)
        ):
            return None
        passed: Passed | None = None
        if session.policy is not None:
            ruling = judge(session.policy, head, place)
            if not isinstance(ruling, Passed):
                return None
            passed = ruling
        connections = self._visits.get(place.id)
        if connections is None:
            connections = self._visits[place.id] = self._relay.connect(session)
            self._usage.claimed.add(place.id)
        return Relaying(place, connections, None, passed)
