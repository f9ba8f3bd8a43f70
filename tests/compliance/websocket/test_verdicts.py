from __future__ import annotations

from tests.compliance.websocket.verdicts import CASES, CLASSES, Comparison, Verdict

FINE = Verdict("OK", "OK", 1000)
LAX = Verdict("NON-STRICT", "OK", 1002)


def test_autobahn_has_517_cases_in_its_classes() -> None:
    assert CASES == 517
    assert len(CLASSES) == 11


def test_the_same_verdicts_pass_even_where_the_server_itself_is_lax() -> None:
    run = {"2.9": FINE, "2.10": LAX}
    comparison = Comparison(run, dict(run), wanted=2)
    assert comparison.passed
    assert comparison.differing == ()


def test_a_case_that_is_judged_differently_fails_and_is_named() -> None:
    comparison = Comparison({"2.9": FINE, "2.10": FINE}, {"2.9": LAX, "2.10": LAX}, wanted=2)
    assert not comparison.passed
    assert comparison.differing == ("2.9", "2.10")


def test_another_close_code_is_another_verdict() -> None:
    other = Verdict(FINE.behavior, FINE.closing, 1006)
    assert Comparison({"7.1.1": FINE}, {"7.1.1": other}, wanted=1).differing == ("7.1.1",)


def test_a_case_that_ran_one_way_only_fails() -> None:
    comparison = Comparison({"2.9": FINE, "2.10": FINE}, {"2.9": FINE}, wanted=2)
    assert not comparison.passed
    assert comparison.ran == 1
    assert comparison.differing == ("2.10",)


def test_fewer_cases_than_wanted_fail_although_none_differs() -> None:
    run = {"1.1.1": FINE}
    comparison = Comparison(run, run)
    assert not comparison.passed
    assert comparison.differing == ()


def test_no_case_at_all_fails() -> None:
    assert not Comparison({}, {}).passed


def test_the_table_counts_both_ways_by_class() -> None:
    comparison = Comparison(
        {"1.1.1": FINE, "1.1.2": FINE, "12.1.1": LAX}, {"1.1.1": FINE, "1.1.2": LAX, "12.1.1": LAX}, wanted=3
    )
    assert comparison.behaviors == ("OK", "NON-STRICT")
    assert comparison.rows() == [
        ("1 framing", "16", "2/1", "0/1", "1"),
        ("12 compression", "90", "0/0", "1/1", "0"),
        ("all", "3", "2/1", "1/2", "1"),
    ]
