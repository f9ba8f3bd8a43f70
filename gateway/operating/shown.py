"""Numbers as the operator's page shows them; `web/static/dashboard.js` says each the same way. Pure.

What is not known is shown as a dash, so that it is never taken for a zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

UNKNOWN = "\N{EN DASH}"

SIZES = ((2**40, "TiB"), (2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"))
SPANS = ((86400, "d"), (3600, "h"), (60, "min"))


def size(count: float) -> str:
    """Bytes in the largest unit there is one of: `1.5 GiB`, `512 MiB`."""
    for factor, unit in SIZES:
        if count >= factor:
            return f"{_rounded(count / factor)} {unit}"
    return f"{count:.0f} B"


def wait(seconds: float) -> str:
    """Seconds a person waited: `9 ms`, `1.2 s`."""
    if seconds < 0.9995:
        return f"{max(1, _whole(seconds * 1000))} ms"
    return f"{_rounded(seconds)} s"


def span(seconds: float) -> str:
    """Seconds something has lasted, in its two largest units: `3 h 12 min`."""
    for index, (factor, unit) in enumerate(SPANS):
        if seconds >= factor:
            amount = f"{int(seconds // factor)} {unit}"
            if index + 1 == len(SPANS):
                return amount
            smaller, name = SPANS[index + 1]
            return f"{amount} {int(seconds % factor // smaller)} {name}"
    return f"{int(seconds)} s"


def percent(share: float) -> str:
    """A share from 0 to 1. What is not all is not shown as all, and some is not shown as none."""
    whole = _whole(share * 100)
    if whole == 100 and share < 1:
        return "99 %"
    if whole == 0 and share > 0:
        return "1 %"
    return f"{whole} %"


def _rounded(amount: float) -> str:
    """A digit behind the point where there is but one before it."""
    return f"{_whole(amount * 10) / 10:g}" if amount < 9.95 else str(_whole(amount))


def _whole(amount: float) -> int:
    """Round as JavaScript does: a half goes up, not to the even number."""
    return int(amount + 0.5)


FORMS: Mapping[str, Callable[[Any], str]] = {
    "text": str,
    "count": lambda count: f"{count:,}",
    "size": size,
    "percent": percent,
    "wait": wait,
    "span": span,
    "ago": lambda seconds: f"{span(seconds)} ago",
    "times": lambda count: f"{count} times" if count > 1 else "",
    "words": lambda name: name.replace("_", " "),
}


def at(view: Any, path: str) -> Any:
    """Return what stands at `a.b.c` of nested mappings; the sum of several such at `a.b + a.c`.

    None where there is nothing.
    """
    parts = [part for part in (_step(view, each) for each in path.split(" + ")) if part is not None]
    if not parts:
        return None
    return sum(parts) if len(parts) > 1 else parts[0]


def _step(view: Any, path: str) -> Any:
    for key in path.split("."):
        view = view.get(key) if isinstance(view, dict) else None
    return view


def field(view: Any, path: str, form: str = "count", *, tag: str = "span") -> Markup:
    """Return an element that shows what stands at `path`, and tells the script how to renew it."""
    value = at(view, path)
    unknown = "" if form in {"text", "words", "times"} else UNKNOWN
    shown = unknown if value is None else FORMS[form](value)
    return Markup('<{tag} data-at="{path}" data-form="{form}">{shown}</{tag}>').format(
        tag=tag, path=path, form=form, shown=shown
    )
