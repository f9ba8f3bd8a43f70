"""What can go wrong while an image is made."""

from __future__ import annotations

from pool.errors import EngineError


class ImageBuildFailed(EngineError):
    """Building an image failed; `detail` holds the last lines of its output."""

    code = "W204"
    remedy = "Read the last lines of the build above; mend and build again."


class NotebooksMissing(ImageBuildFailed):
    """The folder to build from is not there, or holds no Pluto notebook."""

    code = "W211"
    remedy = "Name the folder with the notebooks (.jl files saved by Pluto) in --notebooks."


class NotebookInvalid(ImageBuildFailed):
    """A file is meant as a Pluto notebook and is none, or a cell of it is not Julia."""

    code = "W212"
    remedy = "Open the named file in Pluto, mend the named cell and save it."


class PackageUnresolved(ImageBuildFailed):
    """A package cannot be found or installed, or its versions do not go together."""

    code = "W213"
    remedy = (
        "Correct the name or version in the named list of packages; with packages of your own, "
        "name your Julia package server in --pkg-server."
    )


class ProjectMissing(ImageBuildFailed):
    """A notebook needs a package or a project that no list in the folder names."""

    code = "W214"
    remedy = (
        "Put the Project.toml beside the notebooks, or let Pluto manage the notebook's packages and save it."
    )


class BaseUnfit(ImageBuildFailed):
    """The base image has no Julia, another version than asked for, or lacks what a build needs."""

    code = "W215"
    remedy = "Name a Debian-based image with the wanted Julia in --base, or leave --base or --julia out."


class MemoryTooSmall(ImageBuildFailed):
    """There is less memory than making a system image takes."""

    code = "W216"
    remedy = "Free memory, build on a larger machine, or build without a system image: --no-sysimage."


class SysimageFailed(ImageBuildFailed):
    """PackageCompiler did not make the system image."""

    code = "W217"
    remedy = "Read why above; --no-sysimage builds an image that starts slower."


class PlutoSilent(ImageBuildFailed):
    """Pluto did not start, or ended, while the build visited the notebooks."""

    code = "W218"
    remedy = "Read Pluto's last lines above; name another version in --pluto if it does not fit this Julia."


class ImageForeign(ImageBuildFailed):
    """An image of the wanted name is there, and the command has not made it."""

    code = "W219"
    remedy = "Name another image in --tag, or remove the one that is there."


class FolderRefused(ImageBuildFailed):
    """The folder of notebooks holds none, cannot be read, or holds more than a visitor's memory."""

    code = "W221"
    remedy = "Name the folder with the notebooks (.ipynb) in --notebooks; keep large data out of it."


class FileNoNotebook(ImageBuildFailed):
    """A file is called .ipynb and is not a Jupyter notebook."""

    code = "W222"
    remedy = "Open the named file in Jupyter and save it anew, or take it out of the folder."


class RequirementsUnmet(ImageBuildFailed):
    """A requirement cannot be read, is not to be had, or does not go together with another."""

    code = "W223"
    remedy = "Correct the named requirement; `pip install -r` on a Python of the same version says the same."


class EnvironmentUnreadable(ImageBuildFailed):
    """The environment.yml is not one, or says something that is not understood here."""

    code = "W224"
    remedy = (
        "Mend what the sentence above names; or list the packages for pip and give them with --requirements."
    )


class EnvironmentUnmet(ImageBuildFailed):
    """The packages of the environment.yml are not in its channels, or do not go together."""

    code = "W225"
    remedy = "Correct the named package, or the channels; the machine that builds must reach them."
