"""A request, as far as an answer of our own depends on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import CIMultiDict, MultiDict

if TYPE_CHECKING:
    from gateway.proxy.request import RequestHead


INSTANCE = web.RequestKey("instance", str)
"""The short id of the instance a request goes to."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Has the attributes of aiohttp's request of the same names."""

    method: str
    raw_path: str = field(repr=False)
    headers: CIMultiDict[str] = field(repr=False)
    instance: str = ""

    @classmethod
    def of(cls, head: RequestHead, instance: str = "") -> Self:
        """Return what a head says."""
        headers = CIMultiDict(
            (name.decode("ascii"), value.decode("latin-1")) for name, value in head.section.fields
        )
        return cls(head.method, head.target.decode("latin-1"), headers, instance)

    @property
    def query(self) -> MultiDict[str]:
        """The parameters of the query, decoded."""
        return MultiDict(parse_qsl(self.raw_path.partition("?")[2], keep_blank_values=True))

    def get(self, key: object, default: Any = None) -> Any:
        """Return the instance, the only thing that is noted of a request beside what it says."""
        return self.instance if key is INSTANCE and self.instance else default


NOTHING = Asked("GET", "/", CIMultiDict())
"""Stands for what could not be read."""
