"""Channels that were there when the bot started and are not any more: the page rings somewhere all the same."""

from pathlib import Path

import pytest

from bot.playground import Fault, Playground
from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.world import PLAIN_POLICY, Said, World, answer_text, playground, readable, running_world, world

FIRST = "tier-1-support"
WHAT = "Checkout is down (INC-1, sev1, checkout)."
UPDATE = Said(
    "#incident-updates", f"{WHAT} It is with tier 1 of 4 (First line). Nobody has taken it yet. Next update by 03:20."
)
PAGE = (
    f"<!subteam^S0FIRSTLN1> please acknowledge INC-1 by 03:05. {WHAT} It is open at tier 1 of 4, First line. "
    "Otherwise it goes to tier 2 (Platform) in <#C0PLATFRM1>."
)


async def _open(story: World) -> None:
    answer = answer_text(await story.command("sam", "/incident open sev1 checkout: Checkout is down"))
    assert answer is not None
    assert answer.startswith("INC-1 is open: Checkout is down")
    await story.advance(seconds=3)


@pytest.mark.parametrize(
    ("loss", "error", "why"),
    [
        ("archive", "is_archived", "The channel is archived."),
        ("delete_channel", "channel_not_found", "The channel does not exist, or Tierline may not see it."),
    ],
)
async def test_a_page_for_a_channel_that_is_gone_rings_in_the_fallback_channel(
    clock: ManualClock, sqlite_database: str, loss: str, error: str, why: str
) -> None:
    async with world(clock, sqlite_database) as story:
        getattr(story.slack, loss)(FIRST)
        await _open(story)
        assert story.said() == [
            Said(
                "#escalation-fallback",
                f"<!subteam^S0FIRSTLN1> <@U0GRACE001> {WHAT} A page of INC-1 for tier 1 (First line) could not be "
                f"posted in <#C0FIRSTLN1>: Slack says `{error}`. {why} "
                "Please acknowledge it here by 03:05, or tell the people there another way.",
            ),
            UPDATE,
        ]
        assert story.notified() == {"ana": 1, "ben": 1, "grace": 1}
        assert await _story_told(story) == [
            "03:00: <@U0SAM00001> opened it as sev1",
            f"03:00: a page could not be posted in <#C0FIRSTLN1>: {error}; <#C0FALLBACK> was told instead",
        ]

        await story.advance(minutes=5)
        places = [said.place for said in story.said()]
        assert "#tier-2-platform" in places, "the escalation goes on"


async def test_from_a_public_channel_the_bot_was_removed_and_it_joins_again(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.kick_bot(FIRST)
        await _open(story)
        assert story.said() == [UPDATE, Said(f"#{FIRST}", PAGE)]
        assert story.slack.workspace.app.user_id in story.slack.workspace.channel(FIRST).members


async def test_from_a_private_channel_the_bot_was_removed_and_the_fallback_channel_is_told(
    clock: ManualClock, sqlite_database: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text(PLAIN_POLICY.read_text().replace('"#tier-1-support"', '"#security-private"'))
    async with playground(clock) as slack:
        slack.invite_bot("security-private")
        async with running_world(slack, clock, sqlite_database, policy_file=policy) as story:
            slack.kick_bot("security-private")
            await _open(story)
            fallback, update = story.said()
            assert update == UPDATE
            assert fallback.place == "#escalation-fallback"
            assert fallback.text.startswith(f"<!subteam^S0FIRSTLN1> <@U0GRACE001> {WHAT} A page of INC-1")
            assert story.notified() == {"ana": 1, "ben": 1, "grace": 1}


async def test_when_the_fallback_channel_is_gone_too_the_story_and_the_log_say_so(
    clock: ManualClock, sqlite_database: str, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.archive(FIRST)
        story.slack.archive("escalation-fallback")
        await _open(story)
        assert story.said() == [UPDATE]
        assert await _story_told(story) == [
            "03:00: <@U0SAM00001> opened it as sev1",
            "03:00: a page could not be posted in <#C0FIRSTLN1>: is_archived; <#C0FALLBACK> was told instead",
            "03:00: an alarm could not be posted in <#C0FALLBACK>: is_archived",
        ]
        assert [entry["promise"] for entry in logs if entry["event"] == "delivery.given_up"] == [
            "INC-1/page/tier:1/cycle:0",
            "INC-1/page/tier:1/cycle:0/fallback",
        ]


async def test_without_the_stakeholder_channel_the_incident_is_worked_all_the_same(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.archive("incident-updates")
        await _open(story)
        assert story.said() == [
            Said(
                "#escalation-fallback",
                f"<@U0GRACE001> {WHAT} The stakeholders' message of INC-1 could not be posted in <#C0STATUS01>: "
                "Slack says `is_archived`. The channel is archived. Please tell the stakeholders another way.",
            ),
            Said(f"#{FIRST}", PAGE),
        ]
        await story.click("ana", FIRST, "acknowledge")
        await story.resolve("ana", FIRST)
        await story.advance(seconds=3)
        assert not story.said()
        assert "Resolved by <@U0ANA00001>" in story.shows(FIRST)
        assert await _story_told(story) == [
            "03:00: <@U0SAM00001> opened it as sev1",
            "03:00: the stakeholders' message could not be posted in <#C0STATUS01>: is_archived; "
            "<#C0FALLBACK> was told instead",
            "03:00: <@U0ANA00001> acknowledged at tier 1 (First line)",
            "03:00: a stakeholder update could not be posted in <#C0STATUS01>: is_archived",
            "03:00: <@U0ANA00001> resolved it",
            "03:00: a stakeholder update could not be posted in <#C0STATUS01>: is_archived",
        ]


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long"])
async def test_a_message_that_slack_refuses_goes_out_once_as_a_plain_short_text(
    clock: ManualClock, sqlite_database: str, error: str, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.faults.add(Fault(method="chat.postMessage", kind=f"error:{error}", channel=FIRST))
        await _open(story)
        assert story.said() == [UPDATE, Said(f"#{FIRST}", PAGE)]
        assert [block["type"] for block in story.card(FIRST).blocks] == ["section"]
        assert story.notified() == {"ana": 1, "ben": 1}
        refused = [entry for entry in logs if entry["event"] == "delivery.message_refused"]
        assert [(entry["promise"], entry["error"]) for entry in refused] == [("INC-1/page/tier:1/cycle:0", error)]
        assert _posts(story.slack, "C0FIRSTLN1") == [f"error:{error}", "ok"]


async def test_a_message_that_slack_refuses_twice_is_told_in_the_fallback_channel(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.faults.add(Fault(method="chat.postMessage", kind="error:invalid_blocks", channel=FIRST, times=None))
        await _open(story)
        assert [said.place for said in story.said()] == ["#escalation-fallback", "#incident-updates"]
        assert _posts(story.slack, "C0FIRSTLN1") == ["error:invalid_blocks"] * 2
        story.slack.faults.clear()


def _posts(slack: Playground, channel: str) -> list[str]:
    calls = [call for call in slack.workspace.calls if call.method == "chat.postMessage"]
    return [call.outcome for call in calls if call.args["channel"] == channel]


async def _story_told(story: World) -> list[str]:
    answer = await story.command("sam", "/incident show INC-1")
    told: str = next(
        block["text"]["text"] for block in answer.blocks if "What happened" in (block.get("text") or {}).get("text", "")
    )
    return [line.removeprefix("• ") for line in readable(told).splitlines()[1:]]
