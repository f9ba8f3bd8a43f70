"""What is told to search engines and to sites that preview links, in a page's head (`link_preview.html`).

Open Graph (ogp.me) and canonical addresses are absolute, so without `public_url` they are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from config import Kind

if TYPE_CHECKING:
    from config import PoolSettings
    from gateway.site import Site
    from pool.pool import Pool


class Link(NamedTuple):
    """One page, for who shows a link to it."""

    title: str
    description: str
    url: str = ""
    """Absolute; empty where it is not known."""
    picture: str = ""
    """Absolute; empty where there is none."""


def has_page(pool: PoolSettings) -> bool:
    """Return whether a pool has a notebook, and by that a page of its own that is worth finding."""
    return bool(pool.notebook) and pool.kind is not Kind.GENERIC


def view_path(name: str) -> str:
    """Return where a pool's own page is, below the prefix."""
    return f"/view/{name}"


def link_of(site: Site, pool: Pool) -> Link:
    """Return what is told of a pool's page."""
    shown = site.previews.find(pool.name)
    public = site.settings.gateway.public_url
    url = f"{public}{view_path(pool.name)}" if public else ""
    # The version makes it another address when it is another picture: who has seen one keeps it for long.
    picture = f"{url}/picture?{shown.version}" if url and shown.picture else ""
    return Link(shown.title, shown.description, url, picture)
