"""A Slack whose channels an app makes, and the keeper of incidents' channels over it."""

from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.domain.delivery import Delivered, Outcome, Refused
from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import IncidentChannel, Policy, Severity
from bot.domain.rooms import Room
from bot.services.incident_channels import IncidentChannels
from bot.services.people import Names
from bot.services.policies import CurrentPolicy, PolicyBook
from bot.services.room_tasks import RoomTasks
from bot.services.signal import Signal
from bot.slack.calls import SlackUnavailable
from bot.slack.channels import Link, OwnChannel
from storage import incident_channels, tables
from storage.database import Database
from tests.builders import ANA, BEN, CHLOE, DEV, EMI, EXPERTS, FINN, FIRST_LINE, GRACE, PLATFORM, WORKSPACE, a_policy
from tests.clock import ManualClock
from tests.services.bench import Bench, bench
from tests.storage.stored import FIRST_VERSION

_rows = tables.incident_channels

BOT = UserId("U0TIERBOT")
NAME = "inc-1-checkout-is-down"
RULE = IncidentChannel(severities=frozenset({Severity.SEV1, Severity.SEV2}))
WITH_ROOMS = a_policy(incident_channel=RULE)
NAMES = {ANA: "Ana Ruiz", BEN: "Ben Okafor", GRACE: "Grace Kim"}


@dataclass(slots=True)
class AChannel:
    id: ChannelId
    name: str
    created_at: datetime
    private: bool = False
    creator: str = BOT
    people: list[UserId] = field(default_factory=list)
    topic: str = ""
    bookmarks: list[Link] = field(default_factory=list)
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What Slack says next; `lands`: it does all the same what it was asked."""

    outcome: Outcome | Exception
    lands: bool = False


@dataclass(slots=True)
class Slack:
    """As it is, unless the next calls of a method are to be answered otherwise. `calls` are the methods in order."""

    clock: ManualClock
    channels: dict[ChannelId, AChannel] = field(default_factory=dict)
    answers: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    calls: list[str] = field(default_factory=list)
    uninvitable: Collection[UserId] = ()
    taken_names: set[str] = field(default_factory=set)
    hidden: bool = False
    meanwhile: Callable[[], Awaitable[object]] | None = None
    """Happens before the next answer to `create` comes."""

    def answer(self, method: str, outcome: Outcome | Exception, *, lands: bool = False) -> None:
        self.answers[method].append(Answer(outcome, lands))

    def named(self, name: str = NAME) -> AChannel:
        return next(channel for channel in self.channels.values() if channel.name == name)

    @property
    def names(self) -> Sequence[str]:
        return [channel.name for channel in self.channels.values()]

    async def create(self, name: str, *, private: bool) -> Outcome:
        def make() -> Outcome:
            if name in self.taken_names or name in self.names:
                return Refused("name_taken")
            channel = AChannel(ChannelId(f"C0ROOM{len(self.channels) + 1:04d}"), name, self.clock.now(), private)
            self.channels[channel.id] = channel
            return Delivered(channel.id)

        answer = self._answered("create", make)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return answer

    async def own(self) -> Sequence[OwnChannel]:
        self._ask("own")
        return [
            OwnChannel(id=each.id, name=each.name, creator=each.creator, created_at=each.created_at)
            for each in self.channels.values()
            if not each.archived
        ]

    async def invite(self, channel: ChannelId, people: Sequence[UserId]) -> Outcome:
        def add() -> Outcome:
            welcome = [person for person in people if person not in self.uninvitable]
            self.channels[channel].people += welcome
            return Delivered("") if welcome else Refused("user_is_restricted")

        return self._answered("invite", add, channel)

    async def set_topic(self, channel: ChannelId, topic: str) -> Outcome:
        def put() -> Outcome:
            self.channels[channel].topic = topic
            return Delivered("")

        return self._answered("set_topic", put, channel)

    async def bookmarks(self, channel: ChannelId) -> Sequence[Link]:
        self._ask("bookmarks")
        return list(self.channels[channel].bookmarks)

    async def add_bookmark(self, channel: ChannelId, title: str, address: str) -> Outcome:
        def add() -> Outcome:
            marks = self.channels[channel].bookmarks
            marks.append(Link(id=f"Bk{len(marks) + 1}", title=title, address=address))
            return Delivered(marks[-1].id)

        return self._answered("add_bookmark", add, channel)

    async def edit_bookmark(self, channel: ChannelId, bookmark_id: str, title: str, address: str) -> Outcome:
        def edit() -> Outcome:
            self.channels[channel].bookmarks[:] = [Link(id=bookmark_id, title=title, address=address)]
            return Delivered("")

        return self._answered("edit_bookmark", edit, channel)

    async def archive(self, channel: ChannelId) -> Outcome:
        def close() -> Outcome:
            self.channels[channel].archived = True
            return Delivered("")

        return self._answered("archive", close, channel)

    async def permalink(self, channel: ChannelId, ts: str) -> str | None:
        self.calls.append("permalink")
        return None if self.hidden else f"https://acme.example/{channel}/{ts}"

    async def name_of(self, user: UserId) -> str | None:
        return NAMES.get(user)

    def _ask(self, method: str) -> None:
        self.calls.append(method)
        if self.answers[method]:
            told = self.answers[method].popleft().outcome
            raise told if isinstance(told, Exception) else SlackUnavailable(told)

    def _answered(self, method: str, do: Callable[[], Outcome], channel: ChannelId | None = None) -> Outcome:
        self.calls.append(method)
        told = self.answers[method].popleft() if self.answers[method] else None
        if told is not None and told.lands:
            do()
        if told is None:
            gone = channel is not None and self.channels[channel].archived
            return Refused("is_archived") if gone else do()
        if isinstance(told.outcome, Exception):
            raise told.outcome
        return told.outcome


class Groups:
    """The user groups of the sample workspace."""

    def __init__(self) -> None:
        self.members: Mapping[str, Collection[UserId]] = {
            FIRST_LINE.slack_id: (ANA, BEN),
            PLATFORM.slack_id: (CHLOE, DEV),
            EXPERTS.slack_id: (EMI, FINN),
        }


class Shifts:
    """Who is on call beside those of the policy."""

    def __init__(self) -> None:
        self.on_call: Policy | None = None

    def roster(self, policy: Policy, service: str, at: datetime) -> Policy:
        return self.on_call or policy


@dataclass(slots=True, kw_only=True)
class Rooms:
    """A bot whose incidents get channels; `look` is its keeper at work, at most once a second."""

    bot: Bench
    slack: Slack
    keeper: IncidentChannels
    changed: Signal
    groups: Groups
    shifts: Shifts

    @property
    def clock(self) -> ManualClock:
        return self.bot.clock

    async def look(self, **later: float) -> datetime | None:
        """As after a change, so much later and then until nothing is left to do at that instant."""
        self.clock.advance(**(later or {"seconds": 1}))
        self.changed()
        next_at = await self.keeper()
        while next_at is not None and next_at <= self.clock.now():
            next_at = await self.keeper()
        return next_at

    async def wait(self, **duration: float) -> None:
        """Goes on for so long, looking whenever that is asked for."""
        until = self.clock.now() + timedelta(**duration)
        next_at = await self.look(seconds=0)
        while next_at is not None and next_at <= until:
            self.clock.move_to(max(next_at, self.clock.now()))
            next_at = await self.keeper()
        self.clock.move_to(max(until, self.clock.now()))
        await self.look(seconds=0)

    async def room(self, number: int = 1) -> Room:
        """What the row says."""
        query = select(_rows).where(_rows.c.incident_id == number)
        async with self.bot.database.read() as tx:
            return incident_channels._room_of((await tx.execute(query)).mappings().one())


@asynccontextmanager
async def rooms(database: Database, clock: ManualClock, *, policy: Policy = WITH_ROOMS) -> AsyncIterator[Rooms]:
    async with bench(database, clock, policy=policy) as bot:
        yield another(bot, Slack(clock))


def another(bot: Bench, slack: Slack, *, bot_user: UserId = BOT) -> Rooms:
    """One more process of the same bot."""
    book = PolicyBook(CurrentPolicy(version_id=FIRST_VERSION, policy=bot.policy))
    changed, groups, shifts = Signal(), Groups(), Shifts()
    tasks = RoomTasks(bot.database, WORKSPACE, bot_user, slack, slack, bot.clock)
    names = Names(slack, bot.clock)
    keeper = IncidentChannels(bot.database, WORKSPACE, book, shifts, groups, names, tasks, bot.clock, changed)
    return Rooms(bot=bot, slack=slack, keeper=keeper, changed=changed, groups=groups, shifts=shifts)
