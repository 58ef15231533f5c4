"""Promises: which may be claimed, by whom an outcome may be recorded, and when to look again."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from bot.domain.delivery import LEASE, QUIET, Delivered, InDoubt, Limited, NextState, Outcome, PromiseState, after
from bot.domain.ids import ChannelId, WorkspaceId
from bot.domain.notice import CatchUpPages
from bot.domain.promise import Lane
from bot.domain.timeline import DeliveryFailed, NotSent
from storage import incidents, outbox, pace, tables
from storage.database import Database, open_database
from storage.errors import NotStored
from storage.outbox import Claim
from tests.builders import NOW, TIER_1_CHANNEL, TIER_2_CHANNEL, WORKSPACE, minutes
from tests.storage.stored import a_page, a_workspace, an_incident_in, an_update, open_one, promised, seconds


async def claim(database: Database, *, now: datetime = NOW, limit: int = 50) -> list[Claim]:
    async with database.write() as tx:
        claims = await outbox.claim(tx, WORKSPACE, now=now, limit=limit)
    return sorted(claims, key=lambda one: one.id)


async def claimed_keys(database: Database, *, now: datetime = NOW, limit: int = 50) -> list[str]:
    return [one.key for one in await claim(database, now=now, limit=limit)]


async def record(database: Database, claim: Claim, outcome: Outcome, *, now: datetime = NOW) -> bool:
    async with database.write() as tx:
        state = after(outcome, attempts=claim.attempts, now=now)
        recorded = await outbox.record(tx, claim, state, said="what was said", now=now)
        await pace.free_at(tx, WORKSPACE, [claim.channel], now)
        return recorded


async def row_of(database: Database, key: str) -> dict[str, Any]:
    async with database.read() as tx:
        found = await tx.execute(select(tables.outbox).where(tables.outbox.c.dedup_key == key))
        return dict(found.mappings().one())


async def expire(database: Database, *, now: datetime) -> int:
    async with database.write() as tx:
        return await outbox.expire_leases(tx, WORKSPACE, now=now, quiet_until=now + QUIET)


async def test_a_claim_holds_all_that_sending_needs(database: Database) -> None:
    incident = await an_incident_in(database)
    promise = a_page("INC-1/page/tier:1/cycle:0")
    await promised(database, incident, promise)
    assert await claim(database) == [
        Claim(
            id=1,
            workspace_id=WORKSPACE,
            incident_id=incident.id,
            key=promise.key,
            lane=Lane.PAGE,
            channel=TIER_1_CHANNEL,
            message=promise.message,
            fence=1,
            attempts=1,
            promised_at=NOW,
            leased_until=NOW + LEASE,
            first_attempt_at=NOW,
            in_doubt_since=None,
        )
    ]


async def test_a_second_promise_with_the_same_key_is_refused(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("INC-1/page"))
    with pytest.raises(NotStored, match=r"(?i)unique"):
        await promised(database, incident, a_page("INC-1/page", channel=TIER_2_CHANNEL))
    assert await claimed_keys(database) == ["INC-1/page"]


async def test_two_workspaces_may_use_the_same_key(database: Database) -> None:
    other = WorkspaceId("T0ELSEWHERE")
    version = await a_workspace(database, other)
    here = await an_incident_in(database, 1)
    there = await an_incident_in(database, 2, workspace_id=other, policy_version_id=version)
    await promised(database, here, a_page("INC-1/page"))
    await promised(database, there, a_page("INC-1/page"))
    assert [one.incident_id for one in await claim(database)] == [here.id]


async def test_nothing_is_claimed_before_it_is_due(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("later", deliver_at=NOW + seconds(1)))
    assert await claimed_keys(database) == []
    assert await claimed_keys(database, now=NOW + seconds(1)) == ["later"]


async def test_what_is_claimed_is_not_claimed_again(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page"))
    assert await claimed_keys(database) == ["page"]
    assert await claimed_keys(database) == []


async def test_each_channel_gets_one_at_a_time(database: Database) -> None:
    first, second = await an_incident_in(database, 1), await an_incident_in(database, 2)
    await promised(database, first, a_page("here"), a_page("there", channel=TIER_2_CHANNEL))
    await promised(database, second, a_page("here too"))
    assert await claimed_keys(database) == ["here", "there"]


async def test_a_channel_that_rests_is_left_out(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("here"), a_page("there", channel=TIER_2_CHANNEL))
    async with database.write() as tx:
        await pace.free_at(tx, WORKSPACE, [TIER_1_CHANNEL], NOW + seconds(1))
    assert await claimed_keys(database) == ["there"]
    assert await claimed_keys(database, now=NOW + seconds(1)) == ["here"]


async def test_no_more_are_claimed_than_asked_for(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, *(a_page(f"{n}", channel=ChannelId(f"C{n}")) for n in range(3)))
    assert len(await claim(database, limit=2)) == 2


async def test_the_more_urgent_lane_goes_first_whatever_is_older(database: Database) -> None:
    calm, urgent = await an_incident_in(database, 1), await an_incident_in(database, 2)
    await promised(database, calm, an_update("update", deliver_at=NOW - minutes(5)))
    await promised(database, urgent, a_page("page"))
    assert await claimed_keys(database) == ["page"]


async def test_within_a_lane_what_was_put_off_keeps_its_place(database: Database) -> None:
    first, second = await an_incident_in(database, 1), await an_incident_in(database, 2)
    await promised(database, first, a_page("first"))
    [put_off] = await claim(database)
    await record(database, put_off, Limited(seconds(30)))
    await promised(database, second, a_page("second"))
    assert await claimed_keys(database, now=NOW + seconds(30)) == ["first"]


async def test_about_one_incident_in_one_channel_the_first_promise_is_settled_first(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("first", deliver_at=NOW + seconds(5)), a_page("second"))
    assert await claimed_keys(database) == []
    [first] = await claim(database, now=NOW + seconds(5))
    assert first.key == "first"
    assert await claimed_keys(database, now=NOW + seconds(5)) == []
    await record(database, first, Delivered("1.0"))
    assert await claimed_keys(database, now=NOW + seconds(5)) == ["second"]


async def test_a_page_overtakes_an_update_that_is_stuck(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, an_update("update", deliver_at=NOW + minutes(1)), a_page("page"))
    assert await claimed_keys(database) == ["page"]


async def test_an_update_waits_for_a_page_of_its_incident_that_is_stuck(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page", deliver_at=NOW + minutes(1)), an_update("update"))
    assert await claimed_keys(database) == []


async def test_a_stuck_promise_holds_up_no_other_incident_and_no_other_channel(database: Database) -> None:
    stuck, other = await an_incident_in(database, 1), await an_incident_in(database, 2)
    await promised(database, stuck, a_page("stuck", deliver_at=NOW + minutes(1)))
    await promised(database, stuck, a_page("elsewhere", channel=TIER_2_CHANNEL))
    await promised(database, other, a_page("other"))
    assert await claimed_keys(database) == ["elsewhere", "other"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_two_processes_never_claim_the_same(database: Database, database_url: str) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("here"), a_page("there", channel=TIER_2_CHANNEL))
    other = open_database(database_url)
    async with other.write() as tx:
        theirs = await outbox.claim(tx, WORKSPACE, now=NOW, limit=1)
        ours = await claim(database)
    await other.close()
    assert len(theirs) == 1
    assert not {one.key for one in theirs} & {one.key for one in ours}


async def test_what_was_delivered_has_its_ts_and_what_was_said(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page"))
    [page] = await claim(database)
    assert await record(database, page, Delivered("17.001"), now=NOW + seconds(1))
    row = await row_of(database, "page")
    assert (row["state"], row["message_ts"], row["said"]) == ("sent", "17.001", "what was said")
    assert (row["delivered_at"], row["claimed_until"], row["failed_at"]) == (NOW + seconds(1), None, None)


async def test_nothing_counts_as_sent_without_a_ts(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page"))
    [page] = await claim(database)
    with pytest.raises(NotStored, match="sent_has_ts"):
        async with database.write() as tx:
            await outbox.record(tx, page, NextState(state=PromiseState.SENT), said=None, now=NOW)
    assert (await row_of(database, "page"))["state"] == "sending"


async def test_what_slack_put_off_is_claimed_again_when_it_said(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page"))
    [page] = await claim(database)
    await record(database, page, Limited(seconds(30)))
    assert await claimed_keys(database, now=NOW + seconds(29.9)) == []
    [again] = await claim(database, now=NOW + seconds(30))
    assert again == replace(page, fence=2, attempts=2, leased_until=NOW + seconds(30) + LEASE)


async def test_what_is_in_doubt_is_claimed_after_the_quiet_and_says_since_when(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page"))
    [page] = await claim(database)
    await record(database, page, InDoubt("no answer"), now=NOW + seconds(8))
    assert await claimed_keys(database, now=NOW + seconds(22.9)) == []
    [again] = await claim(database, now=NOW + seconds(23))
    assert again == replace(
        page, fence=2, attempts=2, in_doubt_since=NOW + seconds(8), leased_until=NOW + seconds(23) + LEASE
    )


async def test_a_doubt_dates_from_the_first_one(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page"))
    for start in (0, 60):
        [page] = await claim(database, now=NOW + seconds(start))
        await record(database, page, InDoubt("no answer"), now=NOW + seconds(start + 8))
    [again] = await claim(database, now=NOW + minutes(5))
    assert (again.first_attempt_at, again.in_doubt_since) == (NOW, NOW + seconds(8))


async def test_an_old_fence_records_nothing(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page"))
    [vanished] = await claim(database)
    await expire(database, now=NOW + LEASE)
    [present] = await claim(database, now=NOW + LEASE + QUIET)
    before = await row_of(database, "page")
    assert not await record(database, vanished, Delivered("1.0"))
    assert await row_of(database, "page") == before
    assert await record(database, present, Delivered("2.0"))
    assert (await row_of(database, "page"))["message_ts"] == "2.0"


async def test_an_outcome_is_recorded_once(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page"))
    [page] = await claim(database)
    assert await record(database, page, Delivered("1.0"))
    assert not await record(database, page, Limited(seconds(1)))
    assert (await row_of(database, "page"))["state"] == "sent"


async def test_a_sender_that_vanished_leaves_a_doubt_that_dates_from_the_end_of_its_lease(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("page"))
    [page] = await claim(database)
    assert await expire(database, now=NOW + LEASE - seconds(0.001)) == 0
    assert await expire(database, now=NOW + LEASE) == 1
    assert await claimed_keys(database, now=NOW + LEASE) == []
    [again] = await claim(database, now=NOW + LEASE + QUIET)
    assert again == replace(
        page, fence=2, attempts=2, in_doubt_since=NOW + LEASE, leased_until=NOW + LEASE + QUIET + LEASE
    )


async def test_leases_of_another_workspace_are_left_alone(database: Database) -> None:
    other = WorkspaceId("T0ELSEWHERE")
    version = await a_workspace(database, other)
    there = await an_incident_in(database, workspace_id=other, policy_version_id=version)
    await promised(database, there, a_page("page"))
    async with database.write() as tx:
        assert len(await outbox.claim(tx, other, now=NOW, limit=1)) == 1
    assert await expire(database, now=NOW + minutes(5)) == 0


async def test_each_channel_is_looked_at_when_its_next_promise_or_lease_is_due(database: Database) -> None:
    first, second = await an_incident_in(database, 1), await an_incident_in(database, 2)
    elsewhere = ChannelId("C0ELSEWHERE")
    await promised(database, first, a_page("sending"), an_update("later", channel=TIER_2_CHANNEL))
    await promised(database, first, a_page("sent", channel=elsewhere))
    [_, _, sent] = await claim(database)
    await promised(database, second, a_page("waiting", channel=TIER_2_CHANNEL, deliver_at=NOW + seconds(7)))
    await record(database, sent, Delivered("1.0"))
    async with database.read() as tx:
        assert await outbox.wake_times(tx, WORKSPACE, now=NOW) == {NOW + LEASE}
        async with database.write() as freeing:
            await pace.free_at(freeing, WORKSPACE, [TIER_2_CHANNEL], NOW)
    async with database.read() as tx:
        assert await outbox.wake_times(tx, WORKSPACE, now=NOW) == {NOW + seconds(7), NOW + LEASE}


async def test_what_is_due_behind_something_later_does_not_hide_when_that_is_due(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("retried", deliver_at=NOW + seconds(30)), an_update("behind it"))
    async with database.read() as tx:
        assert await outbox.wake_times(tx, WORKSPACE, now=NOW) == {NOW, NOW + seconds(30)}


async def test_with_nothing_promised_there_is_nothing_to_wake_for(database: Database) -> None:
    async with database.read() as tx:
        assert await outbox.wake_times(tx, WORKSPACE, now=NOW) == set()


async def test_notes_are_numbered_without_a_gap_also_when_many_are_made_at_once(database: Database) -> None:
    async with database.write() as tx:
        incident = await open_one(tx)

    async def note(number: int) -> None:
        async with database.write() as tx:
            fact = NotSent(promise=f"promise {number}", reason="resolved")
            await outbox.note(tx, WORKSPACE, incident.id, fact, now=NOW + seconds(number))

    await asyncio.gather(*(note(number) for number in range(10)))
    async with database.read() as tx:
        story = await incidents.story(tx, incident.id)
        noted = await incidents.by_number(tx, WORKSPACE, incident.number)
    assert [event.seq for event in story] == list(range(1, 12))
    assert noted == replace(incident, last_seq=11)


async def test_time_in_the_story_never_goes_back(database: Database) -> None:
    """A note is dated before its transaction waits for the one before it."""
    async with database.write() as tx:
        incident = await open_one(tx, now=NOW + seconds(2))
        fact = DeliveryFailed(promise="page", channel=TIER_1_CHANNEL, error="is_archived", told=None)
        await outbox.note(tx, WORKSPACE, incident.id, fact, now=NOW)
    async with database.read() as tx:
        story = await incidents.story(tx, incident.id)
    assert [event.at for event in story] == [NOW + seconds(2), NOW + seconds(2)]


async def test_a_notice_waits_for_no_incident_and_is_claimed_as_one(database: Database) -> None:
    incident = await an_incident_in(database)
    await promised(database, incident, a_page("a page"))
    notice = CatchUpPages(incidents=(incident.id,))
    async with database.write() as tx:
        await outbox.promise(tx, WORKSPACE, None, replace(a_page("a notice", channel=TIER_2_CHANNEL), message=notice))
    [page, claimed] = await claim(database)
    assert (page.key, page.incident_id) == ("a page", incident.id)
    assert (claimed.key, claimed.incident_id, claimed.message) == ("a notice", None, notice)
