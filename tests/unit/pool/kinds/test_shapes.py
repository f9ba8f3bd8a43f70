"""Looking into JSON of any shape."""

from __future__ import annotations

from typing import Any

import pytest

from pool.kinds.shapes import mapping, objects, text


def test_an_object_is_found_going_down() -> None:
    assert mapping({"a": {"b": {"c": 1}}}, "a", "b") == {"c": 1}
    assert mapping({"a": 1}) == {"a": 1}


@pytest.mark.parametrize("value", [None, 1, "x", [], {"a": 1}, {"a": None}])
def test_where_there_is_no_object_it_is_empty(value: Any) -> None:
    assert mapping(value, "a", "b") == {}


def test_only_a_string_is_text() -> None:
    assert text({"a": "x"}, "a") == "x"
    assert text({"a": 1}, "a") == text({}, "a") == text(None, "a") == ""


def test_a_list_of_objects_is_itself() -> None:
    assert objects([{"a": 1}]) == [{"a": 1}]


@pytest.mark.parametrize("value", [None, {}, "x", [1], [{}, None]])
def test_anything_else_is_a_value_error(value: Any) -> None:
    with pytest.raises(ValueError, match="not a list of objects"):
        objects(value)
