"""What a request to a Jupyter server is: a visitor's doing or a page's polling; a page with the token or not.

The lists are what JupyterLab 4.6 and Notebook 7.6 were seen to ask for; see the README.
"""

from __future__ import annotations

from pool.kinds.hashed_paths import holds_hash

_PARTS_OF_PAGES = (
    "static/",
    "lab/extensions/",
    "custom/",
    "kernelspecs/",
    "favicon.ico",
    "service-worker.js",
)
_POLLED = ("api/", "lab/api/", "lsp/", "metrics")
"""Pages ask these by themselves, again and again; no path tells a visitor's own asking from that."""
_SAVED_BY_PAGES = ("lab/api/workspaces", "api/security/csp-report")
"""Written without a visitor: JupyterLab saves its layout every 10 s."""

_NOTEBOOKS = ("notebooks/", "lab/tree/", "doc/tree/")
"""Pages that show one document."""

_WITHOUT_TOKEN = ("files/", "nbconvert/", "api/", "static/", "lab/extensions/", "custom/", "kernelspecs/")
FIRST_ERROR = 400


def is_activity(method: str, path: str) -> bool:
    """Return whether a visitor caused the request.

    A path nobody has listed counts: a visitor's instance is not taken away on a guess.
    """
    method = method.upper()
    if method in {"HEAD", "OPTIONS"} or path.startswith(_SAVED_BY_PAGES):
        return False
    if method == "GET":
        return path != "api" and not path.startswith(_PARTS_OF_PAGES + _POLLED)
    return True


def hides_secret(path: str, status: int) -> bool:
    """Return whether an HTML answer may show the token. Pages do, and so does every error page, wherever."""
    return status >= FIRST_ERROR or not path.startswith(_WITHOUT_TOKEN)


def is_notebook(path: str) -> bool:
    """Return whether it is the page of a notebook."""
    return path.startswith(_NOTEBOOKS)


def is_asset(path: str, query: str) -> bool:
    """Return whether it is one of the pages' own bundles, which are named by their content.

    The server calls them public and immutable. Extensions' files it wants to be asked for each time.
    """
    return path.startswith("static/") and query != "" and holds_hash(path, query)
