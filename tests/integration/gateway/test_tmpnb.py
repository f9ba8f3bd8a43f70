"""tmpnb's addresses, and our own beside them, as clients of tmpnb knew them."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from bench.running import READY, RunningGateway
from tests.support.apps import app_pool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

SITE = "https://allowed.example"
BASE = re.compile(r"/user/[a-z2-7]{26}/")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningGateway]:
    pools = app_pool(warm=2, most=3) + app_pool("other", warm=1, most=1)
    settings = f'embed_origins = ["{SITE}"]'
    folder = tmp_path_factory.mktemp("tmpnb")
    async with RunningGateway(folder, pools, engine="process", gateway=settings) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def http(gateway: RunningGateway) -> AsyncIterator[aiohttp.ClientSession]:
    """A client before full pools; the sessions it started end with the test."""
    await gateway.until_quiet(3)
    async with aiohttp.ClientSession(gateway.base) as session:
        yield session
        while SPAWNED:
            await session.post(SPAWNED.pop() + "api/shutdown")


SPAWNED: set[str] = set()


async def spawn(http: aiohttp.ClientSession, **options: object) -> tuple[int, dict[str, object]]:
    async with http.post("/api/spawn", **options) as answer:  # type: ignore[arg-type] # whatever a test sends
        content = await answer.json()
        if answer.status == 200:
            SPAWNED.add(str(content["url"]))
        return answer.status, content


async def test_spawn_answers_with_a_relative_url_of_a_session_that_works(http: aiohttp.ClientSession) -> None:
    status, content = await spawn(http)
    assert status == 200
    assert BASE.fullmatch(str(content["url"]))
    assert content["pool"] == "app"
    async with http.get(str(content["url"])) as page:
        assert page.status == 200


@pytest.mark.parametrize(
    "wish", [{"params": {"pool": "other"}}, {"json": {"pool": "other"}}, {"data": {"pool": "other"}}]
)
async def test_a_pool_can_be_named_in_query_json_and_form(
    http: aiohttp.ClientSession, wish: dict[str, object]
) -> None:
    assert (await spawn(http, **wish))[1]["pool"] == "other"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"pool": 3}', b"x" * 5000])
async def test_a_body_that_is_no_wish_is_refused(http: aiohttp.ClientSession, body: bytes) -> None:
    assert (await spawn(http, data=body))[0] == 400


async def test_an_unknown_pool_is_not_found(http: aiohttp.ClientSession) -> None:
    status, content = await spawn(http, params={"pool": "nosuch"})
    assert (status, content["code"]) == (404, "W304")


async def test_a_full_pool_answers_429_with_tmpnbs_word_and_when_to_come_back(
    http: aiohttp.ClientSession,
) -> None:
    assert (await spawn(http, params={"pool": "other"}))[0] == 200
    async with http.post("/api/spawn", params={"pool": "other"}) as answer:
        assert answer.status == 429
        assert (await answer.json())["status"] == "full"
        assert int(answer.headers["Retry-After"]) > 0


async def test_a_person_before_a_full_pool_gets_a_page_that_says_where_they_stand_and_looks_again(
    http: aiohttp.ClientSession,
) -> None:
    await spawn(http, params={"pool": "other"})
    async with http.get("/spawn/tree/a?pool=other&x=1", headers={"Accept": "text/html"}) as page:
        text = await page.text()
        assert 'http-equiv="refresh"' in text
        assert "You are next." in text
        assert re.fullmatch(r"/wait/[\w-]{24}/tree/a\?pool=other&x=1", page.url.raw_path_qs)
        assert page.headers["Cache-Control"] == "no-store"


async def test_stats_have_tmpnbs_fields(http: aiohttp.ClientSession) -> None:
    async with http.get("/api/stats") as answer:
        content = await answer.json()
    assert content["available"] == 3
    assert content["capacity"] == 4
    assert isinstance(content["version"], str)
    assert "container_image" in content
    assert content["pools"]["app"] == {
        "available": 2,
        "starting": 0,
        "assigned": 0,
        "waiting": 0,
        "capacity": 3,
    }


async def test_the_older_address_of_stats_leads_to_the_newer(http: aiohttp.ClientSession) -> None:
    async with http.get("/stats", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (301, "/api/stats")


@pytest.mark.parametrize("path", ["/api/stats/", "/api/stats", "/info", "/info/", "/", "/healthz", "/readyz"])
async def test_pages_and_answers_are_there_with_and_without_a_slash(
    http: aiohttp.ClientSession, path: str
) -> None:
    async with http.get(path) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("asked", "lands"),
    [
        ("/spawn", ""),
        ("/spawn/", ""),
        ("/spawn/notebooks/a%20b.ipynb?x=1&y=%2F", "notebooks/a%20b.ipynb?x=1&y=%2F"),
        ("/spawn/tree?pool=app", "tree"),
        ("/spawn/files/data.csv?token=secret&z=1", "files/data.csv?z=1"),
        ("/spawn/user/aaaaaaaaaaaa/notebooks/b.ipynb", "notebooks/b.ipynb"),
    ],
)
async def test_a_deep_link_leads_into_a_fresh_session(
    http: aiohttp.ClientSession, asked: str, lands: str
) -> None:
    async with http.get(URL(asked, encoded=True), allow_redirects=False) as answer:
        assert answer.status == 302
        where = answer.headers["Location"]
    base = BASE.match(where)
    assert base
    SPAWNED.add(base[0])
    assert where == base[0] + lands


@pytest.mark.parametrize(
    "path",
    [
        "/spawn//evil.example",
        "/spawn/../x",
        "/spawn/%2e%2e/x",
        "/spawn/a%2fb",
        "/spawn/%5cevil",
        "/spawn/a//b",
    ],
)
async def test_a_deep_link_that_can_be_read_in_two_ways_takes_no_instance(
    http: aiohttp.ClientSession, gateway: RunningGateway, path: str
) -> None:
    async with http.get(URL(path, encoded=True), allow_redirects=False) as answer:
        assert answer.status in {400, 404}
    assert all(instance["state"] in READY for instance in await gateway.instances())


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("HEAD", "/spawn", {}),
        ("GET", "/spawn", {"Sec-Purpose": "prefetch;prerender"}),
        ("GET", "/spawn", {"Purpose": "prefetch"}),
        ("GET", "/spawn", {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}),
        ("POST", "/api/spawn", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}),
        ("GET", "/", {}),
        ("GET", "/notebooks/a.ipynb", {}),
        ("GET", "/lab", {}),
        ("GET", "/robots.txt", {}),
        ("OPTIONS", "/api/spawn", {}),
        ("PUT", "/api/spawn", {}),
    ],
)
async def test_looking_takes_no_instance(
    http: aiohttp.ClientSession, gateway: RunningGateway, method: str, path: str, headers: dict[str, str]
) -> None:
    async with http.request(method, path, headers=headers, allow_redirects=False):
        pass
    assert all(instance["state"] in READY for instance in await gateway.instances())


async def test_shutting_down_from_the_page_recycles_at_once(
    http: aiohttp.ClientSession, gateway: RunningGateway
) -> None:
    _, content = await spawn(http)
    url = str(content["url"])
    async with http.post(url + "api/shutdown") as answer:
        assert answer.status == 200
    async with http.get(url, headers={"Accept": "text/html"}) as page:
        assert page.status == 410
        assert "It was shut down." in await page.text()
    await gateway.until_quiet(3)


async def test_any_options_is_answered_without_content(http: aiohttp.ClientSession) -> None:
    async with http.options("/api/spawn") as answer:
        assert answer.status == 204


async def test_a_listed_site_may_read_answers_and_errors_and_no_other_may(
    http: aiohttp.ClientSession,
) -> None:
    for path in ("/api/stats", "/user/" + "a" * 26 + "/api", "/nosuch"):
        async with http.get(path, headers={"Origin": SITE}) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == SITE, path
        async with http.get(path, headers={"Origin": "https://evil.example"}) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers, path


async def test_a_script_of_a_listed_site_may_spawn(http: aiohttp.ClientSession) -> None:
    assert (await spawn(http, headers={"Sec-Fetch-Site": "cross-site", "Origin": SITE}))[0] == 200


async def test_a_preflight_of_a_listed_site_is_granted(http: aiohttp.ClientSession) -> None:
    asked = {
        "Origin": SITE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    async with http.options("/api/spawn", headers=asked) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Origin"] == SITE
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert answer.headers["Access-Control-Allow-Headers"] == "authorization,content-type"


@pytest.mark.parametrize(
    "path",
    [
        "/user/",
        "/user/short/",
        "/user/" + "a" * 26 + "/",
        "/user/" + "A" * 26 + "/",
        "/user/%61" + "a" * 25 + "/",
        "/user//" + "a" * 26 + "/",
        "/user/" + "a" * 26 + "%2f",
        "/user/..%2f" + "a" * 26 + "/",
        "/%75ser/" + "a" * 26 + "/",
    ],
)
async def test_an_id_that_names_no_session_is_answered_from_memory(
    http: aiohttp.ClientSession, path: str
) -> None:
    async with http.get(URL(path, encoded=True)) as answer:
        assert answer.status == 404
        assert (await answer.json())["code"] == "W403"


@pytest.mark.parametrize(
    "trick", ["../{other}/", "%2e%2e/{other}/", ".%2E/{other}/", "/{other}/", "..%2f{other}/", "..\\{other}/"]
)
async def test_no_path_of_one_session_reaches_another(
    http: aiohttp.ClientSession, gateway: RunningGateway, trick: str
) -> None:
    one, two = [str((await spawn(http))[1]["url"]) for _ in range(2)]
    target = one + trick.format(other=two.strip("/").split("/")[1])
    # By hand, because clients tidy such paths up before they send them.
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    status = (await reader.readline()).split()[1]
    writer.close()
    assert status in {b"400", b"404"}


async def test_the_operators_door_is_closed_to_pages_and_to_foreign_hosts(gateway: RunningGateway) -> None:
    async with aiohttp.ClientSession() as session:
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            async with session.get(gateway.admin + "/api/instances", headers=headers) as answer:
                assert answer.status == 403
        async with session.get(gateway.base + "/api/instances") as answer:
            assert answer.status == 404


async def test_a_drain_replaces_warm_instances_and_a_scale_keeps_another_number(
    http: aiohttp.ClientSession, gateway: RunningGateway
) -> None:
    before = {i["id"] for i in await gateway.instances()}
    assert (await gateway.admin_json("/api/pool", "DELETE"))["drained"] == 3
    await gateway.until_quiet(3)
    after = await gateway.instances()
    assert not before & {i["id"] for i in after}
    scaled = await gateway.admin_json("/api/pools/app/scale", "POST", json={"warm": 0})
    assert scaled == {"pool": "app", "warm": 0, "max": 3}

    async def gone() -> bool:
        return {i["pool"] for i in await gateway.instances()} == {"other"}

    await gateway.until(gone)
    await gateway.admin_json("/api/pools/app/scale", "POST", json={"warm": 2})
    await gateway.until_ready()
    del http
