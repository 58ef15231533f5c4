"""The calendars in use are read again every few minutes, and a bad reading never takes the place of a good one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pytest
from structlog.testing import capture_logs

from bot.domain.ids import PolicyVersionId
from bot.domain.on_call import FeedStatus
from bot.domain.policy import OnCallFeed, Policy
from bot.scheduler import Loop, Scheduler
from bot.services.feeds import FeedError
from bot.services.on_call import AT_ONCE, READ_AGAIN_AFTER, READ_EVERY, OnCallBook
from bot.services.policies import CurrentPolicy, PolicyBook
from storage.database import Database
from storage.errors import NotStored
from tests.builders import ANA, BEN, FIRST_LINE, NOW, WORKSPACE, a_policy, a_tier, a_user, an_escalation
from tests.clock import ManualClock
from tests.services.calendars import GOOGLE, GRAFANA, OPSGENIE, PAGERDUTY, Calendars, an_event, calendar
from tests.storage.stored import FIRST_VERSION, a_workspace, an_incident_in

ANA_: Final = a_user(ANA, "ana")
BEN_: Final = a_user(BEN, "ben")
URL: Final = "https://calendar.example.com/feeds/secret-of-payments.ics"
OTHER_URL: Final = "https://ana:password@other.example.com/secret.ics?key=secret"
CURRENT: Final = PolicyVersionId(2)
PEOPLE: Final = {
    "Ana Silva": ANA_,
    "ana@example.com": ANA_,
    "ana": ANA_,
    "Ben Okafor": BEN_,
    "ben": BEN_,
    "ben@example.com": BEN_,
}


def a_policy_with(*urls: str) -> Policy:
    """Each calendar at a tier of its own, and the first at both services."""
    tiers = tuple(
        a_tier(number, on_call=(OnCallFeed(url=url, people=PEOPLE),)) for number, url in enumerate(urls, start=1)
    )
    return a_policy(services={"checkout": an_escalation(tiers=tiers), "search": an_escalation(tiers=tiers[:1])})


@dataclass(slots=True)
class OnCallBench:
    database: Database
    clock: ManualClock
    calendars: Calendars
    book: PolicyBook

    def on_call(self) -> OnCallBook:
        """As after a start of the bot, before it has loaded."""
        return OnCallBook(self.database, WORKSPACE, self.book, self.calendars, self.clock)

    def apply(self, policy: Policy) -> None:
        """A new version takes effect."""
        version = PolicyVersionId(self.book.current.version_id + 1)
        self.book._current = CurrentPolicy(version_id=version, policy=policy)


@pytest.fixture
async def bench(database: Database, clock: ManualClock) -> OnCallBench:
    assert await a_workspace(database) == FIRST_VERSION
    book = PolicyBook(CurrentPolicy(version_id=CURRENT, policy=a_policy_with(URL)))
    return OnCallBench(database, clock, Calendars({URL: PAGERDUTY, OTHER_URL: OPSGENIE}), book)


def paged(on_call: OnCallBook, bench: OnCallBench, tier: int = 1) -> tuple[str, ...]:
    """Who is paged now beside the people of the tier."""
    policy = bench.book.current.policy
    people = on_call.roster(policy, "checkout", bench.clock.now()).escalation("checkout").tier(tier).people
    return tuple(person.name for person in people if person not in policy.escalation("checkout").tier(tier).people)


@pytest.mark.parametrize(
    "content", [PAGERDUTY, OPSGENIE, GRAFANA, GOOGLE], ids=["pagerduty", "opsgenie", "grafana", "google"]
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_calendar_of_each_product_says_who_is_paged(bench: OnCallBench, content: bytes) -> None:
    bench.calendars.content[URL] = content
    on_call = bench.on_call()
    assert paged(on_call, bench) == ()
    await on_call()
    assert paged(on_call, bench) == ("ana",)
    bench.clock.advance(hours=6)
    assert "ben" in paged(on_call, bench)


async def test_it_is_read_at_once_and_then_every_five_minutes(bench: OnCallBench) -> None:
    on_call = bench.on_call()
    await on_call.load()
    assert await on_call() == NOW + READ_EVERY
    assert bench.calendars.newly_asked() == [URL]
    bench.clock.advance(minutes=4, seconds=59)
    assert await on_call() == NOW + READ_EVERY
    assert bench.calendars.newly_asked() == []
    bench.clock.advance(seconds=1)
    assert await on_call() == NOW + 2 * READ_EVERY
    assert bench.calendars.newly_asked() == [URL]


async def test_without_calendars_nothing_is_read(bench: OnCallBench) -> None:
    bench.apply(a_policy())
    on_call = bench.on_call()
    assert await on_call() == NOW + READ_EVERY
    assert (bench.calendars.asked, on_call.status()) == ([], [])


async def test_in_between_the_database_is_not_asked(bench: OnCallBench, monkeypatch: pytest.MonkeyPatch) -> None:
    on_call = bench.on_call()
    await on_call()
    monkeypatch.delattr(Database, "read")
    assert await on_call() == NOW + READ_EVERY


async def test_after_a_restart_the_last_good_copy_is_there_before_anything_is_read(bench: OnCallBench) -> None:
    await bench.on_call()()
    bench.calendars.asked.clear()
    bench.clock.advance(hours=1)
    restarted = bench.on_call()
    await restarted.load()
    assert paged(restarted, bench) == ("ana",)
    assert [(status.host, status.fetched_at) for status in restarted.status()] == [("calendar.example.com", NOW)]
    assert bench.calendars.asked == []


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (FeedError("it cannot be reached"), "it cannot be reached"),
        (b"<html>Sign in</html>", "it is not a calendar that can be read (ValueError)"),
    ],
)
async def test_a_bad_reading_leaves_the_good_copy_and_is_tried_again_soon(
    bench: OnCallBench, bad: bytes | Exception, error: str
) -> None:
    on_call = bench.on_call()
    await on_call()
    bench.calendars.content[URL] = bad
    bench.clock.advance(minutes=5)
    failed_at = bench.clock.now()
    assert await on_call() == failed_at + READ_AGAIN_AFTER
    assert paged(on_call, bench) == ("ana",)
    (status,) = on_call.status()
    assert (status.fetched_at, status.failed_at, status.error) == (NOW, failed_at, error)

    restarted = bench.on_call()
    await restarted.load()
    assert restarted.status() == [status]
    assert paged(restarted, bench) == ("ana",)


async def test_a_good_reading_after_a_bad_one_is_as_if_nothing_had_been(bench: OnCallBench) -> None:
    on_call = bench.on_call()
    bench.calendars.content[URL] = FeedError("it cannot be reached")
    await on_call()
    assert [(status.fetched_at, status.failed_at) for status in on_call.status()] == [(None, NOW)]
    assert paged(on_call, bench) == ()
    bench.calendars.content[URL] = PAGERDUTY
    bench.clock.advance(minutes=1)
    assert await on_call() == bench.clock.now() + READ_EVERY
    (status,) = on_call.status()
    assert (status.fetched_at, status.failed_at, status.error) == (bench.clock.now(), None, None)
    assert paged(on_call, bench) == ("ana",)


async def test_what_the_calendar_says_next_takes_the_place_of_what_it_said(bench: OnCallBench) -> None:
    on_call = bench.on_call()
    await on_call()
    bench.calendars.content[URL] = calendar(an_event(who="Ben Okafor"))
    bench.clock.advance(minutes=5)
    await on_call()
    assert paged(on_call, bench) == ("ben",)


async def test_a_calendar_that_fails_holds_up_no_other(bench: OnCallBench) -> None:
    bench.apply(a_policy_with(URL, OTHER_URL))
    bench.calendars.content[URL] = FeedError("it did not answer in time")
    on_call = bench.on_call()
    assert await on_call() == NOW + READ_AGAIN_AFTER
    assert (paged(on_call, bench, 1), paged(on_call, bench, 2)) == ((), ("ana",))
    bench.calendars.asked.clear()
    bench.clock.advance(minutes=1)
    await on_call()
    assert bench.calendars.asked == [URL]


async def test_a_new_policy_has_its_calendars_read_at_once_and_no_other(bench: OnCallBench) -> None:
    on_call = bench.on_call()
    await on_call()
    bench.calendars.asked.clear()
    bench.clock.advance(minutes=2)
    bench.apply(a_policy_with(URL, OTHER_URL))
    assert await on_call() == NOW + READ_EVERY
    assert bench.calendars.asked == [OTHER_URL]
    assert paged(on_call, bench, 2) == ("ana",)


async def test_the_calendars_of_a_policy_are_read_while_incidents_go_on_under_it(bench: OnCallBench) -> None:
    bench.book._known[FIRST_VERSION] = a_policy_with(OTHER_URL)
    await an_incident_in(bench.database, 1)
    on_call = bench.on_call()
    await on_call()
    assert sorted(bench.calendars.asked) == sorted([URL, OTHER_URL])
    assert [status.host for status in on_call.status()] == ["calendar.example.com", "other.example.com"]


async def test_only_so_many_are_read_at_the_same_time(bench: OnCallBench) -> None:
    urls = [f"https://calendar.example.com/{number}.ics" for number in range(AT_ONCE + 2)]
    sources = tuple(OnCallFeed(url=url, people=PEOPLE) for url in urls)
    bench.apply(a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, on_call=sources),))}))
    bench.calendars.content = dict.fromkeys(urls, calendar())
    bench.calendars.hanging = asyncio.Event()
    reading = asyncio.ensure_future(bench.on_call()())
    async with asyncio.timeout(30):
        await bench.calendars.full.wait()
    bench.calendars.hanging.set()
    await reading
    assert bench.calendars.most_at_once == AT_ONCE
    assert sorted(bench.calendars.asked) == sorted(urls)


async def test_a_database_that_cannot_keep_a_copy_takes_nothing_from_it(
    bench: OnCallBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_call = bench.on_call()

    def refuse(_database: Database) -> None:
        raise NotStored("disk full")

    monkeypatch.setattr(Database, "write", refuse)
    with capture_logs() as logs:
        assert await on_call() == NOW + READ_EVERY
    assert paged(on_call, bench) == ("ana",)
    assert [(entry["event"], entry.get("error")) for entry in logs if entry["log_level"] == "warning"] == [
        ("on_call.feed_not_kept", "disk full")
    ]


async def test_an_error_that_nobody_foresaw_does_not_have_it_read_every_second(bench: OnCallBench) -> None:
    bench.calendars.content[URL] = RuntimeError("a bug")
    on_call = bench.on_call()
    with pytest.raises(ExceptionGroup):
        await on_call()
    bench.calendars.asked.clear()
    bench.clock.advance(seconds=1)
    assert await on_call() == NOW + READ_AGAIN_AFTER
    assert bench.calendars.asked == []


async def test_the_address_is_nowhere_but_in_the_policy(bench: OnCallBench) -> None:
    bench.apply(a_policy_with(OTHER_URL))
    on_call = bench.on_call()
    with capture_logs() as logs:
        await on_call()
        bench.calendars.content[OTHER_URL] = FeedError("it answered with status 403")
        bench.clock.advance(minutes=5)
        await on_call()
    (status,) = on_call.status()
    assert status == FeedStatus(
        host="other.example.com",
        key=status.key,
        fetched_at=NOW,
        failed_at=bench.clock.now(),
        error="it answered with status 403",
    )
    assert [entry["event"] for entry in logs] == ["on_call.feed_read", "on_call.feed_failed"]
    assert all(shown(entry, status) for entry in logs)
    async with bench.database.read() as tx:
        rows = (await tx.exec_driver_sql("SELECT * FROM on_call_feeds")).all()
    assert len(rows) == 1
    assert "secret" not in f"{logs} {rows} {status}"
    assert "password" not in f"{logs} {rows} {status}"


def shown(entry: Mapping[str, object], status: FeedStatus) -> bool:
    return (entry["host"], entry["key"]) == (status.host, status.key)


async def test_it_runs_as_a_loop_of_the_bot(bench: OnCallBench) -> None:
    on_call = bench.on_call()
    loop = Loop("on call", on_call, bench.clock)
    scheduler = Scheduler([loop])
    scheduler.start()
    async with asyncio.timeout(30):
        await loop.rested()
    assert loop.next_at == NOW + READ_EVERY
    assert paged(on_call, bench) == ("ana",)
    await scheduler.stop()


async def test_those_who_are_always_paged_are_paged_first(bench: OnCallBench) -> None:
    on_call = bench.on_call()
    await on_call()
    staffed = on_call.roster(bench.book.current.policy, "checkout", NOW)
    assert staffed.escalation("checkout").tier(1).people == (FIRST_LINE, ANA_)
