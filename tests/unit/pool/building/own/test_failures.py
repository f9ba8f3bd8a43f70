from __future__ import annotations

import pytest

from pool.building.errors import EnvironmentUnmet, EnvironmentUnreadable, ImageBuildFailed, RequirementsUnmet
from pool.building.own import failures as own_failures
from pool.building.own.failures import explained
from pool.images.own import install_environment

COMMAND = "The command '/bin/sh -c /build/install.sh …' returned a non-zero code: 1; last lines:"


def failure(*lines: str) -> ImageBuildFailed:
    return ImageBuildFailed("\n".join([COMMAND, *lines]))


def test_the_build_s_script_and_its_reader_mean_the_same_lines() -> None:
    assert own_failures.UNREADABLE == install_environment.UNREADABLE
    assert own_failures.UNMET == install_environment.UNMET


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            [
                "ERROR: Could not find a version that satisfies the requirement nosuch==1",
                "ERROR: No matching distribution found for nosuch==1",
            ],
            "nosuch==1 is not to be had",
        ),
        (
            ["ERROR: Invalid requirement: 'a b c' (from line 1 of /build/requirements.txt)"],
            "'a b c' (line 1)",
        ),
        (
            [
                "ERROR: Cannot install tiny==1 and other==2 because these package versions have conflict",
            ],
            "tiny==1 and other==2 do not go together",
        ),
        (["ERROR: Failed building wheel for hard"], "hard has no wheel"),
        (["ERROR: Package 'new' requires a different Python: 3.11.2 not in '>=3.12'"], "new is for another"),
        (
            [
                "ERROR: Hashes are required in --require-hashes mode, but they are missing",
                "    other==2 --hash=sha256:1",
            ],
            "other==2 stands there without a hash",
        ),
        (
            [
                "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
                "    tiny==1 from https://files.example/tiny.whl:",
            ],
            "tiny==1 is another file than its hash says",
        ),
        (["ERROR: something new", "ERROR: and more"], "something new\nand more"),
    ],
)
def test_what_pip_did_not_like_is_told_by_its_name(lines: list[str], told: str) -> None:
    error = explained(failure("Collecting it", *lines, "Removing intermediate container 1"))
    assert isinstance(error, RequirementsUnmet)
    assert told in error.detail


def test_an_environment_that_cannot_be_read_or_met_is_told_in_the_script_s_words() -> None:
    unreadable = explained(
        failure(own_failures.UNREADABLE + "`channels:` names none", "Removing intermediate container 1")
    )
    assert isinstance(unreadable, EnvironmentUnreadable)
    assert unreadable.detail == "`channels:` names none"
    solver = [f"reason {n}" for n in range(20)]
    unmet = explained(
        failure(own_failures.UNMET + "cannot solve", *solver, "Removing intermediate container 1")
    )
    assert isinstance(unmet, EnvironmentUnmet)
    assert unmet.detail.splitlines() == ["cannot solve", *solver][: own_failures.MOST_LINES]


def test_another_failure_stays_what_it_was() -> None:
    error = ImageBuildFailed("no space left on device; last lines:\nCOPY notebooks/ /srv/notebooks/")
    assert explained(error) is error
