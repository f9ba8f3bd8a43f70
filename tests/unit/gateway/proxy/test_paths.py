from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest, SessionUnknown
from gateway.proxy.paths import Other, Refused, SessionPath, SlashMissing, parse, without_token

ID = "abcdefghijklmnopqrstuvwxyz"
OTHER_ID = "zyxwvutsrqponmlkjihgfedcba"


@pytest.mark.parametrize(
    ("target", "rest", "query"),
    [
        (f"/user/{ID}/", b"", b""),
        (f"/user/{ID}/lab/tree/a%20b.ipynb", b"lab/tree/a%20b.ipynb", b""),
        (f"/user/{ID}/api/contents?content=1&type=%2Fx", b"api/contents", b"?content=1&type=%2Fx"),
        (f"/user/{ID}/?", b"", b"?"),
        (f"/user/{ID}/a;b=c/@scope/..name/...", b"a;b=c/@scope/..name/...", b""),
        (f"/user/{ID}/a?x=../..//\\", b"a", b"?x=../..//\\"),
        (f"/user/{ID}/%E2%82%AC/", b"%E2%82%AC/", b""),
        (f"/user/{ID}/{'a' * 6000}", b"a" * 6000, b""),
    ],
)
def test_a_session_path_keeps_the_bytes_behind_the_id(target: str, rest: bytes, query: bytes) -> None:
    assert parse(target.encode()) == SessionPath(ID, rest, query)


@pytest.mark.parametrize(
    "target",
    [
        "/user/",
        "/user//",
        f"/user//{ID}/",
        f"/user/{ID[:-1]}/",
        f"/user/{ID}a/",
        f"/user/{ID.upper()}/",
        f"/user/{ID[:-1]}1/",
        f"/user/%61{ID[1:]}/",
        f"/user/{ID}%2f",
        f"/user/{ID};x/",
        f"/user/./{ID}/",
        f"/user/../{ID}/",
        f"/user/{ID}/..",
        f"/user/{ID}/../{OTHER_ID}/",
        f"/user/{ID}/a/../../{OTHER_ID}/",
        f"/user/{ID}/%2e%2e/{OTHER_ID}/",
        f"/user/{ID}/.%2E/{OTHER_ID}/",
        f"/user/{ID}/%2e",
        f"/user/{ID}/./a",
        f"/user/{ID}//a",
        f"/user/{ID}//",
        f"/user/{ID}/a//b",
        f"/user/{ID}/a%2fb",
        f"/user/{ID}/a%2Fb",
        f"/user/{ID}/a%5cb",
        f"/user/{ID}/a\\b",
        f"/user/{ID}\\..\\{OTHER_ID}/",
        f"/user/{ID}/a%00b",
        f"/user/{ID}/a%0d%0ab",
        f"/user/{ID}/a%7f",
        f"/user/{ID}/%",
        f"/user/{ID}/%zz",
        f"/user/{ID}/%4",
    ],
)
def test_a_path_that_names_no_session_exactly_is_refused_as_unknown(target: str) -> None:
    place = parse(target.encode())
    assert isinstance(place, Refused)
    assert isinstance(place.error, SessionUnknown)


@pytest.mark.parametrize("byte", [b"\x00", b"\x01", b"\n", b"\r", b" ", b"\x7f", b"\x80", b"\xff", b"#"])
@pytest.mark.parametrize("where", [b"a%bb", b"?a=%b"])
def test_a_byte_that_no_target_may_hold_is_refused_as_malformed(byte: bytes, where: bytes) -> None:
    place = parse(
        b"/user/%b/" % ID.encode() + where % byte if where.startswith(b"a") else _query(where, byte)
    )
    assert isinstance(place, Refused)
    assert isinstance(place.error, BadRequest)


def _query(where: bytes, byte: bytes) -> bytes:
    return b"/user/%b/" % ID.encode() + where % byte


@pytest.mark.parametrize(
    "target", ["/", "/users", "/user", "/user?x", "/User/x/", "/x/../user/", "//user/x/", "/%75ser/x/", "*"]
)
def test_what_is_not_under_user_is_left_to_others(target: str) -> None:
    assert parse(target.encode()) == Other(target.encode())


def test_an_absolute_target_is_no_session_path() -> None:
    assert isinstance(parse(f"http://h/user/{ID}/".encode()), Other)


def test_a_session_without_slash_is_sent_on() -> None:
    assert parse(f"/user/{ID}?a=1&token=x".encode()) == SlashMissing(ID, f"/user/{ID}/?a=1")


def test_a_redirect_keeps_the_public_prefix_whether_it_was_stripped_or_not() -> None:
    there = SlashMissing(ID, f"/notes/user/{ID}/")
    assert parse(f"/notes/user/{ID}".encode(), "/notes") == there
    assert parse(f"/user/{ID}".encode(), "/notes") == there


@pytest.mark.parametrize(
    ("target", "place"),
    [
        (f"/notes/user/{ID}/lab", SessionPath(ID, b"lab")),
        (f"/user/{ID}/lab", SessionPath(ID, b"lab")),
        ("/notes", Other(b"/")),
        ("/notes/", Other(b"/")),
        ("/notes?x", Other(b"/?x")),
        ("/notesuser/x/", Other(b"/notesuser/x/")),
        ("/notes/api/spawn", Other(b"/api/spawn")),
        ("/api/spawn", Other(b"/api/spawn")),
    ],
)
def test_a_public_prefix_may_or_may_not_be_there(target: str, place: object) -> None:
    assert parse(target.encode(), "/notes") == place


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (b"", b""),
        (b"?", b"?"),
        (b"?a=1", b"?a=1"),
        (b"?token=x", b""),
        (b"?token", b""),
        (b"?a=1&token=x&b=%20", b"?a=1&b=%20"),
        (b"?token=x&token=y&a", b"?a"),
        (b"?%74oken=x&a", b"?a"),
        (b"?%74%6F%6b%65%6E=x&a", b"?a"),
        (b"?Token=x&tokens=y&a=token", b"?Token=x&tokens=y&a=token"),
        (b"?&&a=1&", b"?&&a=1&"),
        (b"?a&&token=x&", b"?a&&"),
    ],
)
def test_token_parameters_are_taken_out_and_all_else_stays(query: bytes, left: bytes) -> None:
    assert without_token(query) == left


SEGMENT = st.sampled_from(
    [
        b"",
        b".",
        b"..",
        b"%2e",
        b"%2E.",
        b"a",
        b"%2f",
        b"..%2f",
        b"%5c",
        b"\\",
        b"%00",
        ID.encode(),
        b"a b",
        b"user",
    ]
)


@given(st.lists(SEGMENT, max_size=6), st.sampled_from([b"", b"?", b"?token=1", b"?a=/../"]))
def test_no_session_path_holds_a_trick(segments: list[bytes], query: bytes) -> None:
    place = parse(b"/user/" + b"/".join(segments) + query)
    if isinstance(place, SessionPath):
        assert place.id == ID
        assert segments[0] == ID.encode()
        parts = place.rest.lower().split(b"/")
        assert not {b".", b"..", b"%2e", b"%2e."} & set(parts)
        assert b"" not in parts[:-1]
        assert not any(bad in place.rest.lower() for bad in (b"\\", b"%2f", b"%5c", b"%00", b" "))


def test_ids_and_queries_stay_out_of_representations() -> None:
    place = parse(f"/user/{ID}/lab?key=secret".encode())
    assert ID not in repr(place)
    assert "secret" not in repr(place)
