"""Log lines: one an event, for people on a terminal and for machines elsewhere. Everything goes to stderr."""

from __future__ import annotations

import logging
import sys

import orjson
import structlog

from config import LogFormat


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


def _dumps(content: object, **options: object) -> str:
    fallback = options.get("default")
    return orjson.dumps(content, default=fallback if callable(fallback) else str).decode()
