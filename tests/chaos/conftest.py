"""The table of the run, and an engine of its own for what must not be done to the shared one."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest

from tests.chaos.form import FULL, SEED
from tests.chaos.private_engine import PrivateEngine, missing
from tests.chaos.stage import Stage
from tests.chaos.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TABLE = Table()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of the short form what each test run has no time for; `make chaos` plays it."""
    if FULL:
        return
    long = [item for item in items if item.get_closest_marker("long_form")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in long]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, TABLE)


@pytest.fixture(scope="session")
def private_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateEngine]:
    if why := missing():
        if os.environ.get("CI") == "true" and os.geteuid() == 0:
            pytest.fail(f"CI=true as root, and {why}")
        pytest.skip(why)
    engine = PrivateEngine(tmp_path_factory.mktemp("engine"))
    try:
        asyncio.run(engine.prepare())
        yield engine
    finally:
        asyncio.run(engine.remove())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not TABLE.rows:
        return
    TABLE.write()
    terminalreporter.section(f"chaos, {'long' if FULL else 'short'} form, seed {SEED}")
    terminalreporter.write_line(TABLE.markdown())
