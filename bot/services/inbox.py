"""Slack's events: stored before they are acknowledged, handled from there until that succeeds or is given up."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import structlog

from bot.clock import Clock
from bot.domain.ids import WorkspaceId
from bot.services.commits import Commits
from bot.services.signal import News, Signal
from storage import inbox
from storage.database import Database, Transaction
from storage.errors import StorageError
from storage.inbox import InboxEntry

log = structlog.get_logger()

MOST_WAITING = 1_000
"""So many events may wait. Further ones are not taken, and Slack delivers them again later."""

AT_A_TIME = 10
HANDLE_WITHIN = timedelta(seconds=10)

LEASE = timedelta(seconds=30)
"""Longer than the handling may take: what is taken up after it was left by a process that is gone."""

RETRIES: Final = tuple(timedelta(seconds=wait) for wait in (1, 5, 30, 120, 600))
LOOK_AGAIN = timedelta(seconds=1)
ERROR_KEPT = 500


class InboxFull(Exception):
    """Too many events wait to be handled; nothing was stored."""


class CannotBeHandled(Exception):
    """The event is not what it should be, and will not be later."""


class Handler(Protocol):
    """Does what an event asks for. It may be asked twice for one event, when its process died the first time.

    Raises `CannotBeHandled`, or anything else to be asked again later.
    """

    async def __call__(self, body: Mapping[str, Any], received_at: datetime) -> None: ...


class Inbox:
    """Level-triggered: what waits is in the database, so a kill or a missed run loses nothing."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        handlers: Mapping[str, Handler],
        clock: Clock,
        changed: Signal,
    ) -> None:
        self._database = database
        self._commits = Commits(database)
        self._workspace_id = workspace_id
        self._handlers = handlers
        self._clock = clock
        self._changed = changed

    def takes(self, kind: str) -> bool:
        """Whether anything is done about events of this kind."""
        return kind in self._handlers

    async def put(self, cause: str, body: Mapping[str, Any]) -> None:
        """Stores it, unless it was stored before. Raises `InboxFull` and storage's errors."""
        payload = json.dumps(body)

        async def work(tx: Transaction) -> bool:
            is_new = await inbox.put(tx, self._workspace_id, cause, payload, now=self._clock.now())
            if is_new and await inbox.waiting(tx, self._workspace_id, at_most=MOST_WAITING + 1) > MOST_WAITING:
                raise InboxFull(f"more than {MOST_WAITING} events wait")
            return is_new

        if await self._commits.store(work):
            self._changed(News.EVENTS)

    async def finish(self) -> None:
        """To be called before the database is closed."""
        await self._commits.finish()

    async def __call__(self) -> datetime | None:
        """Handles everything that is due; returns when the next look is due."""
        while True:
            async with self._database.read() as tx:
                take_at = await inbox.next_take_at(tx, self._workspace_id)
            now = self._clock.now()
            if take_at is None or take_at > now:
                return take_at
            async with self._database.write() as tx:
                taken = await inbox.take(tx, self._workspace_id, now=now, lease=LEASE, limit=AT_A_TIME)
            if not taken:
                return now + LOOK_AGAIN  # in another process's hands
            async with asyncio.TaskGroup() as group:
                for entry in taken:
                    group.create_task(self._settle(entry))

    async def _settle(self, entry: InboxEntry) -> None:
        failure = await self._failure(entry)
        try:
            async with self._database.write() as tx:
                now = self._clock.now()
                if failure is None:
                    await inbox.handled(tx, self._workspace_id, entry, now=now)
                else:
                    at = _again_at(entry, failure, now)
                    error = repr(failure)[:ERROR_KEPT]
                    await inbox.try_again(tx, self._workspace_id, entry, error=error, at=at)
        except StorageError as error:
            # It is taken up again when its lease runs out.
            log.warning("inbox.not_settled", cause=entry.cause, error=str(error))

    async def _failure(self, entry: InboxEntry) -> Exception | None:
        """What went wrong while it was handled."""
        body = json.loads(entry.payload)
        kind = body["event"]["type"]
        handle = self._handlers.get(kind, _nothing)
        try:
            async with asyncio.timeout(HANDLE_WITHIN.total_seconds()):
                await handle(body, entry.received_at)
        except CannotBeHandled as error:
            log.warning("inbox.given_up", cause=entry.cause, kind=kind, reason=str(error))
            return error
        except Exception as error:  # noqa: BLE001 - the net: one event that fails holds up no other
            last = entry.attempts > len(RETRIES)
            note = log.error if last else log.warning
            note("inbox.given_up" if last else "inbox.failed", cause=entry.cause, kind=kind, exc_info=error)
            return error
        return None


async def _nothing(body: Mapping[str, Any], received_at: datetime) -> None:
    """For what an older version of the bot stored."""
    raise CannotBeHandled("nothing is done about such events any more")


def _again_at(entry: InboxEntry, failure: Exception, now: datetime) -> datetime | None:
    """None when it is given up."""
    if isinstance(failure, CannotBeHandled) or entry.attempts > len(RETRIES):
        return None
    return now + RETRIES[entry.attempts - 1]
