"""What people do with incidents: each verb is done whole or refused, and of two who race one wins."""

import asyncio

import pytest
from sqlalchemy import text

from bot.domain import timeline
from bot.domain.errors import (
    IncidentAlreadyAcknowledged,
    IncidentAlreadyOver,
    IncidentMovedOn,
    IncidentNotFound,
    InvalidIncident,
    NoNextTier,
)
from bot.domain.ids import UserId
from bot.domain.incident import IncidentState, Report
from bot.domain.policy import Severity
from bot.domain.timeline import TimelineEvent
from bot.domain.verbs import Seen
from bot.domain.wanted import EVERYTHING, Listed
from bot.services.incidents import Case
from storage import incidents, outbox
from storage.database import Database
from tests.builders import ANA, BEN, CHLOE, NOW, SAM, WORKSPACE, a_policy, a_tier, an_escalation, minutes
from tests.clock import ManualClock
from tests.services.bench import Promised, bench


def waiting(key: str) -> Promised:
    return Promised(key=key, state="pending", ts=None, attempts=0, error=None)


async def test_opening_stores_the_incident_with_its_story_and_its_promises(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        report = Report(title="Checkout is down", severity=Severity.SEV1, service="checkout", description="Blank page")
        case = await bot.desk.open(report, by=SAM)
        assert await bot.desk.show(1) == (
            case,
            [
                TimelineEvent(
                    seq=1,
                    at=NOW,
                    by=SAM,
                    fact=timeline.Opened(
                        title="Checkout is down",
                        description="Blank page",
                        severity=Severity.SEV1,
                        service="checkout",
                        tier=1,
                    ),
                )
            ],
        )
        assert await bot.promises() == [waiting("INC-1/page/tier:1/cycle:0"), waiting("INC-1/stakeholders")]
        assert await bot.tick() == NOW + minutes(5)
        assert bot.changes == 1


async def test_a_service_that_the_policy_does_not_know_is_refused_and_takes_no_number(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        with pytest.raises(InvalidIncident, match="“kitchen” is not a service of the policy"):
            await bot.desk.open(Report(title="Fire", severity=Severity.SEV1, service="kitchen"), by=SAM)
        assert bot.changes == 0
        assert (await bot.open()).number == 1


async def test_acknowledging_says_who_has_it_and_stops_the_response_clock(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        clock.advance(minutes=2)
        case = await bot.desk.acknowledge(1, by=ANA)
        assert case.incident == await bot.incident()
        assert (case.incident.state, case.incident.assignee) == (IncidentState.ACKNOWLEDGED, ANA)
        assert (await bot.story())[-1] == TimelineEvent(
            seq=2, at=NOW + minutes(2), by=ANA, fact=timeline.Acknowledged(tier=1)
        )
        assert (await bot.promises())[2:] == [waiting("INC-1/update/1")]
        assert await bot.tick() == NOW + minutes(22), "only the stakeholders' cadence is left"
        assert bot.changes == 2


async def test_whoever_comes_second_is_told_who_was_first_and_changes_nothing(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        clock.advance(minutes=1)
        case = await bot.desk.acknowledge(1, by=ANA)
        clock.advance(minutes=1)
        before = (await bot.story(), await bot.promises(), bot.changes)
        with pytest.raises(IncidentAlreadyAcknowledged) as refused:
            await bot.desk.acknowledge(1, by=BEN)
        assert (refused.value.key, refused.value.by, refused.value.at) == ("INC-1", ANA, NOW + minutes(1))
        assert await bot.incident() == case.incident
        assert (await bot.story(), await bot.promises(), bot.changes) == before


async def test_of_twenty_who_click_at_once_exactly_one_has_it(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        people = [UserId(f"U{number}") for number in range(20)]
        answers = await asyncio.gather(
            *(bot.desk.acknowledge(1, by=person) for person in people), return_exceptions=True
        )
        [won] = [answer for answer in answers if isinstance(answer, Case)]
        lost = [answer for answer in answers if isinstance(answer, IncidentAlreadyAcknowledged)]
        assert len(lost) == 19
        assert {refusal.by for refusal in lost} == {won.incident.assignee}
        assert await bot.incident() == won.incident
        assert [event.fact.kind for event in await bot.story()] == ["opened", "acknowledged"]
        assert len(await bot.promises()) == 3


async def test_of_many_verbs_at_once_each_sees_what_the_one_before_it_did(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        await asyncio.gather(
            *(bot.desk.acknowledge(1, by=UserId(f"U{n}")) for n in range(5)),
            *(bot.desk.escalate(1, by=UserId(f"U{n}")) for n in range(5)),
            *(bot.desk.resolve(1, by=ANA) for _ in range(5)),
            return_exceptions=True,
        )
        story, incident = await bot.story(), await bot.incident()
        assert [event.seq for event in story] == list(range(1, incident.last_seq + 1))
        assert [event.fact.kind for event in story].count("resolved") == 1
        assert story[-1].fact.kind == "resolved"
        assert incident.state is IncidentState.RESOLVED
        assert incident.version == len(story)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_note_that_is_being_written_and_a_click_both_find_their_place_in_the_story(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        incident = await bot.open()
        async with database.write() as tx:
            fact = timeline.NotSent(promise="INC-1/page", reason="resolved")
            await outbox.note(tx, WORKSPACE, incident.id, fact, now=NOW)
            click = asyncio.create_task(bot.desk.acknowledge(1, by=ANA))
            while not await tx.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
                assert not click.done()
        await click
        assert [one.fact.kind for one in await bot.story()] == ["opened", "not_sent", "acknowledged"]


async def test_a_clock_that_ran_out_a_moment_before_the_click_counts(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        clock.advance(minutes=5)
        case = await bot.desk.acknowledge(1, by=CHLOE)
        assert (case.incident.tier, case.incident.breach_count, case.incident.assignee) == (2, 1, CHLOE)
        assert [event.fact.kind for event in await bot.story()] == ["opened", "breached", "escalated", "acknowledged"]
        async with database.read() as tx:
            [breach] = await incidents.ledger(tx, case.incident.id)
        assert (breach.tier, breach.due_at, breach.breached_at) == (1, NOW + minutes(5), NOW + minutes(5))


async def test_a_click_in_time_is_in_time(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        clock.advance(minutes=4, seconds=59, milliseconds=999)
        assert (await bot.desk.acknowledge(1, by=ANA)).incident.breach_count == 0


async def test_escalating_moves_it_on_with_the_reason(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        case = await bot.desk.escalate(1, by=ANA, reason="Not our system", seen=Seen(tier=1, cycle=0))
        assert (case.incident.tier, case.incident.tier_entered_by) == (2, ANA)
        assert (await bot.story())[-1].fact == timeline.Escalated(from_tier=1, to_tier=2, reason="Not our system")
        assert waiting("INC-1/page/tier:2/cycle:1") in await bot.promises()


async def test_the_button_of_an_old_page_says_where_it_is_now_and_does_nothing(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        clock.advance(minutes=1)
        await bot.desk.escalate(1, by=ANA)
        before = await bot.incident()
        with pytest.raises(IncidentMovedOn) as refused:
            await bot.desk.escalate(1, by=BEN, seen=Seen(tier=1, cycle=0))
        assert (refused.value.tier, refused.value.tier_name, refused.value.by) == (2, "platform", ANA)
        assert refused.value.since == NOW + minutes(1)
        assert await bot.incident() == before


async def test_ten_clicks_on_the_same_escalate_button_move_it_one_tier(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        answers = await asyncio.gather(
            *(bot.desk.escalate(1, by=ANA, seen=Seen(tier=1, cycle=0)) for _ in range(10)), return_exceptions=True
        )
        assert sum(isinstance(answer, IncidentMovedOn) for answer in answers) == 9
        assert (await bot.incident()).tier == 2


async def test_after_the_last_tier_there_is_nobody_to_escalate_to(database: Database, clock: ManualClock) -> None:
    only_one = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1),))})
    async with bench(database, clock, policy=only_one) as bot:
        await bot.open()
        with pytest.raises(NoNextTier) as refused:
            await bot.desk.escalate(1, by=ANA)
        assert (refused.value.tier, refused.value.tier_name) == (1, "first line")


async def test_resolving_ends_it_for_every_clock(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        case = await bot.desk.resolve(1, by=ANA, summary="Rolled back")
        assert (case.incident.state, case.incident.resolution) == (IncidentState.RESOLVED, "Rolled back")
        assert await bot.tick() is None
        clock.advance(days=1)
        assert await bot.tick() is None
        assert await bot.incident() == case.incident


async def test_resolved_stays_resolved_whatever_is_clicked_late(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        clock.advance(minutes=1)
        case = await bot.desk.resolve(1, by=ANA)
        for late in (bot.desk.acknowledge, bot.desk.escalate, bot.desk.resolve):
            with pytest.raises(IncidentAlreadyOver) as refused:
                await late(1, by=BEN)
            assert (refused.value.ending, refused.value.by, refused.value.at) == ("resolved", ANA, NOW + minutes(1))
        assert await bot.incident() == case.incident


async def test_an_incident_that_does_not_exist_is_named(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        for verb in (bot.desk.acknowledge, bot.desk.escalate, bot.desk.resolve):
            with pytest.raises(IncidentNotFound, match="there is no INC-9"):
                await verb(9, by=ANA)
        with pytest.raises(IncidentNotFound, match="there is no INC-9"):
            await bot.desk.show(9)


async def test_the_list_has_what_is_not_over_and_says_how_many_there_are(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        minor = await bot.open(severity=Severity.SEV3)
        major = await bot.open(severity=Severity.SEV1)
        await bot.open()
        await bot.desk.resolve(3, by=ANA)
        listed = await bot.desk.list_page(EVERYTHING, page=1)
        assert listed == Listed(wanted=EVERYTHING, page=1, incidents=[major, minor], total=2)
