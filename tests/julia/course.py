"""The folder of notebooks that tests build from: `python -m tests.julia.course FOLDER` makes it.

A Project.toml beside the notebooks names what the stand-in packages are made of, so that a change
makes the image anew; a real package has a version for that.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.julia.package_server import read_tree, tree_hash

HERE = Path(__file__).parent
PACKAGES = HERE / "packages"
NOTEBOOKS = HERE / "notebooks"

PROJECT = """\
# packages: {packages}
[deps]
TinyNumbers = "7a3f3a1e-5b1c-4c57-9d0f-2f6f0b6b9a11"

[compat]
TinyNumbers = "~1.0.0"
"""


def make_course(folder: Path) -> Path:
    """Copy the notebooks into a folder that is not there yet, add the project, and return the folder."""
    shutil.copytree(NOTEBOOKS, folder)
    project = PROJECT.format(packages=tree_hash(read_tree(PACKAGES)))
    (folder / "Project.toml").write_text(project, "utf-8")
    return folder


if __name__ == "__main__":
    make_course(Path(sys.argv[1]))
