"""The names of the file and their ids in Slack, with the holidays of its calendars: what a version is made of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Self

from bot.domain.ids import ChannelId
from bot.domain.policy import Mention, MentionKind
from bot.policy_file.document import PolicyDocument
from bot.policy_file.errors import Problem, placed
from bot.policy_file.values import CHANNEL_ID, PERSON_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """What Slack knows the names of a policy file by: `#tier-1` and `@ana` as written there, with their ids.

    `holidays` are the closed days of its calendars, which the country or a later release may change.
    """

    channels: Mapping[str, ChannelId]
    people: Mapping[str, Mention]
    holidays: Mapping[str, tuple[date, ...]] = field(default_factory=dict)

    @classmethod
    def from_json(cls, text: str) -> Self:
        read = json.loads(text)
        return cls(
            channels={name: ChannelId(slack_id) for name, slack_id in read["channels"].items()},
            people={
                name: Mention(kind=MentionKind(person["kind"]), slack_id=person["slack_id"], name=person["name"])
                for name, person in read["people"].items()
            },
            holidays={
                name: tuple(date.fromisoformat(day) for day in days) for name, days in read.get("holidays", {}).items()
            },
        )

    def to_json(self) -> str:
        """Without holidays the text is as it was before there were any, so that it is the same version."""
        content: dict[str, object] = {
            "channels": dict(self.channels),
            "people": {name: asdict(mention) for name, mention in self.people.items()},
        }
        if self.holidays:
            content["holidays"] = {name: [day.isoformat() for day in days] for name, days in self.holidays.items()}
        return json.dumps(content, ensure_ascii=False, sort_keys=True)

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
