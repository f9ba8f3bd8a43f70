"""The values that a browser would send first for the widgets of a notebook."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pool.kinds.pluto.bonds import first_values


def value(element: str) -> Any:
    """What is sent for one element; `missing` where only a browser knows."""
    found = first_values([f'<p>a</p><bond def="n" unique_id="U/PZ">{element}</bond>'])
    return found.get("n", "missing")


@pytest.mark.parametrize(
    ("element", "sent"),
    [
        ("<input type='range' min='1' max='100' value='7'>", 7),
        ("<input type=range>", 50),
        ("<input type=range min=0 max=1 step=0.1 value=0.3>", 0.3),
        ("<input type=range min=0 max=1 step=any>", 0.5),
        ("<input type=range min=1 max=10 value=400>", 10),
        ("<input type=range min=1 max=10 value=-4>", 1),
        ("<input type=range min=5 max=1>", 5),
        ("<input type=range min=0 max=10 step=4 value=10>", 8),
        ("<input type=range min=1 max=4>", 3),
        ("<input type=range min=a max=b step=-1 value=c>", 50),
        ("<input type=number value=2.5>", 2.5),
        ("<input type=number value=2>", 2),
        ("<input type=number>", "missing"),
        ("<input type=checkbox>", False),
        ("<input type=checkbox checked>", True),
        ("<input type=radio>", "on"),
        ("<input type=radio value=a>", "a"),
        ("<input>", ""),
        ("<input value='a &amp; b'>", "a & b"),
        ("<input type=password value=x>", "x"),
        ("<input type=color>", "#000000"),
        ("<input type=date>", None),
        ("<input type=date value=2021-13-40>", None),
        ("<input type=date value=1970-01-02>", msgpack.ExtType(0x0D, (86_400_000).to_bytes(8, "little"))),
        ("<input type=file>", "missing"),
        ("<input type=submit value=Go>", "Go"),
        ("<button>Go</button>", ""),
        ("<button value=a>Go</button>", "a"),
        ("<textarea>\na\n b</textarea>", "a\n b"),
        ("<textarea></textarea>", ""),
        ("<select><option>one<option value=2>two</select>", "one"),
        ("<select><option disabled>one<option value=2> two </select>", "2"),
        ("<select><option>one<option selected>  two\n two </select>", "two two"),
        ("<select></select>", "missing"),
        ("<select multiple><option selected>a<option>b<option selected value=c>d</select>", ["a", "c"]),
        ("<select multiple><option>a</select>", []),
        ("<span><input type=range></span>", "missing"),
        ("<script>currentScript.value = 1</script>", "missing"),
        ("", "missing"),
    ],
)
def test_a_widget_is_sent_as_a_browser_reads_it(element: str, sent: Any) -> None:
    assert value(element) == sent
    assert type(value(element)) is type(sent)


def test_only_the_first_element_in_a_bond_counts() -> None:
    assert value("<input type=range value=3><input type=range value=9>") == 3


def test_every_bond_is_found_wherever_it_stands_and_the_first_of_a_name_counts() -> None:
    found = first_values(
        [
            "text",
            '<b>x</b><bond def="a"><input value=1></bond><bond def="b"><input value=2></bond>',
            '<bond def="a"><input value=3></bond><bond><input value=4></bond><bond def=""><input></bond>',
        ]
    )
    assert found == {"a": "1", "b": "2"}


def test_names_of_any_alphabet_are_names() -> None:
    assert first_values(['<bond def="λ₁"><input value=1></bond>']) == {"λ₁": "1"}


@given(st.text(alphabet="<>/= '\"abondinputselectoption", max_size=80))
def test_no_output_is_too_strange_to_be_looked_through(rest: str) -> None:
    first_values([f'<bond def="n"><{rest}'])


@given(
    low=st.integers(-50, 50),
    span=st.integers(0, 100),
    step=st.sampled_from(["1", "2", "0.1", "0.25", "3"]),
    at=st.integers(-200, 200),
)
def test_a_slider_stands_between_its_ends(low: int, span: int, step: str, at: int) -> None:
    sent = value(f"<input type=range min={low} max={low + span} step={step} value={at}>")
    assert low <= sent <= low + span
