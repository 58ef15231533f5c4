"""Keeping Home tabs fresh: whoever opened theirs lately has it drawn anew when what it shows has changed.

Level-triggered: who looks is in the database, and what changed is asked of the incidents themselves.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.delivery import HOMES, LEASE, QUIET, Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.ids import PolicyVersionId, UserId, WorkspaceId
from bot.services.home_drawing import NOW_AND_THEN, Drawing
from bot.services.home_pages import HomePages
from bot.services.incidents import Memberships
from bot.services.on_call import OnCallBook
from bot.services.policies import PolicyBook
from bot.slack.blocks.rendered import View
from storage import homes, pace
from storage.database import Database
from storage.homes import Home, Traces

log = structlog.get_logger()

KEPT_FRESH = timedelta(hours=8)
"""After its opening. Whoever opens it later has it drawn at once."""

MOST = 500
"""So many people's, those who opened it last."""

AT_A_TIME = 20

EVERY = timedelta(seconds=15)
"""The same person's no more often than this, unless they opened it or did something themselves."""

PAUSE = timedelta(seconds=1)
"""After a change, and between two looks for changes: ten quick ones are one."""

SELDOM = timedelta(seconds=5)
"""Between two looks when nothing happened here: another process may have changed something."""

IDLE = timedelta(seconds=30)
"""The same when nobody looks at a Home tab, as far as this process knows."""

DEED_COUNTS = timedelta(seconds=4)
"""What somebody did is stored within this time, or not at all."""

TRY_AGAIN = timedelta(seconds=5)
"""What Slack did not answer for."""


Result = Outcome | Exception
"""What came of a drawing: Slack's answer, or why it never came to one."""


class HomePublisher(Protocol):
    async def publish_home(self, user: UserId, view: View) -> Outcome: ...


class HomeRefused(Exception):
    """Slack does not take the Home tab of this person, and will not later; the text is its word."""


class Homes:
    """A loop, and what happens to a Home tab at once. Rows are claimed, so that no two processes draw the same."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        on_call: OnCallBook,
        memberships: Memberships,
        slack: HomePublisher,
        clock: Clock,
        wake: Callable[[], None],
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._pages = HomePages(database, workspace_id, book, on_call, memberships)
        self._slack = slack
        self._clock = clock
        self._wake = wake
        self._seen: tuple[Traces, PolicyVersionId] | None = None
        self._looked_at: datetime | None = None
        self._publish_at: datetime | None = None
        """When the next is to be drawn, as of the last look; None when nobody looks at one."""
        self._stirred = False
        self._did: dict[UserId, datetime] = {}
        """Who did something just now, and when."""
        self._look_by: datetime | None = None
        """When what they did is looked for, should nothing change by it."""

    def stir(self) -> None:
        """Something may have changed."""
        self._stirred = True

    def acted(self, user: UserId) -> None:
        """They are about to change something, and look at what becomes of it."""
        now = self._clock.now()
        self._did[user], self._look_by = now, now + PAUSE
        self._wake()

    async def open(self, user: UserId) -> None:
        """Draws it at once. Raises `HomeRefused`; what Slack does not take just now is drawn later."""
        await self._draw_at_once(user)

    async def choose(self, user: UserId, *, is_wide: bool) -> None:
        """The same with everything that is open, or no longer."""
        await self._draw_at_once(user, is_wide=is_wide)

    async def __call__(self) -> datetime | None:
        """Draws what is due, a few at a time; returns when the next is due, None while nobody looks."""
        now = self._clock.now()
        if not self._is_time(now):
            return self._next_at()
        await self._notice(now)
        if self._publish_at is not None and self._publish_at <= now:
            await self._draw_some(now)
        return self._next_at()

    def _is_time(self, now: datetime) -> bool:
        if self._looked_at is None:
            return True
        if self._look_by is not None and (self._stirred or now >= self._look_by):
            return True
        if self._publish_at is None:
            return now >= self._looked_at + IDLE
        wait = PAUSE if self._stirred else SELDOM
        return self._publish_at <= now or now >= self._looked_at + wait

    def _next_at(self) -> datetime | None:
        instants = [instant for instant in (self._publish_at, self._look_by) if instant is not None]
        if self._stirred and self._publish_at is not None and self._looked_at is not None:
            instants.append(self._looked_at + PAUSE)
        return min(instants, default=None)

    async def _notice(self, now: datetime) -> None:
        """Asks for a drawing of all when something changed, and at once of those of who did something."""
        self._did = {user: at for user, at in self._did.items() if now - at < DEED_COUNTS}
        has_acted, self._look_by = self._look_by is not None, None
        self._stirred, self._looked_at = False, now
        async with self._database.read() as tx:
            self._publish_at = await homes.next_publish_at(tx, self._workspace_id, every=EVERY)
            if self._publish_at is None:
                return
            seen = await homes.traces(tx, self._workspace_id), self._book.current.version_id
        has_changed = seen != self._seen
        if has_changed or has_acted:
            await self._ask(now, of_all=has_changed)
        self._seen = seen

    async def _ask(self, now: datetime, *, of_all: bool) -> None:
        async with self._database.write() as tx:
            if of_all:
                await homes.ask(tx, self._workspace_id, now + PAUSE)
            if self._did:
                await homes.hurry(tx, self._workspace_id, self._did, now=now)
            self._publish_at = await homes.next_publish_at(tx, self._workspace_id, every=EVERY)

    async def _draw_some(self, now: datetime) -> None:
        async with self._database.write() as tx:
            await homes.forget_opened_before(tx, self._workspace_id, now - KEPT_FRESH)
            allowed = await pace.allowance(tx, self._workspace_id, HOMES, now=now)
            claimed = await homes.claim(
                tx,
                self._workspace_id,
                now=now,
                every=EVERY,
                until=now + LEASE,
                limit=min(AT_A_TIME, allowed.calls),
            )
        for home, result in await self._draw(claimed):
            if isinstance(result, Exception):
                log.error("home.failed", user=home.user, exc_info=result)
        async with self._database.read() as tx:
            next_at = await homes.next_publish_at(tx, self._workspace_id, every=EVERY)
        if not claimed and next_at is not None:  # Slack's pace, or they are in another process's hands
            next_at = max(next_at, now + PAUSE, now if allowed.calls else allowed.more_at)
        self._publish_at = next_at

    async def _draw_at_once(self, user: UserId, *, is_wide: bool | None = None) -> None:
        """Unless it is being drawn this very moment: then it is once more when that is done."""
        now = self._clock.now()
        async with self._database.write() as tx:
            await homes.opened(tx, self._workspace_id, user, now=now, most=MOST)
            if is_wide is not None:
                await homes.choose(tx, self._workspace_id, user, is_wide=is_wide)
            claimed = await homes.claim(
                tx, self._workspace_id, now=now, every=EVERY, until=now + LEASE, limit=1, user=user
            )
        self._looked_at = None
        try:
            results = await self._draw(claimed)
        finally:
            self._wake()
        for _, result in results:
            if isinstance(result, Refused):
                raise HomeRefused(result.error)
            if isinstance(result, Exception):
                raise result

    async def _draw(self, claimed: Sequence[Home]) -> Sequence[tuple[Home, Result]]:
        """Each that shows something else than before. One that fails holds up no other."""
        if not claimed:
            return ()
        drawings, failed = await self._drawings(claimed)
        new = [drawing for drawing in drawings if drawing.digest != drawing.home.shown_digest]
        await self._set_out(drawings, new)
        if self._clock.now() >= claimed[0].claimed_until:
            log.warning("homes.lease_over", homes=len(new))
            return ()  # this process slept, and somebody else has shown more than it knows
        answers = await asyncio.gather(*(self._publish(drawing) for drawing in new))
        shown = list(zip(new, answers, strict=True))
        results = [*failed, *((drawing.home, answer) for drawing, answer in shown)]
        await self._record([(drawing, answer) for drawing, answer in shown if not isinstance(answer, Exception)])
        await self._put_off([home for home, result in results if isinstance(result, Exception)])
        return results

    async def _drawings(self, claimed: Sequence[Home]) -> tuple[Sequence[Drawing], Sequence[tuple[Home, Exception]]]:
        """And those of which none can be made."""
        now = self._clock.now()
        going_on = await self._pages.going_on(now)
        drawings, failed = [], []
        for home in claimed:
            try:
                drawings.append(Drawing(home, self._pages.page(home, going_on, now)))
            except Exception as error:  # noqa: BLE001 - the net: told by who asked for the drawing
                failed.append((home, error))
            await asyncio.sleep(0)  # each takes some time, and others wait
        return drawings, failed

    async def _publish(self, drawing: Drawing) -> Result:
        try:
            return await self._slack.publish_home(drawing.home.user, drawing.view)
        except Exception as error:  # noqa: BLE001 - the net: told by who asked for the drawing
            return error

    async def _put_off(self, failed: Sequence[Home]) -> None:
        """What is wrong will be so for a while: they wait as if they had been drawn."""
        if not failed:
            return
        now = self._clock.now()
        async with self._database.write() as tx:
            for home in failed:
                await homes.record_failed(tx, self._workspace_id, home, now=now, again_at=now + NOW_AND_THEN)

    async def _set_out(self, drawings: Sequence[Drawing], new: Sequence[Drawing]) -> None:
        """What shows the same is done; the calls that are about to be made are counted."""
        now = self._clock.now()
        async with self._database.write() as tx:
            if new:
                allowed = await pace.allowance(tx, self._workspace_id, HOMES, now=now)
                await pace.count(tx, self._workspace_id, HOMES, allowed, len(new), now=now)
            for drawing in drawings:
                if drawing.digest == drawing.home.shown_digest:
                    await homes.record_the_same(tx, self._workspace_id, drawing.home, again_at=drawing.again_at(now))

    async def _record(self, drawn: Sequence[tuple[Drawing, Outcome]]) -> None:
        if not drawn:
            return
        now = self._clock.now()
        async with self._database.write() as tx:
            for drawing, outcome in drawn:
                home = drawing.home
                match outcome:
                    case Delivered() if home.in_doubt:
                        # Once more when it has landed what was given up on, which shows something older.
                        await homes.record_shown(
                            tx, self._workspace_id, home, digest=None, now=now, again_at=now + QUIET
                        )
                    case Delivered():
                        again_at = drawing.again_at(now)
                        await homes.record_shown(
                            tx, self._workspace_id, home, digest=drawing.digest, now=now, again_at=again_at
                        )
                    case Limited(wait=wait):
                        await pace.rest(tx, self._workspace_id, HOMES.method, now + wait)
                        await homes.record_not_shown(tx, self._workspace_id, home, again_at=now + wait)
                    case Unreached():
                        await homes.record_not_shown(tx, self._workspace_id, home, again_at=now + TRY_AGAIN)
                    case InDoubt():
                        await homes.record_in_doubt(tx, self._workspace_id, home, again_at=now + TRY_AGAIN)
                    case Refused(error=error):
                        log.warning("home.refused", user=home.user, error=error)
                        await homes.forget(tx, self._workspace_id, home)
