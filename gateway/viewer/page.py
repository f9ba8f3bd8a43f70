"""Makes the answer for a notebook's page, in either form."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from aiohttp import ETag, hdrs, web

from gateway import answers
from gateway.proxy import fields
from gateway.routes.linking import link_of
from gateway.viewer.addresses import Addresses

if TYPE_CHECKING:
    from gateway.previews.shown import Shown
    from gateway.site import Site
    from gateway.viewer.options import Options

POLICY = (
    "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; script-src 'self'; base-uri 'none'"
)
"""What the page may load: its own parts, a preview's pictures, and, added below, the notebook in a frame. The
elements of a preview may have a style of their own: what is left of that has been gone through.
"""

TAG_LENGTH = 16


def addresses(request: web.Request, site: Site) -> Addresses:
    """Return where the visitor finds the gateway: `public_url`, or what they asked for."""
    if public := site.settings.gateway.public_url:
        return Addresses(public)
    named = fields.by_name(request.raw_headers)
    visitor = site.clients.visitors.of(request.remote, named, secure=request.secure)
    return Addresses(f"{visitor.scheme.decode()}://{visitor.host.decode('latin-1')}{site.prefix}")


def answer(request: web.Request, site: Site, template: str, options: Options) -> web.Response:
    """Return the page of the notebook that the path names. Raises PoolUnknown."""
    pool = site.pools.get(request.match_info["name"])
    settings = pool.settings
    shown = site.previews.find(settings.name)
    ours = addresses(request, site)
    policy = f"{POLICY}; frame-src {site.frame_sources}; form-action {site.session_hosts.targets}"
    made = answers.page(
        template,
        headers={"Content-Security-Policy": policy, hdrs.CACHE_CONTROL: "no-cache"},
        prefix=site.prefix,
        pool=settings,
        shown=shown,
        link=link_of(site, pool),
        cells=[cell for cell in shown.cells if cell.id in options.cells] if options.cells else shown.cells,
        missing=missing(options, shown),
        options=options,
        addresses=ours,
        open=not site.settings.gateway.api_token.get_secret_value(),
    )
    return tagged(request, made, hashlib.sha256((made.text or "").encode()).hexdigest()[:TAG_LENGTH])


def missing(options: Options, shown: Shown) -> tuple[str, ...]:
    """Return the ids of an author's choice that show nothing; none until there is a preview."""
    there = {cell.id for cell in shown.cells}
    return tuple(cell for cell in options.cells if cell not in there) if there else ()


def tagged(request: web.Request, made: web.Response, tag: str) -> web.Response:
    """Return the answer with its tag, or 304 without a body to who has it (RFC 9110 section 13.1.2)."""
    known = request.if_none_match or ()
    if any(each.value in {tag, "*"} for each in known):
        kept = {name: made.headers[name] for name in (hdrs.CACHE_CONTROL,) if name in made.headers}
        made = web.Response(status=304, headers=kept)
    made.etag = ETag(tag)
    return made
