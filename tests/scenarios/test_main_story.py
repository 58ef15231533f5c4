"""The main job, end to end."""

import pytest

from tests.clock import ManualClock
from tests.scenarios.world import Said, Transport, world


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_an_unanswered_incident_climbs_and_is_resolved(
    clock: ManualClock, database_url: str, transport: Transport
) -> None:
    async with world(clock, database_url, transport=transport) as story:
        opened = await story.command("sam", "/incident open sev1 checkout: Checkout is down")
        print(opened)
        await story.advance(seconds=5)
        for s in story.said(): print(clock.now(), s)
        await story.advance(minutes=5)
        for s in story.said(): print(clock.now(), s)
        a = await story.click("chloe", "tier-2-platform", "acknowledge")
        print(a)
        await story.advance(seconds=5)
        for s in story.said(): print(clock.now(), s)
        await story.advance(minutes=41)
        for s in story.said(): print(clock.now(), s)
        a = await story.click("chloe", "tier-2-platform", "resolve")
        print(a)
        await story.advance(seconds=5)
        for s in story.said(): print(clock.now(), s)
        print(story.slack.workspace.calls)
