"""How long an answer may be kept, and how old it is: RFC 9111."""

from __future__ import annotations

import pytest

from gateway.assets.asset import Refusal, Refused
from gateway.assets.freshness import UNTOLD, age, instant, lifetime

DATE = b"Sat, 21 Nov 2026 12:00:00 GMT"
LATER = b"Sat, 21 Nov 2026 13:00:00 GMT"


def of(*values: bytes, **more: bytes) -> float:
    named = {b"cache-control": list(values)} if values else {}
    return lifetime({**named, **{name.encode(): [value] for name, value in more.items()}})


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (b"public, max-age=31536000, immutable", 31_536_000),
        (b"max-age=60", 60),
        (b"MAX-AGE=60", 60),
        (b'max-age="60"', 60),
        (b"max-age=60, s-maxage=10", 10),
        (b"public, s-maxage=0", 0),
        (b"public", UNTOLD),
        (b"immutable", UNTOLD),
        (b"must-revalidate, max-age=5", 5),
        (b",, max-age=5 ,", 5),
    ],
)
def test_what_allows_a_shared_cache_says_for_how_long(told: bytes, seconds: float) -> None:
    assert of(told) == seconds


@pytest.mark.parametrize(
    "told",
    [
        b"no-store",
        b"no-cache",
        b"private, max-age=60",
        b"public, no-cache, max-age=60",
        b'private="x-user", max-age=60',
        b'no-cache="set-cookie", max-age=60',
        b"Private, max-age=60",
        b"must-revalidate",
        b"",
        b"max-age=60, max-age=600",
        b"max-age=1e9",
        b"max-age=-1",
        b"max-age=",
        b"max-age",
        b'public, x="a, max-age=60',
        b"public max-age=60",
        b"public; max-age=60",
    ],
)
def test_what_forbids_or_cannot_be_read_is_not_kept(told: bytes) -> None:
    with pytest.raises(Refused) as refused:
        of(told)
    assert refused.value.reason is Refusal.CACHE_CONTROL


def test_fields_of_the_same_name_are_read_as_one() -> None:
    assert of(b"public", b"max-age=7") == 7
    with pytest.raises(Refused):
        of(b"max-age=7", b"no-store")


def test_without_cache_control_expires_counts_and_without_that_the_name() -> None:
    assert of(expires=LATER, date=DATE) == 3600
    assert of(expires=b"0", date=DATE) == 0
    assert of(expires=LATER) == 0
    assert of(b"public", expires=LATER, date=DATE) == 3600
    assert of() == UNTOLD


def test_an_answer_in_the_language_of_http_1_0_is_left_alone() -> None:
    with pytest.raises(Refused):
        of(pragma=b"no-cache")


def test_age_is_the_most_that_clock_and_caches_on_the_way_tell() -> None:
    now = instant(DATE.decode())
    assert now is not None
    assert age({}, now=now, delay=3) == 0
    assert age({b"date": [DATE]}, now=now + 5, delay=3) == 5
    assert age({b"date": [DATE]}, now=now - 5, delay=3) == 0
    assert age({b"date": [DATE], b"age": [b"100"]}, now=now + 5, delay=3) == 103
    with pytest.raises(Refused):
        age({b"age": [b"old"]}, now=now, delay=0)


@pytest.mark.parametrize("text", [None, "", "0", "yesterday", "Sat, 99 Nov 2026 12:00:00 GMT"])
def test_what_is_no_date_tells_no_time(text: str | None) -> None:
    assert instant(text) is None
