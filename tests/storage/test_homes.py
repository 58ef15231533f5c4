"""Home tabs: who looks at one, whose turn it is, and that no two processes draw the same."""

from datetime import datetime, timedelta

import pytest

from bot.domain.delivery import LEASE
from bot.domain.ids import UserId, WorkspaceId
from bot.domain.incident import IncidentState
from bot.domain.transition import evaluate
from storage import homes, incidents
from storage.database import Database, open_database
from storage.homes import Home, Traces
from tests.builders import ANA, BEN, CHLOE, NOW, WORKSPACE, a_policy, minutes
from tests.storage.stored import acknowledged, an_incident_in, change_of, open_one, seconds

EVERY = timedelta(seconds=15)
SOME_TIME_LATER = NOW + timedelta(minutes=5)


async def opened(database: Database, *users: UserId, now: datetime = NOW, most: int = 10) -> None:
    async with database.write() as tx:
        for user in users:
            await homes.opened(tx, WORKSPACE, user, now=now, most=most)


async def claim(database: Database, *, now: datetime = NOW, limit: int = 10, user: UserId | None = None) -> list[Home]:
    async with database.write() as tx:
        taken = await homes.claim(tx, WORKSPACE, now=now, every=EVERY, until=now + LEASE, limit=limit, user=user)
        return list(taken)


async def ask(database: Database, at: datetime) -> None:
    async with database.write() as tx:
        await homes.ask(tx, WORKSPACE, at)


async def hurry(database: Database, *users: UserId, now: datetime) -> None:
    async with database.write() as tx:
        await homes.hurry(tx, WORKSPACE, users, now=now)


async def shown(database: Database, home: Home, *, now: datetime = NOW, again_at: datetime = SOME_TIME_LATER) -> None:
    async with database.write() as tx:
        await homes.record_shown(tx, WORKSPACE, home, digest="a digest", now=now, again_at=again_at)


async def next_at(database: Database) -> datetime | None:
    async with database.read() as tx:
        return await homes.next_publish_at(tx, WORKSPACE, every=EVERY)


async def drawn(database: Database, *users: UserId) -> None:
    """At `NOW`; the next time is in five minutes."""
    await opened(database, *users)
    for home in await claim(database):
        await shown(database, home)


async def test_nothing_is_to_be_done_while_nobody_looks(database: Database) -> None:
    assert await next_at(database) is None
    assert await claim(database) == []


async def test_who_opens_it_has_it_drawn_at_once(database: Database) -> None:
    await opened(database, ANA)
    assert await next_at(database) == NOW
    assert await claim(database) == [Home(user=ANA, claimed_until=NOW + LEASE)]


async def test_one_that_is_claimed_is_left_alone_until_its_lease_runs_out(database: Database) -> None:
    await opened(database, ANA)
    await claim(database)
    assert await next_at(database) == NOW + LEASE
    assert await claim(database, now=NOW + LEASE - seconds(0.001)) == []
    assert [home.user for home in await claim(database, now=NOW + LEASE)] == [ANA]


async def test_what_was_shown_is_remembered_until_it_is_drawn_again(database: Database) -> None:
    await drawn(database, ANA)
    assert await next_at(database) == NOW + minutes(5)
    assert await claim(database, now=NOW + minutes(4.9)) == []
    [home] = await claim(database, now=NOW + minutes(5))
    assert home.shown_digest == "a digest"


async def test_who_opens_it_again_has_it_drawn_again_though_nothing_changed(database: Database) -> None:
    await drawn(database, ANA)
    await opened(database, ANA, now=NOW + seconds(2))
    assert await claim(database, now=NOW + seconds(2)) == [Home(user=ANA, claimed_until=NOW + seconds(2) + LEASE)]


async def test_a_change_has_all_of_them_drawn_but_none_too_often(database: Database) -> None:
    await drawn(database, ANA)
    await opened(database, BEN, now=NOW + seconds(5))
    await ask(database, NOW + seconds(6))
    assert [home.user for home in await claim(database, now=NOW + seconds(6))] == [BEN]
    assert await next_at(database) == NOW + EVERY
    assert await claim(database, now=NOW + EVERY - seconds(0.001)) == []
    assert [home.user for home in await claim(database, now=NOW + EVERY)] == [ANA]


async def test_one_that_could_not_be_drawn_waits_as_if_it_had_been(database: Database) -> None:
    await opened(database, ANA)
    [home] = await claim(database)
    async with database.write() as tx:
        await homes.record_failed(tx, WORKSPACE, home, now=NOW, again_at=SOME_TIME_LATER)
    assert await next_at(database) == SOME_TIME_LATER
    await ask(database, NOW + seconds(1))
    assert await claim(database, now=NOW + EVERY - seconds(0.001)) == []
    [again] = await claim(database, now=NOW + EVERY)
    assert (again.shown_digest, again.in_doubt) == (None, True)


async def test_a_later_wish_does_not_put_off_an_earlier_one(database: Database) -> None:
    await drawn(database, ANA)
    await ask(database, NOW + minutes(1))
    await ask(database, NOW + minutes(2))
    assert await next_at(database) == NOW + minutes(1)


async def test_who_did_something_has_theirs_drawn_at_once(database: Database) -> None:
    await drawn(database, ANA, BEN)
    await hurry(database, ANA, now=NOW + seconds(1))
    assert [home.user for home in await claim(database, now=NOW + seconds(1))] == [ANA]


async def test_a_change_while_it_is_drawn_has_it_drawn_once_more(database: Database) -> None:
    await opened(database, ANA)
    [home] = await claim(database)
    await ask(database, NOW + seconds(1))
    assert await next_at(database) == NOW + LEASE
    assert await claim(database, now=NOW + seconds(1)) == []
    await shown(database, home, now=NOW + seconds(2), again_at=NOW + minutes(5))
    assert await next_at(database) == NOW + seconds(2) + EVERY


async def test_what_was_not_drawn_because_nothing_changed_may_be_drawn_soon(database: Database) -> None:
    await opened(database, ANA)
    [home] = await claim(database)
    async with database.write() as tx:
        await homes.record_the_same(tx, WORKSPACE, home, again_at=NOW + minutes(5))
    await ask(database, NOW + seconds(1))
    assert len(await claim(database, now=NOW + seconds(1))) == 1


async def test_what_shows_the_same_is_known_to_do_so(database: Database) -> None:
    await drawn(database, ANA)
    [home] = await claim(database, now=NOW + minutes(5))
    async with database.write() as tx:
        await homes.record_the_same(tx, WORKSPACE, home, again_at=NOW + minutes(6))
    [again] = await claim(database, now=NOW + minutes(6))
    assert again.shown_digest == "a digest"


async def test_what_was_shown_is_known_while_slack_takes_nothing_new(database: Database) -> None:
    await drawn(database, ANA)
    [home] = await claim(database, now=NOW + minutes(5))
    async with database.write() as tx:
        await homes.record_not_shown(tx, WORKSPACE, home, again_at=NOW + minutes(6))
    assert await next_at(database) == NOW + minutes(6)
    [again] = await claim(database, now=NOW + minutes(6))
    assert (again.shown_digest, again.in_doubt) == ("a digest", False)


async def test_of_what_slack_may_have_taken_nothing_is_known(database: Database) -> None:
    await drawn(database, ANA)
    [home] = await claim(database, now=NOW + minutes(5))
    async with database.write() as tx:
        await homes.record_in_doubt(tx, WORKSPACE, home, again_at=NOW + minutes(6))
    [again] = await claim(database, now=NOW + minutes(6))
    assert (again.shown_digest, again.in_doubt) == (None, True)
    async with database.write() as tx:
        await homes.record_not_shown(tx, WORKSPACE, again, again_at=NOW + minutes(7))
    [still] = await claim(database, now=NOW + minutes(7))
    assert still.in_doubt


async def test_of_what_a_process_did_that_is_gone_nothing_is_known(database: Database) -> None:
    await drawn(database, ANA)
    await claim(database, now=NOW + minutes(5))
    [again] = await claim(database, now=NOW + minutes(5) + LEASE)
    assert again.shown_digest is None


async def test_whose_lease_ran_out_records_nothing(database: Database) -> None:
    await opened(database, ANA)
    [first] = await claim(database)
    [second] = await claim(database, now=NOW + LEASE)
    await shown(database, first, now=NOW + LEASE)
    assert await next_at(database) == NOW + 2 * LEASE
    async with database.write() as tx:
        await homes.forget(tx, WORKSPACE, first)
    assert await next_at(database) == NOW + 2 * LEASE
    async with database.write() as tx:
        await homes.forget(tx, WORKSPACE, second)
    assert await next_at(database) is None


async def test_the_longest_waiting_go_first_and_no_more_than_asked_for(database: Database) -> None:
    for number, user in enumerate((CHLOE, ANA, BEN)):
        await opened(database, user, now=NOW + seconds(number))
    assert [home.user for home in await claim(database, now=NOW + seconds(9), limit=2)] == [CHLOE, ANA]


async def test_one_can_be_claimed_alone(database: Database) -> None:
    await opened(database, ANA, BEN)
    assert [home.user for home in await claim(database, user=BEN)] == [BEN]
    assert await claim(database, user=BEN) == []


async def test_who_opened_it_long_ago_is_forgotten(database: Database) -> None:
    await opened(database, ANA)
    await opened(database, BEN, now=NOW + minutes(1))
    async with database.write() as tx:
        await homes.forget_opened_before(tx, WORKSPACE, NOW + minutes(1))
    assert [home.user for home in await claim(database, now=NOW + minutes(1))] == [BEN]


async def test_of_too_many_those_who_opened_it_last_are_kept(database: Database) -> None:
    for number, user in enumerate((ANA, BEN, CHLOE)):
        await opened(database, user, now=NOW + seconds(number), most=2)
    assert [home.user for home in await claim(database, now=NOW + minutes(1))] == [BEN, CHLOE]


async def test_how_much_somebody_wants_to_see_outlives_another_opening(database: Database) -> None:
    await opened(database, ANA, BEN)
    async with database.write() as tx:
        await homes.choose(tx, WORKSPACE, ANA, is_wide=True)
    await opened(database, ANA, now=NOW + seconds(1))
    assert [(home.user, home.is_wide) for home in await claim(database, now=NOW + seconds(1))] == [
        (BEN, False),
        (ANA, True),
    ]


async def test_each_workspace_has_its_own(database: Database) -> None:
    await opened(database, ANA)
    other = WorkspaceId("T0OTHER001")
    async with database.write() as tx:
        await homes.opened(tx, other, BEN, now=NOW, most=1)
        await homes.ask(tx, other, NOW)
        await homes.forget_opened_before(tx, other, NOW + minutes(1))
    assert [home.user for home in await claim(database)] == [ANA]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_one_that_another_process_takes_is_skipped(database: Database, database_url: str) -> None:
    await opened(database, ANA, BEN)
    other = open_database(database_url)
    async with other.write() as tx:
        theirs = await homes.claim(tx, WORKSPACE, now=NOW, every=EVERY, until=NOW + LEASE, limit=1)
        assert [home.user for home in theirs] == [ANA]
        assert [home.user for home in await claim(database)] == [BEN]
    await other.close()


async def traces(database: Database) -> Traces:
    async with database.read() as tx:
        return await homes.traces(tx, WORKSPACE)


async def test_every_change_of_what_is_going_on_leaves_a_trace(database: Database) -> None:
    before = [await traces(database)]
    async with database.write() as tx:
        incident = await open_one(tx)
    before.append(await traces(database))
    async with database.write() as tx:
        await incidents.store(tx, [acknowledged(incident)])
    before.append(await traces(database))
    await an_incident_in(database, 7)
    before.append(await traces(database))
    assert len(set(before)) == 4
    await an_incident_in(database, 8, state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA)
    assert await traces(database) == before[-1]


async def test_what_is_going_on_is_read_in_parts(database: Database) -> None:
    for number in (1, 2, 4):
        await an_incident_in(database, number)
    await an_incident_in(database, 3, state=IncidentState.RESOLVED, resolved_at=NOW, resolved_by=ANA)
    async with database.read() as tx:
        first = await homes.going_on(tx, WORKSPACE, after=0, limit=2)
        rest = await homes.going_on(tx, WORKSPACE, after=2, limit=2)
    assert [one.number for one in (*first, *rest)] == [1, 2, 4]


async def test_each_breach_is_known_by_its_last(database: Database) -> None:
    async with database.write() as tx:
        late, punctual = await open_one(tx), await open_one(tx)
    breached = [NOW + minutes(5), NOW + minutes(10)]
    for at in breached:
        async with database.write() as tx:
            incident = (await incidents.by_ids(tx, [late.id]))[late.id]
            await incidents.store(tx, [change_of(evaluate(incident, a_policy(), at), decided_on=incident.version)])
    async with database.read() as tx:
        assert await homes.last_breaches(tx, [late.id, punctual.id]) == {late.id: breached[-1]}
