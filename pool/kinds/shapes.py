"""Looks into JSON that another server wrote, without trusting its shape."""

from __future__ import annotations

from typing import Any


def mapping(value: Any, *names: str) -> dict[str, Any]:
    """Return the object found by going down `names`, or an empty one where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: Any, name: str) -> str:
    """Return the string an object has under `name`, or an empty one."""
    found = mapping(value).get(name)
    return found if isinstance(found, str) else ""


def objects(value: Any) -> list[dict[str, Any]]:
    """Return a list's objects. Raises ValueError for what is no list of objects."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ValueError("not a list of objects")
    return value
