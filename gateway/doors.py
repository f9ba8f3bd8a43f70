"""The two addresses the gateway listens on: one for visitors, one for the operator."""

from __future__ import annotations

import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

from aiohttp import hdrs, web

from config import ConfigError, Problem, WarmgateError
from gateway import answers
from gateway.errors import AddressUnknown, MethodRefused
from gateway.front import Front
from gateway.incidents import Incidents
from gateway.proxy.hardened import HardenedRunner
from gateway.proxy.relay import Relay
from gateway.routes.admin import Admin
from gateway.routes.crawlers import Crawlers
from gateway.routes.dashboard import Dashboard
from gateway.routes.embed import Embed
from gateway.routes.health import Health
from gateway.routes.landing import Landing
from gateway.routes.notebook import NotebookPage
from gateway.routes.output import InstanceOutput
from gateway.routes.pictures import Pictures
from gateway.routes.release import Release
from gateway.routes.session import SessionState
from gateway.routes.tmpnb import Tmpnb
from gateway.routes.waiting import WaitingLine
from gateway.workers.owner import Workers
from pool.tasks import Tasks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp.typedefs import Handler

    from gateway.app import Gateway
    from gateway.proxy.hardened import HardenedServer
    from gateway.site import Site

BACKLOG = 1024
"""Visitors the kernel lets wait for a worker."""

STOP_GRACE = 5.0
"""Seconds that requests under way may still take when the gateway stops."""

SERVER: dict[str, Any] = {"handle_signals": False, "shutdown_timeout": STOP_GRACE}


@asynccontextmanager
async def open_doors(gateway: Gateway) -> AsyncIterator[str]:
    """Listen for visitors and for the operator; yield the address visitors use.

    On leaving: nobody new is let in, websockets are closed with 1012, requests under way get a grace.
    Raises ConfigError when an address cannot be listened on.
    """
    settings = gateway.site.settings.gateway
    origins = gateway.site.origins
    relay = Relay(
        origins=origins,
        visitors=gateway.visitors,
        meter=gateway.metrics,
        on_loss=gateway.site.observer.look,
    )
    incidents = Incidents(gateway.site.clock)
    front = Front(gateway.site, relay, origins, incidents)
    visiting = HardenedRunner(
        visitors_app(gateway.site), first=front.handle, explain=front.explain, desk=front, **SERVER
    )
    operators = admin_app(gateway, incidents)
    operating = web.AppRunner(operators, access_log=None, **SERVER)
    try:
        await _listen(operating, "gateway.admin_port", settings.admin_host, settings.admin_port)
        async with _visitors_door(gateway, visiting) as address:
            yield settings.public_url or address
        gateway.site.waiting.close()
        # First, or a page could open the next websocket while the others are closed.
        cast("HardenedServer", visiting.server).pre_shutdown()
        await relay.close_tunnels()
    finally:
        await visiting.cleanup()
        await relay.close()
        await operating.cleanup()


@asynccontextmanager
async def _visitors_door(gateway: Gateway, runner: HardenedRunner) -> AsyncIterator[str]:
    """Let visitors in, by ourselves or by workers; on leaving, let nobody new in."""
    settings = gateway.site.settings.gateway
    if settings.workers == 1:
        await _listen(runner, "gateway.port", settings.host, settings.port)
        yield _address(runner.addresses[0])
        for site in list(runner.sites):
            await site.stop()
        return
    await runner.setup()
    door = cast("HardenedServer", runner.server)
    with _bound("gateway.port", settings.host, settings.port) as listener:
        async with Tasks() as tasks:
            workers = Workers(
                settings.workers,
                listener,
                site=gateway.site,
                door=door,
                metrics=gateway.metrics,
                tasks=tasks,
                on_loss=gateway.site.observer.look,
            )
            door.rested = workers.rested
            try:
                await workers.start()
                yield _address(listener.getsockname())
            finally:
                door.rested = None
                await workers.stop()


async def _listen(runner: web.AppRunner, key: str, host: str, port: int) -> None:
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, reuse_address=True).start()
    except OSError as error:
        raise _not_listening(key, host, port, error) from None


def _bound(key: str, host: str, port: int) -> socket.socket:
    """Return a socket that workers listen on; one for all, so that whoever is free takes the next visitor."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise _not_listening(key, host, port, error) from None


def _not_listening(key: str, host: str, port: int, error: OSError) -> ConfigError:
    reason = f"an address that can be listened on; {host}:{port}: {error.strerror or error}"
    return ConfigError(Problem(key, str(port), reason))


def _address(name: tuple[Any, ...]) -> str:
    host, port = name[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def visitors_app(site: Site) -> web.Application:
    """Return everything visitors can reach, under the path of `public_url` and without it."""
    app = web.Application()
    parts = (
        Landing(site),
        Crawlers(site),
        Pictures(site),
        NotebookPage(site),
        Embed(site),
        Tmpnb(site),
        WaitingLine(site),
        SessionState(site),
        Health(site),
    )
    for part in parts:
        for route in part.routes():
            for prefix in {"", site.prefix}:
                web.RouteDef(route.method, prefix + route.path, route.handler, route.kwargs).register(
                    app.router
                )
    for prefix in {"", site.prefix}:
        app.router.add_static(prefix + "/assets", answers.ASSETS, append_version=False)
    return app


def admin_app(gateway: Gateway, incidents: Incidents) -> web.Application:
    """Return everything the operator can reach."""
    site = gateway.site
    admin = Admin(site, gateway.registry)

    @web.middleware
    async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
        allowed = {}
        try:
            return await handler(request)
        except WarmgateError as error:
            problem = error
        except web.HTTPMethodNotAllowed as error:
            problem = MethodRefused(error.method)
            allowed = {hdrs.ALLOW: error.headers[hdrs.ALLOW]}
        except web.HTTPNotFound:
            problem = AddressUnknown("on the admin port")
        incidents.note(problem)
        response = answers.error(request, problem, prefix="")
        response.headers.update(allowed)
        return response

    app = web.Application(middlewares=[explain, admin.guard])
    dashboard = Dashboard(site)
    for part in (admin, InstanceOutput(site), dashboard, Release(gateway.releases), Health(site)):
        app.add_routes(part.routes())
    app.on_shutdown.append(dashboard.stop)
    return app
