from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest

from pool.building.context import (
    CA_BUNDLE_NAME,
    SHIPPED,
    BuildContext,
    host_ca_bundle,
    read_context,
    shipped_images,
)

if TYPE_CHECKING:
    from pathlib import Path


def names_and_modes(context: BuildContext, ca_bundle: bytes = b"") -> dict[str, int]:
    with tarfile.open(fileobj=context.archive(ca_bundle)) as archive:
        return {entry.name: entry.mode for entry in archive.getmembers()}


def test_the_jupyter_image_is_shipped() -> None:
    assert "jupyter" in shipped_images()
    assert "requirements.lock" in read_context(SHIPPED / "jupyter").files


def test_a_context_holds_every_file_but_hidden_ones_and_byte_code(tmp_path: Path) -> None:
    for path in ("Dockerfile", "skel/a.ipynb", ".git/config", "skel/.hidden", "__pycache__/x.pyc"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(b"x")
    assert sorted(read_context(tmp_path).files) == ["Dockerfile", "skel/a.ipynb"]


def test_a_folder_without_a_dockerfile_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Dockerfile"):
        read_context(tmp_path)


def test_an_archive_gives_back_the_files_and_makes_scripts_executable() -> None:
    context = BuildContext("x", {"Dockerfile": b"FROM y\n", "run.sh": b"#!/bin/sh\n"})
    assert names_and_modes(context) == {"Dockerfile": 0o644, "run.sh": 0o755}


def test_a_ca_bundle_is_sent_only_when_there_is_one() -> None:
    context = BuildContext("x", {"Dockerfile": b"FROM y\n"})
    assert CA_BUNDLE_NAME not in names_and_modes(context)
    assert CA_BUNDLE_NAME in names_and_modes(context, b"PEM")


@pytest.mark.parametrize(
    ("files", "arguments"),
    [
        ({"Dockerfile": b"FROM z"}, {}),
        ({"Dockerfile": b"FROM y", "more": b""}, {}),
        ({"Dockerfil": b"eFROM y"}, {}),
        ({"Dockerfile": b"FROM y"}, {"BASE": "z"}),
    ],
)
def test_a_digest_changes_with_any_file_name_content_or_argument(
    files: dict[str, bytes], arguments: dict[str, str]
) -> None:
    plain = BuildContext("x", {"Dockerfile": b"FROM y"}).digest({})
    assert BuildContext("x", files).digest(arguments) != plain


def test_a_digest_does_not_depend_on_the_order_files_are_found_in() -> None:
    one = BuildContext("x", {"Dockerfile": b"a", "b": b"c"})
    other = BuildContext("x", {"b": b"c", "Dockerfile": b"a"})
    assert one.digest({"p": "1", "q": "2"}) == other.digest({"q": "2", "p": "1"})


def test_the_host_ca_bundle_is_the_first_that_exists(tmp_path: Path) -> None:
    named, system = tmp_path / "named.pem", tmp_path / "system.pem"
    system.write_bytes(b"system")
    files = (str(tmp_path / "absent"), str(system))
    assert host_ca_bundle({"SSL_CERT_FILE": str(named)}, files) == b"system"
    named.write_bytes(b"named")
    assert host_ca_bundle({"SSL_CERT_FILE": str(named)}, files) == b"named"


def test_a_host_without_a_ca_bundle_gives_none(tmp_path: Path) -> None:
    assert host_ca_bundle({}, (str(tmp_path / "absent"),)) == b""
