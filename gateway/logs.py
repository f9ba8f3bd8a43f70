"""Log lines: one an event, for people on a terminal and for machines elsewhere. Everything goes to stderr."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from config import LogFormat
from pool.identity import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def configure(form: LogFormat, level: int = logging.INFO) -> None:
    """Set up structlog for this process, and let other libraries' warnings come out the same way."""
    console = form is LogFormat.CONSOLE or (form is LogFormat.AUTO and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True)
        if not console
        else structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
    ]
    renderer: list[structlog.typing.Processor]
    if console:
        renderer = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=22)]
    else:
        renderer = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_dumps),
        ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for room in ("gateway", "pool", "config"):
        logging.getLogger(room).setLevel(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A warning or an error of the log, cut down to what may be shown: the rest could hold anything."""

    level: str
    event: str
    code: str | None = None
    detail: str = ""
    pool: str | None = None
    instance: str | None = None


@contextmanager
def watched(*listeners: Callable[[Line], None]) -> Iterator[None]:
    """Tell `listeners` of every warning and error that is logged while this is entered."""
    watch = _Watch(listeners)
    root = logging.getLogger()
    root.addHandler(watch)
    try:
        yield
    finally:
        root.removeHandler(watch)


class _Watch(logging.Handler):
    """Structlog hands its events to logging as dicts; other libraries log text."""

    def __init__(self, listeners: tuple[Callable[[Line], None], ...]) -> None:
        super().__init__(logging.WARNING)
        self._listeners = listeners

    def emit(self, record: logging.LogRecord) -> None:
        line = line_of(record)
        for listener in self._listeners:
            listener(line)


def line_of(record: logging.LogRecord) -> Line:
    """Return what may be shown of a record.

    A library's text may quote a request, and an exception's anything: they are named and not repeated.
    """
    level = record.levelname.lower()
    if not isinstance(record.msg, dict):
        return Line(level, "library_complained", detail=f"{record.name}; see the log")
    event: dict[str, Any] = record.msg
    error = event.get("exc_info")
    unexpected = f"{type(error).__name__}; see the log" if isinstance(error, BaseException) else ""
    return Line(
        level=level,
        event=str(event.get("event", "")),
        code=_text(event.get("code")),
        detail=str(event.get("detail", unexpected)),
        pool=_text(event.get("pool")),
        instance=None if event.get("instance") is None else short(str(event["instance"])),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _dumps(content: object, **options: object) -> str:
    fallback = options.get("default")
    return orjson.dumps(content, default=fallback if callable(fallback) else str).decode()
