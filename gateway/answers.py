"""Turns results and errors into HTTP answers: a page for a person, JSON for a program."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import orjson
from aiohttp import hdrs, web

from pool.core.states import Reason
from pool.errors import PoolEmpty

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from config import WarmgateError
    from gateway.policy.ruling import Answered
    from gateway.proxy.asked import Asked

RETRY_AFTER_FULL = 3
"""Seconds after which a visitor who found nothing free is sent to look again."""

RETRY_AFTER_FAULT = 10
"""Seconds after which a client may ask again for something that is broken right now."""

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'"
)
"""What our own pages may do, beside where forms lead. Previews bring pictures along, and the style of single
elements, of which `gateway.previews.cleaning` has left what is harmless.
"""

ENDED: Mapping[Reason, str] = {
    Reason.IDLE: "It was not used for a while, so its place was given to someone else.",
    Reason.MAX_AGE: "It reached the longest time a notebook may live here.",
    Reason.SHUTDOWN: "It was shut down.",
    Reason.DIED: "Its server stopped by itself.",
    Reason.OUT_OF_MEMORY: "It used more than it may have here, and was stopped. Less data at once may fit.",
    Reason.STOPPED: "This site was stopped for maintenance.",
}
"""Why a session ended, in a visitor's words. The other reasons never meet a visitor."""

ASSETS = Path(__file__).parent / "web" / "static"
"""Style and icon of our own pages."""

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("gateway", "web/templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page_policy(targets: str = "'self'") -> str:
    """Return the policy of a page whose forms lead to `targets`."""
    return f"{PAGE_POLICY}; form-action {targets}"


def wants_page(request: web.BaseRequest | Asked) -> bool:
    """Return whether a person looks at the answer: a navigation, or a client that asks for HTML."""
    mode = request.headers.get("Sec-Fetch-Mode")
    if mode is not None:
        return mode == "navigate"
    return "text/html" in request.headers.get(hdrs.ACCEPT, "")


def page(
    name: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    scripts: bool = False,
    targets: str = "'self'",
    **values: Any,
) -> web.Response:
    """Render one of our own pages; `scripts` lets it run those of ours, never one of its own text.

    `targets` is where its forms may lead, and what answers them may lead on to.
    """
    return web.Response(
        text=_templates.get_template(name).render(**values),
        status=status,
        content_type="text/html",
        headers={
            "Content-Security-Policy": page_policy(targets) + ("; script-src 'self'" if scripts else ""),
            "Cache-Control": "no-store",
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        },
    )


def data(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Answer with JSON."""
    return web.Response(
        body=orjson.dumps(content),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def answered(ruling: Answered) -> web.Response:
    """Answer in an instance's place, as a policy has said."""
    if not ruling.body:
        return web.Response(status=ruling.status, headers={"Cache-Control": "no-store"})
    return web.Response(
        body=ruling.body,
        status=ruling.status,
        content_type=ruling.content_type,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def error(
    request: web.BaseRequest | Asked,
    problem: WarmgateError,
    *,
    prefix: str,
    main: str | None = None,
    again: str | None = None,
    why: str = "",
) -> web.Response:
    """Answer with an error of the tree. `again` is where a person may go on, `why` adds a sentence.

    `main` begins the start page's address, where that is not `prefix`.
    """
    headers = {}
    message = f"{problem.visitor} {why}".strip()
    full = isinstance(problem, PoolEmpty)
    wait = RETRY_AFTER_FULL if full else problem.retry_after
    # Pages of recycled notebooks go on polling: tell those that listen to come back late.
    if wait is not None or problem.status in {404, 410, 429, 503}:
        headers["Retry-After"] = str(math.ceil(RETRY_AFTER_FAULT if wait is None else wait))
    # By itself a page asks again only where waiting is known to help.
    refresh = math.ceil(wait) if again and wait is not None else None
    if refresh and not full:
        why = f"{why} This page tries again by itself.".strip()
    if problem.status == 401:
        # What makes a browser ask for the password.
        headers["WWW-Authenticate"] = 'Basic realm="warmgate", charset="UTF-8"'
    if wants_page(request):
        return page(
            "notice.html",
            # A person's browser and every cache between must see that this is not the notebook.
            status=503 if full else problem.status,
            headers=headers,
            prefix=prefix,
            main=prefix if main is None else main,
            title="One moment" if full else problem.visitor,
            text="All notebooks are taken right now. This page looks again by itself." if full else why,
            code=problem.code,
            again=again,
            refresh=refresh,
        )
    return data(
        {
            "status": "full" if full else "error",
            "code": problem.code,
            "message": message,
        },
        status=problem.status,
        headers=headers,
    )
