"""What has been over for more than a year is gone one night; what is not over stays, however old."""

from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.world import answer_text, world


async def test_an_old_incident_is_gone_and_one_that_is_not_over_stays(
    clock: ManualClock, database_url: str, logs: LogEntries
) -> None:
    async with world(clock, database_url) as story:
        await story.opened()
        await story.opened("Cards are refused")
        await story.command("ana", "/incident resolve INC-1 rolled back")
        await story.advance(seconds=5)
        for days in (399, 2):
            clock.advance(days=days)
            await story.bot.settled()
            await story.advance(seconds=30)
            story.said()
        assert answer_text(await story.command("ana", "/incident list")) == (
            "1 incident\nINC-2: Cards are refused. Open, breached, sev1."
        )
        assert "there is no" in (answer_text(await story.command("ana", "/incident show INC-1")) or "").lower()
        removed = [entry for entry in logs if entry["event"] == "retention.removed"]
        assert [entry["incidents"] for entry in removed if entry.get("incidents")] == [1]
