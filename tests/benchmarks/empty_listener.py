"""The task “empty listener”: Bolt as its documentation has it, with one listener that does nothing but acknowledge."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.ids import ActionId
from tests.benchmarks.child import Asked, Json, usage
from tests.benchmarks.workspace import SIGNING_SECRET, WORKSPACE

TOKEN = "xoxb-of-nobody"


async def empty_listener(asked: Asked, _given: Json) -> None:
    server = uvicorn.Server(uvicorn.Config(_web(_bolt()), port=0, log_config=None, lifespan="off", access_log=False))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    await server.startup()
    running = asyncio.create_task(server.main_loop())

    async def port() -> int:
        listening: int = server.servers[0].sockets[0].getsockname()[1]
        return listening

    await asked.answer({"be ready": port, "tell the usage": usage})
    server.should_exit = True
    await running
    await server.shutdown()


def _bolt() -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=WORKSPACE, bot_user_id="U0TIERBOT", bot_token=TOKEN)

    async def acknowledge(ack: Callable[[], Awaitable[Any]]) -> None:
        await ack()

    app = AsyncApp(
        client=AsyncWebClient(token=TOKEN),
        authorize=authorize,
        signing_secret=SIGNING_SECRET,
        process_before_response=True,
        logger=logging.getLogger("slack_bolt"),
    )
    app.action(ActionId.ACKNOWLEDGE.value)(acknowledge)
    return app


def _web(bolt: AsyncApp) -> FastAPI:
    handler = AsyncSlackRequestHandler(bolt)
    web = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @web.post("/slack/events")
    async def slack_events(request: Request) -> Response:
        answer: Response = await handler.handle(request)
        return answer

    return web
