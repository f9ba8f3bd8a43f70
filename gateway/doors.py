"""The two addresses the gateway listens on: one for visitors, one for the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from config import WarmgateError
from gateway import answers
from gateway.routes.admin import Admin
from gateway.routes.health import Health
from gateway.routes.landing import Landing
from gateway.routes.tmpnb import Tmpnb

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler

    from gateway.front import Front
    from gateway.site import Site

STOP_GRACE = 5.0
"""Seconds that requests under way may still take when the gateway stops."""


def visitors_app(site: Site, front: Front) -> web.Application:
    """Return everything visitors can reach, under the path of `public_url` and without it."""
    app = web.Application(middlewares=[front.handle])
    for part in (Landing(site), Tmpnb(site), Health(site)):
        for route in part.routes():
            for prefix in {"", site.prefix}:
                app.router.add_route(route.method, prefix + route.path, route.handler, **route.kwargs)
    for prefix in {"", site.prefix}:
        app.router.add_static(prefix + "/assets", answers.ASSETS, append_version=False)
    return app


def admin_app(site: Site, admin: Admin) -> web.Application:
    """Return everything the operator can reach."""

    @web.middleware
    async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except WarmgateError as error:
            return answers.error(request, error, prefix="")

    app = web.Application(middlewares=[explain, admin.guard])
    app.add_routes([*admin.routes(), *Health(site).routes()])
    return app
