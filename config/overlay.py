"""Layers of settings: later ones lie over earlier ones, and each key remembers the layer it came from."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import get_origin

from config.errors import Problem
from config.keys import ENV_PREFIX, SECTIONS, Path, dotted, env_name, field_at, key_of
from config.wording import with_origin, written_raw

NOT_SETTINGS = {"WARMGATE_CONFIG", "WARMGATE_PRESET"}
"""Variables that say where settings are, not what they are."""

_SHELL_WORDS = {"command", "tmpfs"}  # their entries may hold commas; other lists are split at commas too
_FLAG = re.compile(r"(?P<section>[a-z_]+)(\[(?P<at>[0-9]{1,3})\])?\.(?P<key>[a-z_]+)", re.ASCII)
_INDEX = re.compile(r"[0-9]{1,3}", re.ASCII)


@dataclass(slots=True)
class Layers:
    """Settings not yet checked, where each key came from, and what could not even be laid on."""

    data: dict[str, object] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def lay(self, tree: Mapping[str, object], origin: str) -> None:
        """Lay a whole tree, as a TOML file gives it, over what is there; a list of pools replaces another."""
        for section, table in tree.items():
            below = self.data.get(section)
            if isinstance(table, Mapping) and isinstance(below, dict):
                below.update(deepcopy(table))
            else:
                self._forget(section)
                self.data[section] = deepcopy(table)
            for path in _keys_in(section, table):
                self.origins[dotted(path)] = origin

    def put(self, path: Path, value: object, origin: str) -> None:
        """Lay one value over what is there; a pool's number may be one past the last, which adds a pool."""
        if isinstance(value, str):
            value = _unpacked(path, value)
        table: object = self.data.setdefault(str(path[0]), [{}] if path[0] == "pools" else {})
        if isinstance(table, list) and isinstance(path[1], int):
            if path[1] > len(table):
                allowed = f"a pool from 0 to {len(table)}; {len(table)} would be a new one"
                self.problems.append(
                    Problem(dotted(path), with_origin(written_raw(value, path), origin), allowed)
                )
                return
            if path[1] == len(table):
                table.append({})
            table = table[path[1]]
        key = key_of(path)
        if not isinstance(table, dict):
            return  # the check of the whole complains about the table itself
        self.origins[dotted(key)] = origin
        if path == key:
            table[key[-1]] = value
            return
        inner = table.get(key[-1])
        table[key[-1]] = {**(inner if isinstance(inner, Mapping) else {}), path[-1]: value}

    def put_environment(self, environ: Mapping[str, str]) -> None:
        """Lay `WARMGATE_<SECTION>__<KEY>` and `PORT` over what is there; an unknown name is a problem."""
        found: list[tuple[Path, str]] = []
        for name in environ:
            if name in NOT_SETTINGS or not name.startswith(ENV_PREFIX):
                continue
            path = _path_of_variable(name)
            if path is None or field_at(path) is None:
                self.problems.append(Problem(name, "(set)", _unknown_variable(name)))
            else:
                found.append((path, name))
        for path, name in sorted(found):
            self.put(path, environ[name], f"env {name}")
        if environ.get("PORT"):
            self.put(("gateway", "port"), environ["PORT"], "env PORT")

    def put_flags(self, flags: Mapping[str, object]) -> None:
        """Lay command-line flags, `gateway.port` or `pools[0].warm`, over what is there; None is no flag."""
        for name, value in flags.items():
            if value is None:
                continue
            path = _path_of_flag(name)
            if path is None or field_at(path) is None:
                self.problems.append(Problem(name, "(set)", "a key that exists"))
            else:
                self.put(path, value, "flag")

    def _forget(self, section: str) -> None:
        for key in [key for key in self.origins if re.match(rf"{re.escape(section)}[.\[]", key)]:
            del self.origins[key]


def _keys_in(section: str, table: object) -> Iterator[Path]:
    match table:
        case Mapping():
            yield from ((section, str(key)) for key in table)
        case list():
            for at, entry in enumerate(table):
                if isinstance(entry, Mapping):
                    yield from ((section, at, str(key)) for key in entry)


def _path_of_variable(name: str) -> Path | None:
    match name.removeprefix(ENV_PREFIX).split("__"):
        case ["POOLS", at, "ENV", *rest] if _INDEX.fullmatch(at) and rest:
            return ("pools", int(at), "env", "__".join(rest))
        case ["POOLS", at, key] if _INDEX.fullmatch(at) and key.isupper():
            return ("pools", int(at), key.lower())
        case [section, key] if section.isupper() and key.isupper() and section != "POOLS":
            return (section.lower(), key.lower())
        case _:
            return None


def _path_of_flag(name: str) -> Path | None:
    found = _FLAG.fullmatch(name)
    if found is None or (found["section"] == "pools") != (found["at"] is not None):
        return None
    place = () if found["at"] is None else (int(found["at"]),)
    return (found["section"], *place, found["key"])


def _unknown_variable(name: str) -> str:
    index = re.search(r"__([0-9]+)__", name)
    place = (int(index[1]) if index else 0,)
    there_are = [
        env_name((section, *(place if section == "pools" else ()), key))
        for section, model in SECTIONS.items()
        for key in model.model_fields
    ]
    close = get_close_matches(name, there_are, n=1)
    return f"no such setting; did you mean {close[0]}?" if close else f"{ENV_PREFIX}<SECTION>__<KEY>"


def _unpacked(path: Path, text: str) -> object:
    """Read a list or a table out of text: JSON, or words. The field's check names what cannot be read."""
    info = field_at(path)
    kind = None if info is None or path != key_of(path) else get_origin(info.annotation)
    if kind not in {tuple, Mapping}:
        return text
    try:
        if text.lstrip().startswith(("[", "{")):
            return json.loads(text)
        if kind is Mapping:
            return {} if not text.strip() else text
        return shlex.split(text) if path[-1] in _SHELL_WORDS else re.findall(r"[^,\s]+", text)
    except ValueError:
        return text
