"""Other channels that are told, and people who follow: each reads every update once, in their own place."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.domain.timeline import DeliveryFailed, Followed, NotSent, Unfollowed
from bot.playground import Channel, Fault
from tests.clock import ManualClock
from tests.scenarios.ephemeral import newest
from tests.scenarios.one_incident import ANA, BEN, WHAT, asked
from tests.scenarios.world import PLAIN_POLICY, Said, Transport, World, answer_text, readable, world

UPDATES, FIRST = "#incident-updates", "tier-1-support"
SOLVED_BY = "It is expected to be solved by 03:20."


@pytest.fixture
def audiences(tmp_path: Path) -> Path:
    """The plain policy, in which sales reads of checkout too."""
    path = tmp_path / "policy.yml"
    told = 'checkout: {policy: default, also_told: ["#random"]}'
    path.write_text(PLAIN_POLICY.read_text().replace("checkout: {policy: default}", told))
    return path


def directly(story: World, user: str) -> Channel:
    return story.slack.workspace.dm(user)


def in_place(said: Sequence[Said], *places: str) -> list[str]:
    return [each.text for each in said if each.place in places]


async def press_directly(story: World, user: str, action: str) -> str:
    """A button of the newest direct message; what only they then see."""
    where = directly(story, user)
    answer = await story.slack.click(user, where.id, where.visible()[-1].ts, action)
    assert answer.ok, answer.error
    await story.bot.settled()
    return readable(where.ephemerals[-1].text)


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_each_audience_has_a_message_that_is_kept_current_and_a_thread(
    clock: ManualClock, sqlite_database: str, audiences: Path, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport, policy_file=audiences) as story:
        story.slack.invite_bot("random")
        await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        await story.advance(seconds=2)
        parents = in_place(story.said(), UPDATES, "#random")
        assert len(parents) == 2
        assert parents[0] == parents[1]

        assert await asked(story, "ana", "update INC-1 identified a bad deploy") == (
            "Stakeholders of INC-1 are told in <#C0STATUS01>, <#C0RANDOM01>.\n"
            "The next update comes by 03:20, yours or Tierline's own."
        )
        said = story.said()
        assert [each.place for each in said] == [f"{UPDATES} thread", "#random thread"]
        assert said[0].text == said[1].text

        await story.advance(seconds=2)
        await asked(story, "ana", "resolve INC-1 rolled back")
        await story.advance(seconds=5)
        assert [each.place for each in story.said()] == [f"{UPDATES} thread", "#random thread"]
        for channel in ("incident-updates", "random"):
            assert "Resolved by <@U0ANA00001>" in story.shows(channel)
        assert not story.limited()


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_who_follows_reads_every_update_directly_until_they_stop(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        edits = story.slack.workspace.calls
        edited = sum(call.method == "chat.update" for call in edits)
        await story.click("sam", "incident-updates", "follow")
        told = readable(newest(story, "sam", "incident-updates").text)
        assert told == (
            "You follow INC-1: updates reach you directly. To stop: `/incident unfollow INC-1`\n"
            f"{WHAT} It is with tier 1 of 4 (First line). Nobody has taken it yet. The next update comes by 03:20."
        )
        await story.advance(seconds=5)
        assert story.said() == []
        assert sum(call.method == "chat.update" for call in edits) == edited, "no card shows who follows"

        await asked(story, "ana", "ack INC-1 eta 20m")
        said = story.said()
        expected = f"Ana Ruiz is working on it, at tier 1 of 4 (First line). {SOLVED_BY}"
        assert in_place(said, f"{UPDATES} thread") == in_place(said, "@sam")
        assert in_place(said, "@sam")[0].startswith(f"{WHAT} {expected}")
        shown = directly(story, "sam").visible()[-1]
        assert shown.blocks[0]["text"]["text"].startswith("🟡 INC-1 · sev1 · Checkout is down")

        await story.advance(minutes=20)
        assert "Nothing has changed since the last update." in in_place(story.said(), "@sam")[0]
        assert await press_directly(story, "sam", "unfollow") == (
            "You do not follow INC-1 any more. `/incident show INC-1` tells how it stands."
        )
        await asked(story, "ana", "resolve INC-1")
        assert [each.place for each in story.said()] == [f"{UPDATES} thread"]
        assert not story.limited()


async def test_in_words_too_and_who_acts_or_writes_is_not_told_what_they_did(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        for user in ("sam", "ben"):
            assert (await asked(story, user, "follow INC-1")).startswith(
                "You follow INC-1: updates reach you directly."
            )
        assert await asked(story, "ben", "follow INC-1") == f"{BEN} follows INC-1 already: updates reach them directly."
        await asked(story, "ben", "update INC-1 identified a bad deploy")
        assert [each.place for each in story.said()] == [f"{UPDATES} thread", "@sam"]

        await asked(story, "ana", "ack INC-1")
        story.said()
        await asked(story, "ben", "unfollow INC-1")
        assert await asked(story, "ben", "unfollow INC-1") == (
            "You do not follow INC-1, so there is nothing to stop. To follow it: `/incident follow INC-1`"
        )
        await asked(story, "ana", "resolve INC-1")
        assert [each.place for each in story.said()] == [f"{UPDATES} thread", "@sam"]
        _, events = await story.bot.desk.show(1)
        facts = [type(event.fact) for event in events]
        assert (facts.count(Followed), facts.count(Unfollowed)) == (2, 1)
        whole = await story.command("ana", "/incident timeline INC-1")
        assert f"{BEN} does not follow it any more" in str(whole.blocks)


async def test_somebody_can_have_others_follow_who_are_told_how_it_stands(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        assert await asked(story, "ana", "follow INC-1 <@U0SAM00001|sam>") == (
            "They follow INC-1 now, and are told directly how it stands."
        )
        assert story.said() == [
            Said(
                "@sam",
                "Ana Ruiz has you follow INC-1: updates reach you here. "
                f"{WHAT} It is with tier 1 of 4 (First line). Nobody has taken it yet. The next update comes by 03:20.",
            )
        ]
        await story.advance(minutes=4)
        await asked(story, "ben", "ack INC-1")
        [update] = in_place(story.said(), "@sam")
        assert "Sam" not in update
        assert update.count("•") == 1, "only what happened since they follow it"


@pytest.mark.parametrize("words", ["assign INC-1", "follow INC-1"])
async def test_the_bot_itself_is_nobody_who_could_have_it_or_follow(
    clock: ManualClock, sqlite_database: str, words: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await asked(story, "ana", "ack INC-1")
        said = await asked(story, "ana", f"{words} <@U0TIERBOT|tierline>")
        assert said == "<@U0TIERBOT> is this bot; INC-1 needs a person. Nothing was changed."
        case, _ = await story.bot.desk.show(1)
        assert (case.incident.assignee, case.incident.followers) == ("U0ANA00001", ())
        story.said()


async def test_the_policy_says_who_may_follow_and_whoever_does_can_stop(
    clock: ManualClock, sqlite_database: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.yml"
    policy.write_text(PLAIN_POLICY.read_text().replace("roles: {", "roles: {follow: [tier], "))
    async with world(clock, sqlite_database, policy_file=policy) as story:
        await story.opened()
        assert "Only the tier's people can follow INC-1." in await asked(story, "sam", "follow INC-1")
        await asked(story, "ana", "follow INC-1 <@U0SAM00001|sam>")
        assert [each.place for each in story.said()] == ["@sam"]
        assert "You do not follow INC-1 any more." in await asked(story, "sam", "unfollow INC-1")


async def test_who_cannot_be_told_is_noted_and_alarms_nobody(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await asked(story, "sam", "follow INC-1")
        story.slack.deactivate("sam")
        await asked(story, "ana", "ack INC-1")
        await story.advance(minutes=2)
        assert [each.place for each in story.said()] == [f"{UPDATES} thread"]
        _, events = await story.bot.desk.show(1)
        [failed] = [event.fact for event in events if isinstance(event.fact, DeliveryFailed)]
        assert (failed.channel, failed.error, failed.told) == ("U0SAM00001", "user_disabled", None)
        whole = await story.command("ana", "/incident timeline INC-1")
        assert "a stakeholder update could not be posted to <@U0SAM00001>: user_disabled" in str(whole.blocks)


async def test_a_direct_message_in_doubt_is_looked_for_and_told_once(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await asked(story, "sam", "follow INC-1")
        where = directly(story, "sam").id
        story.slack.faults.add(Fault(method="chat.postMessage", kind="drop_after", channel=where))
        await asked(story, "ana", "ack INC-1")
        await story.advance(minutes=1)
        assert len(in_place(story.said(), "@sam")) == 1
        read = [call for call in story.slack.workspace.calls if call.method == "conversations.history"]
        assert [call.args["channel"] for call in read] == [where]


async def test_an_update_is_not_sent_to_who_stopped_before_it_went_out(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await asked(story, "sam", "follow INC-1")
        story.slack.faults.add(Fault(method="conversations.open", kind="http_503", times=None))
        await story.command("ana", "/incident ack INC-1")
        await asked(story, "sam", "unfollow INC-1")
        story.slack.faults.clear()
        await story.advance(seconds=40)
        assert [each.place for each in story.said()] == [f"{UPDATES} thread"]
        _, events = await story.bot.desk.show(1)
        assert NotSent(promise="INC-1/update/1/U0SAM00001", reason="they do not follow it any more") in [
            event.fact for event in events
        ]


async def test_when_it_is_expected_to_be_solved_stands_in_the_stakeholders_message(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        answer = await story.command("ana", "/incident ack INC-1 eta yesterday")
        assert (answer_text(answer) or "").startswith("“yesterday” is not a time to come")
        assert "You have INC-1" in await asked(story, "ana", "ack INC-1 on my way, eta: 20m")
        [update] = story.said()
        assert SOLVED_BY in update.text
        await story.advance(seconds=5)
        assert "Expected to be solved: 03:20." in story.shows("incident-updates")
        whole = await story.command("sam", "/incident timeline INC-1")
        assert f"{ANA} acknowledged at tier 1 (First line), expecting to have it solved by" in str(whole.blocks)
