"""Makes MathML of LaTeX, which browsers show without scripts. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import escape

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 2000
"""Characters of one formula; longer ones are shown as they are written."""

_ALIASES = {
    r"\begin{aligned}": r"\begin{split}",
    r"\end{aligned}": r"\end{split}",
    r"\begin{align}": r"\begin{align*}",
    r"\end{align}": r"\end{align*}",
    r"\begin{equation}": "",
    r"\end{equation}": "",
    r"\begin{equation*}": "",
    r"\end{equation*}": "",
    r"\displaystyle": "",
}
"""What the converter does not know, as something that looks the same."""

_UNKNOWN = re.compile(r"<m[a-z]+[^>]*>(?:\\[A-Za-z]|&<)")
"""A command or an `&` that the converter has let stand as a letter."""

_BRACE = re.compile(r"(?<!\\)[{}]")


def formula(tex: str, *, display: bool) -> str:
    """Return a formula as HTML that is still to be cleaned; its source where it cannot be made one."""
    source = tex.strip().strip("$").strip()
    braces = _BRACE.findall(source)
    if source and len(source) <= LONGEST and braces.count("{") == braces.count("}"):
        for written, known in _ALIASES.items():
            source = source.replace(written, known)
        made = _made(source, "block" if display else "inline")
        if made and not _UNKNOWN.search(made):
            return made
    return f'<code class="formula">{escape(tex.strip())}</code>'


def _made(source: str, display: str) -> str:
    try:
        return _converter()(source, display=display)
    except Exception:  # noqa: BLE001 - it raises what it meets, IndexError and RecursionError too
        return ""


@cache
def _converter() -> Callable[..., str]:
    # Its table of symbols takes 10 MiB, which a gateway without formulas need not hold.
    from latex2mathml.converter import convert  # noqa: PLC0415

    return convert
