"""What operators see of a running bot, put together: whether it turns, whether it is ready, and its numbers."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.listening import CannotListen
from bot.metrics import Metrics
from bot.services.gauges import StoredGauges
from bot.services.health import Health, Part
from bot.socket_mode import Line

if TYPE_CHECKING:
    from fastapi import APIRouter

    from bot.health_http import Turning


class Operations:
    """The answers to `/healthz`, `/readyz` and `/metrics`."""

    def __init__(
        self,
        health: Health,
        metrics: Metrics,
        stored: StoredGauges,
        loops: "Sequence[Turning]",
        line: Line | None,
        monotonic: Callable[[], float],
    ) -> None:
        """`line` is None when Slack's requests come over HTTP."""
        self._loops = loops
        self._monotonic = monotonic
        self._health = health
        self._metrics = metrics
        self._stored = stored
        self._line = line

    def router(self) -> "APIRouter":
        from bot.health_http import health_router  # a web server, which a bot in Socket Mode may do without

        return health_router(self._loops, self._health, monotonic=self._monotonic)

    async def refresh(self) -> None:
        """Sets the gauges to what is so just now."""
        await self._stored.refresh()
        self._metrics.show_health(list(Part), self._health.problems)
        if self._line is not None:
            state = self._line.state
            self._metrics.show_socket(connected=state.connected, silent_seconds=state.silent_seconds)

    @asynccontextmanager
    async def serving(self, bind: str) -> AsyncIterator[int]:
        """Answers at `host:port` until the block ends; gives the port. Raises `CannotListen`."""
        from bot.health_http import ops_app  # as above
        from bot.http import serving

        host, _, port = bind.rpartition(":")
        app = ops_app(self.router(), self._metrics, self.refresh)
        try:
            async with serving(app, host.strip("[]"), int(port)) as listening_on:
                yield listening_on
        except CannotListen as error:
            raise CannotListen(f"cannot listen on {bind}: is it taken? Mend TIERLINE_OPS_BIND.") from error
