"""Putting up and taking down one parachute: within Slack's limits, and so that none is ever left without a row.

The new one is scheduled before the old one is taken back. What a crash or a doubt leaves over in between is found in
Slack's own list, by `ParachuteKeeper`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain.delivery import Budget, Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.ids import ChannelId, IncidentId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.privacy import veiled
from bot.slack.blocks.parachute import parachute
from bot.slack.blocks.rendered import Rendered
from storage import pace, parachutes
from storage.database import Database
from storage.parachutes import Parachute, Rigging

log = structlog.get_logger()

GRACE = timedelta(minutes=5)
"""So long after an instant that the bot let pass Slack says so: a busy bot is late by seconds at most."""

SCHEDULING = Budget(method="chat.scheduleMessage", calls=40)
TAKING_BACK = Budget(method="chat.deleteScheduledMessage", calls=40)
"""Slack: tier 3, 50 a minute; a few are left for others."""

WINDOW = timedelta(minutes=5)
MOST_IN_CHANNEL = 25
"""Slack: 30 scheduled messages a channel within any five minutes."""

MOST_IN_WORKSPACE = 90
"""Within five minutes: no more than can be moved on in that time, so that none fires while the bot lives."""

FURTHEST = timedelta(days=119)
"""Slack: at most 120 days ahead."""

SLACK_AWAY = timedelta(seconds=30)
REFUSED_FOR = timedelta(minutes=10)
"""No channel took an incident's parachute."""

DOUBTED_FOR = timedelta(minutes=1)
"""What was scheduled in doubt is scheduled again soon: the one before it must still be taken back in time."""


class Schedule(Protocol):
    """What parachutes need of Slack."""

    async def schedule(self, channel: ChannelId, message: Rendered, post_at: datetime) -> Outcome: ...

    async def unschedule(self, channel: ChannelId, scheduled_id: str) -> Outcome: ...

    async def join(self, channel: ChannelId) -> Outcome: ...


class Rigger:
    """Each method says whether the next one may be taken up; if not, Slack wants a rest until `rests_until`."""

    def __init__(self, database: Database, workspace_id: WorkspaceId, slack: Schedule, clock: Clock) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._slack = slack
        self._clock = clock
        self._not_before: dict[IncidentId, datetime] = {}
        self.rests_until: datetime | None = None
        self.in_doubt_since: datetime | None = None
        """When something may have been scheduled that no row knows of."""

    async def put_up(self, rigging: Rigging, policy: Policy, *, due_at: datetime) -> bool:
        """In the channel of its tier or, where that cannot be, in the fallback channel."""
        incident, now = rigging.incident, self._clock.now()
        if self._not_before.get(incident.id, now) > now:
            return True
        channel = policy.escalation(incident.routed_to).channel(incident.tier)
        for place in dict.fromkeys((channel, policy.fallback_channel)):
            post_at = await self._room(incident, place, due_at)
            if post_at is None:
                return False
            shown = incident if place == channel else veiled(incident)
            outcome = await self._schedule(place, parachute(shown, policy, due_at=due_at), post_at)
            if not isinstance(outcome, Refused):
                return await self._record(rigging, place, post_at, outcome)
            log.warning("parachute.refused", incident=incident.key, channel=place, error=outcome.error)
        self._postpone(incident.id, REFUSED_FOR)
        return True

    async def take_down(self, parachute: Parachute) -> bool:
        """The row goes when the message is gone, so that a doubt is no loss."""
        if not await self.take_back(parachute.channel, parachute.scheduled_id):
            return False
        async with self._database.write() as tx:
            await parachutes.forget(tx, parachute)
        return True

    async def take_back(self, channel: ChannelId, scheduled_id: str) -> bool:
        """Whether it is gone from Slack's list: taken back, or posted by now."""
        if not await self._may_call(TAKING_BACK):
            return False
        match await self._slack.unschedule(channel, scheduled_id):
            case Delivered():
                return True
            case Refused(error=error):
                log.warning("parachute.not_taken_back", channel=channel, error=error)
                return True
            case Limited(wait=wait):
                await self._rest(TAKING_BACK, wait)
            case Unreached() | InDoubt():
                self.rests_until = self._clock.now() + SLACK_AWAY
        return False

    async def _record(self, rigging: Rigging, channel: ChannelId, post_at: datetime, outcome: Outcome) -> bool:
        incident, now = rigging.incident, self._clock.now()
        match outcome:
            case Delivered(ts=scheduled_id):
                made = _made(incident, channel, scheduled_id, post_at)
                return await self._keep(made, rigging.parachute)
            case Limited(wait=wait):
                await self._rest(SCHEDULING, wait)
            case Unreached():
                self.rests_until = now + SLACK_AWAY
            case _:
                self.rests_until = now + SLACK_AWAY
                self.in_doubt_since = now
                self._postpone(incident.id, DOUBTED_FOR)
        return False

    async def _keep(self, made: Parachute, old: Parachute | None) -> bool:
        """Another process may have put one up meanwhile: then this one is too many."""
        async with self._database.write() as tx:
            kept = await parachutes.keep(tx, self._workspace_id, made, instead_of=old)
        too_many = old if kept else made
        if too_many is None or await self.take_back(too_many.channel, too_many.scheduled_id):
            return True
        self.in_doubt_since = self._clock.now()
        return False

    def _postpone(self, incident_id: IncidentId, wait: timedelta) -> None:
        now = self._clock.now()
        self._not_before = {key: at for key, at in self._not_before.items() if at > now} | {incident_id: now + wait}

    async def _schedule(self, channel: ChannelId, message: Rendered, post_at: datetime) -> Outcome:
        outcome = await self._slack.schedule(channel, message, post_at)
        if outcome != Refused("not_in_channel") or not isinstance(await self._slack.join(channel), Delivered):
            return outcome
        return await self._slack.schedule(channel, message, post_at)

    async def _room(self, incident: Incident, channel: ChannelId, due_at: datetime) -> datetime | None:
        """When it is to be posted: where many are due at once, some say it minutes later. None: no call is left."""
        now = self._clock.now()
        post_at = _whole_second(min(max(due_at, now) + GRACE, now + FURTHEST))
        if not await self._may_call(SCHEDULING):
            return None
        async with self._database.read() as tx:
            while not _fits(
                channel,
                await parachutes.post_times(
                    tx,
                    self._workspace_id,
                    since=post_at - WINDOW,
                    until=post_at + WINDOW,
                    excluding=[incident.id],
                ),
            ):
                post_at += WINDOW
        return post_at

    async def _may_call(self, budget: Budget) -> bool:
        now = self._clock.now()
        async with self._database.write() as tx:
            allowance = await pace.allowance(tx, self._workspace_id, budget, now=now)
            if allowance.calls > 0:
                await pace.count(tx, self._workspace_id, budget, allowance, 1, now=now)
                return True
        self.rests_until = allowance.more_at
        return False

    async def _rest(self, budget: Budget, wait: timedelta) -> None:
        self.rests_until = self._clock.now() + wait
        async with self._database.write() as tx:
            await pace.rest(tx, self._workspace_id, budget.method, self.rests_until)


def _whole_second(instant: datetime) -> datetime:
    """Slack knows no parts of one; rather later than earlier."""
    return instant.replace(microsecond=0) + timedelta(seconds=1 if instant.microsecond else 0)


def _made(incident: Incident, channel: ChannelId, scheduled_id: str, post_at: datetime) -> Parachute:
    return Parachute(
        incident_id=incident.id,
        channel=channel,
        scheduled_id=scheduled_id,
        post_at=post_at,
        version=incident.version,
    )


def _fits(channel: ChannelId, taken: Sequence[tuple[ChannelId, datetime]]) -> bool:
    in_channel = sum(place == channel for place, _ in taken)
    return in_channel < MOST_IN_CHANNEL and len(taken) < MOST_IN_WORKSPACE
