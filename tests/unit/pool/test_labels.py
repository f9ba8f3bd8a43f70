from __future__ import annotations

import pytest

from pool import labels
from pool.engines.engine import LABEL_ADOPT, LABEL_GATEWAY

RECORD = labels.Record(
    kind="jupyter",
    charge=1,
    created_at=2.0,
    idle_timeout=3.0,
    max_age=4.0,
    entry="tree",
    prefix="",
    strips_prefix=False,
    asks_token=True,
    fingerprint="f",
)
TAG = labels.Tag(gateway="g", pool="p", instance="i", generation="n", record=RECORD)


def test_what_is_written_can_be_read_again() -> None:
    assert labels.read(labels.write(TAG)) == TAG


@pytest.mark.parametrize(
    "damage", [{LABEL_ADOPT: "{}"}, {LABEL_ADOPT: "no json"}, {LABEL_ADOPT: '{"kind": 1, "charge": "x"}'}]
)
def test_labels_somebody_else_wrote_are_not_understood(damage: dict[str, str]) -> None:
    assert labels.read(labels.write(TAG) | damage) is None


def test_a_missing_label_is_not_guessed() -> None:
    written = labels.write(TAG)
    del written[LABEL_GATEWAY]
    assert labels.read(written) is None
