"""The whole file as a value: its keys and what they must agree on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from bot.domain.policy import DEFAULT_FALLBACK_AFTER, Occasion, Severity
from bot.policy_file.calendars import CalendarEntry, holiday_dates
from bot.policy_file.entry import Entry, Like, left_out
from bot.policy_file.errors import Loc, Marks, nearest, shown
from bot.policy_file.on_call import OnCallEntry
from bot.policy_file.reactions import ReactionsEntry
from bot.policy_file.rooms import IncidentChannelEntry
from bot.policy_file.severities import ALWAYS, ImpactEntry, SeveritiesEntry
from bot.policy_file.tiers import ManagerRuleEntry, PolicyEntry, TierEntry, occasion
from bot.policy_file.updates import UpdatesEntry
from bot.policy_file.values import (
    CHANNEL_ID,
    PERSON_ID,
    THE_WORD_CHANNEL,
    TIER_MANAGERS,
    ChannelName,
    Duration,
    Label,
    NotifierName,
    PersonName,
    Reading,
    RoleNames,
    ServiceName,
    VerbName,
    refused,
)

_NO_NAMES = frozenset({THE_WORD_CHANNEL, TIER_MANAGERS})


class ServiceEntry(Entry):
    """What can be affected."""

    policy: Annotated[Label, Like("default")]
    """The policy by which its incidents go."""
    stakeholder_channel: Annotated[ChannelName | None, Like('"#incident-updates"')] = left_out(None)
    """Where its stakeholders read updates, if not in the one of the policy."""
    also_told: Annotated[tuple[ChannelName, ...] | None, Like('["#sales", "#support"]')] = left_out(None)
    """More channels that read its updates, each with a message and a thread of its own."""
    private: Annotated[bool, Like("true")] = left_out(default=False)
    """Whether each of its incidents is private: told to its tiers and to who follows it, and nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What has to be looked up in Slack, as written in the file; ids need no look-up and are not among them."""

    channels: frozenset[str]
    people: frozenset[str]


class PolicyDocument(Entry):
    """What was agreed for incidents."""

    # Two are equal when they agree on the same, wherever they were read from.
    # The order of the fields is that of the checks, which need what stands before them.
    calendars: Annotated[
        Mapping[Label, Annotated[CalendarEntry, Like('{zone: Europe/Paris, week: {mon-fri: "08:00-17:00"}}')]],
        Like('{business: {zone: Europe/Paris, week: {mon-fri: "08:00-17:00"}}}'),
    ] = left_out({})
    """Open hours, for severities whose time does not count day and night."""
    severities: Annotated[SeveritiesEntry, Like("{sev1: {ack_within: 5m, update_every: 20m}, …}")]
    """What each severity promises."""
    impact_urgency: Annotated[
        ImpactEntry | None, Like("{high: {high: sev1, medium: sev2, low: sev3}, medium: …, low: …}")
    ] = left_out(None)
    """The severity of an impact (outer) and an urgency (inner)."""
    policies: Annotated[
        Mapping[
            Label,
            Annotated[PolicyEntry, Like('{tiers: [{name: First line, channel: "#tier-1", people: ["@ana"]}]}')],
        ],
        Field(min_length=1),
        Like('{default: {tiers: [{name: First line, channel: "#tier-1", people: ["@ana"]}]}}'),
    ]
    """Who is asked in which order, and who is told."""
    services: Annotated[
        Mapping[ServiceName, Annotated[ServiceEntry, Like("{policy: default}")]],
        Field(min_length=1),
        Like("{checkout: {policy: default}}"),
    ]
    """What can be affected."""
    stakeholder_channel: Annotated[ChannelName, Like('"#incident-updates"')]
    """Where stakeholders read how incidents are going."""
    also_told: Annotated[tuple[ChannelName, ...], Like('["#sales", "#support"]')] = left_out(())
    """More channels that read updates of every service, each with a message and a thread of its own."""
    updates: Annotated[UpdatesEntry | None, Like("{nudge_before: 5m, overdue_after: 50%}")] = left_out(None)
    """Reminders of stakeholder updates, and who hears when a person has not written one."""
    fallback_channel: Annotated[ChannelName, Like('"#escalation-fallback"')]
    """Told when nobody answered at any tier, or when a page could not be posted where it belongs."""
    fallback_after: Annotated[Duration, Like("75s")] = left_out(DEFAULT_FALLBACK_AFTER)
    """So long Slack may take to confirm a page before it goes out another way too."""
    fallback_notifier: Annotated[NotifierName | None, Like("managers")] = left_out(None)
    """The addresses of that way: those of this name in TIERLINE_FALLBACK_URLS, or all of them."""
    reactions: Annotated[ReactionsEntry, Like("{acknowledge: eyes, resolve: white_check_mark}")] = left_out(
        ReactionsEntry()
    )
    """What an emoji on an incident's card does."""
    ask_for_feedback: Annotated[bool, Like("true")] = left_out(default=False)
    """Whether who reported an incident and who follows it are asked, once it is resolved, how well it was handled."""
    incident_channel: Annotated[
        IncidentChannelEntry | None, Like('{severities: [sev1, sev2], name: "inc-{number}-{title}"}')
    ] = left_out(None)
    """Which incidents get a channel of their own; without it, none."""
    roles: Annotated[
        Mapping[VerbName, Annotated[RoleNames, Like("[assignee, managers]")]],
        Like("{resolve: [assignee, tier, managers, admins]}"),
    ] = left_out({})
    """Who may do what; what is not here keeps its default."""
    admins: Annotated[tuple[PersonName, ...], Like('["@grace"]')] = left_out(())
    """The people behind the role admins."""
    _marks: Marks = PrivateAttr(default_factory=Marks)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `canonical_json` wrote. It was checked when it was read, so short targets are not refused again."""
        return cls.model_validate_json(text, context=Reading(allow_short=True, stored=True))

    def canonical_json(self) -> str:
        """The same text for the same agreement, whatever its comments, layout and spelling of durations.

        Services keep the order of the file: it is the order in which people choose among them.
        """
        return self.model_dump_json()

    def names(self) -> Names:
        return Names(
            channels=frozenset(name for _, name in self.channels() if not CHANNEL_ID.fullmatch(name)),
            people=frozenset(name for _, name in self.people() if not PERSON_ID.fullmatch(name)),
        )

    def channels(self) -> Iterator[tuple[Loc, str]]:
        """Each channel with its place in the file."""
        yield ("stakeholder_channel",), self.stakeholder_channel
        yield from _each(("also_told",), self.also_told)
        yield ("fallback_channel",), self.fallback_channel
        for loc, tier in self.tiers():
            if tier.channel is not None:
                yield (*loc, "channel"), tier.channel
        own: Sequence[tuple[str, Mapping[str, PolicyEntry | ServiceEntry]]] = [
            ("policies", self.policies),
            ("services", self.services),
        ]
        for key, entries in own:
            for name, entry in entries.items():
                if entry.stakeholder_channel is not None:
                    yield (key, name, "stakeholder_channel"), entry.stakeholder_channel
                yield from _each((key, name, "also_told"), entry.also_told or ())

    def audiences(self, service: str) -> tuple[str, ...]:
        """The channels in which stakeholders of the service read: the first is that of all of them."""
        own, policy = self.services[service], self.policies[self.services[service].policy]
        first = own.stakeholder_channel or policy.stakeholder_channel or self.stakeholder_channel
        named = (own.also_told, policy.also_told, self.also_told)
        return (first, *next(channels for channels in named if channels is not None))

    def people(self) -> Iterator[tuple[Loc, str]]:
        """Each person and user group with the place in the file."""
        yield from _each(("admins",), self.admins)
        for loc, tier in self.tiers():
            yield from _each((*loc, "people"), tier.people)
            yield from _each((*loc, "managers"), tier.managers)
            for index, source in enumerate(tier.on_call):
                yield from _on_call((*loc, "on_call", index), source)
        for loc, rule in self.manager_rules():
            yield from _each((*loc, "tell"), rule.tell)

    def tiers(self) -> Iterator[tuple[Loc, TierEntry]]:
        for name, policy in self.policies.items():
            for index, tier in enumerate(policy.tiers):
                yield ("policies", name, "tiers", index), tier

    def manager_rules(self) -> Iterator[tuple[Loc, ManagerRuleEntry]]:
        for name, policy in self.policies.items():
            for index, rule in enumerate(policy.managers):
                yield ("policies", name, "managers", index), rule

    def holidays(self, today: date) -> Mapping[str, tuple[date, ...]]:
        """The closed days of each calendar that has any, for the years around `today`."""
        return holiday_dates(self.calendars, today)

    @property
    def marks(self) -> Marks:
        return self._marks

    def model_post_init(self, context: Any, /) -> None:
        if isinstance(context, Reading):
            self._marks = context.marks

    @field_validator("calendars")
    @classmethod
    def _leave_always_alone(cls, calendars: Mapping[str, CalendarEntry]) -> Mapping[str, CalendarEntry]:
        if ALWAYS in calendars:
            problem = refused(f'"{ALWAYS}" is the clock without a calendar; name this one otherwise.')
            _refuse(cls, [((ALWAYS,), problem)])
        return calendars

    @field_validator("severities")
    @classmethod
    def _name_known_calendars(cls, severities: SeveritiesEntry, info: ValidationInfo) -> SeveritiesEntry:
        calendars = info.data.get("calendars")
        if calendars is not None:
            known = (ALWAYS, *calendars)
            named = [(severity, severities.of(severity).clock) for severity in Severity]
            _refuse(cls, [((name, "clock"), _no("calendar", it, known)) for name, it in named if it not in known])
        return severities

    @field_validator("policies")
    @classmethod
    def _tell_at_warnings(cls, policies: Mapping[str, PolicyEntry], info: ValidationInfo) -> Mapping[str, PolicyEntry]:
        severities = info.data.get("severities")
        if severities is not None:
            rules = [
                (name, index, rule) for name, entry in policies.items() for index, rule in enumerate(entry.managers)
            ]
            found = [((name, "managers", index, "at"), _no_warning(rule, severities)) for name, index, rule in rules]
            _refuse(cls, [(loc, problem) for loc, problem in found if problem is not None])
        return policies

    @field_validator("services")
    @classmethod
    def _name_known_policies(
        cls, services: Mapping[str, ServiceEntry], info: ValidationInfo
    ) -> Mapping[str, ServiceEntry]:
        policies = info.data.get("policies")
        if policies is not None:
            named = [(name, entry.policy) for name, entry in services.items()]
            _refuse(cls, [((name, "policy"), _no("policy", it, policies)) for name, it in named if it not in policies])
        return services


def _refuse(cls: type[PolicyDocument], problems: list[tuple[Loc, PydanticCustomError]]) -> None:
    errors = [InitErrorDetails(type=problem, loc=loc, input=None) for loc, problem in problems]
    if errors:
        raise ValidationError.from_exception_data(cls.__name__, errors)


def _no(what: str, name: str, known: Mapping[str, object] | tuple[str, ...]) -> PydanticCustomError:
    return refused(f'there is no {what} "{shown(name)}"; {nearest(name, known)}')


def _no_warning(rule: ManagerRuleEntry, severities: SeveritiesEntry) -> PydanticCustomError | None:
    """What is wrong when managers are to be told at a warning that no incident of the rule ever gets."""
    match occasion(rule.at):
        case Occasion.WARNING, number:
            at = sorted({percent for name in rule.severities or Severity for percent in severities.of(name).warn_at})
            fix = f"write one of {', '.join(f'{percent}%' for percent in at)}, or add" if at else "add"
            return None if number in at else refused(f'nothing warns at {number}%; {fix} {number}% to their "warn_at".')
        case _:
            return None


def _each(loc: Loc, names: tuple[str, ...]) -> Iterator[tuple[Loc, str]]:
    for index, name in enumerate(names):
        if name not in _NO_NAMES:
            yield (*loc, index), name


def _on_call(loc: Loc, source: OnCallEntry) -> Iterator[tuple[Loc, str]]:
    if source.rotation is not None:
        yield from _each((*loc, "rotation", "people"), source.rotation.people)
        for index, override in enumerate(source.rotation.overrides):
            yield (*loc, "rotation", "overrides", index, "person"), override.person
    if source.ical is not None:
        for event_name, name in source.ical.people.items():
            yield (*loc, "ical", "people", event_name), name
