from __future__ import annotations

from typing import Any

import pytest

from pool.kinds.pluto.publishing import published


def state(*codes: str, defined: tuple[list[str], ...] = ()) -> dict[str, Any]:
    """Return a notebook of these cells; `defined` are the names that Pluto says each of them defines."""
    cells = [f"cell-{place}" for place in range(len(codes))]
    return {
        "cell_order": cells,
        "cell_inputs": {cell: {"code": code} for cell, code in zip(cells, codes, strict=True)},
        "cell_results": {},
        "cell_dependencies": {
            cell: {"downstream_cells_map": {name: [] for name in names}}
            for cell, names in zip(cells, defined, strict=False)
        },
    }


@pytest.mark.parametrize(
    "code",
    [
        "@bind x Slider(1:9)",
        "@bind(x, Slider(1:9))",
        'md"How many? $(@bind x Slider(1:9)) # of them"',
        'md"""\n# How many?\n$(@bind x Slider(1:9))\n"""',
        "if '#' in text; @bind x Slider(1:9); end",
        '"a \\" # b"; @bind x Slider(1:9)',
    ],
)
def test_what_the_code_binds_is_bindable(code: str) -> None:
    assert published("n", state(code)).bindable == ["x"]
    assert published("n", state(code, defined=(["x"],))).bindable == ["x"]


@pytest.mark.parametrize(
    "code",
    [
        "x = 5 # @bind x Slider(1:9)",
        "# @bind x Slider(1:9)\nx = 5",
        "#= once:\n@bind x Slider(1:9)\n=#\nx = 5",
    ],
)
def test_a_plain_value_whose_widget_is_commented_out_is_not_bindable(code: str) -> None:
    assert published("n", state(code)).bindable == []
    assert published("n", state(code, defined=(["x"],))).bindable == []


def test_a_plain_value_is_not_bindable_because_a_text_elsewhere_speaks_of_binding_it() -> None:
    told = state('md"Try `@bind x Slider(1:9)` here"', "x = 5", defined=([], ["x"]))
    assert published("n", told).bindable == []
