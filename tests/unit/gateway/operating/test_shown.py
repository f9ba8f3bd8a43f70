from __future__ import annotations

import pytest

from gateway.operating import shown


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("size", 0, "0 B"),
        ("size", 1023, "1023 B"),
        ("size", 512 * 2**20, "512 MiB"),
        ("size", 3 * 2**29, "1.5 GiB"),
        ("size", 6 * 2**30, "6 GiB"),
        ("size", 22.4 * 2**30, "22 GiB"),
        ("wait", 0.00001, "1 ms"),
        ("wait", 0.0094, "9 ms"),
        ("wait", 0.9994, "999 ms"),
        ("wait", 0.9999, "1 s"),
        ("wait", 1.24, "1.2 s"),
        ("wait", 31.7, "32 s"),
        ("span", 0, "0 s"),
        ("span", 59.9, "59 s"),
        ("span", 60, "1 min"),
        ("span", 3600 * 3 + 60 * 12 + 5, "3 h 12 min"),
        ("span", 86400 * 2, "2 d 0 h"),
        ("ago", 125, "2 min ago"),
        ("percent", 0.0, "0 %"),
        ("percent", 0.001, "1 %"),
        ("percent", 0.999, "99 %"),
        ("percent", 1.0, "100 %"),
        ("times", 1, ""),
        ("times", 3, "3 times"),
        ("count", 12345, "12,345"),
        ("words", "start_failed", "start failed"),
    ],
)
def test_a_number_is_shown_as_people_say_it(form: str, value: float | str, text: str) -> None:
    assert shown.FORMS[form](value) == text


VIEW = {"a": {"b": 2, "c": 3, "none": None}}


@pytest.mark.parametrize(
    ("path", "value"), [("a.b", 2), ("a.b + a.c", 5), ("a.b + a.none", 2), ("a.none", None), ("x.y", None)]
)
def test_a_path_leads_to_a_number_or_a_sum(path: str, value: int | None) -> None:
    assert shown.at(VIEW, path) == value


def test_what_is_unknown_is_a_dash_and_never_a_zero() -> None:
    assert shown.field(VIEW, "a.none") == f'<span data-at="a.none" data-form="count">{shown.UNKNOWN}</span>'


def test_a_text_cannot_become_markup() -> None:
    told = shown.field({"detail": "<script>alert(1)</script>"}, "detail", "text")
    assert "<script>" not in told
    assert "&lt;script&gt;" in told
