"""What keeps the bot from its work just now, by part. Whoever notices says it, and says when it is over."""

from collections.abc import Mapping
from enum import StrEnum

import structlog

log = structlog.get_logger()


class Part(StrEnum):
    """What the bot cannot do without."""

    SLACK = "slack"
    SOCKET = "socket"
    DATABASE = "database"
    AUDIT = "audit"


class Health:
    """Ready for work when no part is ill."""

    def __init__(self) -> None:
        self._problems: dict[Part, str] = {}

    def ill(self, part: Part, problem: str) -> None:
        """`problem` is one sentence for the operator."""
        if self._problems.get(part) != problem:
            log.error("health.ill", part=part.value, problem=problem)
        self._problems[part] = problem

    def well(self, part: Part) -> None:
        if self._problems.pop(part, None) is not None:
            log.info("health.well", part=part.value)

    @property
    def problems(self) -> Mapping[Part, str]:
        return self._problems

    @property
    def ready(self) -> bool:
        return not self._problems
