"""Which requests may be answered from the cache, and which answers may enter it."""

from __future__ import annotations

import pytest

from gateway.assets.asset import Asset, Refusal, Refused
from gateway.assets.rules import Arriving, answerable
from gateway.proxy.answer import Head
from tests.unit.gateway.assets.making import DATE, LONG, NOW, SESSION, TOKEN, UPSTREAM, head, request

LIMIT = 100


def judged(answer: Head) -> Arriving:
    return Arriving.judged(answer, now=NOW, delay=0.0, limit=LIMIT)


def whole(body: bytes, *fields: tuple[bytes, bytes]) -> Asset:
    return judged(head(LONG, *fields, length=len(body))).whole(body, UPSTREAM, stored_at=0.0)


def refusal(answer: Head) -> Refusal:
    with pytest.raises(Refused) as refused:
        judged(answer)
    return refused.value.reason


@pytest.mark.parametrize("lines", [(), ("Accept-Encoding: gzip",), ('If-None-Match: "a"',), ("Cookie: a=b",)])
def test_who_asks_for_a_whole_file_may_be_answered(lines: tuple[str, ...]) -> None:
    assert answerable(request(*lines))


@pytest.mark.parametrize(
    "line",
    [
        "Range: bytes=0-1",
        'If-Range: "a"',
        'If-Match: "a"',
        "If-Unmodified-Since: Sat, 21 Nov 2026 12:00:00 GMT",
        "Cache-Control: no-cache",
        "Pragma: no-cache",
        "Content-Length: 3",
        "Transfer-Encoding: chunked",
    ],
)
def test_who_wants_more_is_sent_to_their_own_instance(line: str) -> None:
    assert not answerable(request(line))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (head(LONG, status=404), Refusal.STATUS),
        (head(LONG, status=206), Refusal.STATUS),
        (head(LONG, status=304), Refusal.STATUS),
        (head(LONG, (b"Set-Cookie", b"who=me")), Refusal.COOKIE),
        (head(LONG, (b"Content-Encoding", b"gzip")), Refusal.CODING),
        (head(LONG, (b"Vary", b"*")), Refusal.VARY),
        (head(LONG, (b"Vary", b"Accept-Encoding"), (b"Vary", b"Cookie")), Refusal.VARY),
        (head(LONG, length=LIMIT + 1), Refusal.LENGTH),
        (Head("1.1", 200, b"OK", (LONG,)), Refusal.LENGTH),
        (Head("1.1", 200, b"OK", (LONG, (b"Transfer-Encoding", b"chunked"))), Refusal.LENGTH),
        (head(LONG, (b"Content-Length", b"6")), Refusal.FAULTY),
        (head(LONG, (b"X", b"a\rb")), Refusal.FAULTY),
        (head((b"Cache-Control", b"private")), Refusal.CACHE_CONTROL),
        (head((b"Cache-Control", b"max-age=0")), Refusal.CACHE_CONTROL),
        (head((b"Cache-Control", b"max-age=60"), (b"Age", b"60")), Refusal.CACHE_CONTROL),
    ],
)
def test_an_answer_that_may_not_be_the_same_for_all_is_not_kept(answer: Head, reason: Refusal) -> None:
    assert refusal(answer) is reason


def test_an_answer_that_differs_only_by_coding_and_origin_is_kept() -> None:
    assert judged(head(LONG, (b"Vary", b"Origin, accept-encoding"))).length == 5


def test_an_empty_file_and_the_longest_one_are_kept() -> None:
    assert judged(head(LONG, length=0)).length == 0
    assert judged(head(LONG, length=LIMIT)).length == LIMIT


def test_what_belongs_to_one_answer_or_one_instance_is_left_out() -> None:
    policy = b"default-src 'self'; report-uri /user/%b/api/security/csp-report" % SESSION.encode()
    found = whole(
        b"hello",
        DATE,
        (b"Content-Type", b"text/css"),
        (b"Content-Security-Policy", policy),
        (b"Connection", b"close, X-Hop"),
        (b"X-Hop", b"1"),
        (b"Keep-Alive", b"timeout=5"),
        (b"Location", b"/"),
        (b"Access-Control-Allow-Origin", b"*"),
        (b"Age", b"1"),
    )
    assert found.head.fields == (
        LONG,
        DATE,
        (b"Content-Type", b"text/css"),
        (b"Content-Security-Policy", b"default-src 'self'"),
    )


def test_a_policy_that_only_reports_is_left_out_whole() -> None:
    assert whole(b"", (b"Content-Security-Policy", b"report-uri /user/x/")).head.fields == (LONG,)


@pytest.mark.parametrize("secret", [SESSION, TOKEN, "10.0.0.9:8888"])
def test_what_names_its_instance_in_body_or_fields_is_not_kept(secret: str) -> None:
    for body, fields in ((f"let base = '/{secret}/'", ()), ("hello", ((b"Link", secret.encode()),))):
        with pytest.raises(Refused) as refused:
            whole(body.encode(), *fields)
        assert refused.value.reason is Refusal.SECRET
