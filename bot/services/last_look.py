"""The facts just before a message is sent: whether it is still true, what it says now, and whom it rings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.clock import Clock
from bot.domain.delivery import STALE
from bot.domain.ids import ChannelId, IncidentId, UserId, is_person
from bot.domain.incident import Incident
from bot.domain.message import ExhaustedAlarm, Message, OpenedHere, StakeholderUpdate, Undeliverable
from bot.domain.notice import CatchUpPages, ChannelsRefused, Notice, PagesElsewhere, StartUpReport
from bot.domain.policy import Policy
from bot.domain.privacy import veiled
from bot.domain.promise import is_broadcast, update_key
from bot.domain.ringing import ringing, rings
from bot.domain.slot import thread_slot
from bot.domain.timeline import Followed, TimelineEvent
from bot.domain.truth import superseded_because, untrue_because
from bot.services.policies import PolicyBook
from bot.slack.blocks.message import render, render_plain
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.workspace import people_paged, render_notice, render_plain_notice
from storage import cards, incidents, outbox
from storage.database import Database, Transaction
from storage.outbox import Claim

UPDATES_LOOKED_BACK = 50
FIRST_UNTOLD = 1
"""The stakeholders' parent tells of the opening, the first entry."""

LISTED = 100
"""A report names at most so many incidents."""


class OnCallRoster(Protocol):
    """Who is on call."""

    def roster(self, policy: Policy, service: str, at: datetime) -> Policy:
        """The policy whose tiers of the service have among their people those who are on call at `at`."""
        ...


class Situation(Protocol):
    """What is to be sent, in the light of the facts."""

    @property
    def untrue_because(self) -> str | None: ...

    @property
    def ringing(self) -> frozenset[str]: ...

    @property
    def thread_ts(self) -> str | None: ...

    @property
    def broadcast(self) -> bool: ...

    @property
    def shown_version(self) -> int: ...

    def rendered(self, now: datetime) -> Rendered: ...

    def in_plain(self) -> Rendered: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutIncident:
    message: Message
    incident: Incident
    policy: Policy
    story: Sequence[TimelineEvent]
    thread_ts: str | None
    is_stale: bool = False

    @property
    def untrue_because(self) -> str | None:
        superseded = superseded_because(self.message, self.incident) if self.is_stale else None
        return untrue_because(self.message, self.incident) or superseded

    @property
    def ringing(self) -> frozenset[str]:
        return ringing(self.message, self.incident, self.policy)

    @property
    def broadcast(self) -> bool:
        return self.thread_ts is not None and is_broadcast(self.message)

    @property
    def shown_version(self) -> int:
        return self.incident.version

    def rendered(self, now: datetime) -> Rendered:
        ring = rings(self.message, self.incident)
        return render(self.message, self.incident, self.policy, rings=ring, story=self.story, now=now)

    def in_plain(self) -> Rendered:
        return render_plain(self.message, self.incident, self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutWorkspace:
    """`incidents` are those for which the notice is still true."""

    notice: Notice
    incidents: Mapping[IncidentId, Incident]
    policy: Policy
    thread_ts: None = None
    broadcast: bool = False
    shown_version: int = 0

    @property
    def untrue_because(self) -> str | None:
        waits = not isinstance(self.notice, CatchUpPages) or bool(self.incidents)
        return None if waits else "none of them waits here any more"

    @property
    def ringing(self) -> frozenset[str]:
        return frozenset(who.slack_id for who in people_paged(self.notice, self.incidents, self.policy))

    def rendered(self, now: datetime) -> Rendered:
        return render_notice(self.notice, self.incidents, self.policy)

    def in_plain(self) -> Rendered:
        return render_plain_notice(self.notice, self.incidents, self.policy)


class LastLook:
    """Reads the facts about a claimed promise."""

    def __init__(self, database: Database, book: PolicyBook, on_call: OnCallRoster, clock: Clock) -> None:
        self._clock = clock
        self._database = database
        self._book = book
        self._on_call = on_call

    async def __call__(self, claim: Claim) -> Situation:
        message = claim.message
        if isinstance(message, PagesElsewhere):
            raise TypeError(f"{claim.key} does not go to Slack")
        async with self._database.read() as tx:
            if isinstance(message, StartUpReport):
                return await self._of_report(tx, claim, message)
            if isinstance(message, ChannelsRefused):
                return AboutWorkspace(notice=message, incidents={}, policy=self._book.current.policy)
            if isinstance(message, CatchUpPages):
                return await self._of_pages(tx, claim, message)
            return await self._of_incident(tx, claim, message)

    async def _of_incident(self, tx: Transaction, claim: Claim, message: Message) -> AboutIncident:
        incident = await incident_of(tx, claim)
        service = message.route if isinstance(message, Undeliverable) else incident.routed_to
        policy = self._on_call.roster(await self._book.of(tx, incident.policy_version_id), service, incident.paged_at)
        story: Sequence[TimelineEvent] = ()
        if isinstance(message, StakeholderUpdate):
            since_seq = await _told_until(tx, incident, message)
            story = await incidents.story(tx, incident.id, after=since_seq, until=message.until_seq)
        if isinstance(message, ExhaustedAlarm | Undeliverable):
            incident = veiled(incident)
        is_stale = self._clock.now() - claim.promised_at >= STALE
        slot = thread_slot(message)
        thread_ts = message.ts if isinstance(message, OpenedHere) else None
        if slot is not None:
            thread_ts = (await cards.of_incidents(tx, [incident.id])).get((incident.id, slot))
        return AboutIncident(
            message=message, incident=incident, policy=policy, story=story, thread_ts=thread_ts, is_stale=is_stale
        )

    async def _of_report(self, tx: Transaction, claim: Claim, report: StartUpReport) -> AboutWorkspace:
        numbers = list(dict.fromkeys(deadline.number for deadline in report.passed))[:LISTED]
        found = await incidents.by_numbers(tx, claim.workspace_id, numbers)
        found = {each: veiled(incident) for each, incident in found.items()}
        return AboutWorkspace(notice=report, incidents=found, policy=self._book.current.policy)

    async def _of_pages(self, tx: Transaction, claim: Claim, pages: CatchUpPages) -> AboutWorkspace:
        """Each incident keeps the policy it was opened under: the notice's is put together from theirs."""
        policy = self._book.current.policy
        waiting: dict[IncidentId, Incident] = {}
        escalations = dict(policy.services)
        for incident in (await incidents.by_ids(tx, pages.incidents)).values():
            own = await self._book.of(tx, incident.policy_version_id)
            if _waits_in(claim.channel, incident, own):
                at_home = claim.channel == own.escalation(incident.routed_to).channel(incident.tier)
                waiting[incident.id] = incident if at_home else veiled(incident)
                staffed = self._on_call.roster(own, incident.routed_to, incident.paged_at)
                escalations[incident.routed_to] = staffed.escalation(incident.routed_to)
        return AboutWorkspace(notice=pages, incidents=waiting, policy=replace(policy, services=escalations))


async def incident_of(tx: Transaction, claim: Claim, *, lock: bool = False) -> Incident:
    """Raises `LookupError` for a notice, which is about none."""
    if claim.incident_id is None:
        raise LookupError(f"{claim.key} is about no incident")
    return (await incidents.by_ids(tx, [claim.incident_id], lock=lock))[claim.incident_id]


async def _told_until(tx: Transaction, incident: Incident, update: StakeholderUpdate) -> int:
    """The last entry of the story that stakeholders have read of: an update before this one may have been left out."""
    earlier = range(max(update.number - UPDATES_LOOKED_BACK, 1), update.number)
    keys = [update_key(incident.key, number, update.audience) for number in earlier]
    sent = (await outbox.sent_among(tx, incident.workspace_id, keys)).values() if keys else ()
    told = [message.until_seq for message in sent if isinstance(message, StakeholderUpdate)]
    if is_person(update.audience) and not told:
        return await _followed_since(tx, incident, update)
    if not earlier:
        return update.since_seq
    return max(told, default=update.since_seq if earlier.start > 1 else FIRST_UNTOLD)


async def _followed_since(tx: Transaction, incident: Incident, update: StakeholderUpdate) -> int:
    """The entry by which a person follows it: how it stood then they were told at once."""
    story, who = await incidents.story(tx, incident.id, until=update.until_seq), UserId(update.audience)
    followed = (event.seq for event in story if isinstance(event.fact, Followed) and event.fact.who == who)
    return max(followed, default=update.since_seq)


def _waits_in(channel: ChannelId, incident: Incident, policy: Policy) -> bool:
    """In the fallback channel the pages are told of that could not be listed where they belong."""
    tier = policy.escalation(incident.routed_to).tier(incident.tier)
    return incident.is_open and channel in (tier.channel, policy.fallback_channel)
