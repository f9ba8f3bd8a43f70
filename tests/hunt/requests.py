"""Requests that would change something if they passed, shaken. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

METHODS = (
    "GET",
    "GET",
    "POST",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "COPY",
    "get",
    "PROPFIND",
)
ENDINGS = (
    "",
    "/",
    "?",
    ";x",
    "%20",
    "%00",
    ".js",
    "/.js",
    "?x=a.js",
    "%3Fx",
    "?id=",
    "&id=",
    "#",
    "/.",
    "/..",
    "//",
)


class Asker:
    """Makes requests. `paths` are relative to the session; `bodies` are JSON or anything else."""

    def __init__(self, rng: Random, paths: Sequence[str], bodies: Sequence[bytes]) -> None:
        self._rng = rng
        self._paths = paths
        self._bodies = bodies

    def requests(self, count: int) -> Iterator[tuple[str, str, bytes]]:
        """Yield method, path and body of so many requests."""
        for _ in range(count):
            method = self._rng.choice(METHODS)
            path = self._shaken(self._rng.choice(self._paths))
            body = self._rng.choice(self._bodies) if self._rng.random() < 0.5 else b""
            yield method, path, body

    def _shaken(self, path: str) -> str:
        for _ in range(self._rng.choice((0, 0, 1, 1, 2))):
            at = self._rng.randrange(len(path) + 1)
            match self._rng.randrange(8):
                case 0:
                    path += self._rng.choice(ENDINGS)
                case 1:
                    path = (
                        path[:at] + f"%{ord(path[at]):02x}" + path[at + 1 :]
                        if at < len(path)
                        else path + "%41"
                    )
                case 2:
                    path = path[:at] + path[at : at + 1].swapcase() + path[at + 1 :]
                case 3:
                    path = path.replace("/", self._rng.choice(("//", "/./", "%2f", "/x/../")), 1)
                case 4:
                    path = path[:at]
                case 5:
                    path += ("&" if "?" in path else "?") + self._rng.choice(
                        ("token=x", "id=x", "_=1", "content=1")
                    )
                case 6:
                    path = self._rng.choice(self._paths).partition("?")[0] + "/" + path
                case _:
                    path = path[:at] + self._rng.choice("\\;@!$'()*+,:~") + path[at:]
        return path
