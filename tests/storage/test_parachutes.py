"""Parachutes: which are out of date, and who has put one up."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.ids import IncidentId, WorkspaceId
from bot.domain.verbs import resolve
from storage import incidents, parachutes
from storage.database import Database
from storage.parachutes import Parachute, Rigging
from tests.builders import ANA, NOW, TIER_1_CHANNEL, WORKSPACE, a_policy, minutes
from tests.storage.stored import acknowledged, an_incident_in, change_of, open_one


def a_parachute(incident_id: int = 1, *, version: int = 1, post_at: datetime = NOW, held: str = "Q1") -> Parachute:
    return Parachute(
        incident_id=IncidentId(incident_id),
        channel=TIER_1_CHANNEL,
        scheduled_id=held,
        post_at=post_at,
        version=version,
    )


async def keep(database: Database, parachute: Parachute, *, instead_of: Parachute | None = None) -> bool:
    async with database.write() as tx:
        return await parachutes.keep(tx, WORKSPACE, parachute, instead_of=instead_of)


async def all_of(database: Database) -> Sequence[Parachute]:
    async with database.read() as tx:
        return await parachutes.all_of(tx, WORKSPACE)


async def outdated(database: Database, *, after: int = 0, limit: int = 10) -> tuple[list[int], int | None]:
    async with database.read() as tx:
        found, go_on = await parachutes.outdated(tx, WORKSPACE, after=after, limit=limit)
    return [rigging.incident.number for rigging in found], go_on


async def of_the_over(database: Database, *, after: int = 0, limit: int = 10) -> tuple[list[int], int | None]:
    async with database.read() as tx:
        found, go_on = await parachutes.of_the_over(tx, WORKSPACE, after=after, limit=limit)
    return [rigging.incident.number for rigging in found], go_on


async def test_an_incident_has_one_at_most(database: Database) -> None:
    await an_incident_in(database)
    assert await keep(database, a_parachute())
    assert not await keep(database, a_parachute(held="Q2"))
    assert await all_of(database) == [a_parachute()]


async def test_it_is_replaced_only_by_who_knows_it(database: Database) -> None:
    await an_incident_in(database)
    await keep(database, a_parachute())
    second = a_parachute(version=2, held="Q2", post_at=NOW + minutes(1))
    assert await keep(database, second, instead_of=a_parachute())
    assert not await keep(database, a_parachute(held="Q3"), instead_of=a_parachute())
    assert await all_of(database) == [second]


async def test_it_is_forgotten_only_by_who_knows_it(database: Database) -> None:
    await an_incident_in(database)
    await keep(database, a_parachute(held="Q2"))
    async with database.write() as tx:
        assert not await parachutes.forget(tx, a_parachute())
        assert await parachutes.forget(tx, a_parachute(held="Q2"))
    assert await all_of(database) == []


async def test_out_of_date_is_what_has_none_or_one_of_an_earlier_version(database: Database) -> None:
    async with database.write() as tx:
        first, second, _third = [await open_one(tx) for _ in range(3)]
    for incident in (first, second):
        await keep(database, a_parachute(incident.id, held=f"Q{incident.id}"))
    assert await outdated(database) == ([3], None)
    async with database.write() as tx:
        await incidents.store(tx, [acknowledged(second)])
    assert sorted((await outdated(database))[0]) == [2, 3]


async def test_the_next_page_begins_where_the_last_one_ended(database: Database) -> None:
    async with database.write() as tx:
        for _ in range(5):
            await open_one(tx)
    assert await outdated(database, limit=2) == ([1, 2], 2)
    assert await outdated(database, after=2, limit=2) == ([3, 4], 4)
    assert await outdated(database, after=4, limit=2) == ([5], None)
    assert await outdated(database, after=5, limit=2) == ([], None)


async def test_what_is_over_is_found_by_its_parachute(database: Database) -> None:
    async with database.write() as tx:
        opened = [await open_one(tx) for _ in range(3)]
        over = [change_of(resolve(each, a_policy(), by=ANA, now=NOW), decided_on=each.version) for each in opened[1:]]
        await incidents.store(tx, over)
    for incident in opened:
        await keep(database, a_parachute(incident.id, held=f"Q{incident.id}"))
    assert await outdated(database) == ([], None)
    assert await of_the_over(database) == ([2, 3], None)
    assert await of_the_over(database, limit=2) == ([2], 2)
    assert await of_the_over(database, after=2) == ([3], None)


async def test_what_slack_posts_next_comes_with_its_incident(database: Database) -> None:
    made = [await an_incident_in(database, number) for number in (1, 2, 3)]
    held = [a_parachute(n, held=f"Q{n}", post_at=NOW + minutes(wait)) for n, wait in ((1, 4), (2, 9), (3, 1))]
    for parachute in held:
        await keep(database, parachute)
    async with database.read() as tx:
        assert await parachutes.firing_before(tx, WORKSPACE, NOW + minutes(9)) == [
            Rigging(incident=made[2], parachute=held[2]),
            Rigging(incident=made[0], parachute=held[0]),
        ]


async def test_what_is_scheduled_around_an_instant(database: Database) -> None:
    for number, wait in ((1, 0), (2, 5), (3, 7), (4, 10)):
        await an_incident_in(database, number)
        await keep(database, a_parachute(number, held=f"Q{number}", post_at=NOW + minutes(wait)))
    async with database.read() as tx:
        found = await parachutes.post_times(
            tx, WORKSPACE, since=NOW, until=NOW + minutes(10), excluding=[IncidentId(3)]
        )
    assert found == [(TIER_1_CHANNEL, NOW + minutes(5))]


async def test_other_workspaces_have_their_own(database: Database) -> None:
    await an_incident_in(database)
    await keep(database, a_parachute())
    async with database.read() as tx:
        assert not await parachutes.all_of(tx, WorkspaceId("T0OTHER"))
        assert not await parachutes.firing_before(tx, WorkspaceId("T0OTHER"), NOW + minutes(1))
