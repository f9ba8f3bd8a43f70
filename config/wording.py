"""How values are written for people: as they could stand in the file, and never a secret."""

import json
from collections.abc import Mapping

from pydantic import SecretStr

from config.keys import SECTIONS, Path, field_at, like, shown
from config.units import format_duration, format_size
from config.values import Shown

_HIDING = {Shown.HIDDEN, Shown.NAMES_ONLY}
_SECRET_WORDS = ("token", "secret", "password", "key")
_LONGEST = 80  # characters of a wrong value that are repeated


def written(value: object, how: Shown | None = None) -> str:
    """Write a checked value; `how` is the mark of its field. Of a secret only whether it is set."""
    match value:
        case SecretStr():
            text = "set" if value.get_secret_value() else "not set"
        case Mapping():
            text = f"{{{', '.join(f'{name} = ...' for name in value)}}}"
        case int() if how is Shown.SIZE:
            text = format_size(value)
        case int() | float() if how is Shown.DURATION:
            text = format_duration(float(value))
        case tuple():
            text = f"[{', '.join(written(each) for each in value)}]"
        case bool() | int() | float():
            text = json.dumps(value)
        case _:
            text = json.dumps(str(value), ensure_ascii=False)
    return text


def written_raw(value: object, path: Path) -> str:
    """Write a value as it was found, before any check; hidden where it may hold a secret."""
    if isinstance(value, Mapping) and shown(field_at(path)) is None:
        return "a table"
    if isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value):
        return "a list of tables"
    if _may_be_secret(path):
        return "(hidden)"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def with_origin(text: str, origin: str) -> str:
    """Add where a wrong value came from, unless it is the file, where an operator looks anyhow."""
    if origin == "file":
        return text
    return f"{text} ({'the default' if origin == 'default' else f'from {origin}'})"


def _may_be_secret(path: Path) -> bool:
    """Say whether the value is secret, or stands under a misspelled key that looks like a secret's."""
    field = field_at(path)
    if field is not None:
        return shown(field) in _HIDING
    meant = like(path).rpartition(".")[2]
    models = SECTIONS.values()
    hiding = {name for model in models for name, info in model.model_fields.items() if shown(info) in _HIDING}
    return meant in hiding or any(word in str(path[-1]).lower() for word in _SECRET_WORDS)
