"""A web service on this machine that keeps what it is sent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


@asynccontextmanager
async def hook(calls: list[Any], status: int = 200) -> AsyncIterator[str]:
    """Its address for Apprise; each call's JSON is added to `calls`."""

    async def take(request: web.Request) -> web.Response:
        calls.append(await request.json())
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"json://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()
