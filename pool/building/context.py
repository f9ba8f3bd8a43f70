"""The files an image is built from, as the engine wants them."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pool.building.folder import read_files

if TYPE_CHECKING:
    from collections.abc import Mapping

SHIPPED = Path(__file__).parent.parent / "images"
"""The folder of the images that come with warmgate, one folder each."""

CA_BUNDLE_NAME = "ca-bundle.crt"
"""What a Dockerfile finds the host's certificate authorities under, if any were given."""

CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "CURL_CA_BUNDLE")
CA_FILES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
)


@dataclass(frozen=True, slots=True)
class BuildContext:
    """An image's name and files; paths are relative to its folder, with `/`."""

    name: str
    files: Mapping[str, bytes]

    def digest(self, build_args: Mapping[str, str]) -> str:
        """Return the SHA-256 (hex) of everything the image depends on that we can see."""
        digest = hashlib.sha256()
        for label, content in [
            *((f"file {path}", self.files[path]) for path in sorted(self.files)),
            *((f"argument {key}", build_args[key].encode()) for key in sorted(build_args)),
        ]:
            digest.update(f"{label} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()

    def archive(self, ca_bundle: bytes = b"") -> io.BytesIO:
        """Return a gzipped tar of the files, the same bytes for the same files but for gzip's time.

        Scripts become executable here, whatever an installer made of their mode.
        """
        buffer = io.BytesIO()
        extra = {CA_BUNDLE_NAME: ca_bundle} if ca_bundle else {}
        with tarfile.open(fileobj=buffer, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
            for path, content in sorted({**self.files, **extra}.items()):
                entry = tarfile.TarInfo(path)
                entry.size = len(content)
                entry.mode = 0o755 if content.startswith(b"#!") else 0o644
                archive.addfile(entry, io.BytesIO(content))
        buffer.seek(0)
        return buffer


def shipped_images(root: Path = SHIPPED) -> tuple[str, ...]:
    """Return the names of the images that come with warmgate."""
    return tuple(sorted(path.parent.name for path in root.glob("*/Dockerfile")))


def read_context(folder: Path) -> BuildContext:
    """Read an image's folder; hidden files and what Python leaves behind stay out.

    Raises FileNotFoundError when the folder holds no Dockerfile.
    """
    files = read_files(folder)
    if "Dockerfile" not in files:
        raise FileNotFoundError(folder / "Dockerfile")
    return BuildContext(folder.name, files)


def host_ca_bundle(environ: Mapping[str, str], files: tuple[str, ...] = CA_FILES) -> bytes:
    """Return the certificate authorities this machine trusts (PEM), or nothing when none are found.

    A build downloads with the host's trust, so that it works behind a proxy that signs for itself. The
    variables are those OpenSSL, requests, pip and curl read.
    """
    for name in (*(environ.get(variable, "") for variable in CA_VARIABLES), *files):
        if name and Path(name).is_file():
            return Path(name).read_bytes()
    return b""
