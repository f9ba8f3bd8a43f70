from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from config import Mode, PoolSettings
from gateway.errors import BadRequest
from gateway.routes.embed import Embed
from gateway.routes.notebook import NotebookPage
from pool.errors import PoolUnknown
from pool.kinds.preview import Cell, Preview
from tests.unit.gateway.routes.stage import Stage, request

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web

COURSE = PoolSettings(
    name="course", title="Squares & roots", notebook="a.ipynb", source="https://example.org/a.ipynb"
)
PREVIEW = Preview(
    cells=(Cell("intro", "Some *words*", markdown=True), Cell("sum", "1 + 1")), language="python"
)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, COURSE, PoolSettings(name="app"), public_url="https://example.org")


def shown_by(stage: Stage, preview: Preview = PREVIEW) -> None:
    """Let the first pool have been warm once."""
    pool = stage.house.pools.get("course")
    pool.preview = preview
    stage.site.previews._take(pool)


async def view(stage: Stage, name: str = "course", **headers: str) -> web.Response:
    return await NotebookPage(stage.site).show(request(f"/view/{name}", headers=headers, name=name))


async def embed(stage: Stage, query: str = "") -> web.Response:
    return await Embed(stage.site).show(request(f"/embed/course{query}", name="course"))


async def test_the_page_shows_the_preview_and_a_plain_form_opens_the_notebook(stage: Stage) -> None:
    shown_by(stage)
    text = (await view(stage)).text or ""
    assert "<h1>Squares &amp; roots</h1>" in text
    assert "<em>words</em>" in text
    assert '<form class="open" method="post" action="/spawn">' in text
    assert 'name="pool" value="course"' in text
    assert stage.house.pools.sessions == ()


async def test_a_notebook_that_begins_with_its_title_is_not_titled_twice(stage: Stage) -> None:
    opening = Cell("intro", "# Squares & roots\n\nWhat they are.", markdown=True)
    shown_by(stage, Preview(cells=(opening,), language="python", title="Squares & roots"))
    text = (await view(stage)).text or ""
    assert text.partition("<main")[2].count("Squares &amp; roots</h1>") == 1
    assert text.count("What they are.") == 1


async def test_a_pool_without_a_notebook_or_not_yet_warm_has_a_page_too(stage: Stage) -> None:
    text = (await view(stage, "app")).text or ""
    assert "<h1>App</h1>" in text
    assert "<article" not in text


async def test_a_name_nobody_has_is_not_found(stage: Stage) -> None:
    with pytest.raises(PoolUnknown):
        await view(stage, "other")


async def test_the_page_tells_other_sites_how_to_show_and_embed_it(stage: Stage) -> None:
    text = (await view(stage)).text or ""
    assert '<link rel="canonical" href="https://example.org/view/course">' in text
    assert re.search(
        r'<link rel="alternate" type="application/json\+oembed" href="https://example.org/oembed\?', text
    )
    assert 'property="og:title" content="Squares &amp; roots"' in text
    assert "&lt;iframe src=" in text
    assert "&lt;script src=&#34;https://example.org/embed.js&#34;" in text
    assert "<iframe" not in text


async def test_what_is_offered_to_copy_says_where_frames_work(stage: Stage) -> None:
    text = (await view(stage)).text or ""
    assert "Frames work on the sites that this gateway allows: its setting <code>embed_origins</code>" in text


async def test_without_a_public_address_snippets_name_what_the_visitor_asked_for(tmp_path: Path) -> None:
    text = (await view(Stage(tmp_path, COURSE))).text or ""
    assert "http://gateway.example/view/course" in text


async def test_the_embed_is_kept_out_of_search_engines_and_names_the_page(stage: Stage) -> None:
    text = (await embed(stage)).text or ""
    assert '<meta name="robots" content="noindex">' in text
    assert '<link rel="canonical" href="https://example.org/view/course">' in text
    assert 'data-live="click"' in text


async def test_an_embed_of_single_cells_shows_only_these(stage: Stage) -> None:
    shown_by(stage)
    text = (await embed(stage, "?cells=sum&bar=0&live=visible")).text or ""
    assert 'id="cell-sum"' in text
    assert 'id="cell-intro"' not in text
    assert "data-barless" in text
    assert 'data-live="visible"' in text


async def test_cells_that_show_nothing_are_named_in_the_embed(stage: Stage) -> None:
    shown_by(stage)
    assert 'class="note"' not in ((await embed(stage, "?cells=sum")).text or "")
    one = (await embed(stage, "?cells=sum,gone")).text or ""
    assert "this id, or it shows nothing: <code>gone</code></p>" in one
    assert 'id="cell-sum"' in one
    two = (await embed(stage, "?cells=gone,lost")).text or ""
    assert "these ids, or it shows nothing: <code>gone</code>, <code>lost</code></p>" in two


async def test_until_there_is_a_preview_no_cell_is_called_unknown(stage: Stage) -> None:
    assert 'class="note"' not in ((await embed(stage, "?cells=sum")).text or "")


async def test_an_authors_mistake_in_an_embed_is_refused(stage: Stage) -> None:
    with pytest.raises(BadRequest):
        await embed(stage, "?live=always")


async def test_where_notebooks_are_opened_by_api_only_there_is_no_button(tmp_path: Path) -> None:
    stage = Stage(tmp_path, COURSE, api_token="secret")
    assert 'class="open"' not in ((await view(stage)).text or "")
    assert 'class="open"' not in ((await embed(stage)).text or "")


async def test_what_a_visitor_may_do_is_said_in_words(tmp_path: Path) -> None:
    edit = (await view(Stage(tmp_path, COURSE))).text or ""
    viewing = COURSE.model_copy(update={"mode": Mode.VIEW})
    (tmp_path / "v").mkdir()
    only = (await view(Stage(tmp_path / "v", viewing))).text or ""
    assert "Yours alone to edit." in edit
    assert "Yours alone to try, not to edit." in only


async def test_who_has_the_page_already_gets_it_only_once_it_has_changed(stage: Stage) -> None:
    first = await view(stage)
    assert first.etag is not None
    known = f'"{first.etag.value}"'
    again = await view(stage, **{"If-None-Match": known})
    assert (again.status, again.body) == (304, None)
    shown_by(stage)
    assert (await view(stage, **{"If-None-Match": known})).status == 200


async def test_in_host_mode_frames_come_from_sessions_hosts_and_forms_may_lead_there(tmp_path: Path) -> None:
    where = {"public_url": "https://example.org", "session_domain": "example.org"}
    policy = (await view(Stage(tmp_path, COURSE, **where))).headers["Content-Security-Policy"]
    assert "frame-src https://*.example.org;" in policy
    assert "form-action 'self' https://*.example.org;" in policy + ";"
    assert "script-src 'self';" in policy


async def test_scripts_and_frames_come_from_the_gateway_alone(stage: Stage) -> None:
    policy = (await view(stage)).headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.replace("style-src-attr 'unsafe-inline'", "")
