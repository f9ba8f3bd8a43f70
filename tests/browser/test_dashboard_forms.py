"""The operator's page writes its numbers in two ways, which agree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.operating import shown

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

AMOUNTS = [
    *(
        0,
        1,
        9.4,
        9.5,
        9.949,
        9.95,
        10,
        59.9,
        60,
        89.5,
        1023,
        1024,
        3599,
        3600,
        12_345,
        86_399,
        86_400,
        200_000,
    ),
    *(2**20 * 1.25, 2**29 + 2**28, 2**30 * 9.96, 2**40, 2**44),
]
SHARES = [0, 0.0001, 0.004, 0.005, 0.125, 0.5, 0.994, 0.996, 0.9999, 1]
VALUES: dict[str, list[Any]] = {
    "size": AMOUNTS,
    "span": AMOUNTS,
    "ago": AMOUNTS,
    "wait": [*SHARES, *AMOUNTS],
    "percent": SHARES,
    "count": [0, 999, 1000, 1_234_567],
    "times": [1, 2],
    "words": ["start_failed", "engine_lacks_a_thing"],
    "text": ["as it is"],
}


async def test_the_script_says_each_number_as_the_gateway_does(page: Page, base: str) -> None:
    await page.goto(base)
    load = "async (values) => { const { FORMS } = await import('./assets/dashboard_forms.js');"
    say = "Object.entries(values).map(([form, all]) => [form, all.map(FORMS[form])])"
    said = await page.evaluate(f"{load} return Object.fromEntries({say}); }}", VALUES)
    assert said == {form: [shown.FORMS[form](value) for value in values] for form, values in VALUES.items()}
    assert VALUES.keys() == shown.FORMS.keys()
