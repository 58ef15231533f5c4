"""What people thought of it: asked once it is resolved, answered with one click and a form, with a name or without."""

from pathlib import Path

import pytest

from bot.playground import Channel, Message
from storage import feedback
from tests.builders import WORKSPACE
from tests.clock import ManualClock
from tests.scenarios.world import PLAIN_POLICY, Transport, World, filled_in, world

SAID_WELL = {"score": "4", "comment": "You kept us posted", "named": None}


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    """The plain policy, which asks."""
    path = tmp_path / "policy.yml"
    path.write_text(PLAIN_POLICY.read_text() + "ask_for_feedback: true\n")
    return path


async def _resolved(story: World) -> Message:
    """Sam's incident is over; the question that they read."""
    await story.opened()
    await story.command("ana", "/incident resolve INC-1 rolled back")
    await story.advance(seconds=3)
    return _question(story)


def _question(story: World) -> Message:
    (said,) = [said for said in story.said() if said.place == "@sam"]
    assert said.text.endswith("How well was INC-1 handled for you? One click, and a few words if you like.")
    return _directly(story).visible()[-1]


def _told(story: World) -> str:
    """What only the person who clicked sees, last."""
    return _directly(story).ephemerals[-1].text


def _directly(story: World) -> Channel:
    (channel,) = [each for each in story.slack.workspace.channels.values() if not each.name]
    return channel


async def _click(story: World, question: Message, score: int, user: str = "sam") -> None:
    answer = await story.slack.click(user, _directly(story).id, question.ts, f"feedback_{score}")
    assert answer.ok
    await story.bot.settled()


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_who_reported_it_says_what_they_thought(
    clock: ManualClock, sqlite_database: str, asking: Path, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport, policy_file=asking) as story:
        question = await _resolved(story)
        await _click(story, question, 3)
        form = story.slack.workspace.modal("sam")
        assert filled_in(form)["score"] == "3", "as clicked, and can be changed"
        assert form is not None
        answer = await story.slack.submit("sam", form.id, SAID_WELL)
        assert answer.ok
        assert answer.view is not None
        assert "“Well” is noted for INC-1." in str(answer.view.blocks)

        async with story.bot.database.read() as tx:
            (given,) = await feedback.since(tx, WORKSPACE, clock.now().replace(hour=0))
        sam = story.slack.workspace.user("sam").id
        assert (given.feedback.score, given.feedback.comment, given.feedback.given_by) == (4, "You kept us posted", sam)


async def test_a_name_can_be_left_out(clock: ManualClock, sqlite_database: str, asking: Path) -> None:
    async with world(clock, sqlite_database, policy_file=asking) as story:
        await _click(story, await _resolved(story), 1)
        form = story.slack.workspace.modal("sam")
        assert form is not None
        said = {"score": "1", "comment": None, "named": ["without_a_name"]}
        answer = await story.slack.submit("sam", form.id, said)
        assert answer.view is not None
        assert "Your name is not kept with it." in str(answer.view.blocks)
        async with story.bot.database.read() as tx:
            (given,) = await feedback.since(tx, WORKSPACE, clock.now().replace(hour=0, minute=0, second=0))
        assert given.feedback.given_by is None


async def test_nobody_answers_twice(clock: ManualClock, sqlite_database: str, asking: Path) -> None:
    async with world(clock, sqlite_database, policy_file=asking) as story:
        question = await _resolved(story)
        await _click(story, question, 5)
        form = story.slack.workspace.modal("sam")
        assert form is not None
        await story.slack.submit("sam", form.id, SAID_WELL)
        await _click(story, question, 2)
        assert _told(story) == "What you thought of INC-1 is noted already. Thank you!"


async def test_a_forged_score_is_refused(clock: ManualClock, sqlite_database: str, asking: Path) -> None:
    async with world(clock, sqlite_database, policy_file=asking) as story:
        question = await _resolved(story)
        await _click(story, question, 5)
        await story.forged(lambda payload: payload["actions"][0].update(value="1|6"))
        assert _told(story).startswith("That came in a form this bot does not understand.")


async def test_who_was_not_asked_cannot_answer(clock: ManualClock, sqlite_database: str, asking: Path) -> None:
    async with world(clock, sqlite_database, policy_file=asking) as story:
        await _click(story, await _resolved(story), 5)
        grace = story.slack.workspace.user("grace").id
        await story.forged(lambda payload: payload["user"].update(id=grace))
        (told,) = story.said()
        assert told.place == "@grace", "the other's direct messages are not hers"
        assert told.text.startswith("Only those who reported INC-1 or follow it are asked")


async def test_resolved_by_the_reporter_nobody_is_asked(clock: ManualClock, sqlite_database: str, asking: Path) -> None:
    async with world(clock, sqlite_database, policy_file=asking) as story:
        await story.opened()
        await story.command("sam", "/incident resolve INC-1")
        await story.advance(seconds=3)
        assert not [said for said in story.said() if said.place.startswith("@")]
