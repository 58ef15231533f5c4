"""Parachutes: what Slack holds is what should be, within its limits and whatever it answers."""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.domain.delivery import Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.ids import ChannelId
from bot.domain.policy import Policy
from bot.services.parachute import LOOK_AT_LEAST, LOOK_EVERY, YOUNG, ParachuteKeeper, due_at
from bot.services.policies import CurrentPolicy, PolicyBook
from bot.services.rigging import FURTHEST, GRACE, MOST_IN_CHANNEL, REFUSED_FOR, SCHEDULING, SLACK_AWAY, WINDOW
from bot.services.signal import Signal
from bot.services.tick import Tick
from bot.slack.blocks.rendered import Rendered
from bot.slack.calls import SlackUnavailable
from bot.slack.gateway import ScheduledMessage
from storage import incidents, parachutes
from storage.database import Database
from storage.parachutes import Parachute
from tests.builders import (
    ANA,
    FALLBACK_CHANNEL,
    NOW,
    TIER_1_CHANNEL,
    WORKSPACE,
    a_policy,
    an_incident,
    minutes,
)
from tests.clock import ManualClock
from tests.storage.stored import FIRST_VERSION, a_workspace, acknowledged, an_incident_in, open_one, seconds

DUE = NOW + minutes(5)


@dataclass(slots=True)
class Slack:
    """Holds what is scheduled; the next calls are answered as they were told to be."""

    clock: ManualClock
    held: dict[str, ScheduledMessage] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    answers: deque[Outcome] = field(default_factory=deque)
    joined: bool = False
    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def schedule(self, channel: ChannelId, message: Rendered, post_at: datetime) -> Outcome:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        self.calls.append(f"+{channel}")
        answer = self.answers.popleft() if self.answers else Delivered("")
        if isinstance(answer, Delivered | InDoubt):
            scheduled_id = f"Q{len(self.calls)}"
            self.held[scheduled_id] = ScheduledMessage(
                id=scheduled_id, channel=channel, post_at=post_at, scheduled_at=self.clock.now()
            )
            return Delivered(scheduled_id) if isinstance(answer, Delivered) else answer
        return answer

    async def unschedule(self, channel: ChannelId, scheduled_id: str) -> Outcome:
        self.calls.append(f"-{channel}")
        answer = self.answers.popleft() if self.answers else Delivered("")
        if isinstance(answer, Delivered) and self.held.pop(scheduled_id, None) is None:
            return Refused("invalid_scheduled_message_id")
        return answer

    async def join(self, channel: ChannelId) -> Outcome:
        self.joined = True
        return Delivered("")

    async def scheduled(self) -> Sequence[ScheduledMessage]:
        if self.answers:
            raise SlackUnavailable(self.answers.popleft())
        return list(self.held.values())

    def times(self) -> list[tuple[ChannelId, datetime]]:
        return sorted((one.channel, one.post_at) for one in self.held.values())


class Nobody:
    """Is on call."""

    def roster(self, policy: Policy, service: str, at: datetime) -> Policy:
        return policy


@dataclass(slots=True, kw_only=True)
class Bot:
    database: Database
    clock: ManualClock
    slack: Slack
    keeper: ParachuteKeeper
    changed: Signal

    async def look(self) -> datetime | None:
        """As after a change, a second later at the earliest."""
        self.changed()
        self.clock.advance(seconds=1)
        return await self.keeper()

    async def acknowledge(self, number: int = 1) -> None:
        async with self.database.write() as tx:
            incident = await incidents.by_number(tx, WORKSPACE, number)
            assert incident is not None
            await incidents.store(tx, [acknowledged(incident, now=self.clock.now())])


@asynccontextmanager
async def a_bot(
    database: Database,
    clock: ManualClock,
    *,
    opened: int = 1,
    slack: Slack | None = None,
    wanted: bool = True,
    policy: Policy | None = None,
) -> AsyncIterator[Bot]:
    async with database.write() as tx:
        await incidents.make_workspace(tx, WORKSPACE)
    await a_workspace(database)
    async with database.write() as tx:
        for _ in range(opened):
            await open_one(tx)
    yield another_bot(database, clock, slack or Slack(clock), wanted=wanted, policy=policy)


def another_bot(
    database: Database, clock: ManualClock, slack: Slack, *, wanted: bool = True, policy: Policy | None = None
) -> Bot:
    book = PolicyBook(CurrentPolicy(version_id=FIRST_VERSION, policy=policy or a_policy()))
    changed = Signal()
    keeper = ParachuteKeeper(database, WORKSPACE, book, Nobody(), slack, clock, changed, wanted=wanted)
    return Bot(database=database, clock=clock, slack=slack, keeper=keeper, changed=changed)


async def rows(database: Database) -> Sequence[Parachute]:
    async with database.read() as tx:
        return await parachutes.all_of(tx, WORKSPACE)


def test_only_what_somebody_would_miss_is_waited_for() -> None:
    assert due_at(an_incident(), a_policy()) == DUE
    assert due_at(an_incident(state="acknowledged", assignee=ANA, active_at=NOW), a_policy()) is None, (
        "a stakeholder update is no deadline"
    )


async def test_an_incident_at_rest_is_scheduled_once(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock) as bot:
        assert await bot.keeper() == NOW + LOOK_AT_LEAST
        assert bot.slack.times() == [(TIER_1_CHANNEL, DUE + GRACE)]
        for _ in range(5):
            clock.advance(minutes=1)
            await bot.keeper()
        assert bot.slack.calls == [f"+{TIER_1_CHANNEL}"]


async def test_a_second_passes_between_two_looks(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock) as bot:
        await bot.keeper()
        bot.changed()
        assert await bot.keeper() == NOW + LOOK_EVERY


async def test_what_waits_for_nothing_any_more_is_taken_down(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock) as bot:
        await bot.keeper()
        await bot.acknowledge()
        await bot.look()
        assert bot.slack.calls == [f"+{TIER_1_CHANNEL}", f"-{TIER_1_CHANNEL}"]
        assert not bot.slack.held
        assert not await rows(database)


async def test_what_changed_has_a_new_one_before_the_old_one_is_taken_down(
    database: Database, clock: ManualClock
) -> None:
    async with a_bot(database, clock, opened=0) as bot:
        incident = await an_incident_in(database, next_at=DUE)
        await bot.keeper()
        async with database.write() as tx:
            kept = (await parachutes.all_of(tx, WORKSPACE))[0]
            await parachutes.keep(
                tx,
                WORKSPACE,
                Parachute(
                    incident_id=incident.id,
                    channel=kept.channel,
                    scheduled_id=kept.scheduled_id,
                    post_at=kept.post_at,
                    version=0,
                ),
                instead_of=kept,
            )
        await bot.look()
        assert bot.slack.calls == [f"+{TIER_1_CHANNEL}", f"+{TIER_1_CHANNEL}", f"-{TIER_1_CHANNEL}"]
        assert [row.version for row in await rows(database)] == [incident.version]
        assert [row.scheduled_id for row in await rows(database)] == list(bot.slack.held)


async def test_when_slack_asks_for_a_pause_it_gets_one(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock, opened=2) as bot:
        bot.slack.answers.append(Limited(seconds(20)))
        assert await bot.keeper() == NOW + seconds(20)
        assert len(bot.slack.calls) == 1
        clock.advance(seconds=20)
        await bot.keeper()
        assert len(bot.slack.held) == 2


async def test_while_slack_is_away_nothing_is_lost(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock) as bot:
        bot.slack.answers.append(Unreached("no route"))
        assert await bot.keeper() == NOW + SLACK_AWAY
        clock.advance(seconds=30)
        await bot.keeper()
        assert bot.slack.times() == [(TIER_1_CHANNEL, DUE + GRACE)]


async def test_what_was_scheduled_in_doubt_is_made_good_and_the_second_one_is_taken_back(
    database: Database, clock: ManualClock
) -> None:
    async with a_bot(database, clock) as bot:
        bot.slack.answers.append(InDoubt("timeout"))
        await bot.keeper()
        assert not await rows(database)
        clock.advance(minutes=1)
        await bot.keeper()
        assert len(bot.slack.held) == 2
        clock.advance(seconds=YOUNG.total_seconds())
        await bot.keeper()
        assert list(bot.slack.held) == [row.scheduled_id for row in await rows(database)]
        assert len(bot.slack.held) == 1


async def test_the_doubt_about_a_withdrawal_keeps_the_row(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock) as bot:
        await bot.keeper()
        await bot.acknowledge()
        bot.slack.answers.append(InDoubt("timeout"))
        await bot.look()
        assert len(await rows(database)) == 1
        clock.advance(seconds=30)
        await bot.keeper()
        assert not await rows(database)


async def test_where_the_bot_is_not_in_the_channel_it_joins(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock) as bot:
        bot.slack.answers.append(Refused("not_in_channel"))
        await bot.keeper()
        assert bot.slack.joined
        assert bot.slack.times() == [(TIER_1_CHANNEL, DUE + GRACE)]


async def test_a_channel_that_takes_none_is_replaced_by_the_fallback_channel(
    database: Database, clock: ManualClock
) -> None:
    async with a_bot(database, clock) as bot:
        bot.slack.answers.append(Refused("is_archived"))
        await bot.keeper()
        assert bot.slack.times() == [(FALLBACK_CHANNEL, DUE + GRACE)]


async def test_where_no_channel_takes_one_it_is_not_tried_all_the_time(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock) as bot:
        bot.slack.answers.extend([Refused("is_archived"), Refused("is_archived")])
        await bot.keeper()
        await bot.look()
        assert len(bot.slack.calls) == 2
        clock.advance(seconds=REFUSED_FOR.total_seconds())
        await bot.keeper()
        assert len(bot.slack.held) == 1


async def test_there_are_no_more_calls_a_minute_than_slack_allows(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock, opened=SCHEDULING.calls + 5) as bot:
        more_at = await bot.keeper()
        assert len(bot.slack.calls) == SCHEDULING.calls
        assert more_at == NOW + seconds(61)
        clock.move_to(more_at)
        await bot.keeper()
        assert len(bot.slack.held) == SCHEDULING.calls + 5


async def test_many_for_one_channel_are_spread(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock, opened=MOST_IN_CHANNEL + 3) as bot:
        await bot.keeper()
        times = [at for _, at in bot.slack.times()]
        assert times == [DUE + GRACE] * MOST_IN_CHANNEL + [DUE + GRACE + WINDOW] * 3


async def test_the_next_to_be_posted_is_moved_first(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock, opened=SCHEDULING.calls) as bot:
        await bot.keeper()
        clock.move_to(DUE + minutes(1))
        await bot.acknowledge(1)
        async with database.write() as tx:
            for _ in range(SCHEDULING.calls):
                await open_one(tx, now=clock.now())
        await bot.look()
        assert bot.slack.calls[SCHEDULING.calls] == f"-{TIER_1_CHANNEL}", "before any new one"


async def test_of_two_processes_one_keeps_its_own(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock) as bot:
        other = another_bot(database, clock, bot.slack)
        bot.slack.meanwhile = other.keeper
        await bot.keeper()
        assert list(bot.slack.held) == [row.scheduled_id for row in await rows(database)]
        assert len(bot.slack.held) == 1


async def test_slack_takes_none_further_ahead_than_four_months(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock, opened=0) as bot:
        until = NOW + timedelta(days=150)
        await an_incident_in(
            database, state="on_hold", assignee=ANA, held_at=NOW, held_by=ANA, hold_until=until, next_at=until
        )
        await bot.keeper()
        assert bot.slack.times() == [(TIER_1_CHANNEL, NOW + FURTHEST)]
        clock.move_to(NOW + FURTHEST - minutes(5))
        await bot.look()
        assert bot.slack.times() == [(TIER_1_CHANNEL, until + GRACE)]


async def test_not_wanted_any_more_all_are_taken_down_however_often_slack_asks_to_wait(
    database: Database, clock: ManualClock
) -> None:
    async with a_bot(database, clock, opened=2) as bot:
        await bot.keeper()
        clock.advance(minutes=2)
        without = another_bot(database, clock, bot.slack, wanted=False)
        bot.slack.answers.extend([Delivered(""), Limited(seconds(5))])
        assert await without.keeper() == clock.now() + seconds(5)
        clock.advance(seconds=5)
        assert await without.keeper() is None
        assert not bot.slack.held
        assert not await rows(database)


async def test_one_bad_row_holds_up_no_other(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock, opened=0) as bot:
        await an_incident_in(database, 1, routed_to="a service that is gone", next_at=DUE)
        await an_incident_in(database, 2, next_at=DUE)
        await bot.keeper()
        assert [row.incident_id for row in await rows(database)] == [2]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_in_a_storm_none_opens_while_the_bot_decides_in_time(database: Database, clock: ManualClock) -> None:
    async with a_bot(database, clock, opened=60) as bot:
        book = PolicyBook(CurrentPolicy(version_id=FIRST_VERSION, policy=a_policy()))
        tick = Tick(database, WORKSPACE, book, clock, bot.changed)
        most = 0
        while clock.now() < NOW + minutes(12):
            await tick()
            await bot.keeper()
            assert not [at for _, at in bot.slack.times() if at <= clock.now() + minutes(1)], "too late to take it back"
            most = max(most, len(bot.slack.held))
            clock.advance(seconds=15)
        assert most > SCHEDULING.calls
