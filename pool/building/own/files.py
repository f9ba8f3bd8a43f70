"""What an author gives for an image of their own: a folder of notebooks, a list of packages.

Read and checked here, before an engine is asked for anything.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pool.building.errors import EnvironmentUnreadable, FileNoNotebook, FolderRefused, RequirementsUnmet
from pool.building.folder import find_files

if TYPE_CHECKING:
    from pathlib import Path

MOST = 256 * 2**20
"""Bytes of a folder at most: each visitor gets a copy of it, in the memory of their instance."""

OLDEST_FORMAT = 4
"""Notebooks before nbformat 4 keep their cells in worksheets, which no server of today writes."""

CELL_TYPES = frozenset({"code", "markdown", "raw"})

# What pip would read from this machine, where the build does not see it.
_OF_THIS_MACHINE = re.compile(r"(-[rce]|--(requirement|constraint|editable))(\s|=|[^-\s])|\.{0,2}/|file:|\.$")


def read_notebooks(folder: Path) -> dict[str, bytes]:
    """Return the folder's files by their paths in it; hidden ones and what Python leaves behind stay out.

    Raises FolderRefused, and FileNoNotebook for the first .ipynb that is none.
    """
    try:
        found = find_files(folder)
        if (size := sum(path.stat().st_size for path in found.values())) > MOST:
            most = f"{MOST // 2**20} MiB are the most, as each visitor gets a copy of it in memory"
            raise FolderRefused(f"{folder} holds {size / 2**20:.0f} MiB; {most}")
        files = {name: path.read_bytes() for name, path in found.items()}
    except OSError as error:
        raise FolderRefused(f"{error.filename}: {error.strerror}") from error
    notebooks = [name for name in files if name.endswith(".ipynb")]
    if not notebooks:
        raise FolderRefused(f"{folder} holds no notebook: no file in it ends in .ipynb")
    for name in notebooks:
        if why := why_no_notebook(files[name]):
            raise FileNoNotebook(f"{folder / name}: {why}")
    return files


def why_no_notebook(content: bytes) -> str:
    """Return why this is no notebook a server of today opens, or nothing."""
    try:
        read = json.loads(content)
    except ValueError as error:
        return f"no JSON: {error}" if content.strip() else "it is empty"
    if not isinstance(read, dict) or not isinstance(read.get("nbformat"), int):
        return "JSON, but no notebook: there is no `nbformat`"
    if read["nbformat"] < OLDEST_FORMAT:
        return f"nbformat {read['nbformat']} is too old: {OLDEST_FORMAT} is needed"
    cells = read.get("cells")
    if not isinstance(cells, list):
        return "there is no list of `cells`"
    return next((why for number, cell in enumerate(cells) if (why := _why_no_cell(cell, number))), "")


def _why_no_cell(cell: object, number: int) -> str:
    if not isinstance(cell, dict) or cell.get("cell_type") not in CELL_TYPES:
        return f"cell {number} (from 0) has no `cell_type` of code, markdown or raw"
    if not isinstance(cell.get("source"), str | list):
        return f"cell {number} (from 0) has no `source`"
    return ""


def read_requirements(file: Path) -> bytes:
    """Return a file of requirements as it is. Raises RequirementsUnmet where it means other files of here."""
    content = _read(file, RequirementsUnmet)
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise RequirementsUnmet(f"{file}: no text in UTF-8") from error
    for number, line in enumerate(lines, 1):
        if _OF_THIS_MACHINE.match(line.strip()):
            what = f"`{line.strip()}` is a file of this machine, and the build does not see it"
            raise RequirementsUnmet(f"{file}, line {number}: {what}")
    if not any(line.strip() and not line.strip().startswith("#") for line in lines):
        raise RequirementsUnmet(f"{file} names no package")
    return content


def read_environment(file: Path) -> bytes:
    """Return an environment.yml as it is; what it says is checked in the build, where YAML can be read.

    Raises EnvironmentUnreadable.
    """
    content = _read(file, EnvironmentUnreadable)
    if not content.strip():
        raise EnvironmentUnreadable(f"{file} is empty")
    return content


def _read(file: Path, error: type[RequirementsUnmet | EnvironmentUnreadable]) -> bytes:
    try:
        return file.read_bytes()
    except OSError as failure:
        raise error(f"{file}: {failure.strerror}") from failure
