"""Which incident a place in Slack is about: a card, the thread below it, or a channel made for one incident."""

from dataclasses import dataclass

from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.slot import Slot
from storage import cards, incidents
from storage.database import Database, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """`for_stakeholders`: those who wait read there, not those who work on it."""

    number: int
    for_stakeholders: bool = False


class Whereabouts:
    """Raises storage's errors."""

    def __init__(self, database: Database, workspace_id: WorkspaceId) -> None:
        self._database = database
        self._workspace_id = workspace_id

    async def card_at(self, channel: ChannelId, ts: str) -> About | None:
        """None for a message that is no card."""
        async with self._database.read() as tx:
            return await self._card_at(tx, channel, ts)

    async def thread_of(self, channel: ChannelId, thread_ts: str | None) -> About | None:
        """What a message is about that is in the thread below `thread_ts`, or in none."""
        async with self._database.read() as tx:
            below = None if thread_ts is None else await self._card_at(tx, channel, thread_ts)
            if below is not None:
                return below
            number = await incidents.of_room(tx, self._workspace_id, channel)
        return None if number is None else About(number=number)

    async def is_worked_in(self, channel: ChannelId) -> bool:
        """Whether any incident was ever shown in the channel, so that a message there is worth a look."""
        async with self._database.read() as tx:
            if await cards.any_in(tx, self._workspace_id, channel):
                return True
            return await incidents.of_room(tx, self._workspace_id, channel) is not None

    async def _card_at(self, tx: Transaction, channel: ChannelId, ts: str) -> About | None:
        found = await cards.at(tx, self._workspace_id, channel, ts)
        if found is None:
            return None
        number, slot = found
        return About(number=number, for_stakeholders=slot.partition(":")[0] == Slot.STAKEHOLDERS)
