from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.routes.tmpnb import carries


def request(field: str) -> Any:
    """Only the fields are looked at; bytes that are no text come as surrogates."""
    return SimpleNamespace(headers={"Authorization": field})


@pytest.mark.parametrize("field", ["token right", "Token right", "Bearer right", "bearer  right "])
def test_the_right_token_opens_in_both_spellings(field: str) -> None:
    assert carries(request(field), "right")


@pytest.mark.parametrize("field", ["", "right", "Basic right", "token wrong", "token", "token right\udcff"])
def test_nothing_else_does(field: str) -> None:
    assert not carries(request(field), "right")
