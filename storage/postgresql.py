"""How PostgreSQL is reached: settings of every session, and lines that are known to be dead before they are used."""

import socket
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

CONNECTIONS = 10
CONNECT_WITHIN_SECONDS = 5
STATEMENT_WITHIN_SECONDS = 15

TRANSACTION_WITHIN = "20s"
"""More than its longest statement. The driver may be stopped between telling of a statement and asking for it: then its
transaction is not idle for the server, which would let it hold up the others for as long as the process is stopped."""

TRANSACTIONS_LIMITED_SINCE = (17,)
"""An older server does not know such a limit, and refuses whoever asks for it."""

GRACE_SECONDS = 0.2
"""A line is closed with a word to the server, unless the server does not listen: a person may be waiting."""

SESSION = {
    "application_name": "tierline",
    "timezone": "UTC",
    "synchronous_commit": "on",  # what was told as done is on disk, whatever the database's own default
    "lock_timeout": "1500",
    "statement_timeout": "15000",
    "idle_in_transaction_session_timeout": "4000",  # a process that was paused must not hold up the others
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25000",
}
"""The server lets go of what a vanished bot held: its locks are free after half a minute at the latest."""

ALTERING = SESSION | {"lock_timeout": "0", "statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
"""A change of the schema may rewrite every row there is, and waits for another one that does."""

_KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 25_000}
"""Ours: a server that is gone without a word is noticed within the same time. Not every system has every option."""


def postgresql_engine(url: str, *, pool_timeout: float, options: dict[str, Any]) -> AsyncEngine:
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: _limited(url),
        execution_options=options,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=pool_timeout,
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_the_dead)
    return engine


def altering_engine(url: str, *, options: dict[str, Any]) -> AsyncEngine:
    """For one change of the schema, which takes the time that it takes."""
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: _connect(url, ALTERING, None),
        execution_options=options,
        poolclass=NullPool,
        hide_parameters=True,
    )


async def _limited(url: str) -> asyncpg.Connection:
    connection = await _connect(url, SESSION, STATEMENT_WITHIN_SECONDS)
    if connection.get_server_version() >= TRANSACTIONS_LIMITED_SINCE:
        await connection.execute(f"SET transaction_timeout = '{TRANSACTION_WITHIN}'")
    return connection


async def _connect(url: str, session: dict[str, str], statement_within: float | None) -> asyncpg.Connection:
    return await asyncpg.connect(
        url,
        connection_class=_Line,
        timeout=CONNECT_WITHIN_SECONDS,
        command_timeout=statement_within,
        server_settings=session,
    )


class _Line(asyncpg.Connection):  # type: ignore[misc]
    """A connection that notices when the other end is gone."""

    def __init__(self, protocol: Any, transport: Any, *details: Any, **more: Any) -> None:
        super().__init__(protocol, transport, *details, **more)
        line = transport.get_extra_info("socket")
        if line is not None and line.family in (socket.AF_INET, socket.AF_INET6):
            _keep_alive(line)

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 — the driver's own signature
        await super().close(timeout=GRACE_SECONDS if timeout is None else min(timeout, GRACE_SECONDS))


def _keep_alive(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE.items():
        option = getattr(socket, name, None)
        if option is not None:
            line.setsockopt(socket.IPPROTO_TCP, option, value)


def _refuse_the_dead(connection: Any, _record: object, _proxy: object) -> None:
    """A restart of the server closed what lay in the pool: another is made, and nobody hears that nothing was saved."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
