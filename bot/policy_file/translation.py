"""From the file, and what its names mean in Slack, to the domain's `Policy`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bot.domain.calendar import Calendar, Hours
from bot.domain.ids import ChannelId
from bot.domain.policy import (
    DEFAULT_ROLES,
    THE_CHANNEL,
    EscalationPolicy,
    Impact,
    IncidentChannel,
    ManagerRule,
    Mention,
    OnCall,
    OnCallFeed,
    Override,
    OwedUpdates,
    Policy,
    Reactions,
    Repeat,
    Rotation,
    Severity,
    SlowerUpdates,
    Targets,
    Tier,
    Urgency,
)
from bot.policy_file.calendars import CalendarEntry
from bot.policy_file.directory import Directory
from bot.policy_file.document import PolicyDocument
from bot.policy_file.on_call import OnCallEntry, RotationEntry
from bot.policy_file.reactions import ReactionsEntry
from bot.policy_file.rooms import IncidentChannelEntry
from bot.policy_file.severities import ImpactEntry, TargetsEntry
from bot.policy_file.tiers import ManagerRuleEntry, PolicyEntry, TierEntry, occasion
from bot.policy_file.times import wall_time
from bot.policy_file.updates import UpdatesEntry
from bot.policy_file.values import THE_WORD_CHANNEL, TIER_MANAGERS
from bot.policy_file.week import DAYS, END_OF_DAY


def to_policy(document: PolicyDocument, directory: Directory) -> Policy:
    """The domain's value. Ask `unresolved` first: a name that Slack does not know is a ValueError here."""
    calendars = {name: _calendar(name, entry, directory) for name, entry in document.calendars.items()}
    policies = {name: _escalation_policy(name, entry, directory) for name, entry in document.policies.items()}
    return Policy(
        severities={severity: _targets(document.severities.of(severity), calendars) for severity in Severity},
        services={name: policies[service.policy] for name, service in document.services.items()},
        stakeholder_channel=_channel(document.stakeholder_channel, directory),
        fallback_channel=_channel(document.fallback_channel, directory),
        fallback_after=document.fallback_after,
        fallback_notifier=document.fallback_notifier,
        stakeholder_channels=_stakeholder_channels(document, directory),
        also_told=_also_told(document, directory),
        private_services=frozenset(name for name, service in document.services.items() if service.private),
        updates=_owed_updates(document.updates) if document.updates else OwedUpdates(),
        incident_channel=_incident_channel(document.incident_channel) if document.incident_channel else None,
        matrix=_matrix(document.impact_urgency) if document.impact_urgency else {},
        reactions=_reactions(document.reactions),
        roles={**DEFAULT_ROLES, **{verb: frozenset(roles) for verb, roles in document.roles.items()}},
        admins=_mentions(document.admins, directory),
        asks_for_feedback=document.ask_for_feedback,
    )


def _calendar(name: str, entry: CalendarEntry, directory: Directory) -> Calendar:
    return Calendar(
        name=name,
        zone=entry.zone,
        week={DAYS.index(day): tuple(_hours(text) for text in hours) for day, hours in entry.week.items()},
        holidays=frozenset(directory.holidays.get(name, ())),
    )


def _hours(text: str) -> Hours:
    opens, _, closes = text.partition("-")
    return Hours(opens=wall_time(opens), closes=time(0) if closes == END_OF_DAY else wall_time(closes))


def _targets(entry: TargetsEntry, calendars: Mapping[str, Calendar]) -> Targets:
    slower = entry.slower_updates
    return Targets(
        ack_within=entry.ack_within,
        update_every=entry.update_every,
        resolve_within=entry.resolve_within,
        slower_updates=SlowerUpdates(after=slower.after, every=slower.every) if slower else None,
        warn_at=entry.warn_at,
        ack_expires_after=entry.ack_expires_after,
        calendar=calendars.get(entry.clock),
    )


def _owed_updates(entry: UpdatesEntry) -> OwedUpdates:
    return OwedUpdates(nudge_before=entry.nudge_before, overdue_after=entry.overdue_after)


def _matrix(entry: ImpactEntry) -> Mapping[tuple[Impact, Urgency], Severity]:
    rows = {Impact.HIGH: entry.high, Impact.MEDIUM: entry.medium, Impact.LOW: entry.low}
    return {
        (impact, urgency): severity
        for impact, row in rows.items()
        for urgency, severity in ((Urgency.HIGH, row.high), (Urgency.MEDIUM, row.medium), (Urgency.LOW, row.low))
    }


def _reactions(entry: ReactionsEntry) -> Reactions:
    return Reactions(acknowledge=entry.acknowledge or None, resolve=entry.resolve or None)


def _incident_channel(entry: IncidentChannelEntry) -> IncidentChannel:
    return IncidentChannel(
        severities=frozenset(entry.severities),
        name=entry.name,
        private=entry.private,
        archive_after=entry.archive_after,
    )


def _stakeholder_channels(document: PolicyDocument, directory: Directory) -> Mapping[str, ChannelId]:
    """Of the services that have one of their own, or by their policy."""
    named = {
        name: service.stakeholder_channel or document.policies[service.policy].stakeholder_channel
        for name, service in document.services.items()
    }
    return {name: _channel(channel, directory) for name, channel in named.items() if channel is not None}


def _also_told(document: PolicyDocument, directory: Directory) -> Mapping[str, tuple[ChannelId, ...]]:
    """Of the services that have such, each channel once, and without that of all stakeholders."""
    told: dict[str, tuple[ChannelId, ...]] = {}
    for service in document.services:
        _, *others = dict.fromkeys(_channel(name, directory) for name in document.audiences(service))
        if others:
            told[service] = tuple(others)
    return told


def _escalation_policy(name: str, entry: PolicyEntry, directory: Directory) -> EscalationPolicy:
    return EscalationPolicy(
        name=name,
        tiers=tuple(_tier(number, tier, directory) for number, tier in enumerate(entry.tiers, start=1)),
        repeat=Repeat(every=entry.repeat.every, times=entry.repeat.times) if entry.repeat else None,
        manager_rules=tuple(_manager_rule(rule, directory) for rule in entry.managers),
        escalate_on_resolution_breach=entry.escalate_on_resolution_breach,
    )


def _tier(number: int, entry: TierEntry, directory: Directory) -> Tier:
    return Tier(
        number=number,
        name=entry.name,
        channel=_channel(entry.channel, directory) if entry.channel is not None else None,
        people=_mentions(entry.people, directory),
        managers=_mentions(entry.managers, directory),
        on_call=tuple(_on_call(source, directory) for source in entry.on_call),
        ack_within=entry.ack_within,
    )


def _manager_rule(entry: ManagerRuleEntry, directory: Directory) -> ManagerRule:
    found = occasion(entry.at)
    if found is None:
        raise ValueError(f"{entry.at} is not an occasion")
    return ManagerRule(
        occasion=found[0],
        number=found[1],
        severities=frozenset(entry.severities or Severity),
        tell=_mentions([name for name in entry.tell if name != TIER_MANAGERS], directory),
        tier_managers=TIER_MANAGERS in entry.tell,
    )


def _on_call(entry: OnCallEntry, directory: Directory) -> OnCall:
    if entry.rotation is not None:
        return _rotation(entry.rotation, directory)
    if entry.ical is not None:
        people = {name: _mention(person, directory) for name, person in entry.ical.people.items()}
        return OnCallFeed(url=entry.ical.url, people=people)
    raise ValueError("a source of who is on call is a rotation or a calendar")


def _rotation(entry: RotationEntry, directory: Directory) -> Rotation:
    """Somebody may be in it twice, so nobody is left out who is written again."""
    return Rotation(
        people=tuple(_mention(name, directory) for name in entry.people),
        zone=entry.zone,
        first_day=entry.first_day,
        hand_over=entry.hand_over,
        weeks=entry.weeks,
        overrides=tuple(
            Override(
                start=_instant(override.start, entry.zone),
                end=_instant(override.end, entry.zone),
                person=_mention(override.person, directory),
            )
            for override in entry.overrides
        ),
    )


def _instant(wall: datetime, zone: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _channel(name: str, directory: Directory) -> ChannelId:
    channel = directory.channel(name)
    if channel is None:
        raise ValueError(f"the channel {name} was not looked up")
    return channel


def _mention(name: str, directory: Directory) -> Mention:
    mention = THE_CHANNEL if name == THE_WORD_CHANNEL else directory.mention(name)
    if mention is None:
        raise ValueError(f"{name} was not looked up")
    return mention


def _mentions(names: Sequence[str], directory: Directory) -> tuple[Mention, ...]:
    """In the order of the file, each once, even if it is written by name and by id."""
    mentions: dict[str, Mention] = {}
    for name in names:
        mention = _mention(name, directory)
        mentions.setdefault(mention.slack_id, mention)
    return tuple(mentions.values())
