"""A conda channel and a shelf of wheels as files: tiny packages, made where they are needed."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUBDIRS = ("noarch", "linux-64", "linux-aarch64")
PYTHON = "3.11"

SERVER_PACKAGES = "/opt/venv/lib/python3.11/site-packages"
"""Where the image's own server keeps its packages; the channel's Python borrows its kernel from there."""


def write_wheel(folder: Path, name: str, version: str, files: Mapping[str, str], needs: str = "") -> bytes:
    """Write a wheel of pure Python; return its bytes."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    every = {
        **files,
        f"{info}/METADATA": metadata + (f"Requires-Dist: {needs}\n" if needs else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*every, f"{info}/RECORD"))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in {**every, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}-{version}-py3-none-any.whl").write_bytes(buffer.getvalue())
    return buffer.getvalue()


class Channel:
    """A channel being filled; `write` makes its folder."""

    def __init__(self) -> None:
        self._packages: dict[str, dict[str, tuple[dict[str, Any], bytes]]] = {name: {} for name in SUBDIRS}

    def add(
        self,
        name: str,
        version: str = "1.0",
        *,
        files: Mapping[str, str] | None = None,
        links: Mapping[str, str] | None = None,
        needs: tuple[str, ...] = (),
        python: bool = False,
    ) -> None:
        """Add a package for every machine; with `python` its files are put where that keeps packages."""
        index: dict[str, Any] = {
            "name": name,
            "version": version,
            "build": "0",
            "build_number": 0,
            "depends": list(needs),
            "subdir": "noarch",
            "noarch": "python" if python else "generic",
        }
        content = _package(index, files or {}, links or {})
        record = index | {
            "sha256": hashlib.sha256(content).hexdigest(),
            "md5": hashlib.md5(content).hexdigest(),
            "size": len(content),
        }
        self._packages["noarch"][f"{name}-{version}-0.tar.bz2"] = (record, content)

    def add_python(self) -> None:
        """Add a Python, which is the image's own without its packages, and its kernel and pip."""
        self.add(
            "python",
            f"{PYTHON}.2",
            files={"pyvenv.cfg": "home = /usr/bin\ninclude-system-site-packages = false\n"},
            links={f"bin/python{PYTHON}": f"/usr/bin/python{PYTHON}", "bin/python": f"python{PYTHON}"},
        )
        for name in ("ipykernel", "pip"):
            borrowed = {f"site-packages/{name}.pth": SERVER_PACKAGES}
            self.add(name, "9.0", files=borrowed, needs=("python",), python=True)

    def write(self, folder: Path) -> None:
        """Write packages and their lists."""
        for subdir, packages in self._packages.items():
            (folder / subdir).mkdir(parents=True)
            for name, (_, content) in packages.items():
                (folder / subdir / name).write_bytes(content)
            listed = {name: record for name, (record, _) in packages.items()}
            data = {
                "info": {"subdir": subdir},
                "packages": listed,
                "packages.conda": {},
                "repodata_version": 1,
            }
            (folder / subdir / "repodata.json").write_text(json.dumps(data))


def _package(index: Mapping[str, Any], files: Mapping[str, str], links: Mapping[str, str]) -> bytes:
    paths = [
        {
            "_path": path,
            "path_type": "hardlink",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "size_in_bytes": len(text.encode()),
        }
        for path, text in files.items()
    ] + [
        {
            "_path": path,
            "path_type": "softlink",
            "sha256": hashlib.sha256(b"").hexdigest(),
            "size_in_bytes": 0,
        }
        for path in links
    ]
    info = {
        "info/index.json": json.dumps(index),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}),
        "info/about.json": "{}",
    }
    if index["noarch"] == "python":
        info["info/link.json"] = json.dumps({"noarch": {"type": "python"}, "package_metadata_version": 1})
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:bz2") as archive:
        for path, text in {**info, **files}.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(text.encode()), 0o755 if text.startswith("#!") else 0o644
            archive.addfile(entry, io.BytesIO(text.encode()))
        for path, target in links.items():
            entry = tarfile.TarInfo(path)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            archive.addfile(entry)
    return buffer.getvalue()
