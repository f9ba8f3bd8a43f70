from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from config import PoolSettings
from gateway.errors import OutOfMemory, SessionsLimited, SpawnsLimited, UpstreamTimeout
from gateway.front import INSTANCE, Front
from gateway.incidents import Incidents
from gateway.proxy.origins import Origins
from gateway.session_hosts import PathMode
from pool.errors import PoolEmpty, PoolUnknown
from tests.support.house import Clock, House

LIMITED = SpawnsLimited("x", 5.0)


@pytest.fixture
def site(tmp_path: Any) -> Any:
    """Only what answering an error looks at."""
    house = House(tmp_path, PoolSettings(name="course"), PoolSettings(name="other"))
    settings = SimpleNamespace(
        gateway=SimpleNamespace(api_token=SecretStr(""), public_url="", session_domain="")
    )
    return SimpleNamespace(
        settings=settings,
        prefix="/base",
        session_hosts=PathMode("/base"),
        pools=house.pools,
        http=None,
        assets=None,
        engine=SimpleNamespace(name="docker"),
        path=lambda tail: "/base" + tail,
    )


@pytest.fixture
def front(site: Any) -> Front:
    relay: Any = None
    return Front(site, relay, Origins(()), Incidents(Clock()))


class Request(dict[Any, Any]):
    """A person's request, as far as it is looked at."""

    def __init__(self, path: str = "/base/spawn", method: str = "GET", pool: str = "") -> None:
        super().__init__()
        self.raw_path = path + (f"?pool={pool}" if pool else "")
        self.method = method
        self.query = {"pool": pool} if pool else {}
        self.headers = {"Accept": "text/html"}


def page(front: Front, request: Any, error: Any) -> str:
    text = front.explain(request, error).text
    assert text is not None
    return text


@pytest.mark.parametrize(
    ("request_", "error", "where"),
    [
        (Request(), LIMITED, "/base/spawn"),
        (Request(pool="other"), LIMITED, "/base/spawn?pool=other"),
        (Request("/base/spawn/tree", pool="other"), LIMITED, "/base/spawn/tree?pool=other"),
        (Request("/base/spawn/tree", "POST", "other"), LIMITED, "/base/spawn/tree?pool=other"),
        (Request("/base/spawn", pool="nosuch"), LIMITED, "/base/spawn"),
        (Request("/base/spawn/tree", "POST"), PoolEmpty("other"), "/base/spawn/tree?pool=other"),
        (Request("/base/user/x/"), OutOfMemory("out_of_memory", "other"), "/base/spawn?pool=other"),
    ],
)
def test_a_person_goes_on_to_what_they_had_asked_for(
    front: Front, request_: Request, error: Any, where: str
) -> None:
    assert f'href="{where}"' in page(front, request_, error)


@pytest.mark.parametrize("error", [LIMITED, SessionsLimited("x")])
def test_nobody_is_sent_to_another_pool_than_the_one_named_in_a_form(front: Front, error: Any) -> None:
    text = page(front, Request(method="POST"), error)
    assert "http-equiv" not in text
    assert "/spawn" not in text


@pytest.mark.parametrize("path", ["/base/view/nosuch", "/base/embed/nosuch", "/base/spawn"])
def test_who_named_a_notebook_that_is_not_there_is_led_to_all_of_them_and_to_no_other(
    front: Front, path: str
) -> None:
    text = page(front, Request(path), PoolUnknown("nosuch"))
    assert '<a class="button" href="/base/">All notebooks</a>' in text
    assert "/spawn" not in text


def test_where_notebooks_are_opened_by_api_only_no_page_leads_to_one(front: Front, site: Any) -> None:
    site.settings.gateway.api_token = SecretStr("token")
    assert "/spawn" not in page(front, Request(), LIMITED)


def test_an_answer_that_is_an_error_is_told_to_the_log_with_its_instance(front: Front) -> None:
    request = Request("/base/user/secret/")
    request[INSTANCE] = "abcdefgh"
    with capture_logs() as lines:
        page(front, request, UpstreamTimeout("no answer within 3 s"))
    (line,) = lines
    assert (line["code"], line["instance"]) == ("W502", "abcdefgh")
    assert "secret" not in str(line)


BLOG = "https://blog.example"


def answered(site: Any, request: Any, origin: str) -> Any:
    relay: Any = None
    front = Front(site, relay, Origins((BLOG,)), Incidents(Clock()))
    request.headers["Origin"] = origin
    return front.explain(request, LIMITED)


def test_an_error_page_may_be_framed_by_the_listed_sites_and_by_no_other(site: Any) -> None:
    policies = answered(site, Request(), BLOG).headers.getall("Content-Security-Policy")
    assert f"frame-ancestors 'self' {BLOG}" in policies
    assert not any("frame-ancestors" in policy for policy in policies[:-1])


def test_an_error_for_a_program_is_read_by_listed_sites_but_frames_nothing(site: Any) -> None:
    request = Request()
    request.headers["Accept"] = "application/json"
    answer = answered(site, request, BLOG)
    assert answer.headers.getall("Access-Control-Allow-Origin") == [BLOG]
    assert "Content-Security-Policy" not in answer.headers


def test_a_page_that_names_no_origin_reads_no_error(site: Any) -> None:
    assert "Access-Control-Allow-Origin" not in answered(site, Request(), "null").headers


async def test_the_answer_to_a_preflight_names_its_origin_once(site: Any) -> None:
    relay: Any = None
    front = Front(site, relay, Origins((BLOG,)), Incidents(Clock()))
    request: Any = Request("/api/session/x", "OPTIONS")
    request.headers |= {"Origin": BLOG, "Access-Control-Request-Method": "DELETE"}

    async def nobody(_request: Any) -> Any:
        raise AssertionError("a preflight is answered at the door")

    answer = await front.handle(request, nobody)
    assert answer.headers.getall("Access-Control-Allow-Origin") == [BLOG]
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
