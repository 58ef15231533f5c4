"""What a form about one incident carries to its answer: which one, where it was asked for, and what its reader saw."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from bot.domain.ids import ChannelId, UserId
from bot.domain.intent import Glance
from bot.domain.policy import Severity
from bot.slack.blocks.fields_about_one import Entries
from bot.slack.blocks.mrkdwn import clean
from bot.slack.ids import FormField

PROPOSED = (FormField.TO,)
"""What was filled in as a proposal and is no fact: nobody is moved on by it to what they did not choose."""

DIGEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """It gives no right to anything. `channel` is None when it was asked for on the Home tab.

    `filled` are the fields that were filled in with facts when the form was shown, each with a digest of that.
    """

    channel: ChannelId | None
    number: int
    saw: Glance
    filled: Mapping[FormField, str] = field(default_factory=dict)

    def untouched(self, entries: Entries) -> Entries:
        """Of what was sent in what stands as it was filled in: the person wrote nothing there."""
        return {
            each: entries.get(each, "") for each, was in self.filled.items() if digest(entries.get(each, "")) == was
        }

    def encode(self) -> str:
        saw = self.saw
        return json.dumps(
            {
                "channel": self.channel,
                "number": self.number,
                "told_at": _written(saw.told_at),
                "eta": _written(saw.eta),
                "severity": saw.severity,
                "assignee": saw.assignee,
                "hold_until": _written(saw.hold_until),
                "routed_to": saw.routed_to,
                "tier": saw.tier,
                "cycle": saw.cycle,
                "standstills": saw.standstills,
                "filled": self.filled,
            }
        )

    @classmethod
    def decode(cls, metadata: str) -> Self:
        """Raises `ValueError` for whatever `encode` did not make, as what an older version of the bot did."""
        try:
            held = json.loads(metadata)
            return cls(
                channel=_channel(held["channel"]),
                number=int(held["number"]),
                saw=_saw(held),
                filled={FormField(each): str(was) for each, was in held["filled"].items()},
            )
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError("not what a form of ours carries") from error


def facts_in(entries: Entries, facts: Entries) -> Mapping[FormField, str]:
    """For `filled`: those of the facts that stand in the form."""
    return {
        each: digest(fact)
        for each, fact in facts.items()
        if each not in PROPOSED and clean(entries.get(each, "")) == clean(fact)
    }


def digest(entry: str) -> str:
    return hashlib.sha256(clean(entry).encode()).hexdigest()[:DIGEST]


def _saw(held: dict[str, Any]) -> Glance:
    return Glance(
        told_at=_instant(held["told_at"]),
        eta=_instant(held["eta"]),
        severity=Severity(held["severity"]),
        assignee=UserId(str(held["assignee"])) if held["assignee"] else None,
        hold_until=_instant(held["hold_until"]),
        routed_to=str(held["routed_to"]),
        tier=int(held["tier"]),
        cycle=int(held["cycle"]),
        standstills=int(held["standstills"]),
    )


def _channel(held: Any) -> ChannelId | None:
    return ChannelId(str(held)) if held else None


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _instant(written: Any) -> datetime | None:
    return None if written is None else datetime.fromisoformat(str(written))
