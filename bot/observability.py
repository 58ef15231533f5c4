"""Logs: one event per line with fields, and never a secret."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

_SECRET = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=hooks\.slack\.com/)\S+|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")
_QUIETER = {"slack_sdk": logging.WARNING, "slack_bolt": logging.ERROR, "apscheduler": logging.ERROR,
            "aiosqlite": logging.WARNING, "uvicorn": logging.WARNING, "alembic": logging.WARNING}  # fmt: skip
"""At DEBUG slack_sdk prints whole requests; Bolt warns of the token it finds, APScheduler of a second that a busy loop
skips, and both are as planned."""


def set_up_logs(log_format: Literal["console", "json"]) -> None:
    """Everything goes to standard error, the libraries' logs included."""
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info if log_format == "json" else _untouched,
                without_secrets,
                renderer,
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name, level in _QUIETER.items():
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def without_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Tokens and passwords in any text of the event, whoever logged it, are blanked."""
    for field, value in event.items():
        if isinstance(value, str):
            event[field] = _SECRET.sub("[secret]", value)
    return event


def _untouched(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return event
