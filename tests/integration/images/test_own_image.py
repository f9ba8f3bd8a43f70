"""An author's own image, built by the command on a real engine from packages this machine serves."""

from __future__ import annotations

import asyncio
import hashlib
import json
import signal
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bench.running import RunningGateway
from bench.visitor import Visitor
from tests.support.conda_channel import Channel, write_wheel
from tests.support.image_builds import an_author, bridge_address, served, typed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.image_builds import Author, Served

pytestmark = [pytest.mark.docker, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(400)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def author() -> AsyncIterator[Author]:
    async with an_author() as someone:
        yield someone


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shelf(author: Author, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    folder = tmp_path_factory.mktemp("shelf")
    write_wheel(folder / "wheels", "shelf", "1.0", {"shelf.py": "BOOKS = 3\n"})
    write_wheel(folder / "wheels", "idna", "99.0", {"idna/__init__.py": "__version__ = '99.0'\n"})
    write_wheel(folder / "wheels", "wants", "1.0", {"wants.py": ""}, needs="shelf>=2")
    channel = Channel()
    channel.add("tiny", files={"site-packages/tiny.py": "ANSWER = 42\n"}, needs=("python",), python=True)
    channel.add("notes", files={"share/notes.txt": "of a channel\n"})
    channel.add_python()
    channel.write(folder / "channel")
    with served(folder, await bridge_address(author.docker)) as place:
        yield place


@pytest.fixture
def course(tmp_path: Path) -> Path:
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "data.csv").write_text("1,2\n")
    write_notebook(tmp_path / "course" / "lesson.ipynb", "import shelf; print('books:', shelf.BOOKS)")
    return tmp_path / "course"


def write_notebook(path: Path, code: str) -> None:
    kernel = {"name": "python3", "display_name": "Python 3"}
    cell: dict[str, object] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "execution_count": None,
        "source": code,
    }
    cells = [{**cell, "outputs": []}]
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(whole))


def requirements(folder: Path, shelf: Served, *lines: str) -> Path:
    host = shelf.url.removeprefix("http://").partition(":")[0]
    options = ["--no-index", f"--find-links {shelf.url}/wheels/", f"--trusted-host {host}"]
    (folder / "requirements.txt").write_text("\n".join([*options, *lines, ""]))
    return folder / "requirements.txt"


def environment(folder: Path, shelf: Served, *packages: str) -> Path:
    listed = "".join(f"  - {package}\n" for package in packages)
    text = f"name: course\nchannels:\n  - {shelf.url}/channel\ndependencies:\n{listed}"
    (folder / "environment.yml").write_text(text)
    return folder / "environment.yml"


async def test_after_an_edit_only_the_layer_of_notebooks_is_made_anew(
    author: Author, shelf: Served, course: Path
) -> None:
    tag, listed = author.new_tag(), requirements(course.parent, shelf, "shelf==1.0")
    words = ("jupyter", "--notebooks", course, "--requirements", listed, "--tag", tag)
    status, said = await author.builds(*words)
    assert status == 0, said
    first = await author.layers(tag)
    assert "3" in await author.runs(tag, "python3", "-c", "import shelf; print(shelf.BOOKS)")
    assert (await author.runs(tag, "ls")).split() == ["data.csv", "lesson.ipynb"]

    (course / "data.csv").write_text("3,4\n")
    status, said = await author.builds(*words)
    assert status == 0, said
    (packages,) = [line for line in said.splitlines() if line.startswith("installing packages")]
    assert packages.endswith("as before")
    second = await author.layers(tag)
    assert second[:-1] == first[:-1]
    assert second[-1] != first[-1]
    assert (await author.runs(tag, "cat", "data.csv")).strip() == "3,4"

    status, said = await author.builds(*words)
    assert "is there" in said.splitlines()[-1]
    assert await author.layers(tag) == second


async def test_a_package_the_base_has_is_replaced_whole_and_the_build_s_own_files_are_not_in_the_image(
    author: Author, shelf: Served, tmp_path: Path
) -> None:
    tag = author.new_tag()
    status, said = await author.builds(
        "jupyter", "--requirements", requirements(tmp_path, shelf, "idna==99.0"), "--tag", tag
    )
    assert status == 0, said
    code = "import importlib.metadata as m; print([d.version for d in m.distributions() if d.name == 'idna'])"
    assert (await author.runs(tag, "python3", "-c", code)).strip() == "['99.0']"
    left = await author.runs(tag, "sh", "-c", "ls -a /build /opt; find / -name 'ca-bundle*' 2>/dev/null")
    assert ".gone" not in left
    assert "ca-bundle" not in left
    assert "No such file" in left


async def test_hashes_are_checked_when_the_file_has_them(
    author: Author, shelf: Served, tmp_path: Path
) -> None:
    wheel = write_wheel(tmp_path, "shelf", "1.0", {"shelf.py": "BOOKS = 4\n"})
    other = hashlib.sha256(wheel).hexdigest()
    listed = requirements(tmp_path, shelf, f"shelf==1.0 --hash=sha256:{other}")
    status, said = await author.builds("jupyter", "--requirements", listed, "--tag", author.new_tag())
    assert status == 1
    assert "W223: shelf" in said
    assert "hash" in said


@pytest.mark.parametrize(
    ("lines", "named"),
    [(["nosuch==1"], "nosuch==1"), (["wants==1.0"], "shelf>=2"), (["not a line"], "not a line")],
)
async def test_a_requirement_that_cannot_be_had_is_named_and_nothing_half_is_left(
    author: Author, shelf: Served, tmp_path: Path, lines: list[str], named: str
) -> None:
    listed = requirements(tmp_path, shelf, *lines)
    status, said = await author.builds("jupyter", "--requirements", listed, "--tag", author.new_tag())
    assert status == 1
    (told,) = [line for line in said.splitlines() if line.startswith("W223: ")]
    assert named in told
    assert not await author.unfinished()


async def test_a_name_that_is_somebody_s_own_image_is_left_alone(author: Author, course: Path) -> None:
    tag = author.new_tag()
    await author.docker.images.tag("debian:bookworm-slim", tag)
    before = await author.layers(tag)
    status, said = await author.builds("jupyter", "--notebooks", course, "--tag", tag)
    assert status == 1
    assert f"W219: {tag}" in said
    assert await author.layers(tag) == before


async def test_a_base_that_is_not_there_is_told_with_how_to_get_it(author: Author, course: Path) -> None:
    words = ("--notebooks", course, "--tag", author.new_tag(), "--base", "warmgate-tests/absent")
    status, said = await author.builds("jupyter", *words)
    assert status == 1
    assert "W203" in said
    assert "docker pull warmgate-tests/absent" in said


async def test_a_build_that_is_interrupted_leaves_nothing_behind(
    author: Author, shelf: Served, tmp_path: Path
) -> None:
    host = shelf.url.removeprefix("http://").partition(":")[0]
    (tmp_path / "r.txt").write_text(f"--index-url {shelf.url}/never/\n--trusted-host {host}\nshelf\n")
    tag = author.new_tag()
    async with typed("build", "jupyter", "--requirements", tmp_path / "r.txt", "--tag", tag) as process:
        assert await asyncio.to_thread(shelf.asked.wait, 120)
        assert await author.unfinished()
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            said, _ = await process.communicate()
    assert process.returncode == 130, said.decode()
    assert b"Traceback" not in said
    assert not await author.unfinished()
    assert not await author.docker.images.list(filters={"reference": [tag]})


async def test_a_conda_environment_is_what_notebooks_run_on_through_the_gateway(
    author: Author, shelf: Served, course: Path
) -> None:
    host = shelf.url.removeprefix("http://").partition(":")[0]
    options = f"\n    - --find-links {shelf.url}/wheels/\n    - --trusted-host {host}\n    - --no-index"
    listed = environment(course.parent, shelf, "python=3.11", "tiny>=1", f"pip:{options}\n    - shelf==1.0")
    tag = author.new_tag()
    status, said = await author.builds(
        "jupyter", "--notebooks", course, "--environment", listed, "--tag", tag
    )
    assert status == 0, said
    pools = f'[[pools]]\nimage = "{tag}"\nsizing = "static"\nwarm = 1\nmax = 1\nnotebook = "lesson.ipynb"\n'
    async with RunningGateway(course.parent / "gateway", pools) as gateway, Visitor(gateway.base) as someone:
        await someone.spawn_patiently()
        ran = json.loads((await someone.get("api/contents/lesson.ipynb"))[1])["content"]
        assert ran["cells"][0]["outputs"][0]["text"] == "books: 3\n"
        assert await someone.run("import sys, tiny; sys.prefix, tiny.ANSWER") == "('/opt/env', 42)"
        await someone.leave()


async def test_an_environment_without_a_python_keeps_the_image_s_own_kernel(
    author: Author, shelf: Served, tmp_path: Path
) -> None:
    tag = author.new_tag()
    status, said = await author.builds(
        "jupyter", "--environment", environment(tmp_path, shelf, "notes"), "--tag", tag
    )
    assert status == 0, said
    assert await author.runs(tag, "cat", "/opt/env/share/notes.txt") == "of a channel\n"
    assert "/opt/venv/share/jupyter/kernels/python3" in await author.runs(
        tag, "jupyter", "kernelspec", "list"
    )


@pytest.mark.parametrize(
    ("packages", "told"),
    [(["tiny>=2"], "W225: "), (["nosuch"], "W225: "), (["tiny: 1"], "W224: "), (["[open"], "W224: ")],
)
async def test_an_environment_that_cannot_be_met_or_read_is_told_and_nothing_half_is_left(
    author: Author, shelf: Served, tmp_path: Path, packages: list[str], told: str
) -> None:
    listed = environment(tmp_path, shelf, *packages)
    status, said = await author.builds("jupyter", "--environment", listed, "--tag", author.new_tag())
    assert status == 1
    assert any(line.startswith(told) for line in said.splitlines()), said
    assert not await author.unfinished()
