from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import pool.images.own.install_environment as module
from pool.images.own.install_environment import UNREADABLE, Unreadable, Wanted, main, parse

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
name: course
channels:
  - conda-forge
  - https://channels.example/ours
dependencies:
  - python=3.11
  - numpy >=2
  - pip
  - pip:
    - tiny==1
    - --find-links https://files.example/
prefix: /somewhere/of/the/author
"""


def test_an_environment_is_its_channels_packages_and_what_pip_installs() -> None:
    assert parse(GOOD) == Wanted(
        "course",
        ("conda-forge", "https://channels.example/ours"),
        ("python=3.11", "numpy >=2", "pip"),
        ("tiny==1", "--find-links https://files.example/"),
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("channels: [", "line 1"),
        ("- a\n- b", "no mapping"),
        ("just words", "no mapping"),
        ("channels: [x]\nvariables: {A: 1}\ndependencies: [a]", "`variables:`"),
        ("dependencies: [a]", "`channels:` names none"),
        ("channels: x\ndependencies: [a]", "`channels:` is no list"),
        ("channels: [x]\ndependencies: a", "`dependencies:` is no list"),
        ("channels: [x]\ndependencies: [1.5]", "`dependencies:` is no list of words"),
        ("channels: [x]\ndependencies: []", "names no package"),
        ("channels: [x]\ndependencies: [{npm: [a]}]", "`pip:`"),
        ("channels: [x]\ndependencies: [{pip: a}]", "`pip:` is no list"),
        ("channels: [x]\ndependencies: [{pip: [-r more.txt]}]", "-r more.txt"),
        ("channels: [x]\ndependencies: [{pip: [./here]}]", "./here"),
    ],
)
def test_what_is_not_understood_is_named(text: str, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text)
    assert why in str(refused.value)


@pytest.mark.parametrize("content", [b"channels: [", b"\xff\xfe"])
def test_an_unreadable_file_ends_the_build_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (tmp_path / "e.yml").write_bytes(content)
    assert main(tmp_path / "e.yml") == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(UNREADABLE)


@pytest.mark.parametrize("has_python", [True, False])
def test_pip_installs_into_the_environment_s_python_where_it_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_python: bool
) -> None:
    async def install(wanted: Wanted) -> bool:
        return has_python

    (tmp_path / "server/etc/ipython").mkdir(parents=True)
    (tmp_path / "server/etc/ipython/ipython_kernel_config.json").write_text("{}")
    for name, folder in {"PREFIX": "env", "SERVER": "server", "BUILD": "."}.items():
        monkeypatch.setattr(module, name, tmp_path / folder)
    monkeypatch.setattr(module, "install", install)
    (tmp_path / "e.yml").write_text(GOOD)
    assert main(tmp_path / "e.yml") == 0
    python = tmp_path / ("env" if has_python else "server") / "bin/python"
    assert (tmp_path / "pip-python").read_text() == str(python)
    assert (tmp_path / "pip.txt").read_text().splitlines()[0] == "tiny==1"
    assert (tmp_path / "env/share/jupyter/kernels/python3/kernel.json").exists() is has_python
    assert (tmp_path / "env/etc/ipython/ipython_kernel_config.json").exists() is has_python
