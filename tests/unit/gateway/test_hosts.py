from __future__ import annotations

import pytest

from gateway.hosts import ANY, Hosts

LOCAL = ["localhost", "localhost:8000", "127.0.0.1:8000", "127.1.2.3", "[::1]:8000", "LOCALHOST"]
FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "0.0.0.0",
]


@pytest.mark.parametrize("field", LOCAL)
def test_names_of_this_machine_are_ours(field: str) -> None:
    assert Hosts().allow(field)


@pytest.mark.parametrize("field", FOREIGN)
def test_a_foreign_name_that_points_here_is_not(field: str) -> None:
    assert not Hosts.of_machine("https://notebooks.example/path").allow(field)


def test_the_public_address_is_ours_too() -> None:
    assert Hosts.of_machine("https://notebooks.example/path").allow("notebooks.example")


@pytest.mark.parametrize("field", LOCAL + FOREIGN)
def test_what_is_isolated_answers_to_every_name(field: str) -> None:
    assert ANY.allow(field)


@pytest.mark.parametrize("field", ["x.notes.example", "X.Notes.example:8000", "a.b.notes.example"])
def test_hosts_of_sessions_are_ours(field: str) -> None:
    assert Hosts.of_machine("http://127.0.0.1:8000", "notes.example").allow(field)
    assert not Hosts.of_machine("http://127.0.0.1:8000").allow(field)


@pytest.mark.parametrize("field", ["notes.example", "xnotes.example", "x.notes.example.evil.example"])
def test_only_what_is_below_their_domain_is(field: str) -> None:
    assert not Hosts.of_machine("http://127.0.0.1:8000", "notes.example").allow(field)
