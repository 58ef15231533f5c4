"""Logs: one event per line with fields, and never a secret."""

import logging
import re
import sys
from collections.abc import Callable, Collection
from typing import Any, Literal

import structlog

_SECRET = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+"  # tokens
    r"|(?<=hooks\.slack\.com/)[^\s\"'<>]+|(?<=[?&]ticket=)[^&\s\"'<>]+"  # addresses that are keys themselves
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)|(?<=[?&]password=)[^&\s\"'<>]+"  # passwords of databases and services
)
_QUIETER = {"slack_sdk": logging.WARNING, "slack_bolt": logging.ERROR, "apscheduler": logging.ERROR,
            "aiosqlite": logging.WARNING, "uvicorn": logging.WARNING, "alembic": logging.WARNING}  # fmt: skip
"""At DEBUG slack_sdk prints whole requests; Bolt warns of the token it finds, APScheduler of a second that a busy loop
skips, and both are as planned."""


def set_up_logs(log_format: Literal["console", "json"], secrets: Collection[str] = ()) -> None:
    """Everything goes to standard error, the libraries' logs included; `secrets` are blanked wherever they stand.

    A traceback is printed without the values of its variables: those are tokens and what people wrote.
    """
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderers: list[structlog.types.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *renderers,
                _without(secrets),
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


def _without(secrets: Collection[str]) -> Callable[[Any, str, Any], str]:
    """Blanks secrets in the finished line, so that it does not matter in which field or how deep they stood."""
    known = "|".join(re.escape(secret) for secret in secrets if secret)
    pattern = re.compile(f"{known}|{_SECRET.pattern}") if known else _SECRET

    def without_secrets(_logger: Any, _method: str, line: Any) -> str:
        return pattern.sub("[secret]", str(line))

    return without_secrets
