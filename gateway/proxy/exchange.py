"""One request of a visitor with its instance, from its head to the last byte of the answer.

Made of calls from two sides, the visitor's connection and the wire, and of no task: each call does what can be
done now and returns. Bytes are passed on as they come; a side that takes no more makes the other one wait.
"""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import unquote

import structlog

from config.errors import WarmgateError
from gateway.errors import InstanceUnreachable
from gateway.proxy import answer, framing, guard, handshake, scrub
from gateway.proxy.answer import Ends
from gateway.proxy.tunnel import Switched
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.errors import SessionEnded
    from gateway.proxy.answer import Framing, Head
    from gateway.proxy.connections import SessionConnections
    from gateway.proxy.paths import SessionPath
    from gateway.proxy.reader import Reader
    from gateway.proxy.request import RequestHead
    from gateway.proxy.scrub import Scrubber
    from gateway.proxy.visitor_connection import VisitorConnection
    from gateway.proxy.wire import Wire

log = structlog.stdlib.get_logger(__name__)

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
"""May be sent again when a kept connection turns out to be dead (RFC 9110 section 9.2.2). All others, and
whatever has a body, get a connection of their own, so that for them the question never comes up."""


class Exchange:
    """Implements Handling toward the visitor's connection, Asking and Opening toward the instance's.

    `body` takes the place of the request's own, which has been read then. `on_over` is called at the end. Raises BadRequest and its kind.
    """

    __slots__ = (
        "_active",
        "_body",
        "_connections",
        "_error",
        "_frame",
        "_head",
        "_keep",
        "_key",
        "_local",
        "_on_over",
        "_request",
        "_reused",
        "_scrubber",
        "_started",
        "_visitor",
        "_waits",
        "_who",
        "_wire",
    )

    def __init__(
        self,
        visitor: VisitorConnection,
        request: RequestHead,
        place: SessionPath,
        connections: SessionConnections,
        body: bytes | None = None,
        *,
        on_over: Callable[[], None] | None = None,
    ) -> None:
        tools = connections.tools
        target = connections.target
        self._visitor = visitor
        self._request = request
        self._connections = connections
        self._body = body
        self._on_over = on_over
        local = place.rest.decode("ascii")
        self._local = local = unquote(local) if "%" in local else local
        method, version, named = request.method, request.version, request.named
        self._active = target.is_activity(method, local)
        self._key = handshake.wanted(version, method, named)
        self._waits = request.has_body and body is None and guard.expects_continue(version, named)
        self._frame = False
        self._keep = False
        self._started = False
        self._reused = False
        self._scrubber: Scrubber | None = None
        self._wire: Wire | None = None
        self._error: WarmgateError | None = None
        self._who = who = tools.visitors.of(visitor.peer, named)
        self._head = connections.rules.request(
            method,
            place.rest + place.query,
            request.fields,
            who,
            named=named,
            version=version,
            framing=framing.of_request(request, body),
            upgrade=self._key is not None,
            plain=bool(connections.secret) and target.hides_secret(local, 200),
        )

    # What the visitor's connection calls.

    def start(self) -> None:
        """See Handling, here and below."""
        request, connections = self._request, self._connections
        if self._active:
            connections.target.touch()
        repeatable = request.method in REPEATABLE and not request.has_body and self._key is None
        wire = connections.kept() if repeatable else None
        if wire is None:
            self._open()
        else:
            self._reused = True
            self._send(wire)

    def piece(self, data: bytes) -> None:
        """Pass on a piece of the body."""
        wire = self._wire
        if wire is None:
            return
        self._connections.tools.meter.to_instance(len(data))
        if self._active:
            self._connections.target.touch()
        wire.write(framing.chunk(data) if self._request.chunked else data)

    def whole(self) -> None:
        """Begin the time for an answer: the request is whole."""
        wire = self._wire
        if wire is None:
            return
        if self._request.chunked:
            wire.write(framing.LAST_CHUNK)
        wire.sending = False
        if not self._started and not wire.full:
            wire.expect(self._limit)

    def broken(self, error: WarmgateError) -> None:
        """Drop the connection: the instance must not take what it has for all there was."""
        self.fail(error)

    def gone(self) -> None:
        """Stop: nobody waits for the answer."""
        self._connections.forgo(self)
        self._drop()
        self._done()

    def visitor_full(self) -> None:
        """Let the instance wait."""
        if self._wire is not None:
            self._wire.pause()

    def visitor_ready(self) -> None:
        """Let the instance go on."""
        if self._wire is not None:
            self._wire.resume()

    # What the connections and the wire call.

    def opened(self, wire: Wire) -> None:
        """See Opening."""
        self._send(wire)

    def wire_full(self) -> None:
        """Let the visitor wait."""
        wire = self._wire
        if wire is not None and wire.sending:
            self._visitor.hold_body()

    def wire_ready(self) -> None:
        """Let the visitor go on, or wait for the answer."""
        wire = self._wire
        if wire is None:
            return
        if wire.sending:
            self._visitor.want_body()
        elif not self._started:
            wire.expect(self._limit)

    def news(self, reader: Reader) -> None:
        """Pass on what has come of the answer."""
        out: list[bytes] = []
        if not self._started:
            if reader.head is None:
                return
            try:
                if reader.head.status == answer.SWITCHING:
                    self._switch(reader.head)
                    return
                out.append(self._begin(reader.head, reader.framing))
            except WarmgateError as error:
                self.fail(error)
                return
        data = reader.take()
        done = reader.done()
        if self._scrubber is not None:
            data = self._scrubber.feed(data) + (self._scrubber.end() if done else b"")
        if data:
            out.append(framing.chunk(data) if self._frame else data)
            self._connections.tools.meter.to_visitor(len(data))
            # A download is the visitor's doing for as long as it lasts; a stream of events is the server's.
            if self._active and reader.framing.ends is Ends.LENGTH:
                self._connections.target.touch()
        if done and self._frame:
            out.append(framing.LAST_CHUNK)
        if out:
            self._visitor.write(out[0] if len(out) == 1 else b"".join(out))
        if done:
            self._end()
        elif self._visitor.full and self._wire is not None:
            self._wire.pause()

    def fail(self, error: WarmgateError) -> None:
        """End with an error, if the visitor can still be told one; see also Asking and Opening."""
        untouched = self._drop()
        if self._started:
            instance = short(self._connections.target.instance_id)
            log.warning("answer_cut_off", instance=instance, code=error.code, detail=error.detail)
            self._visitor.cut()
            self._done()
        elif not isinstance(error, InstanceUnreachable):
            self._refuse(error)
        elif self._reused and untouched:
            # The server closed a kept connection before it saw the request.
            self._reused = False
            self._open()
        else:
            self._error = error
            self._connections.tools.on_loss()
            self._connections.wonder(self)

    def gone_for(self, error: SessionEnded | None) -> None:
        """See Opening: the news why the instance's connection broke."""
        self._refuse(error or self._error or InstanceUnreachable("no connection"))

    # The rest is the exchange's own.

    @property
    def _limit(self) -> float:
        limits = self._connections.tools.limits
        return limits.upgrade if self._key is not None else limits.first_byte

    def _open(self) -> None:
        try:
            self._connections.open(self)
        except WarmgateError as error:
            self._refuse(error)

    def _send(self, wire: Wire) -> None:
        self._wire = wire
        wire.begin(self, self._request.method, upgrade=self._key is not None)
        if self._request.has_body and self._body is None:
            wire.sending = True
            wire.write(self._head)
            if self._waits and not self._visitor.sent_ahead:
                self._visitor.write(CONTINUE)
            self._visitor.want_body()
            return
        wire.write(self._head + self._body if self._body else self._head)
        wire.expect(self._limit)

    def _begin(self, head: Head, ends: Framing) -> bytes:
        """Return the head for the visitor. Raises UpstreamInvalid."""
        connections, request = self._connections, self._request
        if connections.secret and connections.target.hides_secret(self._local, head.status):
            self._scrubber = scrub.for_answer(connections.secret, head.named)
        changed = self._scrubber is not None
        told, self._frame, self._keep = framing.of_answer(ends, request, changed=changed)
        origin = request.named.get(b"origin")
        written = connections.rules.response(
            head,
            origin=origin[0].decode("latin-1") if origin else None,
            host=self._who.host,
            date=_now,
            framing=told,
            changed=changed,
        )
        self._started = True
        connections.tools.meter.request(head.status)
        if self._wire is not None:
            self._wire.expect_nothing()
        return written

    def _end(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            self._connections.release(wire)
        self._visitor.answered(keep=self._keep)
        self._done()

    def _switch(self, head: Head) -> None:
        """Hand both connections to a carrier. Raises UpstreamInvalid, InstanceUnreachable."""
        handshake.check(head, self._key or b"", self._request.named)
        wire = self._wire
        there = wire.detach() if wire is not None else None
        if there is None:
            raise InstanceUnreachable("connection lost right after the handshake")
        self._drop()
        here = self._visitor.give_away()
        if here is None:
            there[0].abort()
            return
        connections, tools = self._connections, self._connections.tools
        tools.meter.request(head.status)
        here[0].write(connections.rules.switching(head))
        carrying = Switched(*here, *there, connections, tools)
        carrying.carry()
        self._done()

    def _drop(self) -> bool:
        """Give the wire back; return whether nothing of an answer had come over it."""
        wire, self._wire = self._wire, None
        if wire is None:
            return False
        wire.abort()
        self._connections.release(wire)
        return wire.untouched

    def _refuse(self, error: WarmgateError) -> None:
        self._connections.tools.meter.request(error.status)
        self._visitor.refuse(error, short(self._connections.target.instance_id))
        self._done()

    def _done(self) -> None:
        if self._on_over is not None:
            self._on_over()


def _now() -> bytes:
    return formatdate(usegmt=True).encode("ascii")
