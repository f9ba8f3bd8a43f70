"""The root of the one error tree, and the errors of configuration.

Codes: W1xx configuration, W2xx engine and images, W3xx pool, W4xx requests and sessions, W5xx relay,
W6xx the operator's commands and the admin port.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class WarmgateError(Exception):
    """Something nobody has foreseen.

    Root of everything warmgate reports. A subclass says once what is the same each time: the cause (the first
    sentence of its docstring), its code, the HTTP status an answer made from it carries, one sentence for the
    visitor and one remedy for the operator. An instance adds `detail`, which goes to logs and to the operator
    and never to a visitor.
    """

    code: ClassVar[str] = "W000"
    status: ClassVar[int] = 500
    visitor: ClassVar[str] = "Something went wrong here. Please try again."
    remedy: ClassVar[str] = "Look at the gateway's log around this time."
    retry_after: float | None = None
    """Seconds after which asking again may help, where that is known."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.visitor)
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a configuration: where it is, what stands there, what may stand there."""

    key: str
    value: str
    allowed: str


class ConfigError(WarmgateError):
    """The configuration cannot be used; `problems` lists everything that is wrong, not only the first."""

    code = "W101"
    remedy = "Mend the listed keys; `warmgate check` shows them again."

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{p.key} = {p.value}: {p.allowed}" for p in problems))
        self.problems = problems
