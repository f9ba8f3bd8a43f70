from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.compliance import arguments
from tests.compliance.tables import CASES, GUARDIAN, H1SPEC, HTTP11PROBE

README = (Path(__file__).parent / "README.md").read_text()
TEXTS = {name: text for name, text in vars(arguments).items() if name.isupper()}


def test_every_id_stands_for_one_case() -> None:
    assert not [name for name, count in Counter(case.id for case in CASES).items() if count > 1]


def test_every_case_names_its_rule() -> None:
    assert not [
        case.id
        for case in CASES
        if not re.fullmatch(r"(911[0-3]|6265|6455|7239) [0-9]+(\.[0-9]+)*", case.section)
    ]


def test_each_source_is_there_as_a_whole() -> None:
    assert len(H1SPEC) == 33
    assert len(HTTP11PROBE) == 215
    assert Counter(case.id.partition("-")[0] for case in HTTP11PROBE) == {
        "SMUG": 87,
        "MAL": 26,
        "COMP": 59,
        "RFC9112": 15,
        "RFC9110": 2,
        "COOK": 12,
        "CAP": 9,
        "NORM": 5,
    }
    tiers = Counter(case.id.split("/")[1] for case in GUARDIAN)
    assert tiers.keys() == {"severe", "ambiguous", "acceptable", "compliant"}


@pytest.mark.parametrize("name", TEXTS)
def test_the_readme_tells_each_argument_and_whose_it_is(name: str) -> None:
    sharers = [case.id for case in CASES if case.argued == TEXTS[name]]
    (row,) = [line for line in README.splitlines() if TEXTS[name] in line]
    assert sharers
    assert all(f"`{each}`" in row for each in sharers)
    assert row.count("`") == 2 * len(sharers)
