"""Where an incident came from in Slack."""

from dataclasses import dataclass

from bot.domain.ids import ChannelId


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The message from which it was opened: `ts` is of the thread below that message, or of the one that it is in."""

    channel: ChannelId
    ts: str
