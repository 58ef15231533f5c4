"""The names of the file and their ids in Slack, and with these the domain's `Policy`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Self

from bot.domain.ids import ChannelId
from bot.domain.policy import EscalationPolicy, Mention, MentionKind, Policy, Repeat, Severity, Targets, Tier
from bot.policy_file.document import PolicyDocument, PolicyEntry, TargetsEntry
from bot.policy_file.errors import Problem, placed
from bot.policy_file.values import CHANNEL_ID, PERSON_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What Slack knows the names of a policy file by: `#tier-1` and `@ana` as written there, with their ids."""

    channels: Mapping[str, ChannelId]
    people: Mapping[str, Mention]

    @classmethod
    def from_json(cls, text: str) -> Self:
        read = json.loads(text)
        return cls(
            channels={name: ChannelId(slack_id) for name, slack_id in read["channels"].items()},
            people={
                name: Mention(kind=MentionKind(person["kind"]), slack_id=person["slack_id"], name=person["name"])
                for name, person in read["people"].items()
            },
        )

    def to_json(self) -> str:
        people = {name: asdict(mention) for name, mention in self.people.items()}
        return json.dumps({"channels": dict(self.channels), "people": people}, ensure_ascii=False, sort_keys=True)

    def channel(self, name: str) -> ChannelId | None:
        """The channel of that name; an id is its own answer."""
        return ChannelId(name) if CHANNEL_ID.fullmatch(name) else self.channels.get(name)

    def mention(self, name: str) -> Mention | None:
        """The person or user group of that name; an id is its own answer."""
        if not PERSON_ID.fullmatch(name):
            return self.people.get(name)
        kind = MentionKind.USER_GROUP if name.startswith("S") else MentionKind.USER
        return Mention(kind=kind, slack_id=name, name=name)


def unresolved(document: PolicyDocument, directory: Directory, *, source: str | None = None) -> Sequence[str]:
    """One sentence for each name that Slack does not know, at the first place where the file has it.

    `source` names the file in place of the path it was read from.
    """
    unknown = [(name, loc, _NO_CHANNEL) for loc, name in document.channels() if directory.channel(name) is None]
    unknown += [(name, loc, _NOBODY) for loc, name in document.people() if directory.mention(name) is None]
    first: dict[str, Problem] = {}
    for name, loc, sentence in unknown:
        problem = (document.marks.line(loc), sentence.format(name=name))
        first[name] = min(problem, first.get(name, problem))
    return placed(first.values(), source or document.marks.source)


_NO_CHANNEL = "there is no channel {name} that the bot can see; create it, or invite the bot if it is private."
_NOBODY = "there is no person or user group {name} in Slack; write the name as it is there, or the id."


def to_policy(document: PolicyDocument, directory: Directory) -> Policy:
    """The domain's value. Ask `unresolved` first: a name that Slack does not know is a ValueError here."""
    policies = {name: _escalation_policy(name, entry, directory) for name, entry in document.policies.items()}
    return Policy(
        severities={severity: _targets(getattr(document.severities, severity)) for severity in Severity},
        services={name: policies[service.policy] for name, service in document.services.items()},
        stakeholder_channel=_channel(document.stakeholder_channel, directory),
        fallback_channel=_channel(document.fallback_channel, directory),
    )


def _targets(entry: TargetsEntry) -> Targets:
    return Targets(ack_within=entry.ack_within, update_every=entry.update_every)


def _escalation_policy(name: str, entry: PolicyEntry, directory: Directory) -> EscalationPolicy:
    return EscalationPolicy(
        name=name,
        tiers=tuple(
            Tier(
                number=number,
                name=tier.name,
                channel=_channel(tier.channel, directory),
                people=_mentions(tier.people, directory),
                managers=_mentions(tier.managers, directory),
            )
            for number, tier in enumerate(entry.tiers, start=1)
        ),
        repeat=Repeat(every=entry.repeat.every, times=entry.repeat.times) if entry.repeat else None,
    )


def _channel(name: str, directory: Directory) -> ChannelId:
    channel = directory.channel(name)
    if channel is None:
        raise ValueError(f"the channel {name} was not looked up")
    return channel


def _mentions(names: Sequence[str], directory: Directory) -> tuple[Mention, ...]:
    """In the order of the file, each once, even if it is written by name and by id."""
    mentions: dict[str, Mention] = {}
    for name in names:
        mention = directory.mention(name)
        if mention is None:
            raise ValueError(f"{name} was not looked up")
        mentions.setdefault(mention.slack_id, mention)
    return tuple(mentions.values())
