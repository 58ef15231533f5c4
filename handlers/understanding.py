"""What somebody typed, understood: the same grammar wherever it was typed, and which incident was meant there."""

from dataclasses import dataclass, replace

from bot.clock import Clock
from bot.domain.ids import ChannelId, UserId
from bot.services.errors import NotStored
from bot.services.explaining import zone_of_people
from bot.services.incidents import IncidentDesk
from handlers import grammar
from handlers.forms import FormNotOpened, look_in_time
from handlers.mentions import Mentions


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """`here` is the incident in whose thread it was typed, if it was in one."""

    user: UserId
    channel: ChannelId
    text: str
    mentions: Mentions
    here: int | None = None


class Understanding:
    def __init__(self, desk: IncidentDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock

    async def __call__(self, typed: Typed) -> grammar.Command:
        """A command that names no incident is about the one that is worked in its channel, if there is just one."""
        policy = self._desk.policy
        known = grammar.Known(
            services=policy.services.keys(),
            matrix=policy.matrix,
            mentions=typed.mentions,
            now=self._clock.now(),
            zone=zone_of_people(policy),
            me=typed.user,
            here=typed.here,
        )
        command = grammar.parse(typed.text, known)
        if typed.here is not None or not isinstance(command, grammar.Unclear) or not command.lacks_incident:
            return command
        here = await self._only_one_in(typed.channel)
        return command if here is None else grammar.parse(typed.text, replace(known, here=here))

    async def _only_one_in(self, channel: ChannelId) -> int | None:
        """What is lacking may yet be asked for by a form. Raises `NotStored` when the database is too slow for that."""
        try:
            return await look_in_time(self._desk.only_one_in(channel))
        except FormNotOpened as error:
            raise NotStored(str(error)) from error
