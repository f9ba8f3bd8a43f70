from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from config import PoolSettings
from gateway.errors import BadRequest, FormatRefused, SessionUnknown
from gateway.routes.embed import SCRIPT, Embed
from tests.unit.gateway.routes.stage import Stage, request

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "https://example.org/view/course"
MOST_BYTES = 5 * 1024


@pytest.fixture
def routes(tmp_path: Path) -> Embed:
    return Embed(Stage(tmp_path, PoolSettings(name="course"), public_url="https://example.org").site)


async def described(routes: Embed, query: str) -> dict[str, Any]:
    answer = await routes.describe(request(f"/oembed?{query}"))
    found: dict[str, Any] = json.loads(answer.text or "")
    return found


async def test_embed_js_is_small_as_it_is_served(routes: Embed) -> None:
    answer = await routes.script(request("/embed.js"))
    assert isinstance(answer.body, bytes)
    assert 0 < len(answer.body) < MOST_BYTES
    assert answer.body == SCRIPT.read_bytes()
    assert answer.content_type == "text/javascript"


async def test_embed_js_is_kept_and_asked_for_again_by_its_tag(routes: Embed) -> None:
    first = await routes.script(request("/embed.js"))
    assert "max-age" in first.headers["Cache-Control"]
    assert first.etag is not None
    again = await routes.script(request("/embed.js", headers={"If-None-Match": f'"{first.etag.value}"'}))
    assert (again.status, again.body, again.etag) == (304, None, first.etag)
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


async def test_oembed_describes_a_page_of_ours(routes: Embed) -> None:
    told = await described(routes, f"url={quote(PAGE, safe='')}&format=json&maxwidth=300&maxheight=200")
    assert (told["type"], told["width"], told["height"]) == ("rich", 300, 200)


@pytest.mark.parametrize(
    "url", ["https://other.example/view/course", "https://example.org/view/other", "https://example.org/"]
)
async def test_oembed_knows_no_other_page(routes: Embed, url: str) -> None:
    with pytest.raises(SessionUnknown):
        await described(routes, f"url={quote(url, safe='')}")


async def test_oembed_speaks_json_only(routes: Embed) -> None:
    with pytest.raises(FormatRefused) as error:
        await described(routes, f"url={PAGE}&format=xml")
    assert error.value.status == 501


@pytest.mark.parametrize("query", ["", "format=json", f"url={PAGE}&maxwidth=wide"])
async def test_oembed_refuses_what_it_cannot_read(routes: Embed, query: str) -> None:
    with pytest.raises(BadRequest):
        await described(routes, query)
