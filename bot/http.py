"""Signed HTTP: Bolt behind FastAPI and uvicorn. What is not from Slack is turned away before it is parsed."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from starlette.requests import ClientDisconnect

from bot import clock
from bot.listening import CannotListen
from bot.strangers import Patience, PatientProtocol

log = structlog.get_logger()

PATH = "/slack/events"
LARGEST_BODY = 1_000_000
OLDEST_SECONDS = 300
"""Slack's own advice: a request older than five minutes may be a replay."""
AHEAD_SECONDS = 60
SLACKS_KINDS = ("application/json", "application/x-www-form-urlencoded")
NOT_TAKEN = 503
CLOSE_WITHIN_SECONDS = 5
BODY_WITHIN_SECONDS = 5
MOST_CONNECTIONS = 500
"""Below the thousand files that a process may usually open; the database needs some too."""


def web_app(bolt: AsyncApp, signing_secret: str) -> FastAPI:
    """Answers 401 to a stale or wrong signature, 413 to too much, 408 to what never ends, 400 to what is not Slack's,
    and 429 to an address that sent much of that. Only 503 has Slack send an event again, and means that."""
    app = FastAPI(title="Tierline", openapi_url=None, docs_url=None, redoc_url=None)
    patience = Patience(asyncio.get_running_loop().time)

    @app.post(PATH)
    async def slack_events(request: Request) -> Response:
        address = request.client.host if request.client is not None else ""
        if patience.is_out(address):
            return _closing(HTTPStatus.TOO_MANY_REQUESTS)
        body = await _body(request)
        if not isinstance(body, bytes):
            patience.tried(address)
            return _closing(body)
        if not _is_signed(signing_secret, request, body):
            patience.tried(address)
            log.warning("http.not_signed")
            return Response(status_code=401)
        return await _dispatched(bolt, request, body)

    return app


async def _dispatched(bolt: AsyncApp, request: Request, body: bytes) -> Response:
    parsed = _parsed(request, body)
    answer = await bolt.async_dispatch(parsed) if parsed is not None else None
    if answer is not None and answer.status == NOT_TAKEN:
        return Response(status_code=NOT_TAKEN)
    # No listener of ours lets an error out: what Bolt stumbles over is not as Slack sends it, and no better later.
    if answer is None or answer.status >= 500:
        log.warning("http.malformed")
        return Response(status_code=400)
    response: Response = to_starlette_response(answer)
    return response


async def _body(request: Request) -> bytes | HTTPStatus:
    """The raw bytes; why not, as soon as they are too many, whatever length was declared, or take too long."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    except TimeoutError:
        log.warning("http.too_slow")
        return HTTPStatus.REQUEST_TIMEOUT
    except ClientDisconnect:
        return HTTPStatus.BAD_REQUEST  # nobody is there to read it
    return bytes(body)


def _closing(status: HTTPStatus) -> Response:
    """What else is sent is not read."""
    return Response(status_code=status, headers={"Connection": "close"})


def _is_signed(secret: str, request: Request, body: bytes) -> bool:
    """Over the raw bytes: whatever they are, they are not decoded before it is known who sent them."""
    stamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and signature.isascii()):
        return False
    age = clock.now().timestamp() - int(stamp)
    expected = "v0=" + hmac.new(secret.encode(), b"v0:%s:%s" % (stamp.encode(), body), hashlib.sha256).hexdigest()
    return -AHEAD_SECONDS <= age <= OLDEST_SECONDS and hmac.compare_digest(expected, signature)


def _parsed(request: Request, body: bytes) -> AsyncBoltRequest | None:
    """The request as Bolt takes it; None when it is not Slack's: Bolt then raises whatever its parsing ran into."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in SLACKS_KINDS:
        return None
    try:
        parsed = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
    except Exception:  # noqa: BLE001 - AttributeError, TypeError and others, depending on what stands where
        return None
    return parsed if isinstance(parsed.body, dict) and parsed.body else None


@asynccontextmanager
async def serving(app: FastAPI, host: str, port: int) -> AsyncIterator[int]:
    """Serves until the block ends; gives the port, which the system chose when `port` was 0.

    Raises `CannotListen`, where uvicorn would end the process.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            lifespan="off",
            access_log=False,
            timeout_graceful_shutdown=CLOSE_WITHIN_SECONDS,
            http=PatientProtocol,
            ws="none",
            limit_concurrency=MOST_CONNECTIONS,
        )
    )
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    try:
        await server.startup()
    except SystemExit as refused:
        raise CannotListen(f"cannot listen on {host}:{port}: is it taken? Mend TIERLINE_HTTP_BIND.") from refused
    running = asyncio.create_task(server.main_loop())
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await running
        await server.shutdown()
