"""A folder of Pluto notebooks, as far as it can be known without Julia."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from pool.building.errors import NotebooksMissing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HEADER = b"### A Pluto.jl notebook ###"
CELL = b"\n# \xe2\x95\x94\xe2\x95\x90\xe2\x95\xa1 "  # "# ╔═╡ "
LISTS = ("Project.toml", "Manifest.toml")

_EMBEDDED = re.compile(rb"\nPLUTO_(?:PROJECT|MANIFEST)_TOML_CONTENTS = .*?(?=\n# \xe2\x95\x94|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NotebookFolder:
    """Files by their path inside the folder, with `/`."""

    files: Mapping[str, bytes]

    @property
    def notebooks(self) -> tuple[str, ...]:
        """The paths of what is a notebook, or was meant as one: Julia's own reading tells them apart."""
        return tuple(sorted(path for path, content in self.files.items() if _means_notebook(path, content)))

    @property
    def package_lists(self) -> dict[str, bytes]:
        """All that decides which packages are installed, and nothing of the cells.

        Which notebook carries a list is not part of it, so that a copy of a notebook needs no other packages.
        """
        projects = {path: self.files[path] for path in self.files if PurePosixPath(path).name in LISTS}
        lists = sorted({b"".join(_EMBEDDED.findall(self.files[path])) for path in self.notebooks} - {b""})
        return projects | {f"list {n}": content for n, content in enumerate(lists)}


NOTHING = NotebookFolder({})
"""No notebooks: an image of Pluto itself."""


def read_folder(folder: Path) -> NotebookFolder:
    """Read a folder of notebooks; hidden files stay out. Raises NotebooksMissing."""
    if not folder.is_dir():
        raise NotebooksMissing(f"{folder} is no folder")
    found = NotebookFolder(read_files(folder))
    if not found.notebooks:
        other = [path for path in sorted(found.files) if path.endswith(".jl")]
        only = f"; {', '.join(other[:5])} do not begin with `{HEADER.decode()}`" if other else ""
        raise NotebooksMissing(f"{folder} holds no Pluto notebook{only}")
    return found


def read_files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder; hidden ones and what Python leaves behind stay out."""
    return {name: path.read_bytes() for name, path in find_files(folder).items()}


def find_files(folder: Path) -> dict[str, Path]:
    """Return the same files unread, by their paths in the folder, in order."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _hidden(path.relative_to(folder))
    }


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _means_notebook(path: str, content: bytes) -> bool:
    return path.endswith(".jl") and (content.startswith(HEADER) or CELL in content)
