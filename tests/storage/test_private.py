"""What is private is found by those who may see it, and followers and audiences are kept."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.ids import ChannelId, IncidentId
from bot.domain.incident import Incident, IncidentState
from bot.domain.message import StakeholderParent, StakeholderUpdate, UpdateReason
from bot.domain.timeline import Acknowledged, Opened
from bot.domain.transition import Transition
from bot.domain.verbs import acknowledge, follow, note, unfollow
from bot.domain.wanted import EVERYTHING, Wanted
from storage import cards, incidents, lists
from storage.database import Database
from storage.records import event_of, message_of
from tests.builders import ANA, BEN, CHLOE, NOW, STAKEHOLDER_CHANNEL, WORKSPACE, a_policy, an_incident
from tests.storage.stored import a_workspace, an_incident_in, change_of, open_one

ONE, TWO, THREE = (IncidentId(number) for number in (1, 2, 3))
OVER: dict[str, Any] = {"state": IncidentState.RESOLVED, "resolved_at": NOW, "resolved_by": ANA}


async def some(database: Database) -> None:
    """The second and the third are private, the fourth was and is over."""
    await an_incident_in(database, 1)
    await an_incident_in(database, 2, is_private=True, assignee=ANA, acknowledged_at=NOW, breach_count=1)
    await an_incident_in(database, 3, is_private=True)
    await an_incident_in(database, 4, is_private=True, **OVER)


@pytest.mark.parametrize(("seen", "numbers"), [(None, [2, 1, 3]), ([TWO], [2, 1]), ([THREE], [1, 3]), ([], [1])])
async def test_only_what_is_seen_is_listed_and_counted(
    database: Database, seen: list[IncidentId] | None, numbers: list[int]
) -> None:
    await some(database)
    async with database.read() as tx:
        listed = await lists.some(tx, WORKSPACE, EVERYTHING, after=0, limit=9, private=seen)
        assert [incident.number for incident in listed] == numbers
        assert await lists.how_many(tx, WORKSPACE, EVERYTHING, at_most=9, private=seen) == len(numbers)
        titles = await lists.open_titles(tx, WORKSPACE, "checkout", limit=9, private=seen)
        assert {incident_id for incident_id, _ in titles} == set(numbers)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (EVERYTHING, [3, 2]),
        (Wanted(people=(ANA,)), [2]),
        (Wanted(breached=True), [2]),
        (Wanted(services=("search",)), []),
        (Wanted(over=True), [4]),
    ],
)
async def test_private_ones_are_found_as_they_are_wanted(
    database: Database, wanted: Wanted, numbers: list[int]
) -> None:
    await some(database)
    async with database.read() as tx:
        found = await lists.private_ones(tx, WORKSPACE, wanted)
    assert [incident.number for incident in found] == numbers
    assert all(incident.is_private for incident in found)


async def test_who_follows_is_kept_in_order_and_no_card_is_edited_for_it(database: Database) -> None:
    await a_workspace(database)
    policy = a_policy()
    async with database.write() as tx:
        incident = await open_one(tx)
        await cards.add(
            tx, WORKSPACE, incident.id, slot="stakeholders:C0SALES001", channel=STAKEHOLDER_CHANNEL, ts="1.2",
            delivery_key="k", shown_version=1, wanted_version=1, now=NOW,
        )  # fmt: skip
    acts: Sequence[Callable[[Incident], Transition]] = (
        lambda each: follow(each, policy, by=BEN, who=BEN, now=NOW),
        lambda each: follow(each, policy, by=BEN, who=CHLOE, now=NOW),
        lambda each: follow(each, policy, by=ANA, who=ANA, now=NOW),
        lambda each: unfollow(each, policy, by=CHLOE, now=NOW),
        lambda each: note(each, policy, by=BEN, text="the log shows a timeout", now=NOW),
    )
    for act in acts:
        change = change_of(act(incident), decided_on=incident.version)
        async with database.write() as tx:
            await incidents.store(tx, [replace(change, before=incident)])
        incident = change.transition.incident
    async with database.read() as tx:
        stored = await incidents.by_number(tx, WORKSPACE, 1)
        assert stored is not None
        assert stored.followers == (BEN, ANA)
        assert await cards.next_edit_at(tx, WORKSPACE) is None
    async with database.write() as tx:
        taken = change_of(acknowledge(incident, policy, by=ANA, now=NOW), decided_on=incident.version)
        await incidents.store(tx, [replace(taken, before=incident)])
    async with database.read() as tx:
        assert await cards.next_edit_at(tx, WORKSPACE) == NOW, "a card shows who has it"


def test_what_was_promised_before_there_were_audiences_is_for_the_stakeholders() -> None:
    update = '{"kind":"update","number":3,"reason":"told","since_seq":1,"until_seq":2}'
    assert message_of({"payload": update}) == StakeholderUpdate(
        number=3, reason=UpdateReason.TOLD, since_seq=1, until_seq=2, audience=ChannelId("")
    )
    assert message_of({"payload": '{"kind":"stakeholder_parent"}'}) == StakeholderParent(audience=ChannelId(""))


def test_what_was_told_before_reads_as_public_and_without_an_expectation() -> None:
    row = {"seq": 1, "at": NOW, "by": ANA}
    opened = '{"kind":"opened","title":"x","description":"","severity":"sev1","service":"checkout","tier":1}'
    before = event_of({**row, "fact": opened}).fact
    assert isinstance(before, Opened)
    assert (before.is_private, before.skipped) == (False, ())
    assert event_of({**row, "fact": '{"kind":"acknowledged","tier":2}'}).fact == Acknowledged(tier=2, eta=None)
    assert an_incident().followers == ()
