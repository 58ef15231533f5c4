"""Bots are killed and added while incidents are opened, taken and breached; any of them answers Slack."""

import pytest

from tests.crash.world import TIER_2
from tests.replicas.world import Fleet

TITLES = [f"Problem {number}" for number in range(1, 21)]


@pytest.mark.parametrize("fleet", ["socket", "http"], indirect=True)
async def test_one_is_killed_and_one_is_added_and_nothing_is_lost_or_doubled(fleet: Fleet) -> None:
    first, second = await fleet.add(2)
    heard = [await fleet.open_many(TITLES[:10])]
    fleet.let_run()
    await fleet.slack.wait_for(lambda: fleet.copies(heard[0].opened[0].page()))

    await first.kill()
    heard.append(await fleet.open_many(TITLES[10:20]))
    (third,) = await fleet.add(1)
    heard.append(await fleet.open_many(TITLES[20:]))
    told = [incident for one in heard for incident in one.opened]
    facts = await fleet.all_said(tiers=1)
    fleet.check_told(facts, heard)
    for incident in told[:5]:
        await fleet.acknowledge(incident)
    before = await fleet.facts()
    taken = {number for number, incident in before.incidents.items() if incident.assignee is not None}
    assert taken, "whoever of them was asked"

    fleet.move_to_the_breach(facts)
    fleet.let_run()
    await fleet.slack.wait_for(lambda: fleet.slack.workspace.channel(TIER_2).visible())
    await second.kill()
    facts = await fleet.all_said(tiers=2)
    fleet.check(facts)
    fleet.check_breached(facts, [incident for incident in told if incident.number not in taken])
    assert all(facts.breaches[number] == before.breaches[number] for number in taken)
    assert third.running
