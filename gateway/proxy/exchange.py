"""One request of a visitor with its instance, from its head to the last byte of the answer.

Made of calls from two sides, the visitor's connection and the wire, and of no task: each call does what can
be done now and returns. Bytes are passed on as they come; a side that takes no more makes the other one wait.
"""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import unquote

import structlog

from config.errors import WarmgateError
from gateway.errors import InstanceUnreachable
from gateway.proxy import answer, framing, guard, handshake, rewriting, switching
from gateway.proxy.answer import Ends
from gateway.proxy.insertion import GOOD
from gateway.proxy.reworking import Reworking
from gateway.proxy.written import Written
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.errors import SessionEnded
    from gateway.policy.ruling import Passed
    from gateway.proxy.answer import Framing, Head
    from gateway.proxy.connections import SessionConnections
    from gateway.proxy.handling import Visiting
    from gateway.proxy.paths import SessionPath
    from gateway.proxy.reader import Reader
    from gateway.proxy.request import RequestHead
    from gateway.proxy.rewriting import Rewriting
    from gateway.proxy.wire import Wire

log = structlog.stdlib.get_logger(__name__)

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
"""May be sent again when a kept connection turns out to be dead (RFC 9110 section 9.2.2). All others, and
whatever has a body, get a connection of their own, so that for them the question never comes up."""


class Exchange:
    """Implements Handling toward the visitor's connection, Asking and Opening toward the instance's.

    `body` takes the place of the request's own, which has been read then; `passed` is what a policy has said
    of the request; `on_over` is called at the end. Raises BadRequest and its kind.
    """

    # Most exchanges change few of these, so they are the class's until then.
    _key: bytes | None = None
    _waits = False
    _reused = False
    _started = False
    _frame = False
    _keep = False
    _rewriting: Rewriting | None = None
    _reworking: Reworking | None = None
    _untaken = False
    _wire: Wire | None = None
    _error: WarmgateError | None = None

    def __init__(
        self,
        visitor: Visiting,
        request: RequestHead,
        place: SessionPath,
        connections: SessionConnections,
        body: bytes | None = None,
        *,
        passed: Passed | None = None,
        on_over: Callable[[], None] | None = None,
    ) -> None:
        self._visitor = visitor
        self._request = request
        self._connections = connections
        self._passed = passed
        self._body = body
        self._on_over = on_over
        target, rules = connections.target, connections.request_rules
        method, section = request.method, request.section
        local = place.rest.decode("ascii")
        self._local = local = unquote(local) if "%" in local else local
        self._active = target.is_activity(method, local)
        self._sends = body is None and (section.chunked or section.length > 0)
        if b"upgrade" in section.named:
            self._key = handshake.wanted(request.version, method, section.named)
        if self._sends:
            self._waits = guard.expects_continue(request.version, section.named)
        self._script = target.page_script(local)
        plain = connections.secret != b"" and target.hides_secret(local, 200)
        if passed is not None:
            self._script += passed.script
            plain = plain or passed.rework is not None
        plain = plain or self._script != b""
        asked = section.relayed
        if asked is None or asked.rules is not rules or asked.plain is not plain:
            asked = self._write_fields(plain=plain)
        self._who = asked.visitor
        self._head = rules.head(
            method,
            place.rest + place.query,
            asked.written,
            upgrade=self._key is not None,
            framing=section.framing if body is None else framing.of_length(len(body)),
        )

    # What the visitor's connection calls.

    def start(self) -> None:
        """See Handling, here and below."""
        connections = self._connections
        if self._active:
            connections.target.touch()
        if self._request.method in REPEATABLE and not self._sends and self._key is None:
            wire = connections.kept()
            if wire is not None:
                self._reused = True
                self._send(wire)
                return
        self._open()

    def piece(self, data: bytes) -> None:
        """Pass on a piece of the body."""
        wire = self._wire
        if wire is None:
            return
        self._connections.tools.meter.to_instance(len(data))
        if self._active:
            self._connections.target.touch()
        wire.write(framing.chunk(data) if self._request.section.chunked else data)

    def whole(self) -> None:
        """Begin the time for an answer: the request is whole."""
        wire = self._wire
        if wire is None:
            return
        if self._request.section.chunked:
            wire.write(framing.LAST_CHUNK)
        wire.sending = False
        if not self._started and not wire.full:
            wire.expect(self._limit)

    def broken(self, error: WarmgateError) -> None:
        """Drop the connection: the instance must not take what it has for all there was."""
        self._connections.forgo(self)  # or the news it waits for would answer whatever comes next
        self.fail(error)

    def gone(self) -> None:
        """Stop: nobody waits for the answer."""
        self._untaken = False
        self._connections.forgo(self)
        self._drop()
        self._done()

    def stop(self) -> None:
        """Do nothing: an instance's answers end by themselves, or are dropped after a grace."""

    def visitor_full(self) -> None:
        """Let the instance wait."""
        if self._wire is not None:
            self._wire.pause()

    def visitor_ready(self) -> None:
        """Let the instance go on."""
        if self._wire is not None:
            self._wire.resume()
        elif self._untaken:
            # Not at once: asyncio's transports cannot be closed in the middle of this call.
            asyncio.get_running_loop().call_soon(self._taken)

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
        out = b""
        if not self._started:
            head = reader.head
            if head is None:
                return
            try:
                if head.status == answer.SWITCHING:
                    self._switch(head)
                    return
                out = self._begin(head, reader.framing)
            except WarmgateError as error:
                self.fail(error)
                return
        elif self._active and reader.framing.ends is Ends.LENGTH:
            # A download is the visitor's doing for as long as it lasts; a stream of events is the server's.
            self._connections.target.touch()
        done = reader.done()
        try:
            out += self._body_of(reader, done=done)
        except WarmgateError as error:
            self.fail(error)
            return
        if out:
            self._visitor.write(out)
        if done:
            self._end()
        elif self._visitor.full and self._wire is not None:
            self._wire.pause()

    def _body_of(self, reader: Reader, *, done: bool) -> bytes:
        """Return what has come of the body, as the visitor gets it. Raises UpstreamInvalid, SessionBusy."""
        data = reader.take()
        if self._rewriting is not None:
            data = self._rewriting.feed(data) + (self._rewriting.end() if done else b"")
        if data:
            self._connections.tools.meter.to_visitor(len(data))
            if self._frame:
                data = framing.chunk(data)
        return data + framing.LAST_CHUNK if done and self._frame else data

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

    def _write_fields(self, *, plain: bool) -> Written:
        """Write the request's fields, and let its header section remember them."""
        request, rules, section = self._request, self._connections.request_rules, self._request.section
        visitor = self._connections.tools.visitors.of(self._visitor.peer, section.named)
        written = rules.fields(request.method, section.fields, visitor, version=request.version, plain=plain)
        made = Written(rules, visitor, written, plain=plain)
        if request.method != "OPTIONS":  # whose Max-Forwards is counted down
            section.relayed = made
        return made

    def _open(self) -> None:
        try:
            self._connections.open(self)
        except WarmgateError as error:
            self._refuse(error)

    def _send(self, wire: Wire) -> None:
        self._wire = wire
        wire.begin(self, self._request.method, upgrade=self._key is not None)
        if self._sends:
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
        self._rewriting = self._rewritten(head)
        changed = self._rewriting is not None
        told, self._frame, self._keep = framing.of_answer(
            ends, request.version, keep=request.section.keep_alive, changed=changed
        )
        origin = request.section.named.get(b"origin")
        written = connections.answer_rules.head(
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

    def _rewritten(self, head: Head) -> Rewriting | None:
        """Return what changes the answer's body, if anything does. Raises UpstreamInvalid."""
        connections, passed = self._connections, self._passed
        if passed is not None and passed.rework is not None:
            if self._request.method == "HEAD" or head.status not in GOOD:
                return None
            answer.check_plain(head.named)
            self._reworking = Reworking(passed.rework, connections.holding)
            return self._reworking
        hides = connections.secret and connections.target.hides_secret(self._local, head.status)
        if not hides and not self._script:
            return None
        return rewriting.of_page(connections.secret if hides else b"", self._script, head)

    def _end(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            self._connections.release(wire)
        if self._reworking is not None and self._visitor.full:
            self._untaken = True  # or a reader who reads none of it could ask for the next
            return
        self._visitor.answered(keep=self._keep)
        self._done()

    def _taken(self) -> None:
        if self._untaken:
            self._untaken = False
            self._end()

    def _switch(self, head: Head) -> None:
        """Hand both connections to a carrier. Raises UpstreamInvalid, InstanceUnreachable, SessionBusy."""
        passed, wire = self._passed, self._wire
        conversation = switching.agree(
            self._connections,
            head,
            self._key or b"",
            self._request.named,
            None if passed is None else passed.converse,
        )
        there = wire.detach() if wire is not None else None
        if there is None:
            raise InstanceUnreachable("connection lost right after the handshake")
        self._drop()
        here = self._visitor.give_away()
        if here is None:
            there[0].abort()
            return
        switching.hand_over(self._connections, head, here, there, conversation)
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
        if self._reworking is not None:
            self._reworking.over()
        if self._on_over is not None:
            self._on_over()


def _now() -> bytes:
    return formatdate(usegmt=True).encode("ascii")
