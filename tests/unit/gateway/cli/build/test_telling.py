from __future__ import annotations

import pytest

from gateway.cli.build.telling import QUIET, Telling
from pool.building.errors import NotebooksMissing


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_steps_are_always_told_and_chatter_only_after_a_while(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = Clock()
    telling = Telling("image x", clock)
    telling.say("* installing packages", 0.0)
    telling.say("Updating registry", 0.0)
    clock.now = QUIET
    telling.say("Precompiling", QUIET)
    assert capsys.readouterr().err == "    0 s  installing packages\n    5 s    Precompiling\n"


async def test_each_line_of_a_warning_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    Telling("image x", Clock()).say("* warning: one\ntwo", 0.0)
    assert capsys.readouterr().err == "    0 s  warning: one\n    0 s  two\n"


async def test_an_error_inside_goes_on_as_it_is() -> None:
    with pytest.raises(NotebooksMissing):
        async with Telling("image x", Clock()):
            raise NotebooksMissing("here")
