"""Home tabs: drawn anew when what they show has changed, and not more often than that."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.engine import Engine
from structlog.testing import capture_logs

from bot.domain.delivery import HOMES, LEASE, QUIET, Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.ids import UserId
from bot.domain.incident import Incident, Report
from bot.domain.policy import Severity
from bot.services.home_drawing import NOW_AND_THEN, again_at
from bot.services.homes import (
    EVERY,
    IDLE,
    KEPT_FRESH,
    PAUSE,
    SELDOM,
    TRY_AGAIN,
    HomeRefused,
    Homes,
)
from bot.services.incidents import IncidentDesk
from bot.services.on_call import OnCallBook
from bot.services.policies import CurrentPolicy, PolicyBook
from bot.services.signal import Signal
from bot.slack.blocks.rendered import View
from storage import tables
from storage.database import Database
from storage.records import incident_row
from tests.blocks.limits import problems_of_view
from tests.builders import ANA, BEN, CHLOE, DEV, EMI, NOW, SAM, WORKSPACE, a_policy, an_incident, minutes
from tests.clock import ManualClock
from tests.services.bench import NoCalendars, SampleGroups
from tests.storage.statements import statements_of
from tests.storage.stored import FIRST_VERSION, a_workspace, seconds

START = NOW + minutes(1)
"""By then what was opened at `NOW` may be drawn again."""


@dataclass(slots=True)
class Slack:
    """Takes what is published, unless it was told to answer something else."""

    published: list[tuple[UserId, View]] = field(default_factory=list)
    answers: deque[Outcome] = field(default_factory=deque)
    hanging: asyncio.Event | None = None
    breaks_for: UserId | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def publish_home(self, user: UserId, view: View) -> Outcome:
        self.published.append((user, view))
        self.reached.set()
        if user == self.breaks_for:
            raise ZeroDivisionError
        if self.hanging is not None:
            await self.hanging.wait()
        return self.answers.popleft() if self.answers else Delivered("")

    def take(self) -> list[UserId]:
        """Whose was drawn since the last time."""
        taken, self.published = self.published, []
        return sorted(user for user, _ in taken)


@dataclass(slots=True, kw_only=True)
class Process:
    """One bot's Home tabs, and the desk whose changes they hear of."""

    homes: Homes
    desk: IncidentDesk
    slack: Slack
    clock: ManualClock

    async def incident(self, *, severity: Severity = Severity.SEV1, title: str = "Checkout is down") -> Incident:
        return (await self.desk.open(Report(title=title, severity=severity, service="checkout"), by=SAM)).incident

    async def settle(self) -> datetime | None:
        """Does all that is due by now, as the loop would; when the next is due."""
        while (at := await self.homes()) is not None and at <= self.clock.now():
            pass
        return at

    async def pass_time(self, **duration: float) -> None:
        """Stops at every instant at which the loop asked to be woken."""
        target = self.clock.now() + timedelta(**duration)
        while (at := await self.settle()) is not None and at <= target:
            self.clock.move_to(at)
        self.clock.move_to(target)
        await self.settle()

    def texts(self) -> str:
        """What was drawn last."""
        return str(self.slack.published[-1][1])


class GroupsBrokenFor(SampleGroups):
    """Of one person nobody can tell in which groups they are: their page alone cannot be made."""

    def __init__(self, user: UserId) -> None:
        self._user: UserId | None = user

    def groups_of(self, user: UserId) -> Collection[str]:
        if user == self._user:
            raise ZeroDivisionError
        return super().groups_of(user)

    def mend(self) -> None:
        self._user = None


def a_process(
    database: Database, clock: ManualClock, slack: Slack | None = None, groups: SampleGroups | None = None
) -> Process:
    policy = a_policy()
    book = PolicyBook(CurrentPolicy(version_id=FIRST_VERSION, policy=policy))
    changed, groups, slack = Signal(), groups or SampleGroups(), slack or Slack()
    on_call = OnCallBook(database, WORKSPACE, book, NoCalendars(), clock)
    homes = Homes(database, WORKSPACE, book, on_call, groups, slack, clock, lambda: None)
    changed.subscribe(homes.stir)
    desk = IncidentDesk(database, WORKSPACE, book, groups, clock, changed)
    return Process(homes=homes, desk=desk, slack=slack, clock=clock)


@asynccontextmanager
async def looked_at(database: Database, clock: ManualClock, *users: UserId) -> AsyncIterator[Process]:
    """These people have opened theirs, and it was drawn."""
    assert await a_workspace(database) == FIRST_VERSION
    process = a_process(database, clock)
    for user in users:
        await process.homes.open(user)
    await process.pass_time(seconds=EVERY.total_seconds() + 1)
    assert process.slack.take() == sorted(users)
    clock.move_to(START)
    yield process


async def test_who_opens_it_has_it_drawn_at_once(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:
        await bot.homes.open(ANA)
        assert bot.slack.take() == [ANA]
        await bot.homes.open(ANA)
        assert bot.slack.take() == [ANA]


async def test_it_is_drawn_again_after_a_change_and_not_before(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA, BEN) as bot:
        await bot.incident()
        assert await bot.settle() == START + PAUSE
        assert bot.slack.take() == []
        clock.move_to(START + PAUSE)
        await bot.settle()
        assert "Checkout is down" in bot.texts()
        assert bot.slack.take() == [ANA, BEN]


async def test_ten_quick_changes_are_one_drawing(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA) as bot:
        for number in range(10):
            await bot.incident(title=f"Number {number}")
            await bot.settle()
            clock.advance(milliseconds=50)
        await bot.pass_time(seconds=1)
        assert "Number 9" in bot.texts()
        assert bot.slack.take() == [ANA]


async def test_one_is_drawn_no_more_often_than_every_fifteen_seconds(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA) as bot:
        for _ in range(60):
            await bot.incident()
            await bot.pass_time(seconds=1)
        assert bot.slack.take() == [ANA] * 4
        await bot.pass_time(seconds=EVERY.total_seconds())
        assert len(bot.slack.published) == 1


async def test_what_shows_the_same_is_not_drawn(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA) as bot:
        incident = await bot.incident(severity=Severity.SEV4)
        await bot.pass_time(minutes=1)
        assert bot.slack.take() == [ANA]
        await bot.desk.note(incident.number, by=BEN, text="It is the database")
        await bot.pass_time(minutes=1)
        assert bot.slack.take() == []


async def test_on_a_quiet_day_nothing_is_drawn_until_it_is_forgotten(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA) as bot:
        await bot.pass_time(hours=KEPT_FRESH.total_seconds() / 3600)
        assert bot.slack.take() == []
        await bot.pass_time(seconds=NOW_AND_THEN.total_seconds() + 1)
        assert await bot.homes() is None
        await bot.incident()
        await bot.pass_time(minutes=1)
        assert bot.slack.take() == []


async def test_while_a_deadline_is_near_every_minute_counts(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA) as bot:
        await bot.incident()
        await bot.pass_time(seconds=1)
        assert "in 4 min" in bot.texts()
        bot.slack.take()
        await bot.pass_time(minutes=3)
        assert "in 1 min" in bot.texts()
        assert bot.slack.take() == [ANA] * 3


@pytest.mark.parametrize(
    ("away", "wait"),
    [
        ([], NOW_AND_THEN),
        ([minutes(60), minutes(3)], minutes(1)),
        ([-minutes(3), minutes(60)], minutes(1)),
        ([minutes(15)], minutes(1)),
        ([minutes(18)], minutes(3)),
        ([minutes(60)], NOW_AND_THEN),
        ([-minutes(60)], NOW_AND_THEN),
    ],
)
def test_it_is_looked_at_again_while_what_it_says_is_about_true(away: list[timedelta], wait: timedelta) -> None:
    assert again_at([NOW + span for span in away], NOW) == NOW + wait


async def test_who_does_something_sees_at_once_what_became_of_it(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA, BEN) as bot:
        await bot.incident()
        await bot.pass_time(seconds=2)
        assert bot.slack.take() == [ANA, BEN]
        bot.homes.acted(ANA)
        await bot.settle()
        assert bot.slack.take() == []
        await bot.desk.acknowledge(1, by=ANA)
        await bot.settle()
        assert bot.slack.take() == [ANA]
        await bot.pass_time(seconds=EVERY.total_seconds())
        assert bot.slack.take() == [BEN]


async def test_who_acts_on_what_is_no_longer_so_sees_how_it_is(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA) as bot:
        await bot.incident()
        await bot.pass_time(seconds=2)
        bot.slack.take()
        await bot.desk.acknowledge(1, by=BEN)
        await bot.settle()
        bot.homes.acted(ANA)
        await bot.settle()
        assert bot.slack.take() == []
        await bot.pass_time(seconds=PAUSE.total_seconds())
        assert bot.slack.take() == [ANA]


async def test_a_deed_of_long_ago_hurries_nobody(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA) as bot:
        bot.homes.acted(ANA)
        await bot.incident()
        await bot.pass_time(seconds=11)
        assert bot.slack.take() == [ANA]
        await bot.incident()
        await bot.pass_time(seconds=2)
        assert bot.slack.take() == []


async def test_how_much_is_shown_is_remembered(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, CHLOE) as bot:
        for number in range(7):
            await bot.incident(title=f"Number {number}")
        await bot.homes.choose(CHLOE, is_wide=True)
        assert "Number 6" in bot.texts()
        await bot.desk.acknowledge(1, by=ANA)
        await bot.pass_time(seconds=20)
        assert len(bot.slack.published) == 2
        assert "Number 6" in bot.texts()
        await bot.homes.choose(CHLOE, is_wide=False)
        assert "Number 6" not in bot.texts()


async def test_each_sees_what_is_theirs(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:
        await bot.incident()
        await bot.desk.acknowledge(1, by=ANA)
        await bot.incident(title="Search is slow")
        shown = {}
        for user in (ANA, BEN, SAM, EMI):
            await bot.homes.open(user)
            view = bot.slack.published[-1][1]
            shown[user] = view["blocks"][0]["text"]["text"]
        assert {user: text.split(" · ")[1:3] for user, text in shown.items()} == {
            ANA: ["1 with you", "1 in your tiers or followed"],
            BEN: ["0 with you", "2 in your tiers or followed"],
            SAM: ["0 with you", "2 in your tiers or followed"],
            EMI: ["0 with you", "0 in your tiers or followed"],
        }


async def test_two_processes_draw_one_once(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA, BEN) as bot:
        other = a_process(database, clock, bot.slack)
        await other.settle()
        await bot.incident()
        for _ in range(3):
            await bot.settle()
            await other.settle()
            clock.advance(seconds=1)
        assert bot.slack.take() == [ANA, BEN]


async def test_what_another_process_changed_is_seen_soon(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA) as bot:
        other = a_process(database, clock)
        await other.incident()
        clock.move_to(START + IDLE)
        await bot.settle()
        clock.advance(seconds=SELDOM.total_seconds())
        await bot.settle()
        clock.advance(seconds=1)
        await bot.settle()
        assert bot.slack.take() == [ANA]


async def test_what_a_process_began_that_is_gone_another_one_does(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:
        bot.slack.hanging = asyncio.Event()
        drawing = asyncio.create_task(bot.homes.open(ANA))
        await bot.slack.reached.wait()
        drawing.cancel()
        assert bot.slack.take() == [ANA]
        other = a_process(database, clock)
        assert await other.settle() == START + LEASE
        clock.move_to(START + LEASE)
        await other.settle()
        assert other.slack.take() == [ANA]


async def test_one_that_is_being_drawn_when_it_is_opened_is_drawn_once_more(
    database: Database, clock: ManualClock
) -> None:
    async with looked_at(database, clock) as bot:
        bot.slack.hanging = asyncio.Event()
        drawing = asyncio.create_task(bot.homes.open(ANA))
        await bot.slack.reached.wait()
        other = a_process(database, clock)
        await other.homes.open(ANA)
        assert other.slack.take() == []
        bot.slack.hanging.set()
        await drawing
        clock.advance(seconds=EVERY.total_seconds())
        await other.settle()
        assert other.slack.take() == []
        assert bot.slack.take() == [ANA]


async def test_when_slack_asks_to_wait_all_of_them_do(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA, BEN) as bot:
        bot.slack.answers.extend([Limited(seconds(40)), Limited(seconds(40))])
        await bot.incident()
        await bot.pass_time(seconds=20)
        assert bot.slack.take() == [ANA, BEN]
        await bot.pass_time(seconds=19)
        assert bot.slack.take() == []
        await bot.pass_time(seconds=2 + EVERY.total_seconds())
        assert bot.slack.take() == [ANA, BEN]


async def test_slacks_pace_is_kept_and_nobody_is_left_out(database: Database, clock: ManualClock) -> None:
    people = [UserId(f"U{number:09}") for number in range(HOMES.calls + 10)]
    async with looked_at(database, clock) as bot:
        async with database.write() as tx:
            await tx.execute(
                tables.homes.insert(),
                [
                    {
                        "workspace_id": WORKSPACE,
                        "user_id": user,
                        "opened_at": START,
                        "publish_at": START,
                        "is_wide": False,
                    }
                    for user in people
                ],
            )
        clock.advance(seconds=IDLE.total_seconds())
        await bot.pass_time(seconds=60)
        assert len(bot.slack.take()) == HOMES.calls
        await bot.pass_time(seconds=1)
        assert len(bot.slack.take()) == 10


async def test_what_did_not_reach_slack_is_drawn_again(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:
        bot.slack.answers.append(Unreached("no line"))
        await bot.homes.open(ANA)
        await bot.pass_time(seconds=TRY_AGAIN.total_seconds())
        assert bot.slack.take() == [ANA, ANA]
        await bot.pass_time(minutes=5)
        assert bot.slack.take() == []


async def test_what_slack_may_have_taken_is_drawn_once_more_when_it_has_landed(
    database: Database, clock: ManualClock
) -> None:
    async with looked_at(database, clock) as bot:
        bot.slack.answers.append(InDoubt("timeout"))
        await bot.homes.open(ANA)
        await bot.pass_time(seconds=TRY_AGAIN.total_seconds())
        assert bot.slack.take() == [ANA, ANA]
        await bot.pass_time(seconds=QUIET.total_seconds())
        assert bot.slack.take() == [ANA]
        await bot.pass_time(minutes=5)
        assert bot.slack.take() == []


async def test_one_that_cannot_be_drawn_holds_up_no_other(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA, BEN, CHLOE) as bot:
        groups = GroupsBrokenFor(BEN)
        broken = a_process(database, clock, bot.slack, groups)
        await broken.incident()
        with capture_logs() as logs:
            await broken.pass_time(seconds=PAUSE.total_seconds() + 1)
        assert bot.slack.take() == [ANA, CHLOE]
        [said] = [line for line in logs if line["event"] == "home.failed"]
        assert said["user"] == BEN
        assert isinstance(said["exc_info"], ZeroDivisionError)
        with capture_logs() as logs:
            await broken.pass_time(seconds=NOW_AND_THEN.total_seconds() - 10)
        assert [line for line in logs if line["event"] == "home.failed"] == []
        groups.mend()
        await broken.pass_time(seconds=30)
        assert BEN in bot.slack.take()


async def test_one_that_cannot_be_drawn_is_tried_no_more_often_than_others(
    database: Database, clock: ManualClock
) -> None:
    async with looked_at(database, clock, ANA) as bot:
        broken = a_process(database, clock, bot.slack, GroupsBrokenFor(ANA))
        with capture_logs() as logs:
            for _ in range(60):
                await broken.incident()
                await broken.pass_time(seconds=1)
        assert len([line for line in logs if line["event"] == "home.failed"]) == 4


async def test_a_call_that_breaks_holds_up_no_other(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA, BEN, CHLOE) as bot:
        bot.slack.breaks_for = BEN
        await bot.incident()
        with capture_logs() as logs:
            await bot.pass_time(seconds=30)
        assert [line["user"] for line in logs if line["event"] == "home.failed"] == [BEN]
        assert bot.slack.take() == [ANA, BEN, CHLOE]


async def test_who_opens_one_that_cannot_be_drawn_hears_of_it(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:
        broken = a_process(database, clock, bot.slack, GroupsBrokenFor(BEN))
        with pytest.raises(ZeroDivisionError):
            await broken.homes.choose(BEN, is_wide=True)
        assert broken.slack.take() == []


async def test_who_is_gone_is_forgotten(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA, BEN) as bot:
        bot.slack.answers.extend([Refused("user_not_found"), Delivered("")])
        await bot.incident()
        await bot.pass_time(seconds=20)
        assert bot.slack.take() == [ANA, BEN]
        await bot.incident(title="Another one")
        await bot.pass_time(seconds=20)
        assert len(bot.slack.take()) == 1


async def test_who_opens_it_where_there_is_none_is_told_to_the_operator(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:
        bot.slack.answers.append(Refused("not_enabled"))
        with pytest.raises(HomeRefused, match="not_enabled"):
            await bot.homes.open(ANA)
        assert await bot.settle() is None


async def test_a_private_incident_is_shown_to_those_whose_concern_it_is(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:
        await bot.incident()
        async with database.write() as tx:
            await tx.execute(update(tables.incidents).values(is_private=True))
        for user in (ANA, SAM):
            await bot.homes.open(user)
            assert "Checkout is down" in bot.texts()
        await bot.homes.open(UserId("U0STRANGER"))
        assert "All is quiet" in bot.texts()


async def test_while_nobody_looks_changes_cost_nothing(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:
        await bot.settle()
        with statements_of(database) as said:
            bot.homes.stir()
            await bot.settle()
            clock.advance(seconds=IDLE.total_seconds() - 1)
            await bot.settle()
        assert said == []


@contextmanager
def readings() -> Iterator[list[str]]:
    """What the block reads of whole incidents, by whatever connection."""
    read: list[str] = []

    def listen(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        if sql.startswith("SELECT") and "incidents.title" in sql:
            read.append(sql)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield read
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


async def test_what_is_going_on_is_read_once_for_all_who_look(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA, BEN, CHLOE, DEV) as bot:
        await bot.incident()
        with readings() as read:
            await bot.pass_time(seconds=2)
        assert len(bot.slack.take()) == 4
        assert len(read) == 1


async def test_two_thousand_incidents_fit(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:
        template = incident_row(an_incident(policy_version_id=FIRST_VERSION))
        async with database.write() as tx:
            await tx.execute(
                tables.incidents.insert(), [template | {"id": number, "number": number} for number in range(1, 2_001)]
            )
        await bot.homes.open(ANA)
        view = bot.slack.published[-1][1]
        assert view["blocks"][0]["text"]["text"].startswith(
            "*2000 incidents open* · 0 with you · 2000 in your tiers or followed"
        )
        assert problems_of_view(view) == []


async def test_a_deed_and_what_is_due_do_not_wait_for_each_other(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock, ANA, BEN) as bot:
        await bot.incident()
        await bot.settle()
        clock.move_to(START + PAUSE)
        bot.homes.acted(ANA)
        assert await bot.settle() is not None
        assert bot.slack.take() == [ANA, BEN]


async def test_who_slept_with_a_drawing_in_hand_shows_nothing_of_it(database: Database, clock: ManualClock) -> None:
    async with looked_at(database, clock) as bot:

        def sleeps(*_: object) -> None:
            """While what is going on is being read."""
            clock.move_to(START + LEASE)

        event.listen(Engine, "before_cursor_execute", sleeps)
        try:
            await bot.homes.open(ANA)
        finally:
            event.remove(Engine, "before_cursor_execute", sleeps)
        assert bot.slack.take() == []
        await bot.pass_time(seconds=2)
        assert bot.slack.take() == [ANA]
