"""If the whole bot is dead: each incident that waits keeps one message scheduled at Slack itself, and moved along.

Level-triggered like everything else: what is scheduled is compared with what should be, the next to be posted first,
then a page of the rest at a time. So a look costs the same however many incidents are open.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.clocks import expiry_due_at, repeat_due_at, resolution_due_at, response_due_at
from bot.domain.ids import WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.services.last_look import OnCallRoster
from bot.services.policies import PolicyBook
from bot.services.rigging import GRACE, Rigger, Schedule
from bot.services.signal import News, Signal
from bot.slack.calls import SlackUnavailable
from bot.slack.gateway import ScheduledMessage
from storage import parachutes
from storage.database import Database
from storage.errors import StorageError
from storage.parachutes import Parachute, Rigging

log = structlog.get_logger()

SOON = GRACE + timedelta(minutes=1)
"""What Slack posts within this is looked at each time: a clock that has just run out is moved on before that."""

PAGE = 500
LOOK_EVERY = timedelta(seconds=1)
LOOK_AT_LEAST = timedelta(minutes=1)
"""Also without a change that this process knows of."""

YOUNG = timedelta(seconds=90)
"""A message younger than this may be another process's, whose row is on its way, or a request that has yet to land."""

COMPARED_EVERY = timedelta(hours=1)
"""So often Slack's list is compared with ours."""


class ScheduledList(Schedule, Protocol):
    """What the keeper needs of Slack."""

    async def scheduled(self) -> Sequence[ScheduledMessage]: ...


def due_at(incident: Incident, policy: Policy) -> datetime | None:
    """What nobody would notice without the bot: a deadline, the end of a hold; no warning and no update."""
    clocks = (
        response_due_at(incident, policy),
        repeat_due_at(incident, policy),
        resolution_due_at(incident, policy),
        expiry_due_at(incident, policy),
        incident.hold_until,
    )
    return None if incident.is_over else min((at for at in clocks if at is not None), default=None)


class ParachuteKeeper:
    """Unless `wanted` it takes down what an earlier bot put up."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        on_call: OnCallRoster,
        slack: ScheduledList,
        clock: Clock,
        changed: Signal,
        *,
        wanted: bool,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._on_call = on_call
        self._slack = slack
        self._clock = clock
        self._wanted = wanted
        self._rigger = Rigger(database, workspace_id, slack, clock)
        self._changed = True
        self._has_had = False
        self._all_down = False
        self._look_at = self._compare_at = clock.now()
        self._after: int | None = None
        self._after_over: int | None = None
        changed.subscribe(self._on_change, to=News.INCIDENTS)

    def _on_change(self) -> None:
        self._changed = True

    async def __call__(self) -> datetime | None:
        """Returns when to look again; None when no parachute is wanted and none is left."""
        if not self._wanted:
            return await self._take_all_down()
        now = self._clock.now()
        if self._next_at(now) <= now:
            self._rigger.rests_until = None
            await self._look(now)
            if self._compare_at <= now and self._rigger.rests_until is None:
                await self._compare(now)
        return self._next_at(now)

    def _next_at(self, now: datetime) -> datetime:
        wanted_at = min(self._look_at, self._compare_at)
        if self._changed or self._after is not None or self._after_over is not None:
            wanted_at = min(wanted_at, self._look_at - LOOK_AT_LEAST + LOOK_EVERY)
        return max(wanted_at, self._rigger.rests_until or wanted_at)

    async def _look(self, now: datetime) -> None:
        """What is to be posted soon, and a page of all; then the next page, until all were looked at."""
        if self._after is None and self._after_over is None:
            self._changed = False
        self._look_at = now + LOOK_AT_LEAST
        async with self._database.read() as tx:
            soon = await parachutes.firing_before(tx, self._workspace_id, now + SOON)
            over, after_over = await parachutes.of_the_over(
                tx, self._workspace_id, after=self._after_over or 0, limit=PAGE
            )
            outdated, after = await parachutes.outdated(tx, self._workspace_id, after=self._after or 0, limit=PAGE)
            found = {rigging.incident.id: rigging for rigging in (*soon, *over, *outdated)}
            versions = {rigging.incident.policy_version_id for rigging in found.values()}
            policies = {version: await self._book.of(tx, version) for version in versions}
        for rigging in found.values():
            if not await self._try_to_mend(rigging, policies[rigging.incident.policy_version_id]):
                self._changed = True
                break
        else:
            self._after, self._after_over = after, after_over
        if self._rigger.in_doubt_since is not None:
            self._compare_at = min(self._compare_at, self._rigger.in_doubt_since + YOUNG)
            self._rigger.in_doubt_since = None

    async def _try_to_mend(self, rigging: Rigging, policy: Policy) -> bool:
        """One bad row holds up no other."""
        try:
            return await self._mend(rigging, policy)
        except StorageError:
            raise
        except Exception:
            log.exception("parachute.failed", incident=rigging.incident.key)
            return True

    async def _mend(self, rigging: Rigging, policy: Policy) -> bool:
        """Whether the next one may be taken up."""
        incident = rigging.incident
        due = due_at(incident, policy)
        if due is None:
            return rigging.parachute is None or await self._rigger.take_down(rigging.parachute)
        if rigging.parachute is not None and _fits(rigging.parachute, incident, due):
            return True
        staffed = self._on_call.roster(policy, incident.routed_to, due)
        return await self._rigger.put_up(rigging, staffed, due_at=due)

    async def _take_all_down(self) -> datetime | None:
        """Once, and then never again. Where there was none Slack is not even asked."""
        now = self._clock.now()
        if self._all_down:
            return None
        if self._rigger.rests_until is not None and now < self._rigger.rests_until:
            return self._rigger.rests_until
        self._rigger.rests_until = None
        async with self._database.read() as tx:
            left = await parachutes.all_of(tx, self._workspace_id)
        self._has_had = self._has_had or bool(left)
        if not self._has_had:
            self._all_down = True
            return None
        for each in left:
            if not await self._rigger.take_down(each):
                return self._rigger.rests_until
        self._all_down = await self._compare(now)
        if not self._all_down:
            self._rigger.rests_until = max(self._compare_at, self._rigger.rests_until or self._compare_at)
        return None if self._all_down else self._rigger.rests_until

    async def _compare(self, now: datetime) -> bool:
        """Slack's list with ours: what only Slack has is taken back, what only we have is put up anew.

        Whether Slack now has nothing but ours.
        """
        self._compare_at = now + YOUNG
        async with self._database.read() as tx:
            known = await parachutes.all_of(tx, self._workspace_id)
        try:
            listed = await self._slack.scheduled()
        except SlackUnavailable as error:
            log.warning("parachutes.not_compared", reason=str(error))
            return False
        await self._forget_lost(known, listed, now)
        async with self._database.read() as tx:
            ours = {parachute.scheduled_id for parachute in await parachutes.all_of(tx, self._workspace_id)}
        extra = [message for message in listed if message.id not in ours]
        for message in extra:
            if now - message.scheduled_at < YOUNG:
                continue
            log.warning("parachute.extra", channel=message.channel, post_at=message.post_at.isoformat())
            if not await self._rigger.take_back(message.channel, message.id):
                return False
        if any(now - message.scheduled_at < YOUNG for message in extra):
            return False
        self._compare_at = now + COMPARED_EVERY
        return True

    async def _forget_lost(self, known: Sequence[Parachute], listed: Sequence[ScheduledMessage], now: datetime) -> None:
        """Somebody took them back at Slack. What was posted is not lost: it did what it was for."""
        at_slack = {message.id for message in listed}
        for parachute in known:
            if parachute.scheduled_id not in at_slack and parachute.post_at > now:
                log.warning("parachute.lost", incident_id=parachute.incident_id)
                async with self._database.write() as tx:
                    await parachutes.forget(tx, parachute)
                self._changed = True


def _fits(parachute: Parachute, incident: Incident, due: datetime) -> bool:
    """Nothing has changed since it was put up, and it is not there only because Slack takes none further ahead."""
    return parachute.version == incident.version and parachute.post_at >= due + GRACE
