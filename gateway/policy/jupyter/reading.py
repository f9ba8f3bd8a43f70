"""What a reader may get: the page, what it is made of, and the notebook. All else is refused."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from gateway.policy.jupyter import reworks
from gateway.policy.jupyter.page import CALM
from gateway.policy.jupyter.queries import decoded
from gateway.policy.jupyter.settings import settings
from gateway.policy.ruling import Answered, Passed, Refused, Ruling

if TYPE_CHECKING:
    from collections.abc import Callable

    from pool.kinds.published import Published

_FILE = r"[0-9A-Za-z@_~+-][0-9A-Za-z@._~+-]*"
"""A name in a path that is not hidden; the parts of pages need no other characters."""

PARTS_OF_PAGES = re.compile(
    rf"favicon\.ico|(static|lab/extensions|custom|lab/api/themes)(/{_FILE})+"
    rf"|kernelspecs/{_FILE}/(logo-{_FILE}|kernel\.(css|js))"
)
SETTINGS = re.compile(r"lab/api/settings(/[0-9A-Za-z@_~+:./-]+)?")
TOLD = re.compile(r"api|api/(me|status)|lab/api/(translations|workspaces)(/[0-9A-Za-z@_~+:./-]+)?")
"""What the server tells every page, and what holds nothing of the visitor's."""

PICTURES = frozenset(
    [
        "apng",
        "avif",
        "bmp",
        "gif",
        "ico",
        "jpeg",
        "jpg",
        "m4a",
        "mp3",
        "mp4",
        "ogg",
        "ogv",
        "png",
        "svg",
        "wav",
        "webm",
        "webp",
    ]
)
"""Endings of the files that a page shows in its text: pictures, sounds and films."""

VERSION = frozenset({"v"})
MODEL = {"type": {"notebook"}, "content": {"0", "1"}, "hash": {"0", "1"}, "contentProviderId": {"undefined"}}
LISTING = {**MODEL, "type": {"directory"}}
"""What pages ask of a file, and of a folder (JupyterLab, services/src/contents)."""

ANSWERED = {
    "api/nbconvert": b"{}",
    "api/terminals": b"[]",
    "lsp/status": b'{"version": 2, "sessions": {}, "specs": {}}',
}
"""What a page asks when it opens, and is told: nothing to export to, no terminals, no language servers."""


class Reading:
    """What of one session can be got."""

    def __init__(self, published: Published) -> None:
        self._notebook = published.notebook
        self._folder = posixpath.dirname(published.notebook)
        self._exact: dict[str, Callable[[bytes], bytes] | None] = {
            "api/kernels": reworks.only(published.kernel),
            f"api/kernels/{published.kernel}": None,
            "api/sessions": reworks.only(published.session),
            f"api/sessions/{published.session}": None,
            "api/kernelspecs": reworks.kernelspecs,
        }

    def judge(self, method: str, path: str, asked: dict[str, str]) -> Ruling:
        """Return what becomes of a GET or HEAD. `asked` is its query."""
        ruling = self._judge(path, asked)
        if method == "HEAD" and isinstance(ruling, Passed) and ruling.rework is not None:
            return Refused("a HEAD of what is made anew")
        return ruling

    def _judge(self, path: str, asked: dict[str, str]) -> Ruling:
        if PARTS_OF_PAGES.fullmatch(path) and asked.keys() <= VERSION:
            return Passed()
        if path == "api/contents" or path.startswith("api/contents/"):
            return self._contents(path.removeprefix("api/contents").removeprefix("/"), asked)
        if SETTINGS.fullmatch(path) and asked.keys() <= {"ids_only"}:
            return Passed(rework=settings)
        return Refused("a query where none belongs") if asked else self._plain(path)

    def _plain(self, path: str) -> Ruling:
        """Return what becomes of a path without a query."""
        if path in ANSWERED:
            return Answered(200, ANSWERED[path])
        if path in self._exact:
            return Passed(rework=self._exact[path])
        return Passed() if TOLD.fullmatch(path) else self._file(path)

    def _file(self, path: str) -> Ruling:
        room, _, rest = path.partition("/")
        name = decoded(rest)
        if room == "notebooks" and name == self._notebook:
            return Passed(script=CALM)
        if room == "files" and name is not None and (name == self._notebook or self._is_picture(name)):
            return Passed()
        return Refused("not part of the notebook's page")

    def _contents(self, rest: str, asked: dict[str, str]) -> Ruling:
        if rest.endswith("/checkpoints") and decoded(rest.removesuffix("/checkpoints")) == self._notebook:
            return Answered(200, b"[]") if not asked else Refused("a query where none belongs")
        name = decoded(rest) if rest else ""
        if name == self._notebook:
            return (
                Passed(rework=reworks.notebook) if _is_among(asked, MODEL) else Refused("no such view of it")
            )
        if name is not None and (name == "" or self._notebook.startswith(name + "/")):
            below = self._notebook.removeprefix(name).removeprefix("/").partition("/")[0]
            return (
                Passed(rework=reworks.folder(below)) if _is_among(asked, LISTING) else Refused("no such view")
            )
        return Refused("not the notebook")

    def _is_picture(self, name: str) -> bool:
        beside = name.startswith(f"{self._folder}/") if self._folder else True
        return beside and name.rpartition(".")[2].lower() in PICTURES and "." in posixpath.basename(name)


def _is_among(asked: dict[str, str], allowed: dict[str, set[str]]) -> bool:
    return all(value in allowed.get(name, ()) for name, value in asked.items())
