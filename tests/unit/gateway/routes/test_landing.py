"""The gallery, and what crawlers and sites that preview links are told."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from gateway.routes.crawlers import Crawlers
from gateway.routes.landing import Landing
from gateway.routes.pictures import Pictures
from pool.core.states import State
from pool.kinds.preview import STDOUT, Cell, Output, Preview
from tests.support.operated import Operated
from tests.support.reading_html import Found

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PHOTO = b"p" * 5000
WAVES = Preview(
    title="Waves & more",
    description="Sums of sines.",
    language="python",
    cells=(
        Cell("a", "# Waves & more", markdown=True),
        Cell("b", "draw()", outputs=(Output({STDOUT: "drawn"}),)),
        Cell("c", "", outputs=(Output({"image/jpeg": base64.b64encode(PHOTO).decode()}),)),
    ),
)
POOLS: list[dict[str, Any]] = [
    {"name": "waves", "notebook": "waves.ipynb"},
    {"name": "cold", "notebook": "cold.jl", "kind": "pluto"},
    {"name": "lab", "title": "An empty lab"},
]
PUBLIC = "https://example.org/notebooks"


class Stage:
    """A gateway with three pools, of which the first is warm."""

    def __init__(self, folder: Path, **gateway: Any) -> None:
        self.operated = Operated(folder, {"pools": POOLS, "gateway": gateway})
        self.site = self.operated.site
        self.operated.answered()
        pool = self.site.pools.get("waves")
        pool.resolved("image")
        self.operated.put(State.WARM, 1, "waves")
        pool.warmed(WAVES, pool.generation)
        self.site.previews._render(pool, WAVES)

    async def page(self) -> Found:
        answer = await Landing(self.site).start(make_mocked_request("GET", "/"))
        assert answer.text is not None
        return Found(answer.text)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(tmp_path)
    yield made
    await made.site.http.close()


@pytest.fixture
async def public(tmp_path: Path) -> AsyncIterator[Stage]:
    made = Stage(tmp_path, public_url=PUBLIC)
    yield made
    await made.site.http.close()


async def test_a_card_shows_what_the_notebook_says_of_itself(stage: Stage) -> None:
    page = await stage.page()
    for words in (
        "Waves & more",
        "Sums of sines.",
        "Jupyter notebook, Python",
        "To edit:",
        "1 ready",
        "drawn",
    ):
        assert words in page.text
    assert [each["href"] for each in page.all("a")] == ["/view/waves", "/view/cold"]


async def test_the_picture_of_a_notebook_is_for_eyes_only_and_takes_no_key(stage: Stage) -> None:
    pictures = [each for each in (await stage.page()).all("div") if "picture" in (each.get("class") or "")]
    assert [("inert" in each, each["aria-hidden"]) for each in pictures] == [(True, "true"), (True, "true")]


async def test_a_pool_without_a_notebook_has_a_card_without_a_page(stage: Stage) -> None:
    page = await stage.page()
    assert "An empty lab" in page.text
    assert len(page.all("section")) == 1
    assert [each["value"] for each in page.all("input")] == ["waves", "cold", "lab"]


async def test_looking_takes_no_instance(stage: Stage) -> None:
    before = [(i.id, i.state) for i in stage.site.pools.roster]
    await stage.page()
    await Crawlers(stage.site).robots(make_mocked_request("GET", "/robots.txt"))
    await picture(stage, "waves")
    assert [(i.id, i.state) for i in stage.site.pools.roster] == before
    assert stage.site.pools.sessions == ()


def told(page: Found) -> dict[str | None, str | None]:
    return {each.get("property") or each.get("name"): each.get("content") for each in page.all("meta")}


async def test_a_link_to_the_page_can_be_previewed(public: Stage) -> None:
    page = await public.page()
    meta = told(page)
    assert meta["og:title"] == "Notebooks"
    assert meta["og:url"] == f"{PUBLIC}/"
    assert meta["description"] == meta["og:description"]
    assert (meta["og:image"] or "").startswith(f"{PUBLIC}/view/waves/picture?")
    assert meta["twitter:card"] == "summary_large_image"
    assert {"rel": "canonical", "href": f"{PUBLIC}/"} in page.all("link")


async def test_no_address_is_made_up_where_none_is_known(stage: Stage) -> None:
    page = await stage.page()
    assert not {"og:url", "og:image"} & set(told(page))
    assert not any(each.get("rel") == "canonical" for each in page.all("link"))


async def test_crawlers_are_kept_off_what_takes_an_instance_and_told_of_pages(public: Stage) -> None:
    answer = await Crawlers(public.site).robots(make_mocked_request("GET", "/robots.txt"))
    lines = (answer.text or "").splitlines()
    for path in ("/spawn", "/user/", "/api/", "/embed/"):
        assert f"Disallow: /notebooks{path}" in lines
    assert not any(line.endswith(("/view/", "notebooks/")) for line in lines)
    assert f"Sitemap: {PUBLIC}/sitemap.xml" in lines


async def test_the_sitemap_has_the_start_page_and_each_notebooks(public: Stage) -> None:
    answer = await Crawlers(public.site).sitemap(make_mocked_request("GET", "/sitemap.xml"))
    assert answer.content_type == "application/xml"
    text = answer.text or ""
    for path in ("/", "/view/waves", "/view/cold"):
        assert f"<loc>{PUBLIC}{path}</loc>" in text
    assert "lab" not in text


async def test_there_is_no_sitemap_without_an_address_to_put_in_it(stage: Stage) -> None:
    with pytest.raises(web.HTTPNotFound):
        await Crawlers(stage.site).sitemap(make_mocked_request("GET", "/sitemap.xml"))


async def picture(stage: Stage, name: str) -> web.Response:
    request = make_mocked_request("GET", f"/view/{name}/picture", match_info={"name": name})
    return await Pictures(stage.site).picture(request)


async def test_a_notebooks_picture_is_served_under_its_version(stage: Stage) -> None:
    answer = await picture(stage, "waves")
    assert (answer.content_type, answer.body) == ("image/jpeg", PHOTO)
    assert answer.etag is not None
    assert answer.etag.value == stage.site.previews.find("waves").version


@pytest.mark.parametrize("name", ["cold", "lab", "nobody"])
async def test_where_there_is_no_picture_there_is_none(stage: Stage, name: str) -> None:
    with pytest.raises(web.HTTPNotFound):
        await picture(stage, name)
