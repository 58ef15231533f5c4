"""Uvicorn inside a running event loop: a free port, no signal handlers, a quick and clean end."""

import asyncio
import contextlib
import socket
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol
from websockets.exceptions import InvalidState

_GRACE = 0.5
"""Real seconds for requests that are still being answered."""


class _Connection(H11Protocol):
    """Hands its transport to the application, so that it can break off as networks do."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class Server:
    def __init__(self, app: ASGIApp, *, host: str, port: int) -> None:
        self._address = (host, port)
        config = uvicorn.Config(
            app,
            http=_Connection,
            ws="websockets-sansio",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            ws_per_message_deflate=False,
            timeout_keep_alive=3600,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)

    async def start(self) -> int:
        """Listens; the port."""
        listener = _listener(*self._address)
        await self._server.startup(sockets=[listener])
        return int(listener.getsockname()[1])

    async def stop(self) -> None:
        """Closes every connection and waits for what still runs, not for long."""
        for server in self._server.servers:
            server.close()
        state = self._server.server_state
        transports = [connection.transport for connection in state.connections]
        for connection in list(state.connections):
            with contextlib.suppress(InvalidState):  # it is closing already
                connection.shutdown()
        tasks: set[asyncio.Task[Any]] = set(state.tasks)
        if tasks:
            _, unfinished = await asyncio.wait(tasks, timeout=_GRACE)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        for transport in transports:
            transport.abort()
        for server in self._server.servers:
            await server.wait_closed()


def _listener(host: str, port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is named; left on, each answer takes 40 ms.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener
