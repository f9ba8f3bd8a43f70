from __future__ import annotations

import pytest

from gateway.cli import choice
from gateway.cli.errors import WishUnusable
from tests.unit.gateway.cli.overviews import instance, overview, pool

TWO = overview(instance("abc1"), instance("abd2"), pools=(pool("app"), pool("other", max=1)))


@pytest.mark.parametrize("wanted", ["abc", "abc1"])
def test_the_beginning_of_an_id_is_enough(wanted: str) -> None:
    assert choice.instance(TWO, wanted).id == "abc1"


@pytest.mark.parametrize(
    ("wanted", "says"), [("ab", "2 instances"), ("x", "no instance"), ("", "no instance")]
)
def test_a_beginning_of_none_or_of_several_is_refused(wanted: str, says: str) -> None:
    with pytest.raises(WishUnusable, match=says):
        choice.instance(TWO, wanted)


def test_a_whole_id_that_begins_another_is_that_one() -> None:
    assert choice.instance(overview(instance("abc"), instance("abcd")), "abc").id == "abc"


def test_an_unknown_pool_is_refused_with_those_there_are() -> None:
    with pytest.raises(WishUnusable, match="app, other"):
        choice.pool(TWO, "nosuch")


def test_wishes_are_read_in_order() -> None:
    assert [(p.name, n) for p, n in choice.scales(TWO, ["other=0", "app=4"])] == [("other", 0), ("app", 4)]


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        ("app", "POOL=N"),
        ("app=", "POOL=N"),
        ("app=-1", "POOL=N"),
        ("app=1.5", "POOL=N"),
        ("app=٣", "POOL=N"),
        ("=3", "POOL=N"),
        ("app=5", "0 to 4"),
        ("nosuch=1", "no pool"),
    ],
)
def test_one_wish_that_cannot_be_taken_refuses_all(wish: str, says: str) -> None:
    with pytest.raises(WishUnusable, match=says):
        choice.scales(TWO, ["other=1", wish])


def test_a_pool_named_twice_is_refused() -> None:
    with pytest.raises(WishUnusable, match="twice"):
        choice.scales(TWO, ["app=1", "app=2"])
