from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config import StateDirUnusable
from pool.errors import StateDirBusy
from pool.state_dir import StateDir

if TYPE_CHECKING:
    from pathlib import Path


def test_a_second_gateway_is_kept_out_until_the_first_lets_go(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with StateDir(folder), pytest.raises(StateDirBusy), StateDir(folder):
        pass
    with StateDir(folder):
        pass


def test_nobody_else_can_look_into_it(tmp_path: Path) -> None:
    with StateDir(tmp_path / "state"):
        assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_an_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateDirUnusable, match="file"), StateDir(tmp_path / "file" / "state"):
        pass
