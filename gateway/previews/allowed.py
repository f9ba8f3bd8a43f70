"""What of an author's HTML may stand in a page of ours: elements, attributes, style. Plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TEXT = _words("""
    a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em
    figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp section
    small span strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr
""")

WIDGETS = _words("""
    button datalist fieldset input label legend meter optgroup option output progress select textarea
""")
"""Shown as they stand, and disabled."""

MATH = _words("""
    math menclose merror mfenced mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot
    mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none
""")
"""Without what may hold HTML."""

ATTRIBUTES: Mapping[str, set[str]] = {
    "*": {"style", "title", "dir", "lang"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start", "type"},
    "li": {"value"},
    "details": {"open"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "input": {"type", "value", "min", "max", "step", "checked", "placeholder", "size"},
    "option": {"value", "selected"},
    "select": {"size", "multiple"},
    "textarea": {"rows", "cols", "placeholder"},
    "meter": {"value", "min", "max", "low", "high", "optimum"},
    "progress": {"value", "max"},
    "math": {"display"},
    "mo": {"stretchy", "fence", "form", "lspace", "rspace", "minsize", "maxsize", "symmetric"},
    "mi": {"mathvariant"},
    "mn": {"mathvariant"},
    "mstyle": {"displaystyle", "scriptlevel", "mathcolor"},
    "mspace": {"width", "linebreak"},
    "mtable": {"displaystyle"},
    "mtd": {"columnalign", "columnspan", "rowspan"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "mfrac": {"linethickness"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
}

STYLE = _words("""
    align-items background-color border border-bottom border-collapse border-color border-left
    border-right border-style border-top border-width color display flex-direction flex-wrap font-family
    font-style font-variant font-weight gap grid-template-columns justify-content max-width padding
    padding-bottom padding-left padding-right padding-top text-align text-decoration text-transform
    vertical-align white-space width
""")
"""Looks, and the order of boxes; nothing that leaves its place, loads something, or covers what is not its
own.
"""
