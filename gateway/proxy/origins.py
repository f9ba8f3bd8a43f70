"""What other sites may do with a notebook: frame it, and read it by script. Pure.

Both follow from one list, `embed_origins`. A session needs no cookie, so credentials are never allowed.

`Origin: null` is what a sandboxed frame on any site sends, and a page from a file (HTML, "Origin"). It names
nobody, so it is allowed where everybody is, by `*`, and cannot be listed.
"""

from __future__ import annotations

from dataclasses import dataclass

ANY = "*"

METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

PREFLIGHT_AGE = "600"
"""Seconds a browser may remember a preflight's answer."""


@dataclass(frozen=True, slots=True)
class Origins:
    """The sites of `embed_origins`, each as browsers write an origin: `https://example.org`, or `*`.

    Those in `framing` may frame pages too, and read nothing.
    """

    allowed: tuple[str, ...] = ()
    framing: tuple[str, ...] = ()

    @property
    def frame_ancestors(self) -> str:
        """The policy that says who may frame a page."""
        return " ".join(("frame-ancestors 'self'", *self.framing, *self.allowed))

    def fields(self, origin: str | None) -> list[tuple[str, str]]:
        """Return the CORS fields of an answer to a request from `origin`, good answers and errors alike.

        `Vary` is there whenever answers may differ by origin, so that no cache mixes them up.
        """
        if not self.allowed:
            return []
        if ANY in self.allowed:
            return [("Access-Control-Allow-Origin", ANY), ("Access-Control-Expose-Headers", ANY)]
        if origin not in self.allowed:
            return [("Vary", "Origin")]
        return [
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", ANY),
            ("Vary", "Origin"),
        ]

    def preflight(self, origin: str | None, wanted_headers: str | None) -> list[tuple[str, str]]:
        """Return what a 204 to a preflight has besides `fields`. Without it the browser refuses by itself."""
        if len(self.fields(origin)) <= 1:
            return []
        allowed = [("Access-Control-Allow-Methods", METHODS), ("Access-Control-Max-Age", PREFLIGHT_AGE)]
        if wanted_headers is not None:
            # Echoed, because `*` does not cover Authorization.
            allowed.append(("Access-Control-Allow-Headers", wanted_headers))
            allowed.append(("Vary", "Access-Control-Request-Headers"))
        return allowed


def is_preflight(method: str, origin: str | None, wanted_method: str | None) -> bool:
    """Return whether a request is a browser's question before the real one (Fetch, section 3.3.2)."""
    return method == "OPTIONS" and origin is not None and wanted_method is not None
