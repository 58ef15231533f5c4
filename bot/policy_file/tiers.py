"""The keys of a policy: its tiers, and the managers who are told."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from bot.domain.policy import Occasion
from bot.policy_file.entry import Entry, Like, left_out
from bot.policy_file.on_call import OnCallEntry
from bot.policy_file.values import (
    ChannelName,
    Count,
    Duration,
    Label,
    PagedName,
    PersonName,
    Reading,
    SeverityName,
    TierTargets,
    ToldName,
    percent,
    percent_or,
    refused,
    wrong,
)

_BREACH = re.compile(r"breach ([1-9]\d{0,2})")
_NUMBER = re.compile(r"(?:tier\s+)?([1-9][0-9]*)", re.IGNORECASE)
_TIERS_LIKE = '[{name: First line, channel: "#tier-1", people: ["@ana"]}]'


def occasion(text: str) -> tuple[Occasion, int] | None:
    """The occasion of a rule and its number; None for what is none."""
    if text == Occasion.OPENING:
        return Occasion.OPENING, 0
    if match := _BREACH.fullmatch(text):
        return Occasion.BREACH, int(match[1])
    number = percent(text)
    return None if number is None else (Occasion.WARNING, number)


def _occasion(text: str) -> str:
    match occasion(text):
        case None:
            raise wrong(text, "is not an occasion; write opening, a percent like 75%, or breach 2.")
        case Occasion.WARNING, number:
            return f"{number}%"
        case _:
            return text


class TierEntry(Entry):
    """One step of a policy."""

    name: Annotated[Label, Like("First line")]
    """What people call it."""
    channel: Annotated[ChannelName | None, Like('"#tier-1"')] = left_out(None)
    """Where the incident is posted and worked while it is at this tier; without one the tier is passed over."""
    people: Annotated[tuple[PagedName, ...], Field(min_length=1), Like('["@ana", "@first-line"]')] = left_out(())
    """Who is mentioned in each page: people, user groups, or the word channel for everybody in the channel."""
    on_call: Annotated[
        tuple[OnCallEntry, ...],
        Like('[{rotation: {people: ["@ana", "@ben"], zone: Europe/Paris, first_day: 2026-01-05, hand_over: "09:00"}}]'),
    ] = left_out(())
    """Who else is mentioned, as it is their turn at the time of the page."""
    managers: Annotated[tuple[PersonName, ...], Like('["@grace"]')] = ()
    """Who is told when this tier does not acknowledge in time."""
    ack_within: Annotated[TierTargets, Like("10m, or ack_within: {sev1: 3m, sev2: 10m}")] = left_out({})
    """How long this tier has to acknowledge, where it is not what the severity says."""

    @model_validator(mode="after")
    def _has_a_channel_for_its_people(self) -> Self:
        if self.channel is None and (self.people or self.on_call):
            raise refused(f'"{self.name}" has people but no channel to page them in; add it, like channel: "#tier-1".')
        return self


class RepeatEntry(Entry):
    """How the last tier is paged again."""

    every: Annotated[Duration, Like("5m")]
    """The time between two pages."""
    times: Annotated[Count, Like("3")]
    """How many more pages."""


class ManagerRuleEntry(Entry):
    """Who is told on an occasion, beside the managers of a tier that did not answer."""

    at: Annotated[
        str,
        AfterValidator(_occasion),
        percent_or("opening|[1-9][0-9]?%|breach [1-9][0-9]{0,2}"),
        Like("75%"),
    ]
    """`opening`, the percent of a warning like `75%`, or `breach 2` for the incident's second breach."""
    severities: Annotated[tuple[SeverityName, ...], Field(min_length=1), Like("[sev1, sev2]")] = left_out(())
    """Of which incidents; without it, of all."""
    tell: Annotated[tuple[ToldName, ...], Field(min_length=1), Like('["@grace", tier managers]')]
    """People, user groups, or the words tier managers for those of the tier at which the incident is."""


class PolicyEntry(Entry):
    """The tiers of services, and who is told."""

    tiers: Annotated[tuple[TierEntry, ...], Field(min_length=1), Like(_TIERS_LIKE)]
    """They are asked from top to bottom."""
    repeat: Annotated[RepeatEntry | None, Like("{every: 5m, times: 3}")] = None
    """The last tier is paged again before the fallback channel and every manager are told."""
    managers: Annotated[tuple[ManagerRuleEntry, ...], Like('[{at: 75%, severities: [sev1], tell: ["@grace"]}]')] = (
        left_out(())
    )
    """Who is told when, beside the managers of a tier that did not answer."""
    stakeholder_channel: Annotated[ChannelName | None, Like('"#incident-updates"')] = left_out(None)
    """Where stakeholders of the services with this policy read updates, if not in the one of the file."""
    also_told: Annotated[tuple[ChannelName, ...] | None, Like('["#sales", "#support"]')] = left_out(None)
    """More channels that read them, each with a message and a thread of its own."""
    escalate_on_resolution_breach: Annotated[bool, Like("true")] = left_out(default=False)
    """Whether an incident that is not resolved in time goes one tier up."""

    @model_validator(mode="after")
    def _can_hold_an_incident(self) -> Self:
        if all(tier.channel is None for tier in self.tiers):
            raise refused('no tier here has a channel, so an incident has no place; add one, like channel: "#tier-1".')
        return self

    @model_validator(mode="after")
    def _has_no_tier_called_like_another(self, info: ValidationInfo) -> Self:
        """`escalate INC-7 to 2` is the second tier, whichever is called 2."""
        if isinstance(info.context, Reading) and info.context.stored:
            return self
        for number, tier in enumerate(self.tiers, 1):
            match = _NUMBER.fullmatch(tier.name)
            if match is not None and int(match[1]) != number and int(match[1]) <= len(self.tiers):
                raise refused(f'"{tier.name}" is the number of another tier; name tier {number} otherwise.')
        return self
