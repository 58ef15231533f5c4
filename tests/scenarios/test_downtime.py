"""The bot was away: what is true now decides. One step for each incident, one report, and no channel rung 25 times."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.playground import Playground
from tests.clock import ManualClock
from tests.scenarios.world import ROOT, Said, World, playground, running_world, world

SHIPPED = ROOT / "policy.yml"
PLATFORM, EMI, GRACE = "<!subteam^S0PLATFRM1>", "<@U0EMI00001>", "<@U0GRACE001>"
CHECKOUT = "Checkout is down (INC-1, sev1, checkout)."
CARDS = "Cards are refused (INC-2, sev1, checkout)."
SEARCH = "Search is slow (INC-3, sev2, checkout)."
AWAY = timedelta(minutes=40)
REPORT = (
    "Tierline was away for 40 minutes, from 03:01 until 03:41. 2 deadlines passed meanwhile:\n"
    "• INC-1 Checkout is down (sev1): not acknowledged in time at tier 1, due 03:05\n"
    "• INC-3 Search is slow (sev2): not acknowledged in time at tier 1, due 03:15\n"
    "Nothing is replayed: each incident took one step, and what is true now decides. "
    "`/incident why INC-7` tells what comes next."
)


class WallClock(ManualClock):
    """It moves without a word, as the machine's clock does while its process is suspended."""

    def real_delay(self, until: datetime) -> timedelta | None:
        return until - self.now()

    def on_jump(self, listener: Callable[[], None]) -> None:
        """Never."""


async def test_after_forty_minutes_each_incident_takes_one_step_and_one_report_says_what_passed(
    clock: ManualClock, database_url: str
) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, database_url, policy_file=SHIPPED) as before:
            await _three_incidents(before)
        clock.move_to(clock.now() + AWAY)
        async with running_world(slack, clock, database_url, policy_file=SHIPPED, after=before) as story:
            await story.advance(seconds=10)
            said = story.said()
            assert [one for one in said if one.place != "#incident-updates thread"] == _one_step_each()
            assert [one.text.partition(".")[0] + "." for one in said if one.place == "#incident-updates thread"] == [
                CHECKOUT,
                SEARCH,
                CARDS,
            ], "one update each, however many were missed"

            await story.advance(minutes=3, seconds=30)
            assert not story.said()
            await story.advance(seconds=10)
            assert [one.place for one in story.said()] == ["#tier-2-platform thread"] * 2, (
                "the warnings of five minutes"
            )
            await story.advance(minutes=1, seconds=20)
            assert _pages(story.said()) == [
                ("#tier-3-experts", f"{EMI} please acknowledge INC-1 by 03:51."),
                ("#tier-3-experts", f"{EMI} please acknowledge INC-3 by 04:01."),
            ], "the next tier has its whole time again"


async def _three_incidents(story: World) -> None:
    await story.opened("Checkout is down")
    await story.opened("Cards are refused")
    await story.opened("Search is slow", severity="sev2")
    await story.command("ana", "/incident ack INC-2")
    await story.advance(seconds=60)
    story.said()


def _one_step_each() -> Sequence[Said]:
    missed = "was not acknowledged at tier 1 (First line). It waited there since 03:00; its time ran out"
    now = "It is now at tier 2 (Platform) in <#C0PLATFRM1> since 03:41."
    at_tier_2 = "It is open at tier 2 of 4, Platform. Otherwise it goes to tier 3 (Experts) in <#C0EXPERTS1>."
    breached = "⏰ Breached: not acknowledged in time."
    return [
        Said("#escalation-fallback", REPORT),
        Said("#tier-1-support broadcast", f"{GRACE} {CHECKOUT} INC-1 {missed} 03:05, noticed 36 minutes late. {now}"),
        Said("#tier-1-support broadcast", f"{GRACE} {SEARCH} INC-3 {missed} 03:15, noticed 26 minutes late. {now}"),
        Said(
            "#tier-1-support thread",
            f"<@U0ANA00001> {CARDS} Are you still on INC-2? Please answer by 03:46; "
            "otherwise nobody has it any more, and tier 1 (First line) is paged again.",
        ),
        Said(
            "#tier-2-platform",
            f"{PLATFORM} please acknowledge INC-1 by 03:46. {CHECKOUT} {at_tier_2} {breached}",
        ),
        Said(
            "#tier-2-platform",
            f"{PLATFORM} please acknowledge INC-3 by 03:46. {SEARCH} {at_tier_2} "
            "⏩ Tierline was away when this should have come, so this tier has 5 minutes to acknowledge "
            f"instead of 15 minutes. {breached}",
        ),
    ]


def _pages(said: Sequence[Said]) -> list[tuple[str, str]]:
    """Where, and the line that rings."""
    calls = [(one.place, one.text.partition(". ")[0] + ".") for one in said]
    return [(place, call) for place, call in calls if "please acknowledge" in call]


async def test_of_25_incidents_due_in_one_channel_one_list_rings_and_their_cards_are_quiet(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database) as before:
            for number in range(1, 26):
                await slack.command("sam", "general", f"/incident open sev1 checkout: Number {number}")
            await before.advance(minutes=1)
            before.said()
        clock.move_to(clock.now() + AWAY)
        async with running_world(slack, clock, sqlite_database, after=before) as story:
            await story.advance(minutes=1)
            ringing, *cards = [said for said in story.said() if said.place == "#tier-2-platform"]
            listed = [f"• INC-{each} Number {each} (sev1, checkout), open since 03:00" for each in range(1, 23)]
            assert ringing.text.splitlines() == [
                f"{PLATFORM} Tierline was away, and 25 incidents wait for somebody here. "
                "Take one with `/incident ack INC-1`, or with its card below.",
                *listed,
                "… and 3 more",
            ]
            assert [card.text for card in cards] == [_quiet_card(number) for number in range(1, 26)]
            assert (story.notified()["chloe"], story.notified()["dev"]) == (1, 1)

            assert (await story.click("chloe", "tier-2-platform", "acknowledge")).ok
            case, _ = await story.bot.desk.show(25)
            assert case.incident.assignee == "U0CHLOE001", "its card has its buttons"
            await story.advance(seconds=2)
            story.said()


def _quiet_card(number: int) -> str:
    return (
        f"Number {number} (INC-{number}, sev1, checkout). It is open at tier 2 of 4, Platform. Acknowledge by: 03:46. "
        "Otherwise it goes to tier 3 (Experts) in <#C0EXPERTS1>. Next stakeholder update: 04:01. "
        "⏰ Breached: not acknowledged in time. 📣 Managers told: Grace Kim."
    )


async def test_a_suspended_bot_was_away(sqlite_database: str, clock: ManualClock) -> None:
    wall = WallClock(clock.now())
    async with playground(wall) as slack, running_world(slack, wall, sqlite_database) as story:
        await _opened(slack, story)
        wall.move_to(wall.now() + AWAY)
        story.a_second_goes_by()
        await _done(slack, story)
        assert _reports(story) == [
            "Tierline was away for 40 minutes, from 03:00 until 03:40. 1 deadline passed meanwhile:"
        ]


async def test_a_clock_that_says_that_it_was_moved_is_no_absence(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        clock.move_to(clock.now() + AWAY)
        await story.bot.settled()
        await story.advance(minutes=2)
        assert not _reports(story)


async def test_a_short_absence_in_which_nothing_was_due_is_not_reported(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with playground(clock) as slack:
        async with running_world(slack, clock, sqlite_database) as before:
            await before.opened()
        clock.move_to(clock.now() + timedelta(minutes=4))
        async with running_world(slack, clock, sqlite_database, after=before) as story:
            await story.advance(seconds=50)
            assert not story.said()
            await story.advance(seconds=10)
            pages = _pages(story.said())
            assert pages == [("#tier-2-platform", f"{PLATFORM} please acknowledge INC-1 by 03:10.")], "as ever"


async def _opened(slack: Playground, story: World) -> None:
    await slack.command("sam", "general", "/incident open sev1 checkout: Checkout is down")
    await story.bot.settled()
    story.said()


async def _done(slack: Playground, story: World) -> None:
    """A wall clock wakes nobody at an instant: the loops look once a second of real time, or when they are woken."""
    fallback = slack.workspace.channel("escalation-fallback")
    await slack.wait_for(fallback.visible)
    await story.bot.settled()


def _reports(story: World) -> list[str]:
    """The first line of each report; what else was said is taken too."""
    return [said.text.partition("\n")[0] for said in story.said() if said.place == "#escalation-fallback"]
