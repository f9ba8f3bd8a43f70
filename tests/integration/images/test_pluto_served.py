"""The finished image in a container as tight as the gateway makes them: no network, a read-only root."""

from __future__ import annotations

import asyncio

import pytest

from tests.integration.images.conftest import PLUTO, in_container, scripts
from tests.julia.course import HERE

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

TIGHT = (
    "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges",
    "--tmpfs=/tmp:exec,mode=1777", "--tmpfs=/home/jovyan:exec,uid=1000,gid=1000,mode=0700",
    "-e", "WARMGATE_TOKEN=known",
)  # fmt: skip

SERVE = """
julia ${WARMGATE_SYSIMAGE:+--sysimage="$WARMGATE_SYSIMAGE"} --startup-file=no \
 -e "$(cat /tmp/build/serve.jl)" 0.0.0.0 1234 >/tmp/log 2>&1 &
julia --startup-file=no /tmp/build/visit.jl 1234 known "$HOME/slider.jl" "$HOME/numbers.jl"
echo "user: $(id -u)"
tail -5 /tmp/log
"""


@pytest.fixture(scope="module")
def printed() -> str:
    files = scripts("build") | {"build/visit.jl": (HERE / "visit.jl").read_bytes()}
    return asyncio.run(in_container(PLUTO, SERVE, files, *TIGHT, root="/tmp"))


def test_every_cell_runs_with_the_notebooks_own_packages_and_files(printed: str) -> None:
    for line in (
        "slider.jl shows 0",
        "numbers.jl shows 27.5",
        'numbers.jl shows "1.0.0"',
        'numbers.jl shows "good morning"',
    ):
        assert line in printed
    assert "FAILED" not in printed


def test_nothing_runs_as_root(printed: str) -> None:
    assert "user: 1000" in printed
