"""What was agreed: severities and their targets, services, and the tiers of each escalation policy."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.calendar import Calendar, instant_of
from bot.domain.ids import ChannelId

MINIMUM_TARGET = timedelta(minutes=1)
"""Targets below a minute are for the playground only: a person needs that long to read a page."""


class Severity(StrEnum):
    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"


class Impact(StrEnum):
    """How much is affected; with the urgency it gives the severity."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Urgency(StrEnum):
    """How soon it has to be mended; with the impact it gives the severity."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class MentionKind(StrEnum):
    USER = "user"
    USER_GROUP = "user_group"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody who can be notified in Slack: a user or a user group, by id, with the name the policy file used.

    Of the kind `CHANNEL` it is everybody in the channel where the message is; its id is then `!channel`.
    """

    kind: MentionKind
    slack_id: str
    name: str


THE_CHANNEL = Mention(kind=MentionKind.CHANNEL, slack_id="!channel", name="channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Somebody takes over from the rotation from `start` until before `end`."""

    start: datetime
    end: datetime
    person: Mention


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People who take turns, `weeks` at a time, handing over at `hand_over` by the wall clock of `zone`.

    `first_day` is the day on which the first of them begins. Overrides win; of two that overlap, the later written.
    """

    people: tuple[Mention, ...]
    zone: str
    first_day: date
    hand_over: time
    weeks: int = 1
    overrides: tuple[Override, ...] = ()

    def on_duty(self, at: datetime) -> Mention | None:
        """None before the first turn."""
        for override in reversed(self.overrides):
            if override.start <= at < override.end:
                return override.person
        zone = ZoneInfo(self.zone)
        day = at.astimezone(zone).date()
        if at < instant_of(day, self.hand_over, zone):
            day -= timedelta(days=1)
        turn = (day - self.first_day).days // (7 * self.weeks)
        return self.people[turn % len(self.people)] if turn >= 0 else None

    def changes_after(self, at: datetime) -> Iterator[datetime]:
        """The edges of all overrides, and as many hand-overs from `at` on as there are people, and one more."""
        for override in self.overrides:
            yield from (override.start, override.end)
        zone = ZoneInfo(self.zone)
        turn = max((at.astimezone(zone).date() - self.first_day).days // (7 * self.weeks), 0)
        for number in range(turn, turn + len(self.people) + 1):
            yield instant_of(self.first_day + timedelta(weeks=number * self.weeks), self.hand_over, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallFeed:
    """A calendar kept elsewhere that says who is on call. `people` are the names as its events write them.

    Whoever knows its address can read it, so that is never shown.
    """

    url: str = field(repr=False)
    people: Mapping[str, Mention]


OnCall = Rotation | OnCallFeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of a policy. `number` counts from 1.

    `people` are paged always, `on_call` says who else is at the time of the page. `ack_within` overrides the
    severity's own target. Without a channel it can hold no incident, and is passed over.
    """

    number: int
    name: str
    channel: ChannelId | None
    people: tuple[Mention, ...]
    managers: tuple[Mention, ...]
    on_call: tuple[OnCall, ...] = ()
    ack_within: Mapping[Severity, timedelta] = field(default_factory=dict)

    @property
    def everyone(self) -> tuple[Mention, ...]:
        """All who may be paged here at any time, once."""
        turns = (person for source in self.on_call for person in _people_of(source))
        return tuple(dict.fromkeys((*self.people, *turns)))


def _people_of(source: OnCall) -> Iterable[Mention]:
    if isinstance(source, Rotation):
        return (*source.people, *(override.person for override in source.overrides))
    return source.people.values()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """How the last tier is paged again: `times` more pages, `every` apart, from its breach on."""

    every: timedelta
    times: int

    def __post_init__(self) -> None:
        if self.every <= timedelta(0) or self.times < 1:
            raise ValueError("a repeat needs a positive interval and at least one page")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowerUpdates:
    """Once an incident is older than `after`, stakeholders hear of it `every` so often."""

    after: timedelta
    every: timedelta


MOST_WARNINGS = 8
SHORT_TARGET = timedelta(minutes=10)
SHORT_WARNINGS = (75,)
"""Of the fractions of a target below `SHORT_TARGET` only these are said: two warnings within minutes are noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What a severity promises, in the time that `calendar` counts; None counts around the clock.

    A person within `ack_within` of each tier's page, an end within `resolve_within`, stakeholders `update_every`.
    `warn_at` are percents of the first two, in rising order. An acknowledgement is asked for again
    `ack_expires_after` the last activity.
    """

    ack_within: timedelta
    update_every: timedelta
    resolve_within: timedelta | None = None
    slower_updates: SlowerUpdates | None = None
    warn_at: tuple[int, ...] = ()
    ack_expires_after: timedelta | None = None
    calendar: Calendar | None = None

    def __post_init__(self) -> None:
        durations = (self.ack_within, self.update_every, self.resolve_within, self.ack_expires_after)
        if any(duration is not None and duration <= timedelta(0) for duration in durations):
            raise ValueError("targets are positive durations")
        if list(self.warn_at) != sorted(set(self.warn_at)) or not all(0 < percent < 100 for percent in self.warn_at):
            raise ValueError("warnings come at rising percents between 0 and 100")
        if len(self.warn_at) > MOST_WARNINGS:
            raise ValueError(f"a target has at most {MOST_WARNINGS} warnings")

    def warnings(self, target: timedelta) -> tuple[int, ...]:
        """The percents of `target` at which is warned."""
        if target >= SHORT_TARGET:
            return self.warn_at
        return tuple(percent for percent in self.warn_at if percent in SHORT_WARNINGS)


class Occasion(StrEnum):
    """When managers are told, beside those of a tier that did not answer."""

    OPENING = "opening"
    WARNING = "warning"
    BREACH = "breach"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerRule:
    """Who is told on an occasion: at a warning `number` is its percent, at a breach which one it is of the incident.

    `tier_managers` adds those of the tier at which the incident is.
    """

    occasion: Occasion
    number: int = 0
    severities: frozenset[Severity]
    tell: tuple[Mention, ...]
    tier_managers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy:
    """The ordered tiers of a service, and who is told when."""

    name: str
    tiers: tuple[Tier, ...]
    repeat: Repeat | None
    manager_rules: tuple[ManagerRule, ...] = ()
    escalate_on_resolution_breach: bool = False

    def __post_init__(self) -> None:
        if [tier.number for tier in self.tiers] != list(range(1, len(self.tiers) + 1)) or not self.tiers:
            raise ValueError("tiers are numbered from 1 without a gap, and there is at least one")
        if self.next_tier(0) is None:
            raise ValueError("at least one tier has a channel")

    def tier(self, number: int) -> Tier:
        return self.tiers[number - 1]

    def next_tier(self, after: int) -> Tier | None:
        """The first tier behind `after` that can hold an incident; None behind the last."""
        return next((tier for tier in self.tiers[after:] if tier.channel is not None), None)

    def behind(self, number: int) -> tuple[int, ...]:
        """The numbers of the tiers that follow."""
        return tuple(tier.number for tier in self.tiers[number:])

    def is_last(self, number: int) -> bool:
        return self.next_tier(number) is None

    def channel(self, number: int) -> ChannelId:
        """Of a tier that an incident is at."""
        channel = self.tier(number).channel
        if channel is None:
            raise ValueError(f"tier {number} of {self.name} has no channel")
        return channel

    @property
    def managers(self) -> tuple[Mention, ...]:
        """Every manager of the policy, once: those of the tiers in their order, then those of the rules."""
        of_tiers = (manager for tier in self.tiers for manager in tier.managers)
        of_rules = (manager for rule in self.manager_rules for manager in rule.tell)
        return tuple(dict.fromkeys((*of_tiers, *of_rules)))

    def told(self, occasion: Occasion, number: int, severity: Severity, tier: int) -> tuple[Mention, ...]:
        """Who is told on that occasion at that tier, once each."""
        people: list[Mention] = list(self.tier(tier).managers) if occasion is Occasion.BREACH else []
        for rule in self.manager_rules:
            if (rule.occasion, rule.number) == (occasion, number) and severity in rule.severities:
                people.extend(rule.tell)
                if rule.tier_managers:
                    people.extend(self.tier(tier).managers)
        return tuple(dict.fromkeys(people))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedUpdates:
    """How people are held to telling stakeholders themselves: what Tierline says in their place is only what it knows.

    Who has an incident is reminded `nudge_before` its next update. When that goes out without words of a person, one
    is owed, and `overdue_after` percent of the cadence later managers hear of it. Without a value nothing is said.
    """

    nudge_before: timedelta | None = None
    overdue_after: int | None = None

    def __post_init__(self) -> None:
        if self.nudge_before is not None and self.nudge_before <= timedelta(0):
            raise ValueError("a reminder comes before the update")
        if self.overdue_after is not None and not 0 < self.overdue_after < 100:
            raise ValueError("an update is overdue before the next one is due")


ACKNOWLEDGING = "eyes"
RESOLVING = "white_check_mark"
PINNING = "pushpin"
"""The emoji that keeps a message in the story of the incident in whose thread it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """What an emoji on an incident's card does, by its name in Slack: acknowledge it, or ask whether it is resolved.

    None when no emoji does that.
    """

    acknowledge: str | None = ACKNOWLEDGING
    resolve: str | None = RESOLVING

    def __post_init__(self) -> None:
        if self.acknowledge is not None and self.acknowledge == self.resolve:
            raise ValueError("one emoji does one thing")


DEFAULT_ROOM_NAME = "inc-{number}-{title}"
DEFAULT_ARCHIVE_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentChannel:
    """Incidents of these severities get a channel of their own, called by a pattern (`rooms.name_of` fills it in).

    It is archived so long after the incident is over.
    """

    severities: frozenset[Severity]
    name: str = DEFAULT_ROOM_NAME
    private: bool = False
    archive_after: timedelta = DEFAULT_ARCHIVE_AFTER


class Verb(StrEnum):
    """What people do, as far as it can be kept to some of them."""

    OPEN = "open"
    ACKNOWLEDGE = "acknowledge"
    ESCALATE = "escalate"
    ASSIGN = "assign"
    HOLD = "hold"
    RESUME = "resume"
    SEVERITY = "severity"
    UPDATE = "update"
    NOTE = "note"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CANCEL = "cancel"
    FOLLOW = "follow"


class Role(StrEnum):
    """Who somebody is to an incident."""

    ANYONE = "anyone"
    REPORTER = "reporter"
    ASSIGNEE = "assignee"
    TIER = "tier"
    MANAGERS = "managers"
    ADMINS = "admins"


_RESPONSIBLE = frozenset({Role.ASSIGNEE, Role.TIER, Role.MANAGERS, Role.ADMINS})
_ANYONE = frozenset({Role.ANYONE})

DEFAULT_ROLES: Mapping[Verb, frozenset[Role]] = {
    Verb.OPEN: _ANYONE,
    Verb.ACKNOWLEDGE: _ANYONE,
    Verb.ESCALATE: _ANYONE,
    Verb.ASSIGN: _ANYONE,
    Verb.HOLD: _RESPONSIBLE,
    Verb.RESUME: _RESPONSIBLE,
    Verb.SEVERITY: _RESPONSIBLE,
    Verb.UPDATE: _RESPONSIBLE,
    Verb.NOTE: _ANYONE,
    Verb.RESOLVE: _RESPONSIBLE,
    Verb.REOPEN: _ANYONE,
    Verb.CANCEL: _RESPONSIBLE,
    Verb.FOLLOW: _ANYONE,
}
"""Opening, taking and raising an incident must never fail at night for want of a right."""

DEFAULT_FALLBACK_AFTER = timedelta(seconds=75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One immutable version of what was agreed; an incident keeps the one it was opened under.

    `stakeholder_channels` are those of services that have one of their own, and `also_told` more channels in which
    their stakeholders read. Every incident of the `private_services` is private. `matrix` gives the severity of an
    impact and an urgency.
    """

    severities: Mapping[Severity, Targets]
    services: Mapping[str, EscalationPolicy]
    stakeholder_channel: ChannelId
    fallback_channel: ChannelId
    fallback_after: timedelta = DEFAULT_FALLBACK_AFTER
    fallback_notifier: str | None = None
    stakeholder_channels: Mapping[str, ChannelId] = field(default_factory=dict)
    also_told: Mapping[str, tuple[ChannelId, ...]] = field(default_factory=dict)
    private_services: frozenset[str] = frozenset()
    updates: OwedUpdates = field(default_factory=OwedUpdates)
    incident_channel: IncidentChannel | None = None
    matrix: Mapping[tuple[Impact, Urgency], Severity] = field(default_factory=dict)
    reactions: Reactions = field(default_factory=Reactions)
    roles: Mapping[Verb, frozenset[Role]] = field(default_factory=lambda: DEFAULT_ROLES)
    admins: tuple[Mention, ...] = ()
    asks_for_feedback: bool = False

    def targets(self, severity: Severity) -> Targets:
        return self.severities[severity]

    def escalation(self, service: str) -> EscalationPolicy:
        return self.services[service]

    def stakeholders(self, service: str) -> ChannelId:
        """The channel in which those who care about the service are kept informed."""
        return self.stakeholder_channels.get(service, self.stakeholder_channel)
