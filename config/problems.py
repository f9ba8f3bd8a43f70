"""From pydantic's errors to problems in an operator's words: key, value, what is allowed."""

from collections.abc import Mapping

from annotated_types import Ge, Gt, Le
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.errors import Problem
from config.keys import SECTIONS, Path, dotted, field_at, key_of, like, shown
from config.wording import with_origin, written, written_raw

_NUMBER_ERRORS = ("int_", "float_", "less_than", "greater_than", "finite_")
_PLAIN = {
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "string_type": "text in quotes",
    "tuple_type": "a list in square brackets",
    "mapping_type": "a table of text",
    "dict_type": "a table of text",
}


def from_validation(error: ValidationError, origins: Mapping[str, str]) -> dict[Path, Problem]:
    """One problem for each thing pydantic found, by the path it was found at."""
    found = {}
    for each in error.errors(include_url=False):
        path: Path = each["loc"]
        origin = origins.get(dotted(key_of(path)), "file")
        value = with_origin(written_raw(each["input"], path), origin)
        found[path] = Problem(dotted(path), value, _allowed(each, path))
    return found


def _unknown(path: Path) -> str:
    meant = like(path)
    if meant:
        return f"no such key; did you mean {meant}?"
    model = SECTIONS.get(str(path[0]))
    return f"no such key; there are {', '.join(SECTIONS if model is None else model.model_fields)}"


def _allowed(error: ErrorDetails, path: Path) -> str:
    field = field_at(path)
    match error["type"]:
        case "extra_forbidden":
            text = _unknown(path)
        case "value_error":
            text = str(error["ctx"]["error"])
        case "enum":
            text = str(error["ctx"]["expected"]).replace("'", "")
        case "string_too_long":
            text = f"at most {error['ctx']['max_length']} characters"
        case kind if kind in _PLAIN and field is not None:
            text = _PLAIN[kind]
        case kind if kind.startswith(_NUMBER_ERRORS) and field is not None:
            text = _number_allowed(field)
        case _:
            text = _table(path)
    return text


def _table(path: Path) -> str:
    if path[0] == "pools":
        return "tables headed [[pools]]"
    return f"a table headed [{path[0]}]"


def _number_allowed(field: FieldInfo) -> str:
    """Say which numbers a field takes, from its own limits."""
    how = shown(field)
    noun = f"a {how}" if how is not None else "a whole number" if field.annotation is int else "a number"
    least = above = most = ""
    for mark in field.metadata:
        match mark:
            case Ge(ge=limit):
                least = written(limit, how)
            case Gt(gt=limit):
                above = written(limit, how)
            case Le(le=limit):
                most = written(limit, how)
    if least and most:
        return f"{noun} from {least} to {most}"
    limits = (("above", above), ("of at least", least), ("up to", most))
    return " ".join([noun, *(f"{word} {limit}" for word, limit in limits if limit)])


def without(data: Mapping[str, object], paths: Mapping[Path, Problem]) -> dict[str, object]:
    """Copy `data` without the keys that have a problem, so that the others can be looked at."""
    kept: dict[str, object] = {}
    broken = {key_of(path) for path in paths}
    for section, table in data.items():
        if (section,) in broken:
            continue
        if isinstance(table, Mapping):
            kept[section] = {key: value for key, value in table.items() if (section, key) not in broken}
        elif isinstance(table, list):
            kept[section] = [
                {key: value for key, value in entry.items() if (section, at, key) not in broken}
                if isinstance(entry, Mapping)
                else {}
                for at, entry in enumerate(table)
            ]
    return kept
