"""A channel for each incident that the policy gives one: made, filled, kept current, and archived when it is over.

Level-triggered: what should be is compared with what a row says. The oldest incident first, one task at a time, within
Slack's limits; nothing else waits for it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from bot.clock import Clock
from bot.domain import rooms
from bot.domain.ids import ChannelId, PolicyVersionId, UserId, WorkspaceId
from bot.domain.incident import Incident
from bot.domain.notice import ChannelsRefused
from bot.domain.policy import IncidentChannel, Policy, Severity
from bot.domain.promise import Lane, Promise, farewell_key
from bot.domain.rooms import Archive, Bookmark, Close, Invite, Make, Room, SetTopic, Task, Wanted
from bot.domain.transition import Act, decide
from bot.services.asked import change_of
from bot.services.last_look import OnCallRoster
from bot.services.policies import PolicyBook
from bot.services.room_calls import Done, Later
from bot.services.room_tasks import RoomTasks
from bot.services.signal import News, Signal
from bot.slack.blocks.rooms import topic
from storage import incident_channels, incidents, outbox
from storage.database import Database, Transaction
from storage.errors import StorageError
from storage.incident_channels import Claim

log = structlog.get_logger()

BEGUN_AT_ONCE = 100
TENDED_AT_ONCE = 20
LOOK_EVERY = timedelta(seconds=1)
"""However many changes there are."""

LOOK_AT_LEAST = timedelta(minutes=1)
"""At incidents that another process opened."""


class Members(Protocol):
    @property
    def members(self) -> Mapping[str, Collection[UserId]]:
        """Who is in which user group."""
        ...


class People(Protocol):
    async def of(self, users: Sequence[UserId]) -> Mapping[UserId, str]:
        """The names that are known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """An incident with a channel of its own, or that is to have one, and how that should be."""

    incident: Incident
    policy: Policy
    rule: IncidentChannel
    wanted: Wanted


class _Lost(Exception):
    """The lease is somebody else's by now: nothing of this is kept."""


class IncidentChannels:
    """Called often, it does nothing until something changed or is due."""

    def __init__(
        self,
        database: Database,
        workspace_id: WorkspaceId,
        book: PolicyBook,
        on_call: OnCallRoster,
        memberships: Members,
        names: People,
        tasks: RoomTasks,
        clock: Clock,
        changed: Signal,
    ) -> None:
        self._database = database
        self._workspace_id = workspace_id
        self._book = book
        self._on_call = on_call
        self._memberships = memberships
        self._names = names
        self._tasks = tasks
        self._clock = clock
        self._signal = changed
        self._changed = True
        self._look_at: datetime | None = None
        self._after = self._at_least = clock.now()
        changed.subscribe(self._on_change, to=News.INCIDENTS | News.MESSAGES)

    def _on_change(self) -> None:
        self._changed = True

    async def __call__(self) -> datetime | None:
        """Returns when to look again; None when no channel waits for anything."""
        now = self._clock.now()
        if not self._is_due(now):
            return self._after if self._changed else self._look_at
        self._changed, self._after = False, now + LOOK_EVERY
        await self._begin(now)
        for _ in range(TENDED_AT_ONCE):
            claim = await self._claim()
            if claim is None:
                break
            await self._try_to_tend(claim)
        else:
            self._look_at = now
            return now
        async with self._database.read() as tx:
            self._look_at = await incident_channels.next_look_at(tx, self._workspace_id)
        return self._look_at

    def _is_due(self, now: datetime) -> bool:
        at = [self._at_least] if self._look_at is None else [self._at_least, self._look_at]
        if min(at) <= now:
            return True
        if self._look_at is None and not self._knows_rules:
            self._changed = False  # nothing waits, and nothing is begun
        return self._changed and self._after <= now

    @property
    def _knows_rules(self) -> bool:
        return any(policy.incident_channel is not None for policy in self._book.known)

    async def _begin(self, now: datetime) -> None:
        """A row for each incident that is to have a channel."""
        if self._at_least > now and not self._knows_rules:
            return
        self._at_least = now + LOOK_AT_LEAST
        async with self._database.read() as tx:
            severities = await self._severities(tx)
            found = await incident_channels.without_one(tx, self._workspace_id, severities, limit=BEGUN_AT_ONCE)
            policies = {each.id: await self._book.of(tx, each.policy_version_id) for each, _ in found}
        if not found:
            return
        async with self._database.write() as tx:
            for incident, earlier in found:
                name = _first_name(incident, policies[incident.id], earlier)
                await incident_channels.begin(tx, self._workspace_id, incident.id, name=name, now=now)

    async def _severities(self, tx: Transaction) -> Mapping[PolicyVersionId, Collection[Severity]]:
        """Those that have channels, by the policies that incidents go by now."""
        versions = await incident_channels.versions_at_work(tx, self._workspace_id)
        rules = [(version, (await self._book.of(tx, version)).incident_channel) for version in versions]
        return {version: rule.severities for version, rule in rules if rule is not None}

    async def _claim(self) -> Claim | None:
        now = self._clock.now()
        async with self._database.read() as tx:
            if not await incident_channels.is_any_due(tx, self._workspace_id, now=now):
                return None
        async with self._database.write() as tx:
            return await incident_channels.claim(tx, self._workspace_id, now=now)

    async def _try_to_tend(self, claim: Claim) -> None:
        """One bad row holds up no other: its lease runs out, and then it is tried again."""
        try:
            await self._tend(claim)
        except StorageError:
            raise
        except _Lost:
            log.warning("incident_channel.lease_over", incident_id=claim.incident_id)
        except Exception:
            log.exception("incident_channel.failed", incident_id=claim.incident_id)

    async def _tend(self, claim: Claim) -> None:
        """The first task that can be done now."""
        situation = await self._situation(claim)
        if situation is None:
            await self._record(claim, claim.room, considered=0, look_at=None)
            return
        waits: list[Later] = []
        due = rooms.tasks(claim.room, situation.incident, situation.policy, situation.wanted, self._clock.now())
        for task in due:
            result = await self._do(task, claim, situation)
            if isinstance(result, Done):
                await self._keep(task, claim, situation, result.room)
                return
            waits.append(result)
            claim = replace(claim, room=result.room)
            if result.blocks:
                break
        await self._wait(claim, situation, waits)

    async def _situation(self, claim: Claim) -> Situation | None:
        """None when the policy gives no channel, as it does not of itself."""
        async with self._database.read() as tx:
            incident = (await incidents.by_ids(tx, [claim.incident_id]))[claim.incident_id]
            policy = await self._book.of(tx, incident.policy_version_id)
            card = await incident_channels.card(tx, incident)
            farewell = await incident_channels.state_of(tx, self._workspace_id, farewell_key(incident))
        if policy.incident_channel is None:
            return None
        staffed = self._on_call.roster(policy, incident.routed_to, self._clock.now())
        tier = staffed.escalation(incident.routed_to).tier(incident.tier)
        people = rooms.people_of(incident, tier.people, self._memberships.members)
        who = incident.over_by or incident.assignee
        name = (await self._names.of([who])).get(who) if who is not None else None
        wanted = Wanted(people=people, topic=topic(incident, policy, name), card=card, farewell=farewell)
        return Situation(incident=incident, policy=policy, rule=policy.incident_channel, wanted=wanted)

    async def _do(self, task: Task, claim: Claim, situation: Situation) -> Done | Later:
        incident, channel = situation.incident, claim.room.channel
        if channel is None:
            if not isinstance(task, Make):
                raise TypeError(f"{task} without a channel")
            return await self._tasks.make(task, claim, incident, situation.rule)
        match task:
            case Invite():
                return await self._tasks.invite(task, claim, channel, incident)
            case SetTopic():
                return await self._tasks.set_topic(task, claim, channel, incident)
            case Bookmark():
                return await self._tasks.bookmark(task, claim, channel, incident)
            case Archive():
                return await self._tasks.archive(task, claim, channel, incident)
            case Close() | Make():
                return Done(claim.room)

    async def _keep(self, task: Task, claim: Claim, situation: Situation, room: Room) -> None:
        """What was done; the next task is asked for at once."""
        now, act = self._clock.now(), await self._told_by(task, room, situation)
        room = replace(room, failed_at=None)
        if act is None:
            look_at = None if room == claim.room or room.archived_at is not None else now
            look_at = look_at or rooms.look_at(room, situation.incident, situation.policy, situation.wanted, now)
            await self._record(claim, room, considered=situation.incident.version, look_at=look_at)
            return
        async with self._database.write() as tx:
            before = (await incidents.by_ids(tx, [claim.incident_id], lock=True))[claim.incident_id]
            change = change_of(decide(before, situation.policy, now, act), situation.policy, before=before)
            await incidents.store(tx, [change])
            if not await incident_channels.record(tx, claim, room, considered=before.version, look_at=now):
                raise _Lost
        self._signal()

    async def _told_by(self, task: Task, room: Room, situation: Situation) -> Act | None:
        """What the incident's story has of it."""
        match task, room.channel:
            case Make(), str(channel):
                address = await self._tasks.address_of(situation.wanted.card)
                log.info("incident_channel.made", incident=situation.incident.key, channel=channel)
                return partial(rooms.open_room, channel=ChannelId(channel), card=address)
            case Close(), str(channel):
                return partial(rooms.close_room, channel=ChannelId(channel))
            case _:
                return None

    async def _wait(self, claim: Claim, situation: Situation, waits: Sequence[Later]) -> None:
        """Until what holds it up is over, or until something else may be due."""
        incident, blocked = situation.incident, [later.at for later in waits if later.blocks]
        wanted = situation.wanted if not waits else replace(situation.wanted, topic=claim.room.topic)
        at = rooms.look_at(claim.room, incident, situation.policy, wanted, self._clock.now())
        instants = blocked or [*(later.at for later in waits), *([] if at is None else [at])]
        error = next((later.error for later in waits if later.error), None)
        look_at = min(instants, default=None)
        refused = [later for later in waits if later.refused is not None]
        await self._record(
            claim, claim.room, considered=incident.version, look_at=look_at, error=error, refused=refused
        )
        if refused:
            self._signal()

    async def _record(
        self,
        claim: Claim,
        room: Room,
        *,
        considered: int,
        look_at: datetime | None,
        error: str | None = None,
        refused: Sequence[Later] = (),
    ) -> None:
        async with self._database.write() as tx:
            recorded = await incident_channels.record(
                tx, claim, room, considered=considered, look_at=look_at, error=error
            )
            for later in refused:
                await self._say_refused(tx, later)
        if not recorded:
            raise _Lost

    async def _say_refused(self, tx: Transaction, later: Later) -> None:
        """Once a day: it is about all incidents, and somebody has to mend it."""
        now = self._clock.now()
        promise = Promise(
            key=f"channels-refused/{later.refused}/{now:%Y-%m-%d}",
            lane=Lane.REPORT,
            channel=self._book.current.policy.fallback_channel,
            deliver_at=now,
            message=ChannelsRefused(method=later.refused or "", error=later.error),
        )
        await outbox.promise_once(tx, self._workspace_id, promise)


def _first_name(incident: Incident, policy: Policy, earlier: str | None) -> str:
    """An archived channel keeps its name."""
    rule = policy.incident_channel
    if rule is None:
        raise ValueError(f"{incident.key} gets no channel")
    return rooms.name_of(incident, rule) if earlier is None else rooms.next_name(earlier, incident, rule)
