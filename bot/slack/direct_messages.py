"""Where a person's direct messages are: the conversation that Slack opens for them, remembered."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from bot.domain.delivery import InDoubt, Outcome, Unreached
from bot.domain.ids import ChannelId, is_person

REMEMBERED: Final = 2_000
"""People whose conversations are known; of more, who was not written to for the longest is asked for again."""

Open = Callable[[ChannelId], Awaitable[ChannelId | Outcome]]


class DirectMessages:
    """A promise to a person names the person; Slack wants the conversation."""

    def __init__(self, open_: Open, *, remembered: int = REMEMBERED) -> None:
        self._open = open_
        self._known: OrderedDict[ChannelId, ChannelId] = OrderedDict()
        self._remembered = remembered

    async def place(self, channel: ChannelId) -> ChannelId | Outcome:
        """Where to write for `channel`; or why that cannot be told. To ask has no effect that could be in doubt."""
        if not is_person(channel):
            return channel
        if channel in self._known:
            self._known.move_to_end(channel)
            return self._known[channel]
        opened = await self._open(channel)
        if isinstance(opened, InDoubt):
            return Unreached(opened.reason)
        if not isinstance(opened, Outcome):
            self._remember(channel, opened)
        return opened

    def forget(self, channel: ChannelId) -> None:
        """Slack does not know the conversation any more."""
        self._known.pop(channel, None)

    def _remember(self, person: ChannelId, conversation: ChannelId) -> None:
        self._known[person] = conversation
        if len(self._known) > self._remembered:
            self._known.popitem(last=False)
