"""A policy applied beside a running bot: incidents opened from then on have it, those that are open keep theirs."""

from pathlib import Path

from tests.clock import ManualClock
from tests.forked import run_forked
from tests.scenarios.world import PLAIN_POLICY, Said, World, answer_text, world

QUICKER = PLAIN_POLICY.read_text().replace("sev1: {ack_within: 5m", "sev1: {ack_within: 2m")


async def test_a_policy_applied_while_the_bot_runs_is_that_of_new_incidents_only(
    clock: ManualClock, database_url: str, tmp_path: Path
) -> None:
    changed = tmp_path / "policy.yml"
    changed.write_text(QUICKER)
    async with world(clock, database_url) as story:
        await story.opened("Checkout is down")

        assert await _apply(story, database_url, changed) == (
            0,
            "Version 2 is the policy of incidents opened from now on; open ones keep theirs.\n"
            "Against version 1:\n"
            "  ~ severities.sev1.ack_within: 5m → 2m\n",
        )
        await story.advance(seconds=10)
        assert not story.said()

        opened = answer_text(await story.command("sam", "/incident open sev1 checkout: Search is slow"))
        assert opened == (
            "INC-2 is open: Search is slow\nTier 1 (First line) in <#C0FIRSTLN1> is paged. "
            "If nobody acknowledges by 03:02, it goes to tier 2 (Platform) in <#C0PLATFRM1>."
        )
        await story.advance(seconds=3)
        story.said()

        await story.advance(minutes=2)
        assert _notices(story) == [_breach("INC-2", "Search is slow", "03:02")]
        await story.advance(minutes=2, seconds=50)
        assert _notices(story, "#tier-1-support broadcast") == [_breach("INC-1", "Checkout is down", "03:05")]


async def test_a_policy_that_cannot_be_used_is_refused_and_the_bot_goes_on_with_its_own(
    clock: ManualClock, sqlite_database: str, tmp_path: Path
) -> None:
    wrong = tmp_path / "policy.yml"
    wrong.write_text(QUICKER.replace("@first-line", "@nobody"))
    async with world(clock, sqlite_database) as story:
        code, said = await _apply(story, sqlite_database, wrong)
        assert code == 2
        assert "there is no person or user group @nobody in Slack; write the name as it is there, or the id." in said
        await story.advance(minutes=1)
        opened = answer_text(await story.command("sam", "/incident open sev1 checkout: Checkout is down"))
        assert opened is not None
        assert "acknowledges by 03:06" in opened, "five minutes, as before"
        await story.advance(seconds=2)
        story.said()


async def _apply(story: World, database_url: str, policy: Path) -> tuple[int | None, str]:
    """`tierline policy apply` in a process of its own: its code, and what it said."""
    environment = {
        "SLACK_BOT_TOKEN": story.slack.bot_token,
        "TIERLINE_SLACK_API_URL": story.slack.api_url,
        "TIERLINE_DATABASE_URL": database_url,
    }
    ended = await run_forked(environment, policy.parent, "policy", "apply", str(policy))
    return ended.code, ended.out + ended.err


def _notices(story: World, *places: str) -> list[Said]:
    """What managers read in the channel of the first tier; pages and updates are taken too."""
    return [said for said in story.said() if said.place in (places or ("#tier-1-support broadcast",))]


def _breach(key: str, title: str, at: str) -> Said:
    return Said(
        "#tier-1-support broadcast",
        f"<@U0GRACE001> {title} ({key}, sev1, checkout). {key} was not acknowledged at tier 1 (First line). "
        f"It waited there since 03:00; its time ran out {at}. "
        f"It is now at tier 2 (Platform) in <#C0PLATFRM1> since {at}.",
    )
