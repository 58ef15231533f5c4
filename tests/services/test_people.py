"""Names: asked of Slack once, kept for a while, and never lost because Slack does not answer."""

from bot.services.people import FRESH_FOR, Names
from tests.builders import ANA, BEN, NOW
from tests.clock import ManualClock
from tests.services.bench import RecordingSlack


async def test_a_name_is_asked_for_once_and_again_when_it_is_old() -> None:
    clock, slack = ManualClock(NOW), RecordingSlack(names={ANA: "Ana"})
    names = Names(slack, clock)
    for _ in range(2):
        assert await names.of([ANA]) == {ANA: "Ana"}
    assert slack.asked_names == [ANA]
    clock.move_to(NOW + FRESH_FOR)
    slack.names = {ANA: "Ana Rojas"}
    assert await names.of([ANA]) == {ANA: "Ana Rojas"}


async def test_somebody_whom_slack_does_not_name_is_left_out() -> None:
    assert await Names(RecordingSlack(names={ANA: "Ana"}), ManualClock(NOW)).of([ANA, BEN]) == {ANA: "Ana"}


async def test_an_old_name_is_better_than_none() -> None:
    clock, slack = ManualClock(NOW), RecordingSlack(names={ANA: "Ana"})
    names = Names(slack, clock)
    await names.of([ANA])
    slack.names = {}
    clock.move_to(NOW + FRESH_FOR)
    assert await names.of([ANA]) == {ANA: "Ana"}
