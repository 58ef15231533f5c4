"""Killed while nothing is on its way, and away past the targets: what is true at the restart decides."""

import pytest

from bot.domain.transition import Breach
from tests.builders import GRACE, HUGO, minutes
from tests.crash.world import World

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_after_downtime_one_tier_breaches_with_its_true_lateness_and_the_next_has_its_full_time(
    world: World,
) -> None:
    incident = await world.open_and_settle("Nobody answers, and the bot is away")
    opened_at = (await world.facts()).incidents[incident.number].opened_at
    await world.kill()
    back_at = opened_at + minutes(25)
    world.move_to(back_at)
    await world.start()

    facts = await world.until(lambda facts: facts.breaches[incident.number])
    late = Breach(number=1, tier=1, cycle=0, due_at=opened_at + minutes(5), breached_at=back_at, told=(GRACE,))
    assert facts.breaches[incident.number] == [late]
    assert facts.next_evaluations[incident.number] == back_at + minutes(5)
    assert facts.promised(incident.number) == {
        "page/tier:1/cycle:0",
        "stakeholders",
        "breach/tier:1/cycle:0",
        "page/tier:2/cycle:0",
        "update/1",
    }, "no cascade, and the update whose time passed too is the one about the escalation"
    await world.settle_promises(incident.page(2), incident.breach(1), incident.update(1))
    assert (world.rung("chloe", incident.page(2)), world.rung("grace", incident.breach(1))) == (1, 1)

    world.move_to(back_at + minutes(5))
    facts = await world.until(lambda facts: len(facts.breaches[incident.number]) > 1)
    on_time = back_at + minutes(5)
    punctual = Breach(number=2, tier=2, cycle=0, due_at=on_time, breached_at=on_time, told=(GRACE, HUGO))
    assert facts.breaches[incident.number] == [late, punctual]
    await world.finish()
