from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from config.errors import ConfigError, Problem
from gateway import answers
from gateway.errors import NotReady, SessionEnded, SessionsLimited, SpawnsLimited, TicketsFull
from gateway.errors_table import tree
from pool.core.states import Reason
from pool.errors import PoolEmpty
from pool.kinds.http_api import Refused

if TYPE_CHECKING:
    from aiohttp import web

    from config.errors import WarmgateError

PROGRAM: Any = SimpleNamespace(headers={})
PERSON: Any = SimpleNamespace(headers={"Accept": "text/html"})

SECRET = "a detail for nobody else"


def made(kind: type[WarmgateError]) -> WarmgateError:
    if kind is ConfigError:
        return ConfigError(Problem("a key", "a value", SECRET))
    if kind is SpawnsLimited:
        return SpawnsLimited(SECRET, 7.2)
    if kind is Refused:
        return Refused(SECRET, 500)
    return kind(SECRET)


def text(answer: web.Response) -> str:
    assert answer.text is not None
    return answer.text


@pytest.mark.parametrize("kind", tree(), ids=lambda kind: kind.__name__)
def test_every_error_shows_its_code_and_sentence_to_programs_and_to_people(kind: type[WarmgateError]) -> None:
    problem = made(kind)
    content = json.loads(text(answers.error(PROGRAM, problem, prefix="")))
    assert content["code"] == kind.code
    assert content["message"].startswith(kind.visitor)
    page = text(answers.error(PERSON, problem, prefix=""))
    assert f'<p class="code">{kind.code}</p>' in page
    assert SECRET in problem.detail
    for answer in (str(content), page):
        assert SECRET not in answer


def test_only_a_full_pool_has_tmpnbs_word() -> None:
    words = {}
    for problem in (PoolEmpty("p"), SpawnsLimited("x", 1.0), SessionsLimited("x"), TicketsFull("x")):
        answer = answers.error(PROGRAM, problem, prefix="")
        assert answer.status == 429
        words[problem.code] = json.loads(text(answer))["status"]
    assert words == {"W303": "full", "W414": "error", "W415": "error", "W416": "error"}


def test_how_long_to_wait_is_told_in_whole_seconds_as_the_error_says() -> None:
    assert answers.error(PROGRAM, SpawnsLimited("x", 7.2), prefix="").headers["Retry-After"] == "8"
    assert "Retry-After" in answers.error(PROGRAM, SessionsLimited("x"), prefix="").headers
    assert "Retry-After" in answers.error(PROGRAM, NotReady(), prefix="").headers


def refreshes(problem: WarmgateError, again: str | None = "/spawn") -> str | None:
    page = text(answers.error(PERSON, problem, prefix="", again=again))
    found = re.search(r'http-equiv="refresh" content="([^"]*)"', page)
    assert ("tries again by itself" in page) == (found is not None and problem.code != "W303")
    return found and found[1]


def test_a_page_tries_again_by_itself_where_waiting_helps_and_only_there() -> None:
    assert refreshes(SpawnsLimited("x", 7.2)) == "8;url=/spawn"
    assert refreshes(TicketsFull("x")) == "10;url=/spawn"
    assert refreshes(PoolEmpty("p")) == "3;url=/spawn"
    assert refreshes(SessionsLimited("x")) is None
    assert refreshes(SessionEnded("idle")) is None
    assert refreshes(SpawnsLimited("x", 7.2), again=None) is None


@pytest.mark.parametrize("reason", list(Reason))
def test_an_end_for_memory_and_no_other_has_a_code_of_its_own(reason: Reason) -> None:
    error = SessionEnded.of(reason, "course")
    assert (error.code, error.status) == ("W417" if reason is Reason.OUT_OF_MEMORY else "W404", 410)
    assert (error.detail, error.pool) == (reason, "course")
