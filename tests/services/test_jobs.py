"""Daily work: once a slot, whoever does it."""

from datetime import UTC, datetime, time, timedelta

from bot.services.jobs import AGAIN_AFTER, GO_ON_AFTER, DailyJob
from storage.database import Database
from tests.builders import NOW, WORKSPACE
from tests.clock import ManualClock

FOUR = datetime(2026, 11, 14, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Work:
    """Notes when it was asked; `parts` says how many more there are, `fails` how often it cannot."""

    def __init__(self, *, parts: int = 0, fails: int = 0) -> None:
        self.asked: list[datetime] = []
        self.parts = parts
        self.fails = fails

    async def __call__(self, now: datetime) -> bool:
        self.asked.append(now)
        if self.fails:
            self.fails -= 1
            raise RuntimeError("no room")
        self.parts -= 1
        return self.parts >= 0


def a_job(database: Database, clock: ManualClock, work: Work) -> DailyJob:
    return DailyJob("clean", database, WORKSPACE, clock, work, at=time(4))


async def test_it_is_done_once_a_day(database: Database, clock: ManualClock) -> None:
    work = Work()
    job = a_job(database, clock, work)
    assert await job() == FOUR, "the slot of the day before was missed, and is made up for"
    clock.move_to(FOUR - timedelta(seconds=1))
    assert await job() == FOUR
    clock.move_to(FOUR)
    assert await job() == FOUR + DAY
    assert await job() == FOUR + DAY
    assert work.asked == [NOW, FOUR]


async def test_of_several_processes_one_does_it(database: Database, clock: ManualClock) -> None:
    works = [Work(), Work(), Work()]
    jobs = [a_job(database, clock, work) for work in works]
    for _ in range(2):
        assert [await job() for job in jobs] == [FOUR] * 3
    assert [len(work.asked) for work in works] == [1, 0, 0]
    again = Work()
    assert await a_job(database, clock, again)() == FOUR
    assert not again.asked, "a restart does not do it again"


async def test_a_large_work_is_done_in_parts_so_that_the_bot_can_stop_in_between(
    database: Database, clock: ManualClock
) -> None:
    work = Work(parts=2)
    job = a_job(database, clock, work)
    for _ in range(2):
        at = await job()
        assert at == clock.now() + GO_ON_AFTER
        clock.move_to(at)
    assert await job() == FOUR
    assert len(work.asked) == 3


async def test_what_failed_is_done_again_later_by_anybody(database: Database, clock: ManualClock) -> None:
    work, other = Work(fails=1), Work()
    job = a_job(database, clock, work)
    assert await job() == NOW + AGAIN_AFTER
    clock.advance(minutes=1)
    assert await job() == NOW + AGAIN_AFTER
    assert await a_job(database, clock, other)() == FOUR
    clock.move_to(NOW + AGAIN_AFTER)
    assert await job() == FOUR
    assert (len(work.asked), len(other.asked)) == (1, 1)
