"""Signed HTTP: Bolt behind FastAPI and uvicorn. What is not from Slack is turned away before it is parsed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier

from bot import clock

log = structlog.get_logger()

PATH = "/slack/events"
LARGEST_BODY = 1_000_000
OLDEST_SECONDS = 300
"""Slack's own advice: a request older than five minutes may be a replay."""
AHEAD_SECONDS = 60
CLOSE_WITHIN_SECONDS = 5


def web_app(bolt: AsyncApp, signing_secret: str) -> FastAPI:
    """Answers 401 to a stale or wrong signature and 400 to a body that is not Slack's."""
    app = FastAPI(title="Tierline", openapi_url=None, docs_url=None, redoc_url=None)
    handler = AsyncSlackRequestHandler(bolt)
    verifier = SignatureVerifier(signing_secret)

    @app.post(PATH)
    async def slack_events(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        if not _is_signed(verifier, request, body):
            log.warning("http.not_signed")
            return Response(status_code=401)
        if not _is_readable(request, body):
            log.warning("http.malformed")
            return Response(status_code=400)
        answer: Response = await handler.handle(request)
        return answer

    return app


async def _body(request: Request) -> bytes | None:
    """The raw bytes; None when they are too many. Read once, and kept by the request for Bolt."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        return None
    body = await request.body()
    return body if len(body) <= LARGEST_BODY else None


def _is_signed(verifier: SignatureVerifier, request: Request, body: bytes) -> bool:
    stamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and signature.isascii()):
        return False
    age = clock.now().timestamp() - int(stamp)
    return -AHEAD_SECONDS <= age <= OLDEST_SECONDS and verifier.is_valid(body, stamp, signature)


def _is_readable(request: Request, body: bytes) -> bool:
    """Whether Bolt can parse it: Bolt raises for broken JSON before anything of ours could answer."""
    try:
        text = body.decode("utf-8")
        if "json" in request.headers.get("content-type", ""):
            return isinstance(json.loads(text), dict)
        form = parse_qs(text, max_num_fields=100)
        return all(isinstance(json.loads(payload), dict) for payload in form.get("payload", ()))
    except ValueError:
        return False


@asynccontextmanager
async def serving(app: FastAPI, host: str, port: int) -> AsyncIterator[int]:
    """Serves until the block ends; gives the port, which the system chose when `port` was 0."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=CLOSE_WITHIN_SECONDS,
        )
    )
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    running = asyncio.create_task(server.main_loop())
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running
        await server.shutdown()
