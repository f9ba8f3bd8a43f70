"""What the two images of `warmgate build pluto` are made from: pure.

The server image holds Julia's packages and the system image, and is known by what decides about these. The
notebooks lie in a layer above it, so that an edited cell makes a small layer anew and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pool.building.builder import BuildRequest
from pool.building.context import SHIPPED, BuildContext
from pool.building.folder import read_files

if TYPE_CHECKING:
    from pool.building.folder import NotebookFolder

SCRIPTS = SHIPPED / "pluto"
OFFICIAL = "julia:{}-bookworm"
NEWEST_KNOWN = "1.12"
"""The Julia that is taken when none is asked for."""

SERVER_LIMIT = 3 * 3600.0  # seconds for a server image; large packages compile for an hour
LAYER_LIMIT = 600.0  # seconds for the notebooks' layer
TRACE_TIMEOUT = 600.0  # seconds for one notebook's run while it is traced


@dataclass(frozen=True, slots=True)
class PlutoChoice:
    """What is asked for on the command line; empty means the usual."""

    base: str = ""
    julia: str = ""
    pluto: str = ""
    packages: tuple[str, ...] = ()
    cpu_target: str = ""
    pkg_server: str = ""
    sysimage: bool = True
    trace_timeout: float = TRACE_TIMEOUT

    def build_args(self) -> dict[str, str]:
        """Return what decides about the server image, as its Dockerfile's ARGs."""
        chosen = {
            "BASE": self.base or OFFICIAL.format(self.julia or NEWEST_KNOWN),
            "JULIA": self.julia,
            "PLUTO": self.pluto,
            "PACKAGES": " ".join(sorted(self.packages)),
            "CPU_TARGET": self.cpu_target,
            "SYSIMAGE": "yes" if self.sysimage else "no",
            "WARMGATE_SYSIMAGE": "/opt/pluto/pluto.so" if self.sysimage else "",
        }
        return {name: value for name, value in chosen.items() if value}


def server_tag(tag: str) -> str:
    """Return the name of the server image below an image of notebooks."""
    name, colon, version = tag.rpartition(":")
    if not colon or "/" in version:  # no version, but perhaps a registry's port
        return f"{tag}-server"
    return f"{name}-server:{version}"


def server_request(
    folder: NotebookFolder, choice: PlutoChoice, tag: str, *, ca_bundle: bytes
) -> BuildRequest:
    """Return what builds the server image; it is known by the package lists and never by a cell."""
    scripts = _scripts("server", *(["sysimage"] if choice.sysimage else []), "served")
    return BuildRequest(
        BuildContext("pluto-server", {**scripts, **_below(folder)}),
        server_tag(tag),
        choice.build_args(),
        ca_bundle,
        known_by=BuildContext("pluto-server", {**scripts, **folder.package_lists}),
        passing_args={
            "TRACE_TIMEOUT": f"{choice.trace_timeout:g}",
            **({"PKG_SERVER": choice.pkg_server} if choice.pkg_server else {}),
        },
        time_limit=SERVER_LIMIT,
        # Gigabytes, and any edit of a notebook would make nearly all of it anew.
        keeps_stages=False,
    )


def notebooks_request(folder: NotebookFolder, choice: PlutoChoice, tag: str, *, server: str) -> BuildRequest:
    """Return what builds the image of the notebooks on the server image with this id."""
    scripts = {"Dockerfile": (SCRIPTS / "notebooks.Dockerfile").read_bytes()}
    args = {"SERVER": server, "PACKAGES": " ".join(sorted(choice.packages))}
    return BuildRequest(
        BuildContext("pluto", {**scripts, **_below(folder)}),
        tag,
        args,
        time_limit=LAYER_LIMIT,
    )


def _scripts(*parts: str) -> dict[str, bytes]:
    files = read_files(SCRIPTS)
    return {
        "Dockerfile": b"\n".join(files[f"{part}.Dockerfile"] for part in parts),
        **{path: content for path, content in files.items() if not path.endswith("Dockerfile")},
    }


def _below(folder: NotebookFolder) -> dict[str, bytes]:
    # A Dockerfile cannot copy a folder that is not there; a hidden file is nobody's notebook.
    files = folder.files or {".empty": b""}
    return {f"notebooks/{path}": content for path, content in files.items()}
