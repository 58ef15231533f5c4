"""Everything the playground serves, put together: the Web API, Socket Mode, and the page with its own API."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from .browser_api import BrowserApi
from .local_slack import LocalSlack
from .loopback import LoopbackOnly
from .model import NotThere
from .response_url import ResponseUrlDoor
from .web_api import WebApi

PAGE = Path(__file__).parent / "page"


def application(slack: LocalSlack) -> ASGIApp:
    app = Starlette(
        routes=[
            Mount("/api", WebApi(slack)),
            Mount("/response", ResponseUrlDoor(slack)),
            WebSocketRoute("/link/", _socket_mode(slack)),
            Route("/", _index),
            Route("/archives/{channel}/{message}", _permalink),
            Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
            Mount("/playground", _MadeWhenAsked(lambda: _browser_app(slack))),
        ]
    )
    return LoopbackOnly(app)


class _MadeWhenAsked:
    """Most tests never open the page, and making its API takes longer than some of them."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            self._app = self._make()
        await self._app(scope, receive, send)


def _browser_app(slack: LocalSlack) -> ASGIApp:
    app = FastAPI(title="Tierline playground", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(BrowserApi(slack).router())
    app.add_exception_handler(NotThere, _impossible)
    return app


def _socket_mode(slack: LocalSlack) -> Callable[[WebSocket], Awaitable[None]]:
    async def connect(socket: WebSocket) -> None:
        if slack.sockets is None:
            await socket.close()
        else:
            await slack.sockets.serve(socket)

    return connect


async def _index(_request: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers={"cache-control": "no-cache"})


async def _permalink(request: Request) -> Response:
    """Where a permalink leads: the page, at the message's channel and thread."""
    channel, message = request.path_params["channel"], request.path_params["message"]
    digits = message.removeprefix("p")
    thread = request.query_params.get("thread_ts") or f"{digits[:-6]}.{digits[-6:]}"
    return RedirectResponse(f"/#//{channel}/{thread}")


async def _impossible(_request: Request, error: Exception) -> Response:
    return JSONResponse({"ok": False, "error": str(error.args[0] if error.args else error)})
