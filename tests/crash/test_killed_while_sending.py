"""A page on its way when the process is killed: it is in the channel exactly once, whatever Slack made of it."""

from datetime import UTC, datetime

import pytest

from bot.domain.delivery import QUIET
from bot.playground import Fault, Message
from tests.builders import ANA, minutes
from tests.crash.world import STAKEHOLDERS, TIER_1, TIER_2, World

pytestmark = pytest.mark.asyncio(loop_scope="session")
on_both_databases = pytest.mark.parametrize("worlds", ["sqlite", "postgresql"], indirect=True)

POST = "chat.postMessage"
BEFORE, AFTER = "delay", "delay_after"
"""The call is held before it takes effect, or its answer is held after it did."""


@on_both_databases
async def test_a_page_that_never_took_effect_is_posted_after_the_quiet_period(world: World) -> None:
    held = world.strike(Fault(method=POST, kind=BEFORE, channel=TIER_1))
    incident = await world.open("Nothing reached the channel")
    await held()
    await world.kill_and_restart()

    await world.let_leases_run_out()
    assert not world.copies(incident.page()), "not before it is certain that the first call is dead"
    quiet_until = world.clock.now() + QUIET
    await world.let_quiet_pass()
    await world.settle_promises(incident.page())
    (page,) = world.copies(incident.page())
    assert _posted_at(page) >= quiet_until
    assert world.posts(incident.page()) == 1, "the held call is not counted before it takes effect"
    await world.finish()


@on_both_databases
async def test_a_page_that_took_effect_is_found_and_kept_current(world: World) -> None:
    held = world.strike(Fault(method=POST, kind=AFTER, channel=TIER_1))
    incident = await world.open("The channel has it, the database does not know")
    await held()
    await world.kill_and_restart()

    await world.let_leases_run_out()
    await world.let_quiet_pass()
    await world.settle_promises(incident.page())
    (page,) = world.copies(incident.page())
    assert (world.posts(incident.page()), world.rung("ana", incident.page())) == (1, 1)

    assert (await world.slack.click("ana", TIER_1, page.ts, "acknowledge")).ok
    await world.settle()
    assert f"with <@{ANA}>" in page.text, "it is the card from now on"
    await world.finish()


async def test_a_call_of_the_dead_process_may_still_land_in_the_quiet_period(own_world: World) -> None:
    held = own_world.strike(Fault(method=POST, kind=BEFORE, channel=TIER_1))
    incident = await own_world.open("Slack was slow, and carried it out in the end")
    await held()
    await own_world.kill_and_restart()

    await own_world.let_leases_run_out()
    own_world.slack.faults.release()
    await own_world.slack.wait_for(lambda: own_world.copies(incident.page()))
    await own_world.let_quiet_pass()
    await own_world.settle_promises(incident.page())
    await own_world.finish()
    assert (own_world.posts(incident.page()), own_world.rung("ana", incident.page())) == (1, 1)


async def test_a_page_survives_a_kill_at_each_of_its_tries(own_world: World) -> None:
    posting = own_world.strike(Fault(method=POST, kind=BEFORE, channel=TIER_1))
    incident = await own_world.open("It is not our day")
    await posting()
    await own_world.kill_and_restart()

    await own_world.let_leases_run_out()
    reading_back = own_world.strike(Fault(method="conversations.history", kind=BEFORE, channel=TIER_1))
    await own_world.let_quiet_pass()
    await reading_back()
    await own_world.kill_and_restart()

    await own_world.let_leases_run_out()
    posting_again = own_world.strike(Fault(method=POST, kind=AFTER, channel=TIER_1))
    await own_world.let_quiet_pass()
    await posting_again()
    await own_world.kill_and_restart()

    await own_world.let_leases_run_out()
    await own_world.let_quiet_pass()
    await own_world.settle_promises(incident.page())
    assert (own_world.posts(incident.page()), own_world.rung("ana", incident.page())) == (1, 1)
    await own_world.finish()


@pytest.mark.parametrize("kind", [BEFORE, AFTER])
async def test_a_breach_whose_messages_were_all_on_their_way_is_told_once(world: World, kind: str) -> None:
    incident = await world.open_and_settle(f"Nobody answers, and then this ({kind})")
    held = [world.strike(Fault(method=POST, kind=kind, channel=channel)) for channel in (TIER_1, TIER_2, STAKEHOLDERS)]
    breached_at = (await world.facts()).incidents[incident.number].opened_at + minutes(5)
    world.move_to(breached_at)
    for one in held:
        await one()
    await world.kill_and_restart()

    await world.let_leases_run_out()
    await world.let_quiet_pass()
    page, notice, update = incident.page(2), incident.breach(1), incident.update(1)
    facts = await world.settle_promises(page, notice, update)
    assert (world.rung("chloe", page), world.rung("grace", notice)) == (1, 1)
    assert world.copies(notice)[0].thread_ts == world.copies(incident.page(1))[0].ts
    assert world.copies(update)[0].thread_ts == world.copies(incident.parent)[0].ts
    assert [breach.tier for breach in facts.breaches[incident.number]] == [1]
    assert facts.incidents[incident.number].tier == 2
    await world.finish()


async def test_a_card_whose_edit_was_cut_off_is_edited_again(world: World) -> None:
    incident = await world.open_and_settle("The card lags behind")
    (page,) = world.copies(incident.page())
    held = world.strike(Fault(method="chat.update", kind=BEFORE, channel=TIER_1))
    assert (await world.slack.click("ana", TIER_1, page.ts, "acknowledge")).ok
    await held()
    await world.kill_and_restart()

    assert f"<@{ANA}>" not in page.text
    await world.let_leases_run_out()
    await world.settle()
    assert f"with <@{ANA}>" in page.text
    await world.finish()


def _posted_at(message: Message) -> datetime:
    return datetime.fromtimestamp(float(message.ts), UTC)
