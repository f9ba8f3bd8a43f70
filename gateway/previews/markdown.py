"""Makes HTML of Markdown as notebooks have it: tables, formulas, code in colours. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from gateway.previews import pictures
from gateway.previews.boxes import box
from gateway.previews.cleaning import clean
from gateway.previews.code import coloured
from gateway.previews.effort import is_small
from gateway.previews.formulas import formula

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token

ATTACHMENT = "attachment:"


def rendered(source: str, attachments: Mapping[str, Any] | None = None) -> Markup:
    """Return Markdown as clean HTML; as it is written, where it would take too long to make it that."""
    made = clean(_PARSER.render(source, {"attachments": attachments or {}})) if is_small(source) else None
    return as_written(source) if made is None else made


def as_written(source: str) -> Markup:
    """Return Markdown as plain text."""
    return box(source, escape(source), label="Text")


def _highlighted(source: str, language: str, _attributes: str) -> str:
    return f"<pre><code>{coloured(source, language)}</code></pre>"


def _formula(content: str, options: Mapping[str, Any]) -> str:
    return formula(content, display=bool(options.get("display_mode")))


def _amsmath(content: str) -> str:
    return formula(content, display=True)


def _image(_: RendererHTML, tokens: Sequence[Token], index: int, __: Any, env: Mapping[str, Any]) -> str:
    """Show a picture that the notebook brings along; of another its text, as a link if it has an address."""
    token = tokens[index]
    source, alt = str(token.attrs.get("src", "")), escape(token.content)
    if source.startswith(ATTACHMENT):
        source = pictures.attached(env["attachments"], source.removeprefix(ATTACHMENT))
    if source.startswith("data:"):
        return f'<img src="{escape(source)}" alt="{alt}">'
    if source.startswith(("https://", "http://")):
        return f'<a href="{escape(source)}">{alt or "A picture elsewhere"}</a>'
    return f"<em>{alt or 'A picture'}</em>"


def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": True, "highlight": _highlighted}).enable(
        ["table", "strikethrough"]
    )
    made.use(dollarmath_plugin, double_inline=True, renderer=_formula)
    made.use(amsmath_plugin, renderer=_amsmath)
    made.add_render_rule("image", _image)
    return made


_PARSER = _parser()
