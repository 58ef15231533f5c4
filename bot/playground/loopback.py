"""Keeps strangers out: this server answers to the loopback names only, and to its own page."""

from starlette.types import ASGIApp, Receive, Scope, Send

from .arguments import header
from .wire import Reply, send_reply

_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


class LoopbackOnly:
    """Refuses other Host names (DNS rebinding) and requests that another origin's page makes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = header(scope["headers"], b"host")
        if _name(host) in _NAMES and _same_origin(header(scope["headers"], b"origin"), host):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            refusal = Reply(status=403, body=b"This server answers on this machine only.", content_type="text/plain")
            await send_reply(refusal, scope, receive, send)


def _name(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _same_origin(origin: str, host: str) -> bool:
    """A request without Origin comes from a program or from the page itself."""
    return not origin or origin.partition("://")[2] == host
