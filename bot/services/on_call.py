"""Who is on call: the last good copy of each calendar that the policies name, read again every few minutes.

A calendar that cannot be read leaves its last good copy in place. Its address is a secret: the log and the database
have a digest of it.
"""

import asyncio
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from bot.clock import Clock
from bot.domain import on_call
from bot.domain.ids import PolicyVersionId, WorkspaceId
from bot.domain.on_call import FeedStatus, Shift
from bot.domain.policy import OnCallFeed, Policy
from bot.services.feeds import FeedError, shifts_in
from bot.services.policies import PolicyBook
from storage import on_call as stored
from storage.database import Database
from storage.errors import StorageError
from storage.on_call import FeedCopy

log = structlog.get_logger()

READ_EVERY = timedelta(minutes=5)
READ_AGAIN_AFTER = timedelta(minutes=1)
"""After a failure."""

BACK = timedelta(weeks=1)
AHEAD = timedelta(weeks=8)
"""So long the last good copy tells who is on call when its calendar is gone."""

AT_ONCE = 4
"""So many calendars are read at the same time."""


class FeedReader(Protocol):
    async def read(self, url: str) -> bytes:
        """What is at the address. Raises `FeedError`."""
        ...


class OnCallBook:
    """In memory, as in the database, there is at most one copy of a calendar: the last good one."""

    def __init__(
        self, database: Database, workspace_id: WorkspaceId, book: PolicyBook, reader: FeedReader, clock: Clock
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._reader = reader
        self._clock = clock
        self._copies: dict[str, FeedCopy] = {}
        self._read_at: dict[str, datetime] = {}
        """When each calendar is read next."""
        self._in_use: Collection[str] = ()
        self._looked_under: PolicyVersionId | None = None
        self._next_at: datetime | None = None

    async def load(self) -> None:
        """What was known when the bot last ran; before the loops begin."""
        async with self._database.read() as tx:
            self._copies = dict(await stored.copies(tx, self._workspace_id))
        self._in_use = _urls_of((self._book.current.policy,))

    def roster(self, policy: Policy, service: str, at: datetime) -> Policy:
        """The policy in which each tier of the service pages also those on duty at `at`."""
        return on_call.roster(policy, service, at, self.shifts_of)

    def shifts_of(self, url: str) -> Sequence[Shift]:
        """None while the calendar has never been read."""
        return self._copy(url).shifts

    def status(self) -> Sequence[FeedStatus]:
        """Of each calendar in use."""
        return [_status_of(url, self._copy(url)) for url in self._in_use]

    async def __call__(self) -> datetime | None:
        """Reads what is to be read again; returns when the next is. Costs nothing in between."""
        now = self._clock.now()
        current = self._book.current.version_id
        if self._next_at is not None and now < self._next_at and current == self._looked_under:
            return self._next_at
        self._in_use = await self._urls_in_use()
        await self._read_all([url for url in self._in_use if self._read_at.get(_digest(url), now) <= now], now)
        self._looked_under = current
        self._next_at = min((self._read_at[_digest(url)] for url in self._in_use), default=now + READ_EVERY)
        return self._next_at

    async def _urls_in_use(self) -> Sequence[str]:
        """Of the current policy, and of those under which incidents are still going on."""
        async with self._database.read() as tx:
            versions = await stored.versions_in_use(tx, self._workspace_id)
            policies = [await self._book.of(tx, version) for version in versions]
        return _urls_of((self._book.current.policy, *policies))

    async def _read_all(self, urls: Iterable[str], now: datetime) -> None:
        room = asyncio.Semaphore(AT_ONCE)

        async def read(url: str) -> None:
            async with room:
                await self._read(url, now)

        async with asyncio.TaskGroup() as group:
            for url in urls:
                group.create_task(read(url))

    async def _read(self, url: str, now: datetime) -> None:
        before = self._copy(url)
        self._read_at[_digest(url)] = now + READ_AGAIN_AFTER
        try:
            content = await self._reader.read(url)
            # A large calendar takes seconds to parse; clicks do not wait for it.
            shifts = await asyncio.to_thread(shifts_in, content, since=now - BACK, until=now + AHEAD)
        except FeedError as error:
            after = replace(before, failed_at=now, error=str(error))
            log.warning("on_call.feed_failed", **_shown(url), error=after.error, last_good=before.fetched_at)
        else:
            after = FeedCopy(shifts=shifts, fetched_at=now)
            self._read_at[_digest(url)] = now + READ_EVERY
            if before.fetched_at is None or before.error is not None:
                log.info("on_call.feed_read", **_shown(url), shifts=len(shifts))
        self._copies[_digest(url)] = after
        await self._keep(url, after, now)

    async def _keep(self, url: str, copy: FeedCopy, now: datetime) -> None:
        """The copy in memory serves also when the database cannot take it."""
        try:
            async with self._database.write() as tx:
                if copy.error is None:
                    await stored.keep_copy(tx, self._workspace_id, _digest(url), copy.shifts, now=now)
                else:
                    await stored.keep_failure(tx, self._workspace_id, _digest(url), copy.error, now=now)
        except StorageError as error:
            log.warning("on_call.feed_not_kept", **_shown(url), error=str(error))

    def _copy(self, url: str) -> FeedCopy:
        return self._copies.get(_digest(url), _NOTHING)


_NOTHING = FeedCopy()


def _urls_of(policies: Iterable[Policy]) -> Sequence[str]:
    """Each once."""
    sources = (
        source
        for policy in policies
        for escalation in policy.services.values()
        for tier in escalation.tiers
        for source in tier.on_call
    )
    return tuple(dict.fromkeys(source.url for source in sources if isinstance(source, OnCallFeed)))


def _status_of(url: str, copy: FeedCopy) -> FeedStatus:
    return FeedStatus(**_shown(url), fetched_at=copy.fetched_at, failed_at=copy.failed_at, error=copy.error)


def _shown(url: str) -> Mapping[str, str]:
    """As much of the address as anybody may see."""
    return {"host": urlsplit(url).hostname or "", "key": _digest(url)[:8]}


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
