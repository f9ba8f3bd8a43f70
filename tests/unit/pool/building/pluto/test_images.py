from __future__ import annotations

import pytest

from pool.building.builder import LABEL_CONTEXT, BuildRequest
from pool.building.folder import NOTHING, NotebookFolder
from pool.building.pluto.images import PlutoChoice, notebooks_request, server_request, server_tag
from pool.building.steps import step_names

FOLDER = NotebookFolder(
    {"a.jl": b"### A Pluto.jl notebook ###\n\n# \xe2\x95\x94\xe2\x95\x90\xe2\x95\xa1 1\n1"}
)
CHOICES = (PlutoChoice(), PlutoChoice(sysimage=False))
EDITED = NotebookFolder({"a.jl": FOLDER.files["a.jl"] + b" + 1"})


def server(folder: NotebookFolder = FOLDER, choice: PlutoChoice | None = None) -> BuildRequest:
    return server_request(folder, choice or PlutoChoice(), "x", ca_bundle=b"")


def layer(folder: NotebookFolder = FOLDER, below: str = "sha256:1") -> BuildRequest:
    return notebooks_request(folder, PlutoChoice(), "x", server=below)


def known_by(request: BuildRequest) -> str:
    return request.labels()[LABEL_CONTEXT]


@pytest.mark.parametrize(
    ("tag", "server_image"),
    [
        ("warmgate/pluto", "warmgate/pluto-server"),
        ("course:2024", "course-server:2024"),
        ("host:5000/course", "host:5000/course-server"),
        ("host:5000/course:1", "host:5000/course-server:1"),
    ],
)
def test_the_server_image_is_called_like_the_notebooks_image(tag: str, server_image: str) -> None:
    assert server_tag(tag) == server_image


def test_an_edited_cell_makes_the_layer_anew_and_not_the_server() -> None:
    assert known_by(server(EDITED)) == known_by(server(FOLDER))
    assert known_by(layer(EDITED)) != known_by(layer(FOLDER))


def test_the_notebooks_are_in_the_server_builds_context_to_be_traced() -> None:
    assert server(EDITED).context.files["notebooks/a.jl"] == EDITED.files["a.jl"]


def test_a_new_server_image_makes_the_layer_anew() -> None:
    assert known_by(layer(below="sha256:2")) != known_by(layer(below="sha256:1"))


@pytest.mark.parametrize(
    "other",
    [
        PlutoChoice(base="own"),
        PlutoChoice(julia="1.10"),
        PlutoChoice(pluto="0.19.47"),
        PlutoChoice(packages=("Plots",)),
        PlutoChoice(cpu_target="generic"),
        PlutoChoice(sysimage=False),
    ],
)
def test_another_choice_makes_the_server_anew(other: PlutoChoice) -> None:
    assert known_by(server(choice=other)) != known_by(server())


def test_how_a_build_goes_is_nothing_an_image_is_known_by() -> None:
    chosen = PlutoChoice(trace_timeout=5, pkg_server="http://packages.test")
    assert known_by(server(choice=chosen)) == known_by(server())
    assert server(choice=chosen).passing_args["PKG_SERVER"] == "http://packages.test"


def test_the_order_of_packages_does_not_matter() -> None:
    one, two = PlutoChoice(packages=("A", "B")), PlutoChoice(packages=("B", "A"))
    assert known_by(server(choice=one)) == known_by(server(choice=two))


def test_a_version_picks_the_official_image_and_a_base_wins() -> None:
    assert PlutoChoice(julia="1.10").build_args()["BASE"] == "julia:1.10-bookworm"
    chosen = PlutoChoice(julia="1.10", base="own").build_args()
    assert (chosen["BASE"], chosen["JULIA"]) == ("own", "1.10")


def test_without_a_system_image_a_server_is_not_told_of_one() -> None:
    args = PlutoChoice(sysimage=False).build_args()
    assert args["SYSIMAGE"] == "no"
    steps = [step_names(server(choice=choice).context.files["Dockerfile"].decode()) for choice in CHOICES]
    assert set(steps[0]) - set(steps[1]) == {
        "running the notebooks to see what is compiled",
        "making the system image",
    }
    assert "WARMGATE_SYSIMAGE" not in args


def test_without_notebooks_there_is_still_a_folder_to_copy() -> None:
    assert [path for path in server(NOTHING).context.files if path.startswith("notebooks/")] == [
        "notebooks/.empty"
    ]


def test_the_certificates_are_used_and_the_image_is_not_known_by_them() -> None:
    with_ca = server_request(FOLDER, PlutoChoice(), "x", ca_bundle=b"PEM")
    assert with_ca.ca_bundle == b"PEM"
    assert known_by(with_ca) == known_by(server())
