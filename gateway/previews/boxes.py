"""Text of many lines in a box that scrolls where it is long, also by keyboard. Pure."""

from __future__ import annotations

from markupsafe import Markup

MOST_LINES = 24
"""More do not fit into a box of the height that `preview.css` gives it."""
MOST_WIDTH = 80
"""Characters; longer lines do not fit into its width on a page of ours."""


def box(written: str, content: Markup, *, label: str, kind: str = "plain") -> Markup:
    """Return a `<pre>` of the class `kind` with `content`, which is `written` made HTML.

    One that may scroll can be reached by keyboard, and has `label` for a name.
    """
    lines = written.split("\n")
    reached = Markup()
    if len(lines) > MOST_LINES or max(map(len, lines)) > MOST_WIDTH:
        reached = Markup(' tabindex="0" role="group" aria-label="{}"').format(label)
    return Markup('<pre class="{}"{}>{}</pre>').format(kind, reached, content)
