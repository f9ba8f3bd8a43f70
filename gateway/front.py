"""The first to see a visitor's request: sends it to its session or to our own routes, and turns what went
wrong into an answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from config import EngineName, WarmgateError
from gateway import answers, sessions
from gateway.errors import BadRequest, Forbidden, MethodRefused, SessionUnknown
from gateway.explaining import Explainer
from gateway.hosts import ANY, Hosts
from gateway.policy.ruling import Answered
from gateway.proxy import asked
from gateway.proxy.asked import Asked
from gateway.proxy.guard import ends_here
from gateway.proxy.origins import is_preflight
from gateway.proxy.paths import Other, Refused, SessionPath, SlashMissing, parse
from gateway.visits import SHUTDOWN, Visits
from pool.core.states import Reason

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from gateway.incidents import Incidents
    from gateway.proxy.desk import Relaying, Serve
    from gateway.proxy.origins import Origins
    from gateway.proxy.paths import Place
    from gateway.proxy.relay import Relay
    from gateway.proxy.request import RequestHead
    from gateway.site import Site

INSTANCE = asked.INSTANCE
"""The short id of the instance a request goes to; for the log."""


class Front:
    """Stands before everything visitors can reach; `handler` is what our own addresses are answered by."""

    def __init__(self, site: Site, relay: Relay, origins: Origins, incidents: Incidents) -> None:
        self._site = site
        self._origins = origins
        self._explainer = Explainer(
            prefix=site.prefix,
            main=site.session_hosts.main,
            origins=origins,
            incidents=incidents,
            pools=lambda: {pool.name for pool in site.pools},
            open_to_all=lambda: not site.settings.gateway.api_token.get_secret_value(),
        )
        self._visits = Visits(site.pools, relay, site.http, site.assets)
        # Processes are not isolated from their owner; containers may be shown to anyone.
        isolated = site.engine.name != EngineName.PROCESS
        named = site.settings.gateway
        self._hosts = ANY if isolated else Hosts.of_machine(named.public_url, named.session_domain)

    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a request for one of our own addresses, whatever happens."""
        try:
            response = await self._answer(request, handler)
        except WarmgateError as error:
            return self.explain(request, error)
        except web.HTTPException as error:
            if error.status >= 400:
                return self._http_error(request, error)
            response = error
        return response if response.prepared else self._explainer.shared(response, request)

    def receive(self, head: RequestHead, peer: str | None) -> Relaying | Serve | web.Response | None:
        """See Desk: a session's request goes to its instance, our own addresses' to aiohttp."""
        if not self._hosts.admit(head.named):
            raise Forbidden("a name that is not this machine's")
        place = parse(head.target, self._site.prefix)
        if self._site.session_hosts.separate:
            self._check_host(head, peer, place)
        match place:
            case SessionPath() as place:
                return self._session(head, place)
            case Refused(error):
                raise error
            case SlashMissing(location=location):
                return self._explainer.shared(
                    web.Response(status=308, headers={"Location": location}), Asked.of(head)
                )
            case Other():
                return None

    def _check_host(self, head: RequestHead, peer: str | None, place: Place) -> None:
        """Raise SessionUnknown or BadRequest for what is not answered on the host that was asked for."""
        asked_host = self._site.clients.visitors.asked(peer, head.named)
        label = ""
        if isinstance(place, SessionPath | SlashMissing):
            label = self._site.identities.host_label(place.id)
        self._site.session_hosts.check(asked_host, place, label)

    def _session(self, head: RequestHead, place: SessionPath) -> Relaying | Serve | web.Response:
        session = sessions.find(self._site.pools, place.id)
        if place.rest in SHUTDOWN and head.method == hdrs.METH_POST:
            self._site.pools.end(session.instance_id, Reason.SHUTDOWN)
            return self._explainer.shared(answers.data({"status": "ended"}), Asked.of(head))
        if ends_here(head.method, head.named):
            return self._explainer.shared(
                web.Response(status=204, headers={"Allow": "OPTIONS"}), Asked.of(head)
            )
        found = self._visits.relay(head, place, session)
        if isinstance(found, Answered):
            return self._explainer.shared(answers.answered(found), Asked.of(head))
        return found

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method != hdrs.METH_OPTIONS:
            return await handler(request)
        headers = request.headers
        origin = headers.get(hdrs.ORIGIN)
        response = web.Response(status=204)
        # tmpnb answered any OPTIONS so.
        if is_preflight(request.method, origin, headers.get(hdrs.ACCESS_CONTROL_REQUEST_METHOD)):
            wanted = headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS)
            response.headers.extend(self._origins.preflight(origin, wanted))
        return response

    def explain(self, request: web.BaseRequest | Asked, error: WarmgateError) -> web.Response:
        """Answer an error, and tell the log; also that of what was no readable request."""
        return self._explainer.explain(request, error)

    def _http_error(self, request: web.Request, error: web.HTTPException) -> web.StreamResponse:
        if error.status == 405:
            wrong: WarmgateError = MethodRefused(request.method)
        elif error.status == 404:
            wrong = SessionUnknown("no such address")
        else:
            wrong = BadRequest(error.reason)
        response = self.explain(request, wrong)
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
