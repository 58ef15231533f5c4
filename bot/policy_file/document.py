"""The whole file as a value: its keys and what they must agree on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from bot.policy_file.errors import Loc, Marks, nearest
from bot.policy_file.values import (
    CHANNEL_ID,
    PERSON_ID,
    ChannelName,
    Duration,
    Label,
    PersonName,
    Reading,
    ServiceName,
)


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class TargetsEntry(Entry):
    ack_within: Duration
    update_every: Duration


class SeveritiesEntry(Entry):
    sev1: TargetsEntry
    sev2: TargetsEntry
    sev3: TargetsEntry
    sev4: TargetsEntry


class ServiceEntry(Entry):
    policy: Label


class TierEntry(Entry):
    name: Label
    channel: ChannelName
    people: Annotated[tuple[PersonName, ...], Field(min_length=1)]
    managers: tuple[PersonName, ...] = ()


class RepeatEntry(Entry):
    every: Duration
    times: Annotated[int, Field(ge=1, le=1000)]


class PolicyEntry(Entry):
    tiers: Annotated[tuple[TierEntry, ...], Field(min_length=1)]
    repeat: RepeatEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What has to be looked up in Slack, as written in the file; ids need no look-up and are not among them."""

    channels: frozenset[str]
    people: frozenset[str]


class PolicyDocument(Entry):
    """The whole file. Two are equal when they agree on the same, wherever they were read from."""

    severities: SeveritiesEntry
    # before the services, whose check needs them
    policies: Annotated[Mapping[Label, PolicyEntry], Field(min_length=1)]
    services: Annotated[Mapping[ServiceName, ServiceEntry], Field(min_length=1)]
    stakeholder_channel: ChannelName
    fallback_channel: ChannelName
    _marks: Marks = PrivateAttr(default_factory=Marks)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `canonical_json` wrote. It was checked when it was read, so short targets are not refused again."""
        return cls.model_validate_json(text, context=Reading(allow_short=True))

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
        yield ("fallback_channel",), self.fallback_channel
        for loc, tier in self._tiers():
            yield (*loc, "channel"), tier.channel

    def people(self) -> Iterator[tuple[Loc, str]]:
        """Each person and user group with the place in the file."""
        for loc, tier in self._tiers():
            for index, name in enumerate(tier.people):
                yield (*loc, "people", index), name
            for index, name in enumerate(tier.managers):
                yield (*loc, "managers", index), name

    @property
    def marks(self) -> Marks:
        return self._marks

    def model_post_init(self, context: Any, /) -> None:
        if isinstance(context, Reading):
            self._marks = context.marks

    def _tiers(self) -> Iterator[tuple[Loc, TierEntry]]:
        for name, policy in self.policies.items():
            for index, tier in enumerate(policy.tiers):
                yield ("policies", name, "tiers", index), tier

    @field_validator("services")
    @classmethod
    def _name_known_policies(
        cls, services: Mapping[str, ServiceEntry], info: ValidationInfo
    ) -> Mapping[str, ServiceEntry]:
        policies = info.data.get("policies")
        if policies is None:
            return services
        errors = [
            InitErrorDetails(type=_unknown_policy(entry.policy, policies), loc=(name, "policy"), input=entry.policy)
            for name, entry in services.items()
            if entry.policy not in policies
        ]
        if errors:
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return services


def _unknown_policy(name: str, known: Mapping[str, PolicyEntry]) -> PydanticCustomError:
    return PydanticCustomError(
        "unknown_policy", 'there is no policy "{name}"; {fix}', {"name": name, "fix": nearest(name, known)}
    )
