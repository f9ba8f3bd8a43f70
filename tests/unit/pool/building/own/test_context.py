from __future__ import annotations

from pool.building.context import CA_BUNDLE_NAME, BuildContext
from pool.building.own.context import own_context

NOTEBOOKS = {"a.ipynb": b"{}", "data/x.csv": b"1"}


def instructions(context: BuildContext) -> list[str]:
    lines = context.files["Dockerfile"].decode().splitlines()
    return [line for line in lines if line[:1].isupper()]


def place(context: BuildContext, beginning: str) -> int:
    (found,) = [n for n, line in enumerate(instructions(context)) if line.startswith(beginning)]
    return found


def test_notebooks_are_the_last_thing_that_is_copied() -> None:
    context = own_context("sha256:1", notebooks=NOTEBOOKS, requirements=b"tiny")
    copies = [line for line in instructions(context) if line.startswith("COPY")]
    assert copies[-1] == "COPY notebooks/ /srv/notebooks/"
    assert context.files["notebooks/data/x.csv"] == b"1"
    assert instructions(context)[-1] == "USER 1000:1000"


def test_without_packages_there_is_no_stage_for_them() -> None:
    context = own_context("sha256:1", notebooks=NOTEBOOKS)
    assert [line for line in instructions(context) if line.startswith("FROM")] == ["FROM ${BASE}"]
    assert "requirements.txt" not in context.files


def test_without_notebooks_the_base_keeps_its_own() -> None:
    context = own_context("sha256:1", requirements=b"tiny")
    assert not [line for line in instructions(context) if "notebooks" in line]


def test_the_host_s_certificates_are_copied_into_stages_only() -> None:
    for context in (
        own_context("sha256:1", notebooks=NOTEBOOKS, requirements=b"tiny"),
        own_context("sha256:1", notebooks=NOTEBOOKS, environment=b"channels: [x]"),
    ):
        lines = instructions(context)
        last_stage = max(n for n, line in enumerate(lines) if line.startswith("FROM"))
        uses = [n for n, line in enumerate(lines) if CA_BUNDLE_NAME[:-1] in line]
        assert uses
        assert max(uses) < last_stage


def test_an_environment_has_its_own_installer_in_a_stage_of_its_own() -> None:
    context = own_context("sha256:1", environment=b"channels: [x]")
    assert place(context, "FROM ${BASE} AS installer") < place(context, "FROM installer AS packages")
    assert place(context, "COPY rattler.lock") < place(context, "COPY environment.yml")
    assert {"environment.yml", "rattler.lock", "install_environment.py"} <= set(context.files)


def test_another_base_or_another_file_makes_another_image() -> None:
    digests = {
        own_context(base, notebooks=notebooks, requirements=requirements).digest({})
        for base in ("sha256:1", "sha256:2")
        for notebooks in (NOTEBOOKS, {"a.ipynb": b"[]"})
        for requirements in (None, b"tiny", b"tiny==2")
    }
    assert len(digests) == 12
