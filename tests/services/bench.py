"""The services put together as in the app, with a Slack that records what it is asked and answers as it was told."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select

from bot.domain.delivery import Delivered, Outcome
from bot.domain.ids import ChannelId, UserId
from bot.domain.incident import Incident, Report
from bot.domain.policy import Policy, Severity
from bot.domain.timeline import TimelineEvent
from bot.notifier import Address, Notifier
from bot.services.cards import CardKeeper
from bot.services.delivery import Delivery
from bot.services.elsewhere import Elsewhere
from bot.services.errands import Errands
from bot.services.feeds import FeedError
from bot.services.giving_up import GivingUp
from bot.services.health import Health
from bot.services.incidents import IncidentDesk
from bot.services.last_look import LastLook
from bot.services.on_call import OnCallBook
from bot.services.people import Names
from bot.services.policies import CurrentPolicy, PolicyBook
from bot.services.signal import Signal
from bot.services.sweep import Sweep
from bot.services.tick import Tick
from bot.slack.blocks.rendered import Rendered
from bot.slack.gateway import NotFound
from storage import tables
from storage.database import Database
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    DEV,
    EMI,
    EXPERTS,
    FINN,
    FIRST_LINE,
    PLATFORM,
    SAM,
    WORKSPACE,
    a_policy,
)
from tests.clock import ManualClock
from tests.storage.stored import FIRST_VERSION, a_workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    channel: ChannelId
    text: str
    blocks: int
    key: str
    thread_ts: str | None
    broadcast: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    channel: ChannelId
    ts: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    channel: ChannelId
    key: str
    since: datetime
    thread_ts: str | None


@dataclass(slots=True)
class RecordingSlack:
    """A post is answered by the channel's script, else with `down`, else delivered; in a `hanging` channel it waits."""

    posts: list[Post] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    searches: list[Search] = field(default_factory=list)
    joins: list[ChannelId] = field(default_factory=list)
    asked_names: list[UserId] = field(default_factory=list)
    scripts: dict[ChannelId, deque[Outcome | Exception]] = field(default_factory=lambda: defaultdict(deque))
    down: Outcome | Exception | None = None
    edit_answers: deque[Outcome] = field(default_factory=deque)
    found: dict[ChannelId, Outcome | NotFound] = field(default_factory=dict)
    there: dict[str, Sequence[str] | Outcome] = field(default_factory=dict)
    deleted: list[tuple[ChannelId, str]] = field(default_factory=list)
    delete_answers: deque[Outcome] = field(default_factory=deque)
    join_outcome: Outcome = Delivered("")  # noqa: RUF009 — frozen
    names: Mapping[UserId, str] = field(default_factory=dict)
    groups: Mapping[str, Collection[UserId]] = field(default_factory=dict)
    stored: int = 0
    hanging: dict[ChannelId, asyncio.Event] = field(default_factory=dict)
    reached: dict[ChannelId, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    async def post(
        self, channel: ChannelId, message: Rendered, *, key: str, thread_ts: str | None = None, broadcast: bool = False
    ) -> Outcome:
        post = Post(
            channel=channel,
            text=message.text,
            blocks=len(message.blocks),
            key=key,
            thread_ts=thread_ts,
            broadcast=broadcast,
        )
        self.posts.append(post)
        script = self.scripts[channel]
        answer = script.popleft() if script else self.down or Delivered(self.next_ts())
        self.reached[channel].set()
        if channel in self.hanging:
            await self.hanging[channel].wait()
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def edit(self, channel: ChannelId, ts: str, message: Rendered, *, key: str) -> Outcome:
        self.edits.append(Edit(channel=channel, ts=ts, text=message.text))
        return self.edit_answers.popleft() if self.edit_answers else Delivered(ts)

    async def find(self, channel: ChannelId, *, key: str, since: datetime, thread_ts: str | None) -> NotFound | Outcome:
        self.searches.append(Search(channel=channel, key=key, since=since, thread_ts=thread_ts))
        return self.found.get(channel, NotFound())

    async def copies(
        self, channel: ChannelId, *, key: str, since: datetime, thread_ts: str | None
    ) -> Sequence[str] | Outcome:
        self.searches.append(Search(channel=channel, key=key, since=since, thread_ts=thread_ts))
        return self.there.get(key, ())

    async def delete(self, channel: ChannelId, ts: str) -> Outcome:
        self.deleted.append((channel, ts))
        return self.delete_answers.popleft() if self.delete_answers else Delivered(ts)

    async def join(self, channel: ChannelId) -> Outcome:
        self.joins.append(channel)
        return self.join_outcome

    async def name_of(self, user: UserId) -> str | None:
        self.asked_names.append(user)
        return self.names.get(user)

    async def members_of(self, group: str) -> Collection[UserId]:
        return self.groups.get(group, ())

    def answers(self, channel: ChannelId, *answers: Outcome | Exception) -> None:
        """To the next posts in the channel."""
        self.scripts[channel].extend(answers)

    def next_ts(self) -> str:
        self.stored += 1
        return f"17.{self.stored}"

    def take(self) -> list[Post]:
        """The posts since the last time, in the order of their channels."""
        taken, self.posts = self.posts, []
        return sorted(taken, key=lambda post: post.channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A letter, with the url it went to."""

    url: str
    subject: str
    body: str


@dataclass(slots=True)
class RecordingNotifier:
    """Another way to reach people, with the addresses that a test gives it: none at first."""

    addresses: Sequence[Address] = ()
    letters: list[Sent] = field(default_factory=list)
    answers: deque[Outcome] = field(default_factory=deque)

    def chosen(self, name: str | None) -> Sequence[Address]:
        return Notifier(self.addresses).chosen(name)

    def way_of(self, address_id: str) -> str:
        return Notifier(self.addresses).way_of(address_id)

    async def send(self, address_id: str, *, subject: str, body: str) -> Outcome:
        [address] = [each for each in self.addresses if each.id == address_id]
        self.letters.append(Sent(url=address.url, subject=subject, body=body))
        return self.answers.popleft() if self.answers else Delivered("")


class SampleGroups:
    """Who is in which user group of the sample workspace."""

    _members: Final = {FIRST_LINE: (ANA, BEN), PLATFORM: (CHLOE, DEV), EXPERTS: (EMI, FINN)}

    def groups_of(self, user: UserId) -> Collection[str]:
        return [group.slack_id for group, members in self._members.items() if user in members]


class NoCalendars:
    """Nobody is on call by a calendar kept elsewhere."""

    async def read(self, url: str) -> bytes:
        raise FeedError(f"nothing is at {url}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """A row of the outbox, as far as it matters here."""

    key: str
    state: str
    ts: str | None
    attempts: int
    error: str | None


@dataclass(slots=True, kw_only=True)
class Bench:
    """One bot's services. `changes` counts how often they said that something changed."""

    database: Database
    clock: ManualClock
    slack: RecordingSlack
    policy: Policy
    desk: IncidentDesk
    tick: Tick
    delivery: Delivery
    cards: CardKeeper
    elsewhere: Elsewhere
    letters: RecordingNotifier
    sweep: Sweep
    health: Health
    errands: Errands
    changes: int = 0

    async def open(self, *, severity: Severity = Severity.SEV1, title: str = "Checkout is down") -> Incident:
        report = Report(title=title, severity=severity, service="checkout")
        return (await self.desk.open(report, by=SAM)).incident

    async def deliver(self) -> datetime | None:
        """Sends what can be sent now, waits for the answers, and returns when the next look is due."""
        await self.delivery()
        await self.errands.idle()
        return await self.delivery_due()

    async def delivery_due(self) -> datetime | None:
        """When the next look is due, with nothing under way."""
        at = await self.delivery()
        await self.errands.idle()
        return at

    async def look_elsewhere(self) -> datetime | None:
        """Promises and sends letters that are due, waits for the answers, and returns when the next look is due."""
        await self.elsewhere()
        await self.errands.idle()
        return await self.elsewhere()

    async def deliver_all(self) -> None:
        """Until nothing waits, at the pace of one message a second and channel."""
        while (at := await self.deliver()) is not None:
            self.clock.move_to(max(at, self.clock.now()))

    @asynccontextmanager
    async def posting(self, *channels: ChannelId) -> AsyncIterator[None]:
        """Begins to send what can be sent now; while the block runs, Slack takes its time in these channels."""
        for channel in channels:
            self.slack.hanging[channel] = asyncio.Event()
        await self.delivery()
        await asyncio.gather(*(self.slack.reached[channel].wait() for channel in channels))
        try:
            yield
        finally:
            for channel in channels:
                self.slack.hanging.pop(channel).set()
            await self.errands.idle()

    async def edit(self) -> datetime | None:
        """Makes the edits that may be made now, waits for the answers, and returns when the next look is due."""
        await self.cards()
        await self.errands.idle()
        at = await self.cards()
        await self.errands.idle()
        return at

    async def incident(self, number: int = 1) -> Incident:
        case, _ = await self.desk.show(number)
        return case.incident

    async def story(self, number: int = 1) -> Sequence[TimelineEvent]:
        _, story = await self.desk.show(number)
        return story

    async def promises(self) -> list[Promised]:
        """The outbox in the order in which the promises were made."""
        async with self.database.read() as tx:
            rows = (await tx.execute(select(tables.outbox).order_by(tables.outbox.c.id))).mappings().all()
        return [
            Promised(
                key=row["dedup_key"],
                state=row["state"],
                ts=row["message_ts"],
                attempts=row["attempts"],
                error=row["last_error"],
            )
            for row in rows
        ]

    async def promise(self, key: str) -> Promised:
        return next(promise for promise in await self.promises() if promise.key == key)


@asynccontextmanager
async def bench(database: Database, clock: ManualClock, *, policy: Policy | None = None) -> AsyncIterator[Bench]:
    """A bot in a workspace of its own; the policy is the sample one."""
    assert await a_workspace(database) == FIRST_VERSION
    async with another_bench(database, clock, policy=policy) as made:
        yield made


@asynccontextmanager
async def another_bench(
    database: Database, clock: ManualClock, *, slack: RecordingSlack | None = None, policy: Policy | None = None
) -> AsyncIterator[Bench]:
    """A second process of the same bot, on the same database."""
    slack = slack or RecordingSlack()
    policy = policy or a_policy()
    book = PolicyBook(CurrentPolicy(version_id=FIRST_VERSION, policy=policy))
    changed, health, letters = Signal(), Health(), RecordingNotifier()
    async with Errands() as errands:
        names = Names(slack, clock)
        on_call = OnCallBook(database, WORKSPACE, book, NoCalendars(), clock)
        elsewhere = Elsewhere(database, WORKSPACE, book, letters, clock, errands, health, changed)
        look, giving_up = LastLook(database, book, on_call, clock), GivingUp(book, elsewhere)
        made = Bench(
            database=database,
            clock=clock,
            slack=slack,
            policy=policy,
            desk=IncidentDesk(database, WORKSPACE, book, SampleGroups(), clock, changed),
            tick=Tick(database, WORKSPACE, book, clock, changed),
            delivery=Delivery(database, WORKSPACE, look, giving_up, slack, names, clock, errands, health, changed),
            cards=CardKeeper(database, WORKSPACE, book, on_call, slack, clock, errands, changed),
            elsewhere=elsewhere,
            letters=letters,
            sweep=Sweep(database, WORKSPACE, slack, clock),
            health=health,
            errands=errands,
        )

        def count() -> None:
            made.changes += 1

        changed.subscribe(count)
        yield made
