"""One request of a visitor, from its head to the last byte of the answer."""

from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import unquote

import structlog
from aiohttp import StreamReader, web

from config.errors import WarmgateError
from gateway.errors import InstanceUnreachable, UpstreamTimeout
from gateway.proxy import answer, fields, guard, handshake, scrub
from gateway.proxy.answer import Ends
from gateway.proxy.reply import CHUNKED, Relayed, Reply
from gateway.proxy.tunnel import Switched
from gateway.proxy.upload import Upload
from pool.identity import short

if TYPE_CHECKING:
    from aiohttp.base_protocol import BaseProtocol

    from gateway.proxy.answer import Framing, Head
    from gateway.proxy.connections import SessionConnections
    from gateway.proxy.paths import SessionPath
    from gateway.proxy.scrub import Scrubber
    from gateway.proxy.tools import Tools
    from gateway.proxy.wire import Wire

log = structlog.stdlib.get_logger(__name__)

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})
"""May be sent again when a kept connection turns out to be dead (RFC 9110 section 9.2.2). All others, and
whatever has a body, get a connection of their own, so that for them the question never comes up."""


class StaleConnection(Exception):
    """A kept connection was closed by the server before anything of the answer came."""


class Exchange:
    """Runs once. Raises an error of the tree as long as the visitor has seen nothing of an answer."""

    def __init__(
        self,
        request: web.BaseRequest,
        path: SessionPath,
        connections: SessionConnections,
        tools: Tools,
        body: bytes | None = None,
    ) -> None:
        self._request = request
        self._connections = connections
        self._tools = tools
        self._limits = tools.limits
        target = connections.target
        version = (request.version.major, request.version.minor)
        raw = request.raw_headers
        named = self._named = fields.by_name(raw)
        local = path.rest.decode("ascii")
        local = unquote(local) if "%" in local else local
        self._local = local
        self._secret = target.upstream.secret.encode()
        self._active = target.is_activity(request.method, local)
        self._key = handshake.wanted(version, request.method, named)
        self._waits = request.body_exists and guard.expects_continue(version, named)
        self._body = body
        self._chunked = body is None and b"transfer-encoding" in named
        self._visitor = tools.visitors.of(request.remote, named, secure=request.secure)
        self._reply = Reply(request, tools.meter, tools.limits)
        self._clock: asyncio.Timeout | None = None
        self._head = connections.rules.request(
            request.method,
            path.rest + path.query,
            raw,
            self._visitor,
            version=version,
            framing=self._framing(),
            upgrade=self._key is not None,
            plain=bool(self._secret) and target.hides_secret(local, 200),
        )

    def _framing(self) -> bytes:
        if self._chunked:
            return CHUNKED
        if self._body is not None:
            return b"Content-Length: %d\r\n" % len(self._body)
        lengths = self._named.get(b"content-length")
        return b"Content-Length: %b\r\n" % lengths[0] if lengths else b""

    async def run(self) -> web.StreamResponse:
        """Relay the request and its answer."""
        request = self._request
        if guard.ends_here(request.method, self._named):
            return web.Response(status=204, headers={"Allow": "OPTIONS"})
        if self._active:
            self._connections.target.touch()
        repeatable = request.method in REPEATABLE and not request.body_exists and self._key is None
        try:
            return await self._attempt(fresh=not repeatable)
        except StaleConnection:
            return await self._attempt(fresh=True)

    async def _attempt(self, *, fresh: bool) -> web.StreamResponse:
        wire, reused = await self._connections.acquire(fresh=fresh)
        try:
            wire.begin(self._request.method, upgrade=self._key is not None)
            wire.write(self._head)
            if self._request.body_exists:
                return await self._answer_while_sending(wire)
            return await self._answer(wire, reused=reused)
        finally:
            self._connections.release(wire)

    # The request's body.

    async def _answer_while_sending(self, wire: Wire) -> web.StreamResponse:
        upload = Upload(
            self._request.content if self._body is None else _stream_of(self._body, self._request.protocol),
            self._reply,
            self._limits,
            waits=self._waits,
            chunked=self._chunked,
            on_piece=self._note_piece,
        )
        wire.sending = True
        async with asyncio.TaskGroup() as group:
            sender = group.create_task(upload.send(wire, self._start_clock), name="upload")
            outcome = await self._outcome(wire)
            # A server may answer before it has read everything, to refuse an upload for example.
            sender.cancel()
        if isinstance(outcome, WarmgateError):
            raise outcome
        return outcome

    async def _outcome(self, wire: Wire) -> web.StreamResponse | WarmgateError:
        # As a value, because a TaskGroup would wrap it.
        try:
            return await self._answer(wire, reused=False)
        except WarmgateError as error:
            return error

    def _note_piece(self, size: int) -> None:
        self._tools.meter.to_instance(size)
        if self._active:
            self._connections.target.touch()

    def _start_clock(self) -> None:
        """Begin the time for an answer: the request is whole."""
        if self._clock is not None:
            self._clock.reschedule(asyncio.get_running_loop().time() + self._limits.first_byte)

    # The answer.

    async def _answer(self, wire: Wire, *, reused: bool) -> web.StreamResponse:
        try:
            head = await self._await_head(wire)
        except InstanceUnreachable:
            if reused and wire.untouched:
                raise StaleConnection from None
            raise
        try:
            if head.status == answer.SWITCHING:
                return await self._switch(wire, head)
            return await self._relay(wire, head)
        except ConnectionError:
            return self._reply.cut()
        except WarmgateError as error:
            if not self._reply.started:
                raise
            instance = short(self._connections.target.instance_id)
            log.warning("answer_cut_off", instance=instance, code=error.code, detail=error.detail)
            return self._reply.cut()

    async def _await_head(self, wire: Wire) -> Head:
        limit = self._limits.upgrade if self._key is not None else self._limits.first_byte
        try:
            # While the request is still being sent, the answer's time has not begun.
            async with asyncio.timeout(None if wire.sending else limit) as self._clock:
                return await wire.head()
        except TimeoutError:
            raise UpstreamTimeout(f"no answer within {limit:g} s") from None
        finally:
            self._clock = None

    async def _relay(self, wire: Wire, head: Head) -> web.StreamResponse:
        body = wire.framing
        hides = self._connections.target.hides_secret(self._local, head.status)
        scrubber = scrub.for_answer(self._secret if hides else b"", head.named)
        reply = self._reply
        written = self._connections.rules.response(
            head,
            origin=self._request.headers.get("Origin"),
            host=self._visitor.host,
            date=_now,
            framing=reply.framing(body, changed=scrubber is not None),
            changed=scrubber is not None,
        )
        first = await wire.read() if wire.has_body else b""
        await reply.start(head.status, written, scrubber.feed(first) if scrubber else first)
        if body.ends is not Ends.NO_BODY:
            await self._relay_body(wire, body, scrubber)
        return await reply.end()

    async def _relay_body(self, wire: Wire, body: Framing, scrubber: Scrubber | None) -> None:
        # A download is the visitor's doing for as long as it lasts; a stream of events is the server's.
        active = self._active and body.ends is Ends.LENGTH
        while data := await wire.read():
            if active:
                self._connections.target.touch()
            await self._reply.body(scrubber.feed(data) if scrubber else data)
        if scrubber is not None:
            await self._reply.body(scrubber.end())

    async def _switch(self, wire: Wire, head: Head) -> web.StreamResponse:
        handshake.check(head, self._key or b"", self._named)
        await self._reply.start(head.status, self._connections.rules.switching(head))
        if self._request.transport is None:
            raise ConnectionResetError("the visitor left during the handshake")
        transport, leftover = wire.detach()
        tools = self._tools
        tunnel = tools.carry(
            Switched(
                request=self._request,
                transport=transport,
                leftover=leftover,
                on_activity=self._connections.target.touch,
                on_loss=tools.on_loss,
                meter=tools.meter,
                limits=tools.limits,
                random_bytes=tools.random_bytes,
            )
        )
        self._connections.add_tunnel(tunnel)
        tools.meter.tunnel_opened()
        try:
            await tunnel.run()
        finally:
            tools.meter.tunnel_closed()
            self._connections.drop_tunnel(tunnel)
        return Relayed(head.status, keep_alive=False)


def _now() -> bytes:
    return formatdate(usegmt=True).encode("ascii")


def _stream_of(body: bytes, protocol: BaseProtocol) -> StreamReader:
    stream = StreamReader(protocol, limit=max(1, len(body)))
    stream.feed_data(body)
    stream.feed_eof()
    return stream
