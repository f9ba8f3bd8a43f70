"""What is to be seen of each pool, at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config import PoolSettings
from gateway.previews import previews
from gateway.previews.previews import Previews
from pool.kinds.kind import Warmed
from pool.kinds.preview import Cell, Preview
from tests.support.house import House

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WAVES = Preview(title="Waves", description="Sums of sines.", language="python", cells=(Cell("a", "x"),))
TIDES = Preview(title="Tides", cells=(Cell("a", "y"),))


class Street:
    """A house with previews; what is to be done later is done when the test says."""

    def __init__(self, folder: Path, *pools: PoolSettings) -> None:
        self.house = House(folder, *pools)
        self.later: list[Callable[[], None]] = []
        self.previews = Previews(self.house.pools, self.later.append)

    def warm(self, preview: Preview | None, name: str = "jupyter") -> None:
        self.house.pools.prepared(self.house.warm(name).id, Warmed(preview=preview))

    def work(self) -> None:
        while self.later:
            self.later.pop(0)()


@pytest.fixture
def street(tmp_path: Path) -> Street:
    return Street(tmp_path, PoolSettings(notebook="a.ipynb"), PoolSettings(name="other", title="Mine"))


def test_a_pool_that_was_never_warm_has_its_name_or_its_settings_title(street: Street) -> None:
    assert street.previews.find("jupyter").title == "Jupyter"
    assert street.previews.find("other").title == "Mine"
    assert street.previews.find("nobody").title == "Nobody"
    assert street.previews.find("jupyter").html == ""
    assert street.previews.find("jupyter").version


def test_a_warm_instance_tells_title_and_description_and_is_shown(street: Street) -> None:
    street.warm(WAVES)
    street.work()
    shown = street.previews.find("jupyter")
    assert (shown.title, shown.description, shown.language) == ("Waves", "Sums of sines.", "Python")
    assert [cell.id for cell in shown.cells] == ["a"]
    assert shown.html == shown.cells[0].html


def test_the_settings_win_over_the_notebook(tmp_path: Path) -> None:
    street = Street(tmp_path, PoolSettings(title="Ours", description="As we say."))
    street.warm(WAVES)
    street.work()
    shown = street.previews.find("jupyter")
    assert (shown.title, shown.description) == ("Ours", "As we say.")


def test_a_notebook_is_rendered_once_for_all_instances_of_a_generation(street: Street) -> None:
    street.warm(WAVES)
    street.warm(TIDES)
    assert len(street.later) == 1
    street.work()
    assert street.previews.find("jupyter").title == "Waves"


def test_a_release_replaces_it_once_the_new_is_warm(street: Street) -> None:
    street.warm(WAVES)
    street.work()
    before = street.previews.find("jupyter")
    street.house.pools.get("jupyter").resolved("another image")
    assert street.previews.find("jupyter") == before
    street.warm(TIDES)
    street.work()
    after = street.previews.find("jupyter")
    assert after.title == "Tides"
    assert after.version != before.version


def test_an_instance_of_an_older_generation_changes_nothing(street: Street) -> None:
    old = street.house.warm().id
    street.house.pools.get("jupyter").resolved("another image")
    street.house.pools.prepared(old, Warmed(preview=WAVES))
    assert street.later == []


def test_another_notebook_is_not_shown_by_the_one_before(street: Street) -> None:
    street.warm(WAVES)
    street.work()
    street.house.pools.reconfigure([PoolSettings(notebook="b.ipynb")])
    assert street.previews.find("jupyter").title == "Jupyter"
    assert street.previews.find("jupyter").html == ""


def test_what_was_rendered_too_late_is_not_shown(street: Street) -> None:
    street.warm(WAVES)
    street.house.pools.get("jupyter").resolved("another image")
    street.warm(TIDES)
    first, second = street.later
    second()
    first()
    assert street.previews.find("jupyter").title == "Tides"


def test_an_instance_without_a_preview_leaves_the_one_there_is(street: Street) -> None:
    street.warm(None)
    street.warm(WAVES)
    street.warm(None)
    street.work()
    assert street.previews.find("jupyter").title == "Waves"


def test_a_notebook_that_cannot_be_rendered_leaves_its_pool_without_a_preview(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Preview) -> None:
        raise RecursionError

    monkeypatch.setattr(previews, "render", fail)
    street.warm(WAVES)
    street.work()
    assert street.previews.find("jupyter").html == ""
