"""The sweep: what was tried more than once may be in its channel twice, when a request given up on landed late."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.delivery import DELETIONS, READS, SWEEPS, THREAD_READS, Delivered, Limited, Outcome, Refused
from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.notice import Notice, PagesElsewhere
from bot.domain.slot import thread_slot
from bot.slack.marks import delivery_key
from storage import cards, pace, sweeping
from storage.database import Database
from storage.sweeping import Suspect

log = structlog.get_logger()

AT_ONCE = 10
AGAIN_SOON = timedelta(seconds=1)
AGAIN = timedelta(seconds=30)
"""So soon a look is repeated that was interrupted or that Slack did not answer."""


class Sweeper(Protocol):
    """What the sweep needs of Slack."""

    async def copies(
        self, channel: ChannelId, *, key: str, since: datetime, thread_ts: str | None
    ) -> Sequence[str] | Outcome: ...

    async def delete(self, channel: ChannelId, ts: str) -> Outcome: ...


class Sweep:
    """Keeps the oldest copy and deletes any later one, a minute and five minutes after the delivery."""

    def __init__(self, database: Database, workspace_id: WorkspaceId, slack: Sweeper, clock: Clock) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._slack = slack
        self._clock = clock

    async def __call__(self) -> datetime | None:
        """Looks at what is due; returns when something is due next."""
        now = self._clock.now()
        async with self._database.read() as tx:
            next_at = await sweeping.next_sweep_at(tx, self._workspace_id)
        if next_at is None or next_at > now:
            return next_at
        suspects, more_at = await self._take(now)
        for suspect in suspects:
            await self._look_at(suspect)
        return more_at

    async def _take(self, now: datetime) -> tuple[Sequence[Suspect], datetime]:
        """As many as may be read and mended within Slack's limits, and when to ask for more."""
        async with self._database.write() as tx:
            allowed = {
                budget: await pace.allowance(tx, self._workspace_id, budget, now=now)
                for budget in (DELETIONS, READS, THREAD_READS)
            }
            limit = min(AT_ONCE, *(each.calls for each in allowed.values()))
            if not limit:
                return (), max(each.more_at for each in allowed.values()) + AGAIN_SOON
            suspects = await sweeping.to_be_swept(tx, self._workspace_id, now=now, limit=limit, again_at=now + AGAIN)
            for budget, each in allowed.items():
                await pace.count(tx, self._workspace_id, budget, each, len(suspects), now=now)
            return suspects, now + AGAIN_SOON

    async def _look_at(self, suspect: Suspect) -> None:
        found = await self._slack.copies(
            suspect.channel,
            key=delivery_key(self._workspace_id, suspect.key),
            since=suspect.first_attempt_at,
            thread_ts=await self._thread_of(suspect),
        )
        if isinstance(found, Refused):
            await self._done(suspect, suspect.message_ts)  # a channel that cannot be read cannot be swept
        elif isinstance(found, Limited):
            await self._rest(found.wait)
        elif not isinstance(found, Outcome):
            for ts in found[1:]:
                outcome = await self._slack.delete(suspect.channel, ts)
                log.warning("sweep.second_copy", promise=suspect.key, ts=ts, outcome=repr(outcome))
                if not isinstance(outcome, Delivered | Refused):
                    return  # looked at again soon
            await self._done(suspect, found[0] if found else suspect.message_ts)

    async def _thread_of(self, suspect: Suspect) -> str | None:
        message = suspect.message
        if isinstance(message, Notice | PagesElsewhere) or suspect.incident_id is None:
            return None
        slot = thread_slot(message)
        if slot is None:
            return None
        async with self._database.read() as tx:
            return (await cards.of_incidents(tx, [suspect.incident_id])).get((suspect.incident_id, slot))

    async def _done(self, suspect: Suspect, kept: str) -> None:
        later = [suspect.delivered_at + after for after in SWEEPS]
        now = self._clock.now()
        async with self._database.write() as tx:
            sweep_at = next((at for at in later if at > now), None)
            await sweeping.swept(tx, suspect, kept=kept, sweep_at=sweep_at)
            if kept != suspect.message_ts and suspect.incident_id is not None:
                await cards.move(
                    tx, suspect.incident_id, channel=suspect.channel, before=suspect.message_ts, after=kept
                )

    async def _rest(self, wait: timedelta) -> None:
        until = self._clock.now() + wait
        async with self._database.write() as tx:
            await pace.rest(tx, self._workspace_id, READS.method, until)
            await pace.rest(tx, self._workspace_id, THREAD_READS.method, until)
