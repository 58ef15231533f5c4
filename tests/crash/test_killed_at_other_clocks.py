"""Killed during a hold, at its review, and while an acknowledgement expires: each is told exactly once."""

import pytest

from bot.domain.incident import IncidentState
from bot.playground import Fault
from tests.builders import ANA, minutes
from tests.crash.stored import Facts
from tests.crash.world import STAKEHOLDERS, TIER_1, Opened, World

pytestmark = pytest.mark.asyncio(loop_scope="session")

POST = "chat.postMessage"
BEFORE, AFTER = "delay", "delay_after"
"""The call is held before it takes effect, or its answer is held after it did."""


async def test_a_hold_that_was_cut_off_holds_and_its_review_rings_once(world: World) -> None:
    incident = await world.open_and_settle("It waits for a part")
    telling = world.strike(Fault(method=POST, kind=AFTER, channel=STAKEHOLDERS))
    await world.type("ana", f"hold {incident.name} 1h waiting for the supplier")
    await telling()
    await killed_on_the_way(world)
    facts = await world.settle_promises(incident.update(1))
    held = facts.incidents[incident.number]
    assert (held.state, held.held_by) == (IncidentState.ON_HOLD, ANA)
    await world.settle()

    assert held.hold_until is not None
    reviewing = world.strike(Fault(method=POST, kind=AFTER, channel=TIER_1))
    world.move_to(held.hold_until)
    await reviewing()
    await killed_on_the_way(world)
    review = the_review(await world.facts(), incident)
    facts = await world.settle_promises(review)
    assert (world.rung("ana", review), the_review(facts, incident)) == (1, review)
    gone_on = facts.incidents[incident.number]
    assert (gone_on.state, gone_on.assignee) == (IncidentState.ACKNOWLEDGED, ANA)
    await world.finish()


async def test_a_review_that_passed_while_the_bot_was_away_rings_once_at_its_return(world: World) -> None:
    incident = await world.open_and_settle("It waits for a part, and the bot is away")
    await world.type("ana", f"hold {incident.name} 1h waiting for the supplier")
    held = (await world.settle()).incidents[incident.number]
    await world.kill()
    assert held.hold_until is not None
    world.move_to(held.hold_until + minutes(30))
    await world.start()
    facts = await world.until(lambda facts: not facts.incidents[incident.number].is_on_hold)
    review = the_review(facts, incident)
    await world.settle_promises(review)
    assert world.rung("ana", review) == 1
    await world.finish()


async def test_a_page_after_an_acknowledgement_that_expired_rings_once(world: World) -> None:
    incident = await world.open_and_settle("Somebody took it and fell asleep", severity="sev2")
    await world.type("ana", f"ack {incident.name}")
    taken = (await world.settle()).incidents[incident.number]
    assert taken.acknowledged_at is not None
    world.move_to(taken.acknowledged_at + minutes(30))
    facts = await world.until(lambda facts: facts.incidents[incident.number].still_asked_at)
    await world.settle()
    asked_at = facts.incidents[incident.number].still_asked_at
    assert asked_at is not None

    paging = world.strike(Fault(method=POST, kind=BEFORE, channel=TIER_1))
    world.move_to(asked_at + minutes(15))
    await paging()
    await killed_on_the_way(world)
    page = incident.page(1, cycle=1)
    facts = await world.settle_promises(page)
    assert (world.rung("ana", page), world.rung("ben", page)) == (1, 1)
    expired = facts.incidents[incident.number]
    assert (expired.state, expired.assignee, expired.tier) == (IncidentState.OPEN, None, 1)
    await world.finish()


async def killed_on_the_way(world: World) -> None:
    """Killed with a message on its way, started again, and the time is over in which it may still arrive."""
    await world.kill_and_restart()
    await world.let_leases_run_out()
    await world.let_quiet_pass()


def the_review(facts: Facts, incident: Opened) -> str:
    """The key of the only message about a review."""
    [key] = [key for key in facts.promised(incident.number) if key.startswith("review/")]
    return f"{incident.name}/{key}"
