"""Draws Jupyter's widgets as they stood: controls that take no input, and what they had shown. Pure.

`pool.kinds.jupyter.widgets` tells how a widget looks; here are those of ipywidgets that HTML has the like of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from gateway.previews.cleaning import clean
from pool.kinds.shapes import mapping, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BOXES = frozenset({"Box", "HBox", "VBox", "GridBox", "Accordion", "Tab", "Stack"})
UNLABELLED = frozenset({"HTML", "HTMLMath", "Label", "Button"})
"""Their description is what they show, or nothing."""


def drawn(content: Any, show: Callable[[dict[str, Any]], Markup]) -> Markup | None:
    """Return a widget, and all in it; None where nothing of it can be drawn.

    `show` makes HTML of an output that an Output widget has caught.
    """
    made = _drawn(mapping(content), show)
    return Markup('<div class="widget">{}</div>').format(made) if made else None


def _drawn(widget: dict[str, Any], show: Callable[[dict[str, Any]], Markup]) -> Markup:
    model = text(widget, "model")
    if model == "Output":
        return Markup("").join(show(mapping(data)) for data in widget.get("outputs", ()))
    if model in BOXES:
        parts = [part for child in widget.get("children", ()) if (part := _drawn(mapping(child), show))]
        kind = "things" if model == "HBox" else "stack"
        return Markup('<div class="{}">{}</div>').format(kind, Markup("").join(parts)) if parts else Markup()
    make = _CONTROLS.get(model)
    made = make(widget) if make else Markup()
    if not made or model in UNLABELLED:
        return made
    return Markup("<label><span>{}</span>{}</label>").format(text(widget, "description"), made)


def _slider(widget: dict[str, Any]) -> Markup:
    return _input("range", widget) + Markup("<output>{}</output>").format(_number(widget.get("value")))


def _number_field(widget: dict[str, Any]) -> Markup:
    return _input("number", widget)


def _input(kind: str, widget: dict[str, Any]) -> Markup:
    given = {name: _number(widget.get(name)) for name in ("min", "max", "step", "value")}
    attributes = (Markup(' {}="{}"').format(name, value) for name, value in given.items() if value)
    return Markup('<input type="{}"{} disabled>').format(kind, Markup("").join(attributes))


def _bar(widget: dict[str, Any]) -> Markup:
    most, value = _number(widget.get("max")) or "100", _number(widget.get("value")) or "0"
    return Markup('<progress max="{}" value="{}"></progress>').format(most, value)


def _check(widget: dict[str, Any]) -> Markup:
    checked = Markup(" checked") if widget.get("value") is True else ""
    return Markup('<input type="checkbox"{} disabled>').format(checked)


def _button(widget: dict[str, Any]) -> Markup:
    return Markup('<button type="button" disabled>{}</button>').format(text(widget, "description"))


def _line(widget: dict[str, Any]) -> Markup:
    return Markup('<input type="text" value="{}" disabled>').format(text(widget, "value"))


def _lines(widget: dict[str, Any]) -> Markup:
    return Markup("<textarea disabled>{}</textarea>").format(text(widget, "value"))


def _label(widget: dict[str, Any]) -> Markup:
    return Markup("<span>{}</span>").format(text(widget, "value"))


def _html(widget: dict[str, Any]) -> Markup:
    return clean(text(widget, "value")) or Markup()


def _choice(widget: dict[str, Any]) -> Markup:
    labels, index = widget.get("_options_labels"), widget.get("index")
    options = Markup("").join(
        Markup("<option{}>{}</option>").format(Markup(" selected") if place == index else "", label)
        for place, label in enumerate(labels if isinstance(labels, list) else [])
        if isinstance(label, str)
    )
    return Markup("<select disabled>{}</select>").format(options)


def _number(value: Any) -> str:
    """Return a number as HTML has it; of anything else, nothing."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


_CONTROLS: Mapping[str, Callable[[dict[str, Any]], Markup]] = {
    **dict.fromkeys(("IntSlider", "FloatSlider"), _slider),
    **dict.fromkeys(("IntText", "BoundedIntText", "FloatText", "BoundedFloatText"), _number_field),
    **dict.fromkeys(("Dropdown", "Select", "RadioButtons", "ToggleButtons", "SelectionSlider"), _choice),
    **dict.fromkeys(("Checkbox", "ToggleButton", "Valid"), _check),
    **dict.fromkeys(("IntProgress", "FloatProgress"), _bar),
    **dict.fromkeys(("HTML", "HTMLMath"), _html),
    "Label": _label,
    "Button": _button,
    "Text": _line,
    "Textarea": _lines,
}
