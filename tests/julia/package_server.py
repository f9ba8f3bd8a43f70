"""A Julia package server for tests: serves folders of packages as a registry of its own.

`python -m tests.julia.package_server FOLDER HOST` prints its address and serves until it ends. There may be
several versions of one package, each in a folder with a Project.toml.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import sys
import tarfile
import threading
import tomllib
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REGISTRY = "23338594-aafe-5451-b93e-139f81909106"  # the one every Julia asks for by default

type_of_mode = {False: b"100644", True: b"100755"}

Tree = dict[str, bytes]
"""Files by path, with `/`."""


def tree_hash(files: Mapping[str, bytes]) -> str:
    """Return git's hash of a tree of these files; scripts are executable."""
    return _tree(files).hex()


def _tree(files: Mapping[str, bytes]) -> bytes:
    entries: dict[str, tuple[bytes, bytes]] = {}
    below: dict[str, Tree] = {}
    for path, content in files.items():
        first, slash, rest = path.partition("/")
        if slash:
            below.setdefault(first, {})[rest] = content
        else:
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).digest()
            entries[first] = (type_of_mode[content.startswith(b"#!")], blob)
    # git sorts a folder as if its name ended with a slash.
    entries |= {f"{name}/": (b"40000", _tree(tree)) for name, tree in below.items()}
    body = b"".join(
        mode + b" " + name.rstrip("/").encode() + b"\0" + digest
        for name, (mode, digest) in sorted(entries.items())
    )
    return hashlib.sha1(b"tree %d\0" % len(body) + body).digest()


def tarball(files: Mapping[str, bytes]) -> bytes:
    """Return a gzipped tar of the files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            entry.mode = 0o755 if content.startswith(b"#!") else 0o644
            archive.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue())


def read_tree(folder: Path) -> Tree:
    """Return a folder's files."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def resources(folder: Path) -> dict[str, bytes]:
    """Return what the server answers, by path, for all packages in a folder."""
    answers: dict[str, bytes] = {}
    registry: Tree = {}
    names: dict[str, str] = {}
    versions: dict[str, list[str]] = {}
    deps: dict[str, list[str]] = {}
    for project in sorted(folder.glob("*/Project.toml")):
        about: dict[str, Any] = tomllib.loads(project.read_text("utf-8"))
        name, uuid, version = about["name"], about["uuid"], about["version"]
        files = read_tree(project.parent)
        hashed = tree_hash(files)
        answers[f"/package/{uuid}/{hashed}"] = tarball(files)
        names[uuid] = name
        versions.setdefault(uuid, []).append(f'["{version}"]\ngit-tree-sha1 = "{hashed}"\n')
        needed = "".join(f'{key} = "{value}"\n' for key, value in about.get("deps", {}).items())
        deps.setdefault(uuid, []).append(f'["{version}"]\n{needed}')
    for uuid, name in names.items():
        path = f"{name[0]}/{name}"
        repo = f"https://packages.invalid/{name}.git"
        registry[f"{path}/Package.toml"] = f'name = "{name}"\nuuid = "{uuid}"\nrepo = "{repo}"\n'.encode()
        registry[f"{path}/Versions.toml"] = "\n".join(versions[uuid]).encode()
        registry[f"{path}/Deps.toml"] = "\n".join(deps[uuid]).encode()
    listed = "".join(
        f'{uuid} = {{ name = "{name}", path = "{name[0]}/{name}" }}\n' for uuid, name in names.items()
    )
    head = f'name = "General"\nuuid = "{REGISTRY}"\nrepo = "https://packages.invalid/General.git"\n'
    registry["Registry.toml"] = f"{head}\n[packages]\n{listed}".encode()
    path = f"/registry/{REGISTRY}/{tree_hash(registry)}"
    return answers | {path: tarball(registry), "/registries": f"{path}\n".encode()}


@contextmanager
def package_server(folder: Path, host: str) -> Iterator[str]:
    """Serve the packages in a folder on a free port; yield the address."""
    answers = resources(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = answers.get(self.path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content or b"")

        do_HEAD = do_GET  # noqa: N815 - http.server's name

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer((host, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with package_server(Path(sys.argv[1]), sys.argv[2]) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        threading.Event().wait()
