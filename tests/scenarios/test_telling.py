"""What people tell: stakeholders read it at once and in their words, and a note stays with those who work on it."""

from pathlib import Path

import pytest

from bot.domain.progress import Progress
from tests.clock import ManualClock
from tests.scenarios.one_incident import BEN, WHAT, a_story, asked
from tests.scenarios.world import Said, Transport, world

UPDATES = "#incident-updates"


async def test_an_update_is_read_at_once_and_restarts_the_cadence(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await asked(story, "ana", "ack INC-1")
        story.said()
        await story.advance(minutes=10)
        words = "identified a bad deploy & more impact: nobody can pay action: roll back owner: @ben eta: 20m"
        assert await asked(story, "ana", f"update INC-1 {words}") == (
            "Stakeholders of INC-1 are told in <#C0STATUS01>.\nThe next update comes by 15:10, yours or Tierline's own."
        )
        assert story.said() == [
            Said(
                f"{UPDATES} thread",
                f"{WHAT} Identified, says Ana Ruiz: a bad deploy &amp; more. Impact: nobody can pay. "
                f"Being done: roll back (Ben Okafor). Expected to be solved: 03:30. The next update comes by 15:10.",
            )
        ]
        await story.advance(seconds=5)
        assert "Progress: Identified. Impact: nobody can pay. Expected to be solved: 03:30." in story.shows(
            "incident-updates"
        )
        card = story.card("tier-1-support")
        assert any("told stakeholders" in str(block) for block in card.blocks)

        assert "Resolved by" in await asked(story, "ana", "resolve INC-1 rolled back data loss: none")
        [ending] = story.said()
        assert ending.text.endswith("Impact: nobody can pay. Data loss: none. rolled back")


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_a_note_is_kept_and_tells_nobody(clock: ManualClock, sqlite_database: str, transport: Transport) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        assert await asked(story, "ben", "note INC-1 the log shows <https://logs.example/1|a timeout>") == (
            "Noted in the story of INC-1: `/incident timeline INC-1` shows all of it."
        )
        assert not story.said()
        answer = await story.command("ben", "/incident timeline INC-1")
        assert f"{BEN} noted: the log shows a timeout" in str(answer.blocks)


async def test_who_may_not_tell_stakeholders_is_told_who_may(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        answer = await asked(story, "sam", "update INC-1 all is well")
        assert "can tell the stakeholders of INC-1. Nothing was changed" in answer
        assert not story.said()


async def test_without_a_word_for_it_they_are_as_far_as_they_were(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        for words, progress in (("we see it too", Progress.INVESTIGATING), ("monitoring rolled back", "monitoring")):
            await asked(story, "ana", f"update INC-1 {words}")
            assert story.said()[0].text.startswith(f"{WHAT} {str(progress).capitalize()}, says Ana Ruiz")
            await story.advance(seconds=5)
        await asked(story, "ana", "update INC-1 still calm")
        assert story.said()[0].text.startswith(f"{WHAT} Monitoring, says Ana Ruiz: still calm")
