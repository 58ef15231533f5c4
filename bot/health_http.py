"""What operators and their machines ask: does it run, is it ready, and the numbers. It knows no secret to tell."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse

from bot.metrics import CONTENT_TYPE, Metrics
from bot.services.health import Health

VITAL = frozenset({"tick", "delivery", "heartbeat"})
"""The loops that only ask the database: they end a run every second or so."""
VITAL_STUCK_AFTER_SECONDS = 30
STUCK_AFTER_SECONDS = 600
"""The others wait for Slack too, call after call: restarting the bot because Slack is slow would stop its clocks."""


class Turning(Protocol):
    """A loop, as far as it matters here."""

    @property
    def name(self) -> str: ...

    @property
    def finished_at(self) -> float:
        """When its last run ended, in monotonic seconds."""
        ...


def health_router(loops: Sequence[Turning], health: Health, *, monotonic: Callable[[], float]) -> APIRouter:
    """`/healthz`: 503 when a loop hangs, which only a restart mends. `/readyz`: 503 while a part is ill, and why."""
    router = APIRouter()

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        now = monotonic()
        stuck = [loop.name for loop in loops if now - loop.finished_at > _patience(loop)]
        return JSONResponse({"ok": not stuck, "stuck": stuck}, status_code=503 if stuck else 200)

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        problems = {part.value: problem for part, problem in health.problems.items()}
        return JSONResponse({"ok": health.ready, "problems": problems}, status_code=200 if health.ready else 503)

    return router


def _patience(loop: Turning) -> float:
    return VITAL_STUCK_AFTER_SECONDS if loop.name in VITAL else STUCK_AFTER_SECONDS


def ops_app(router: APIRouter, metrics: Metrics, refresh: Callable[[], Awaitable[None]]) -> FastAPI:
    """The same with `/metrics`; `refresh` sets the gauges that nobody keeps."""
    app = FastAPI(title="Tierline", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(router)

    @app.get("/metrics")
    async def show_metrics() -> Response:
        await refresh()
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE})

    return app
