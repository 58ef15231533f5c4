"""When the bot was away: noticing it, reporting it once, and not ringing a channel for each of very many incidents.

How far the due checks have come is stored every few seconds. A mark that is much older than that is an absence,
whether the process was stopped, suspended or could not reach its database.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from bot.clock import Clock
from bot.domain.ids import WorkspaceId
from bot.domain.notice import CatchUpPages, StartUpReport
from bot.domain.promise import Lane, Promise
from bot.services.policies import PolicyBook
from bot.services.signal import News, Signal
from storage import catching_up, incidents, outbox, presence
from storage.catching_up import WaitingList, WaitingPage
from storage.database import Database, Transaction

log = structlog.get_logger()

BEAT = timedelta(seconds=10)

AWAY = timedelta(seconds=60)
"""A gap between two beats that is longer than this is an absence."""

WORTH_A_REPORT = timedelta(minutes=5)
"""A shorter absence in which no deadline passed is nobody's concern."""

LOOK_AGAIN = timedelta(seconds=1)

LONGEST_CATCHING_UP = timedelta(seconds=60)
"""After this the report is made of what was decided so far: one incident that cannot be decided must not hold it up."""

PAGES_AT_ONCE = 20
"""More pages than these for one channel are one message."""


class Heartbeat:
    """Moves the mark. Over an absence it is moved together with the promise of the report, so that a bot that is
    killed in between finds the absence again, and one that is not does not report it twice."""

    def __init__(
        self, database: Database, workspace_id: WorkspaceId, book: PolicyBook, clock: Clock, changed: Signal
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._clock = clock
        self._changed = changed
        self._back_at: datetime | None = None
        self._jumped = False
        self._has_beaten = False
        self._next_at: datetime | None = None
        clock.on_jump(self._on_jump)

    async def __call__(self) -> datetime:
        """Returns when the next beat is due. Asked before that, it does nothing, unless the tick is catching up."""
        if self._next_at is None or self._clock.now() >= self._next_at or self._back_at is not None:
            self._next_at = await self._beat()
        return self._next_at

    async def _beat(self) -> datetime:
        async with self._database.write() as tx:
            now = self._clock.now()
            mark = await presence.checked_until(tx, self._workspace_id, lock=True)
            if mark is not None:
                self._notice_absence(mark, now)
                if self._back_at is not None:
                    if await self._is_catching_up(tx, self._back_at, now):
                        return now + LOOK_AGAIN
                    await self._report(tx, mark, self._back_at, now)
            await presence.set_checked_until(tx, self._workspace_id, now)
        self._jumped = False
        self._has_beaten = True
        if self._back_at is not None:
            self._back_at = None
            self._changed(News.INCIDENTS | News.MESSAGES)
        return now + BEAT

    def _on_jump(self) -> None:
        self._jumped = True

    def _notice_absence(self, mark: datetime, now: datetime) -> None:
        """A clock that says that it was moved while the bot was there, or that runs faster, is no absence."""
        if self._back_at is not None or (self._jumped and self._has_beaten):
            return
        gap = now - mark
        real = self._clock.real_delay(now + gap)
        if (gap if real is None else real) > AWAY:
            self._back_at = now
            log.warning("bot.was_away", since=mark.isoformat(), seconds=gap.total_seconds())

    async def _is_catching_up(self, tx: Transaction, back_at: datetime, now: datetime) -> bool:
        """Whether the tick has yet to decide what was due when the bot came back."""
        if now - back_at > LONGEST_CATCHING_UP:
            return False
        earliest = await incidents.earliest_evaluation(tx, self._workspace_id)
        return earliest is not None and earliest <= back_at

    async def _report(self, tx: Transaction, away_since: datetime, back_at: datetime, now: datetime) -> None:
        # Nothing was recorded while the bot was away: what was later than that is of its return.
        passed = await presence.passed_deadlines(
            tx, self._workspace_id, since=away_since, until=back_at, recorded_from=away_since + AWAY
        )
        if not passed and back_at - away_since < WORTH_A_REPORT:
            return
        promise = Promise(
            key=f"start-up/{away_since.isoformat()}",
            lane=Lane.REPORT,
            channel=self._book.current.policy.fallback_channel,
            deliver_at=now,
            message=StartUpReport(away_since=away_since, back_at=back_at, passed=tuple(passed)),
        )
        await outbox.promise(tx, self._workspace_id, None, promise)


async def bundle(tx: Transaction, workspace_id: WorkspaceId, now: datetime) -> None:
    """Where more pages than a channel bears wait since the bot was away, one message rings for all of them.

    Their cards are still posted, for their buttons, but quietly and after everything urgent. Pages that come later
    are added to the message as long as it waits.
    """
    # One after the other, so that each sees the message that another one made.
    await presence.checked_until(tx, workspace_id, lock=True)
    pages, lists = await catching_up.waiting(tx, workspace_id)
    waiting_lists = {one.channel: one for one in lists}
    for channel, group in groupby(sorted(pages, key=lambda page: page.channel), key=lambda page: page.channel):
        waiting = list(group)
        known = waiting_lists.get(channel)
        if known is not None:
            await _add_to(tx, known, waiting)
        elif len(waiting) > PAGES_AT_ONCE:
            await outbox.promise(tx, workspace_id, None, _list_of(waiting, now))
        else:
            continue
        silent = [(page.id, replace(page.page, silent=True), Lane.CARD) for page in waiting]
        await catching_up.rewrite(tx, silent)
        log.info("pages.bundled", channel=channel, pages=len(waiting))


async def _add_to(tx: Transaction, known: WaitingList, pages: Sequence[WaitingPage]) -> None:
    listed = dict.fromkeys((*known.notice.incidents, *(page.incident_id for page in pages)))
    await catching_up.rewrite(tx, [(known.id, replace(known.notice, incidents=tuple(listed)), Lane.PAGE)])


def _list_of(pages: Sequence[WaitingPage], now: datetime) -> Promise:
    return Promise(
        key=f"{pages[0].key}/catch-up",
        lane=Lane.PAGE,
        channel=pages[0].channel,
        deliver_at=now,
        message=CatchUpPages(incidents=tuple(dict.fromkeys(page.incident_id for page in pages))),
    )
