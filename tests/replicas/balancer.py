"""What stands before several bots that are reached over HTTP: each request goes to the next one that takes it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count

import aiohttp
from aiohttp import web

PATH = "/slack/events"
_PASSED_ON = ("Content-Type", "User-Agent", "X-Slack-Request-Timestamp", "X-Slack-Signature", "X-Slack-Retry-Num")


class Balancer:
    """Asks for the ports at each request, since bots come and go."""

    def __init__(self, ports: Callable[[], Sequence[int]], session: aiohttp.ClientSession) -> None:
        self._ports = ports
        self._session = session
        self._turn = count()

    async def take(self, request: web.Request) -> web.Response:
        """A request that reached a bot is not given to another one: nobody knows what the first one did."""
        body = await request.read()
        headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
        ports, turn = self._ports(), next(self._turn)
        for offset in range(len(ports)):
            url = f"http://127.0.0.1:{ports[(turn + offset) % len(ports)]}{PATH}"
            try:
                async with self._session.post(url, data=body, headers=headers) as answer:
                    return web.Response(
                        status=answer.status, body=await answer.read(), content_type=answer.content_type
                    )
            except aiohttp.ClientConnectorError:
                continue
            except aiohttp.ClientError:
                break
        return web.Response(status=502)


@asynccontextmanager
async def balancing(ports: Callable[[], Sequence[int]]) -> AsyncIterator[str]:
    """The address at which Slack reaches the bots."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        application = web.Application()
        application.router.add_post(PATH, Balancer(ports, session).take)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}{PATH}"
        finally:
            await runner.cleanup()
