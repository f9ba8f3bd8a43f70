"""Makes a conda environment: `install_environment.py environment.yml`.

It runs while an author's image is built, on the Python of that image with py-rattler beside it, and
never in the gateway.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certifi
import yaml

UNREADABLE = "environment.yml cannot be used: "
UNMET = "environment.yml cannot be met: "
"""How the line begins that says why this failed; the gateway looks for it."""

OF_THE_AUTHOR = ("-e", "-r", "-c", "--editable", "--requirement", "--constraint", ".", "/", "file:")
KNOWN = {"name", "channels", "dependencies", "prefix"}
PREFIX = Path("/opt/env")
BUILD = Path("/build")
SERVER = Path("/opt/venv")


class Unreadable(Exception):
    """The file says something that is not understood; the message says where."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an environment.yml asks for."""

    name: str
    channels: tuple[str, ...]
    packages: tuple[str, ...]
    pip: tuple[str, ...]


def parse(text: str) -> Wanted:
    """Read an environment.yml. Raises Unreadable."""
    try:
        read = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Unreadable(" ".join(str(error).split())) from error
    if not isinstance(read, dict):
        raise Unreadable("it is no mapping with `dependencies:` in it")
    if unknown := sorted(str(key) for key in set(read) - KNOWN):
        raise Unreadable(f"`{unknown[0]}:` is not known here; only {', '.join(sorted(KNOWN))} are")
    channels = _words(read.get("channels") or [], "channels")
    if not channels:
        raise Unreadable("`channels:` names none; which packages are meant depends on it")
    listed = read.get("dependencies") or []
    if not isinstance(listed, list):
        raise Unreadable("`dependencies:` is no list")
    below = [entry for entry in listed if isinstance(entry, dict)]
    if any(set(entry) != {"pip"} for entry in below) or len(below) > 1:
        raise Unreadable("below `dependencies:` only one list may stand, `pip:`")
    packages = _words([entry for entry in listed if not isinstance(entry, dict)], "dependencies")
    pip = _words(below[0]["pip"] or [], "pip") if below else ()
    if files := [word for word in pip if word.startswith(OF_THE_AUTHOR)]:
        raise Unreadable(
            f"pip: `{files[0]}` is a file of the author's machine, and the build does not see it"
        )
    if not packages and not pip:
        raise Unreadable("`dependencies:` names no package")
    return Wanted(str(read.get("name") or "environment"), channels, packages, pip)


def _words(value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
        raise Unreadable(f"`{key}:` is no list of words")
    return tuple(word.strip() for word in value)


async def install(wanted: Wanted) -> bool:
    """Solve and install; tell whether the environment has a Python of its own."""
    import rattler  # noqa: PLC0415 - the check of the file above does without

    # The image has no certificate authorities: without the host's bundle those that requests brings must do.
    os.environ.setdefault("SSL_CERT_FILE", certifi.where())
    client = rattler.Client.from_config(rattler.Config.from_toml('tls-root-certs = "system"'))
    gateway = rattler.Gateway(cache_dir=BUILD / "cache", client=client, show_progress=False)

    async def solve(packages: tuple[str, ...]) -> list[Any]:
        return list(
            await rattler.solve(
                sources=list(wanted.channels),
                specs=[rattler.MatchSpec(package, strict=False) for package in packages],
                gateway=gateway,
                virtual_packages=rattler.VirtualPackage.detect(),
            )
        )

    packages = wanted.packages
    print("solving", *packages, flush=True)
    records = await solve(packages) if packages else []
    has_python = "python" in names(records)
    # A notebook needs the kernel in it, and pip its installer.
    more = ("ipykernel", *(("pip",) if wanted.pip else ())) if has_python else ()
    if missing := tuple(name for name in more if name not in names(records)):
        records = await solve((*packages, *missing))
    for record in records:
        print("installing", record.name.normalized, record.version, flush=True)
    if records:
        await rattler.install(
            records,
            target_prefix=PREFIX,
            cache_dir=BUILD / "cache",
            client=client,
            show_progress=False,
            execute_link_scripts=True,
        )
    return has_python


def names(records: list[Any]) -> set[str]:
    """Return the packages' names."""
    return {record.name.normalized for record in records}


def write_kernel(name: str) -> None:
    """Let the environment's Python be the one that notebooks run on."""
    python = PREFIX / "bin" / "python"
    spec = {
        "argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": f"Python 3 ({name})",
        "language": "python",
        "metadata": {"debugger": True},
        "env": {"PATH": f"{PREFIX}/bin:${{PATH}}"},
    }
    folder = PREFIX / "share" / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(spec, indent=2))
    settings = SERVER / "etc" / "ipython" / "ipython_kernel_config.json"
    if settings.exists():
        (PREFIX / "etc" / "ipython").mkdir(parents=True, exist_ok=True)
        (PREFIX / "etc" / "ipython" / settings.name).write_text(settings.read_text())


def main(file: Path) -> int:
    """Do all of it; return the exit status. What went wrong is the last line."""
    try:
        wanted = parse(file.read_text("utf-8"))
    except (Unreadable, UnicodeDecodeError) as error:
        print(f"{UNREADABLE}{error}", flush=True)
        return 1
    try:
        has_python = asyncio.run(install(wanted))
    except Exception as error:  # noqa: BLE001 - py-rattler's errors have no common root
        print(f"{UNMET}{error}", flush=True)
        return 1
    if has_python:
        write_kernel(wanted.name)
    if wanted.pip:
        (BUILD / "pip.txt").write_text("\n".join(wanted.pip) + "\n")
        (BUILD / "pip-python").write_text(str((PREFIX if has_python else SERVER) / "bin" / "python"))
    return 0


if __name__ == "__main__":
    status = main(Path(sys.argv[1]))
    sys.stdout.flush()
    # Not sys.exit: py-rattler's threads still run then, and in one of three times they crashed.
    os._exit(status)
