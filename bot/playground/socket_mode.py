"""Slack's end of Socket Mode: one-time urls, hello, envelopes and their acknowledgements, disconnects."""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from starlette.websockets import WebSocket, WebSocketDisconnect

from .changes import Changes
from .delivery import ACK_WITHIN, Ack, Envelope, EnvelopeType, Failure
from .model import Json
from .triggers import Ids

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 10
_CONNECTION_SECONDS = 3600


@dataclass(slots=True, eq=False)
class _Connection:
    socket: WebSocket
    transport: asyncio.Transport
    pending: dict[str, asyncio.Future[Ack]] = field(default_factory=dict)
    leaving: bool = False
    """Told to reconnect: gets no more envelopes, may still acknowledge."""
    silent: bool = False
    """Half open: nothing gets through, and nobody says so."""


class SocketMode:
    def __init__(self, app_id: str, ids: Ids, changes: Changes, *, ack_within: float = ACK_WITHIN) -> None:
        self._app_id = app_id
        self._ids = ids
        self._changes = changes
        self._on_connect: Callable[[], None] | None = None
        self._ack_within = ack_within
        self._tickets: set[str] = set()
        self._connections: list[_Connection] = []
        self._turn = count()

    @property
    def connected(self) -> bool:
        return any(not connection.leaving for connection in self._connections)

    @property
    def connections(self) -> int:
        return len(self._connections)

    def issue_ticket(self) -> str:
        """The path of a url that one connection may use."""
        ticket = self._ids.opaque("ticket")
        self._tickets.add(ticket)
        return f"/link/?ticket={ticket}&app_id={self._app_id}"

    def on_connect(self, callback: Callable[[], None]) -> None:
        """Called whenever a connection is ready for envelopes."""
        self._on_connect = callback

    async def serve(self, socket: WebSocket) -> None:
        """One connection, from its handshake to its end."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close()
            return
        self._tickets.discard(ticket)
        await socket.accept()
        if len(self._connections) >= MAX_CONNECTIONS:
            await socket.send_text(self._disconnect("too_many_websockets"))
            await socket.close()
            return
        await self._converse(_Connection(socket, socket.scope["state"]["transport"]))

    async def send(self, envelope: Envelope) -> Ack:
        """Gives the envelope to one connection and waits for its acknowledgement."""
        connection = self._next_connection()
        if connection is None:
            return Ack(failure=Failure.NO_CONNECTION)
        envelope_id = self._ids.envelope()
        answer: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        connection.pending[envelope_id] = answer
        try:
            if not connection.silent:
                await connection.socket.send_text(json.dumps(_frame(envelope_id, envelope)))
            async with asyncio.timeout(self._ack_within):
                return await answer
        except TimeoutError:
            return Ack(failure=Failure.TIMEOUT)
        except WebSocketDisconnect:
            return Ack(failure=Failure.NO_CONNECTION)
        finally:
            connection.pending.pop(envelope_id, None)

    def cut(self) -> None:
        """Breaks every connection without a word."""
        for connection in list(self._connections):
            connection.transport.abort()

    def silence(self) -> None:
        for connection in self._connections:
            connection.silent = True
            connection.transport.pause_reading()

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Tells every connection to reconnect; `warning` leaves it open for now."""
        for connection in list(self._connections):
            connection.leaving = reason != "warning"
            await connection.socket.send_text(self._disconnect(reason))

    async def close(self) -> None:
        """Nothing of its own to end: the server closes the sockets."""

    async def _converse(self, connection: _Connection) -> None:
        self._connections.append(connection)
        try:
            await connection.socket.send_text(self._hello())
            self._changes.happened()
            if self._on_connect is not None:
                self._on_connect()
            while True:
                self._acknowledge(connection, await connection.socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._connections.remove(connection)
            for answer in connection.pending.values():
                if not answer.done():
                    answer.set_result(Ack(failure=Failure.NO_CONNECTION))
            self._changes.happened()

    def _acknowledge(self, connection: _Connection, text: str) -> None:
        try:
            message = json.loads(text)
        except ValueError:
            log.warning("playground.socket_mode.not_json")
            return
        answer = connection.pending.get(str(message.get("envelope_id")))
        if answer is not None and not answer.done():
            payload = message.get("payload")
            answer.set_result(Ack(body=payload if isinstance(payload, dict) and payload else None))

    def _next_connection(self) -> _Connection | None:
        open_ones = [connection for connection in self._connections if not connection.leaving]
        return open_ones[next(self._turn) % len(open_ones)] if open_ones else None

    def _hello(self) -> str:
        return json.dumps(
            {
                "type": "hello",
                "num_connections": len(self._connections),
                "debug_info": {
                    "host": "playground",
                    "build_number": 1,
                    "approximate_connection_time": _CONNECTION_SECONDS,
                },
                "connection_info": {"app_id": self._app_id},
            }
        )

    def _disconnect(self, reason: str) -> str:
        return json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}})


def _frame(envelope_id: str, envelope: Envelope) -> Json:
    frame: Json = {
        "envelope_id": envelope_id,
        "type": envelope.type,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.takes_payload,
    }
    if envelope.type is EnvelopeType.EVENT:
        frame |= {"retry_attempt": envelope.retry_num, "retry_reason": envelope.retry_reason}
    return frame
