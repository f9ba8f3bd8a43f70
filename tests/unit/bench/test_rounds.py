from __future__ import annotations

from bench.measures.rounds import less_direct, medians


def test_the_median_of_rounds_is_not_moved_by_one_noisy_round() -> None:
    rounds = [{"nginx": {"cpu": 20.0}}, {"nginx": {"cpu": 900.0}}, {"nginx": {"cpu": 22.0}}]
    assert medians(rounds) == {"nginx": {"cpu": 22.0}}


def test_a_round_in_which_a_peer_failed_is_left_out() -> None:
    rounds = [{"nginx": {"cpu": 1.0}, "chp": {"cpu": 5.0}}, {"nginx": {"cpu": 3.0}}]
    assert medians(rounds) == {"nginx": {"cpu": 2.0}, "chp": {"cpu": 5.0}}


def test_what_is_not_measured_has_no_median() -> None:
    assert medians([{"direct": {"cpu": None, "rate": 7.0}}]) == {"direct": {"cpu": None, "rate": 7.0}}


def test_added_is_what_the_direct_way_took_in_the_same_round_less() -> None:
    values = {"direct": {"p50": 30.0}, "nginx": {"p50": 80.0}}
    assert less_direct(values, ["p50"])["nginx"] == {"p50": 50.0}


def test_nothing_is_added_to_the_direct_way_itself() -> None:
    values = {"direct": {"p50": 30.0}}
    assert less_direct(values, ["p50"]) == {"direct": {"p50": None}}


def test_columns_that_are_not_told_as_added_stay() -> None:
    values = {"direct": {"p50": 30.0, "rate": 9.0}, "nginx": {"p50": 80.0, "rate": 5.0}}
    assert less_direct(values, ["p50"])["nginx"]["rate"] == 5.0
    assert less_direct(values, []) == values


def test_where_the_direct_way_was_not_measured_what_is_added_is_unknown() -> None:
    values = {"nginx": {"p50": 80.0, "rate": 5.0}}
    assert less_direct(values, ["p50"]) == {"nginx": {"p50": None, "rate": 5.0}}
