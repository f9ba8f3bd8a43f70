"""Settings, problems and the reference as text. Pure: nothing is printed or read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.keys import SECTIONS, Path, dotted, env_name, shown
from config.wording import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pydantic.fields import FieldInfo

    from config.errors import ConfigError
    from config.load import Loaded

_SECRET: Path = ("gateway", "secret")


def settings_table(loaded: Loaded) -> str:
    """Every effective setting, where it came from, in aligned columns; secrets are only said to be set."""
    rows = [("key", "value", "from")]
    for path, field, value in _effective(loaded):
        key = dotted(path)
        rows.append((key, _value(path, field, value), loaded.origins[key]))
    return _aligned(rows)


def problems_list(error: ConfigError) -> str:
    """Every problem on a line of its own: key, value, what is allowed."""
    many = len(error.problems)
    heading = "1 problem in the configuration:" if many == 1 else f"{many} problems in the configuration:"
    rows = [("key", "value", "allowed"), *((each.key, each.value, each.allowed) for each in error.problems)]
    return f"{heading}\n\n{_aligned(rows)}"


def reference() -> str:
    """Every key with its default and meaning, as Markdown tables, one for each section."""
    return "\n\n".join(_reference_of(section) for section in SECTIONS)


def _reference_of(section: str) -> str:
    pools = section == "pools"
    header = f"### `[[{section}]]`" if pools else f"### `[{section}]`"
    start: Path = (section, 0) if pools else (section,)
    first = next(iter(SECTIONS[section].model_fields))
    rows = [header, "", f"In the environment: `{env_name((*start, first))}` and so on.", ""]
    rows += ["| key | default | meaning |", "|---|---|---|"]
    for key, field in SECTIONS[section].model_fields.items():
        default = _value((*start, key), field, field.get_default(call_default_factory=True))
        meaning = " ".join((field.description or "").split()).replace("|", "\\|")
        rows.append(f"| `{key}` | `{default}` | {meaning} |")
    return "\n".join(rows)


def _effective(loaded: Loaded) -> Iterator[tuple[Path, FieldInfo, object]]:
    settings = loaded.settings
    tables: list[tuple[Path, object]] = [
        ((section,), getattr(settings, section)) for section in SECTIONS if section != "pools"
    ]
    tables += [(("pools", at), pool) for at, pool in enumerate(settings.pools)]
    for path, table in tables:
        for key, field in SECTIONS[str(path[0])].model_fields.items():
            yield (*path, key), field, getattr(table, key)


def _value(path: Path, field: FieldInfo, value: object) -> str:
    text = written(value, shown(field))
    return "generated" if path == _SECRET and text == "not set" else text


def _aligned(rows: Iterable[Sequence[str]]) -> str:
    """Pad all columns but the last to their longest cell."""
    lines = [tuple(row) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
