"""How what is written for Slack reads in a terminal: marks become names, channels and local times."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot.catalogue import t

_MARK = re.compile(r"<(?P<kind>!date\^|!subteam\^|!channel|[@#]|https?://)(?P<rest>[^<>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A reader who sees text alone. `names` are those of people, groups and channels by id, as `@ana` and `#tier-1`."""

    zone: tzinfo = UTC
    names: Mapping[str, str]

    def at(self, instant: datetime, *, beside: datetime | None = None) -> str:
        """`Sat 2026-11-14 03:05`, in the reader's zone; the time alone on the day of what it stands beside.

        Seconds are only shown where they matter.
        """
        local = instant.astimezone(self.zone)
        time = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        same_day = beside is not None and beside.astimezone(self.zone).date() == local.date()
        return time if same_day else f"{local:%a %Y-%m-%d} {time}"

    def name(self, slack_id: str) -> str:
        return self.names.get(slack_id, slack_id)

    def read(self, mrkdwn: str, *, beside: datetime | None = None) -> str:
        """A text of ours for Slack. What people typed was escaped in it, so that every mark in it is ours."""
        text = _MARK.sub(lambda match: self._said(match, beside), mrkdwn)
        for entity, character in _ENTITIES:
            text = text.replace(entity, character)
        return text

    def _said(self, match: re.Match[str], beside: datetime | None) -> str:
        kind, rest = match["kind"], match["rest"]
        match kind:
            case "!date^":
                return self.at(datetime.fromtimestamp(int(rest.partition("^")[0]), UTC), beside=beside)
            case "!channel":
                return t("everybody in the channel")
            case "!subteam^" | "@" | "#":
                return self.name(rest.partition("|")[0])
            case _:
                return f"{kind}{rest.partition('|')[0]}"
