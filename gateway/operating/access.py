"""Who may use the admin port. Decides from a request's head alone.

A page anywhere can send the operator's browser to this port, and a browser adds a password it was told once
by itself. So a password opens reading only, and nothing is open to the pages of other sites.
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

from aiohttp import hdrs

from gateway.answers import wants_page
from gateway.errors import Forbidden, LoginWanted
from gateway.hosts import Hosts
from gateway.routes.tmpnb import carries

if TYPE_CHECKING:
    from aiohttp import web

READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})

LOCAL = Hosts()
"""Without a token the operator is whoever is on this machine, and asks for it by its own names."""


def admit(request: web.BaseRequest, token: str) -> None:
    """Let a request pass, or raise Forbidden, or LoginWanted where a browser can ask for the password.

    With a `token` it must be in the Authorization field: as `token …` or `Bearer …` for everything, or as the
    password of any user, as browsers send it, for reading. Without one only this machine is let in.
    """
    if token and carries(request, token):
        return
    if _of_another_site(request):
        raise Forbidden("admin request from a page of another site")
    if not token:
        if not LOCAL.allow(request.headers.get(hdrs.HOST, "")):
            raise Forbidden("admin request by a name that is not this machine's, and no admin_token is set")
    elif request.method not in READING:
        raise Forbidden("admin request without the admin_token")
    elif not _has_password(request, token):
        problem = LoginWanted if wants_page(request) else Forbidden
        raise problem("admin request without the admin_token")


def _of_another_site(request: web.BaseRequest) -> bool:
    """Return whether a page that is not ours sent this. Following a link to us is no request of that page."""
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is not None and origin.partition("://")[2] != request.headers.get(hdrs.HOST):
        return True
    foreign = request.headers.get("Sec-Fetch-Site", "none") in {"cross-site", "same-site"}
    return foreign and request.headers.get("Sec-Fetch-Mode") != "navigate"


def _has_password(request: web.BaseRequest, token: str) -> bool:
    """Return whether the token is the password of a Basic credential (RFC 7617), whoever the user."""
    scheme, _, given = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    try:
        _, _, password = base64.b64decode(given.strip(), validate=True).partition(b":")
    except ValueError:
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(password, token.encode())
