"""What a request to a Pluto server is: a visitor's doing or a page's own. Pure.

The lists are the routes of Pluto 0.14 to 1.0 (src/webserver/Router.jl, in older ones Static.jl).
"""

from __future__ import annotations

import re

from pool.kinds import hashed_paths

_OWN_DOING = frozenset({"ping", "auth-check", "possible_binder_token_please", "favicon.ico"})
"""Asked for by a page that has lost its connection, or by itself while it loads."""

_PART_OF_PAGE = re.compile(r".*\.(?:js|css|map|json|ico|png|gif|svg|woff2?|ttf|eot|otf)")
"""The endings that Pluto serves to anybody (src/webserver/Authentication.jl)."""


def is_activity(method: str, path: str) -> bool:
    """Return whether a visitor caused the request. A path nobody has listed counts."""
    if method.upper() in {"HEAD", "OPTIONS"} or path in _OWN_DOING:
        return False
    return method.upper() != "GET" or _PART_OF_PAGE.fullmatch(path) is None


def is_asset(path: str, query: str) -> bool:
    """Return whether it is one of the pages' own bundles, which lie flat and are named by their content."""
    return "/" not in path and hashed_paths.holds_hash(path, query)
