"""Who is in which user group: as Slack said last, also while it says nothing."""

from collections.abc import Collection, Mapping

from bot.domain.delivery import Unreached
from bot.domain.ids import PolicyVersionId, UserId
from bot.services.memberships import FRESH_FOR, Memberships
from bot.services.policies import CurrentPolicy, PolicyBook
from bot.slack.calls import SlackUnavailable
from tests.builders import ANA, BEN, EXPERTS, FIRST_LINE, NOW, PLATFORM, a_policy
from tests.clock import ManualClock


class Groups:
    """Slack's groups; one that is not among them cannot be read."""

    def __init__(self, members: Mapping[str, Collection[UserId]]) -> None:
        self.members = dict(members)
        self.asked: list[str] = []

    async def members_of(self, group: str) -> Collection[UserId]:
        self.asked.append(group)
        if group not in self.members:
            raise SlackUnavailable(Unreached("no answer"))
        return self.members[group]


def memberships(groups: Groups, clock: ManualClock) -> Memberships:
    book = PolicyBook(CurrentPolicy(version_id=PolicyVersionId(1), policy=a_policy()))
    return Memberships(groups, book, clock)


async def test_it_knows_who_is_in_the_groups_of_the_policy_and_asks_again_in_a_while(clock: ManualClock) -> None:
    groups = Groups({FIRST_LINE.slack_id: [ANA], PLATFORM.slack_id: [ANA, BEN], EXPERTS.slack_id: []})
    known = memberships(groups, clock)
    assert known.groups_of(ANA) == []

    assert await known() == NOW + FRESH_FOR
    assert sorted(groups.asked) == sorted([FIRST_LINE.slack_id, PLATFORM.slack_id, EXPERTS.slack_id])
    assert set(known.groups_of(ANA)) == {FIRST_LINE.slack_id, PLATFORM.slack_id}
    assert set(known.groups_of(BEN)) == {PLATFORM.slack_id}


async def test_who_leaves_a_group_is_no_longer_in_it(clock: ManualClock) -> None:
    groups = Groups({FIRST_LINE.slack_id: [ANA], PLATFORM.slack_id: [], EXPERTS.slack_id: []})
    known = memberships(groups, clock)
    await known()
    groups.members[FIRST_LINE.slack_id] = [BEN]
    clock.advance(minutes=4)
    assert await known() == NOW + FRESH_FOR
    assert known.groups_of(ANA) == [FIRST_LINE.slack_id], "asked before its time"

    clock.advance(minutes=1)
    await known()
    assert known.groups_of(ANA) == []
    assert known.groups_of(BEN) == [FIRST_LINE.slack_id]


async def test_what_slack_does_not_say_now_stays_as_it_was_and_the_others_are_still_asked(clock: ManualClock) -> None:
    groups = Groups({FIRST_LINE.slack_id: [ANA], PLATFORM.slack_id: [BEN], EXPERTS.slack_id: []})
    known = memberships(groups, clock)
    await known()
    del groups.members[FIRST_LINE.slack_id]
    groups.members[PLATFORM.slack_id] = [ANA]
    clock.advance(minutes=5)
    assert await known() == NOW + 2 * FRESH_FOR
    assert set(known.groups_of(ANA)) == {FIRST_LINE.slack_id, PLATFORM.slack_id}
