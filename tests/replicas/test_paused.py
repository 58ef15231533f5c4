"""A bot that sleeps longer than its lease: another one takes over, and what the sleeper does then is too late."""

import pytest

from bot.playground import Fault
from tests.crash.world import TIER_1
from tests.replicas.world import Fleet


@pytest.mark.parametrize(
    ("method", "kind"),
    [
        pytest.param("chat.postMessage", "delay_after", id="after it was posted"),
        pytest.param("conversations.join", "delay", id="before it was posted"),
    ],
)
async def test_a_sleeper_is_fenced_off_and_its_page_is_in_the_channel_once(
    fleet: Fleet, method: str, kind: str
) -> None:
    (sleeper,) = await fleet.add(1)
    if method == "conversations.join":
        fleet.slack.kick_bot(TIER_1)
    held = fleet.strike(Fault(method=method, kind=kind, channel=TIER_1))
    (incident,) = (await fleet.open_many(["Asleep at the wheel"])).opened
    await held()
    sleeper.pause()

    await fleet.add(1)
    await fleet.all_said(tiers=1)
    assert len(fleet.copies(incident.page())) == 1

    fleet.slack.faults.release()
    sleeper.go_on()
    # It finds out before it posts, or when it records what it had posted.
    await fleet.until(lambda _: sleeper.said("delivery.lease_over") or sleeper.said("delivery.fenced_off"))
    facts = await fleet.all_said(tiers=1)
    fleet.check(facts)
