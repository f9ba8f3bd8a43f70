from __future__ import annotations

from gateway.proxy.origins import Origins, is_preflight

BLOG = "https://blog.example"


def test_without_sites_nothing_is_said_of_other_origins() -> None:
    assert Origins().fields(BLOG) == []
    assert Origins().preflight(BLOG, "authorization") == []
    assert Origins().frame_ancestors == "frame-ancestors 'self'"


def test_a_listed_site_is_named_and_no_other() -> None:
    origins = Origins((BLOG,))
    assert ("Access-Control-Allow-Origin", BLOG) in origins.fields(BLOG)
    for other in ("https://blog.example.evil", "http://blog.example", "null", "*", None):
        assert origins.fields(other) == [("Vary", "Origin")]


def test_a_star_lets_everybody_read_and_frame() -> None:
    origins = Origins(("*",))
    assert ("Access-Control-Allow-Origin", "*") in origins.fields("null")
    assert origins.frame_ancestors == "frame-ancestors 'self' *"


def test_credentials_are_never_allowed() -> None:
    names = [name for name, _ in Origins((BLOG,)).preflight(BLOG, "x")]
    assert "Access-Control-Allow-Credentials" not in names


def test_a_preflight_allows_what_was_asked_for_to_a_listed_site() -> None:
    fields = dict(Origins((BLOG,)).preflight(BLOG, "authorization, x-xsrftoken"))
    assert fields["Access-Control-Allow-Headers"] == "authorization, x-xsrftoken"
    assert "DELETE" in fields["Access-Control-Allow-Methods"]
    refused = dict(Origins((BLOG,)).preflight("https://evil.example", "authorization"))
    assert refused == {}


def test_what_a_preflight_allows_repeats_no_field_of_every_answer() -> None:
    origins = Origins((BLOG,))
    every = {field for field in origins.fields(BLOG) if field[0] != "Vary"}
    assert not every & set(origins.preflight(BLOG, "authorization"))


def test_a_page_that_names_no_origin_is_allowed_only_where_everybody_is() -> None:
    assert origins_allowing("null", (BLOG,)) == []
    assert origins_allowing("null", ("*",)) == ["*"]


def origins_allowing(origin: str, listed: tuple[str, ...]) -> list[str]:
    return [v for name, v in Origins(listed).fields(origin) if name == "Access-Control-Allow-Origin"]


def test_a_preflight_is_told_from_a_plain_options() -> None:
    assert is_preflight("OPTIONS", BLOG, "POST")
    assert not is_preflight("OPTIONS", BLOG, None)
    assert not is_preflight("OPTIONS", None, "POST")
    assert not is_preflight("GET", BLOG, "POST")


def test_our_own_pages_elsewhere_may_frame_and_not_read() -> None:
    ours = "https://notes.example"
    origins = Origins((BLOG,), (ours,))
    assert origins.frame_ancestors == f"frame-ancestors 'self' {ours} {BLOG}"
    assert origins.fields(ours) == [("Vary", "Origin")]
    assert Origins((), (ours,)).fields(ours) == []
