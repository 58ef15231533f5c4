"""What was agreed: severities and their targets, services, and the tiers of each escalation policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.domain.ids import ChannelId

MINIMUM_TARGET = timedelta(minutes=1)
"""Targets below a minute are for the playground only: a person needs that long to read a page."""


class Severity(StrEnum):
    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"


class MentionKind(StrEnum):
    USER = "user"
    USER_GROUP = "user_group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Somebody who can be notified in Slack: a user or a user group, by id, with the name the policy file used."""

    kind: MentionKind
    slack_id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """One step of a policy. `number` counts from 1."""

    number: int
    name: str
    channel: ChannelId
    people: tuple[Mention, ...]
    managers: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """How the last tier is paged again: `times` more pages, `every` apart, from its breach on."""

    every: timedelta
    times: int

    def __post_init__(self) -> None:
        if self.every <= timedelta(0) or self.times < 1:
            raise ValueError("a repeat needs a positive interval and at least one page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What a severity promises: a person within `ack_within` of each tier's page, stakeholders `update_every`."""

    ack_within: timedelta
    update_every: timedelta

    def __post_init__(self) -> None:
        if self.ack_within <= timedelta(0) or self.update_every <= timedelta(0):
            raise ValueError("targets are positive durations")


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPolicy:
    """The ordered tiers of a service."""

    name: str
    tiers: tuple[Tier, ...]
    repeat: Repeat | None

    def __post_init__(self) -> None:
        if [tier.number for tier in self.tiers] != list(range(1, len(self.tiers) + 1)) or not self.tiers:
            raise ValueError("tiers are numbered from 1 without a gap, and there is at least one")

    def tier(self, number: int) -> Tier:
        return self.tiers[number - 1]

    def is_last(self, number: int) -> bool:
        return number >= len(self.tiers)

    @property
    def managers(self) -> tuple[Mention, ...]:
        """Every manager of the policy, once, in the order of the tiers."""
        return tuple(dict.fromkeys(manager for tier in self.tiers for manager in tier.managers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One immutable version of what was agreed; an incident keeps the one it was opened under."""

    severities: Mapping[Severity, Targets]
    services: Mapping[str, EscalationPolicy]
    stakeholder_channel: ChannelId
    fallback_channel: ChannelId

    def targets(self, severity: Severity) -> Targets:
        return self.severities[severity]

    def escalation(self, service: str) -> EscalationPolicy:
        return self.services[service]
