"""Answers that do not say whether the page was posted, without any crash: it is looked for, and posted once."""

import pytest

from bot.domain.delivery import PromiseState
from bot.playground import Fault
from tests.crash.world import TIER_1, World

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("kind", "posts"),
    [
        ("drop_before", 2),
        ("drop_after", 1),
        ("truncate_after", 1),
        ("http_500", 2),
        ("http_500_after", 1),
        ("http_502_html_after", 1),
        ("error:fatal_error", 2),
        ("error_after:internal_error", 1),
        ("error_after:a_word_nobody_knows", 1),
    ],
)
async def test_a_page_in_doubt_is_looked_for_and_posted_again_only_when_it_is_missing(
    world: World, kind: str, posts: int
) -> None:
    world.strike(Fault(method="chat.postMessage", kind=kind, channel=TIER_1))
    incident = await world.open(f"Slack's answer was {kind}")
    await world.until(lambda facts: facts.state(incident.page()) is PromiseState.UNKNOWN)
    await world.let_quiet_pass()
    await world.settle_promises(incident.page())
    assert (world.posts(incident.page()), world.rung("ana", incident.page())) == (posts, 1)
    await world.finish()
