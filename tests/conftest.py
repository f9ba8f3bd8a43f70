"""What all tests share: whether there is an engine, and the check that nothing is left of them."""

from __future__ import annotations

import asyncio
import os
from functools import cache
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.environment.engine_answers import answers
from tests.support.leftovers import leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator

# On a busy machine an example may take any time; what hangs is ended by the suite's own limit.
hypothesis.settings.register_profile("untimed", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed")

NO_ENGINE = "no Docker engine answers: run `make engine`"


@cache
def engine_answers() -> bool:
    return asyncio.run(answers())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    wanting = [item for item in items if item.get_closest_marker("docker")]
    if not wanting or engine_answers():
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(f"CI=true and {NO_ENGINE}")
    for item in wanting:
        item.add_marker(pytest.mark.skip(reason=NO_ENGINE))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if NO_ENGINE in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} Docker tests were SKIPPED: {NO_ENGINE}", yellow=True)


@pytest.fixture(scope="session", autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Every container, network and process of a test is gone when the last one has ended."""
    yield
    left = asyncio.run(leftovers(docker=engine_answers()))
    assert not left, f"left behind by tests: {left}"
