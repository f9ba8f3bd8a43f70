from __future__ import annotations

from pool.building.bases import default_base, with_base
from pool.building.context import SHIPPED, BuildContext, read_context


def test_the_image_for_three_languages_starts_from_the_one_for_python() -> None:
    assert default_base(read_context(SHIPPED / "datascience")) == "warmgate/jupyter"


def test_a_dockerfile_without_a_base_to_choose_has_none() -> None:
    assert not default_base(BuildContext("x", {"Dockerfile": b"FROM debian\n"}))


def test_another_base_makes_another_image() -> None:
    context = BuildContext("x", {"Dockerfile": b"ARG BASE=warmgate/jupyter\n"})
    assert with_base(context, "sha256:1").digest({}) != with_base(context, "sha256:2").digest({})
