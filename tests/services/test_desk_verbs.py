"""Each verb through the desk: stored whole, with its entries in the story and its promises, and the next look."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pytest
from sqlalchemy import select

from bot.domain import timeline
from bot.domain.errors import IncidentNotFound, InvalidDuplicate, UnknownTier
from bot.domain.escalation import next_evaluation_at
from bot.domain.explanation import ClockName, ClockState
from bot.domain.ids import UserId
from bot.domain.incident import IncidentState
from bot.domain.policy import Policy, Severity, Targets
from bot.domain.timeline import Fact, Target, TimelineEvent
from bot.services.incidents import Case
from storage import tables
from storage.database import Database
from tests.builders import (
    ANA,
    BEN,
    CHLOE,
    FIRST_LINE,
    GRACE,
    NOW,
    a_policy,
    a_tier,
    a_user,
    an_escalation,
    minutes,
)
from tests.clock import ManualClock
from tests.services.bench import Bench, bench

REVIEW: Final = NOW + minutes(120)
Act = Callable[[Bench], Awaitable[Case]]


def the_policy() -> Policy:
    """With every clock, and two people by name in the first tier."""
    first = a_tier(1, people=(FIRST_LINE, a_user(ANA, "ana"), a_user(BEN, "ben")))
    sev1 = Targets(
        ack_within=minutes(5), update_every=minutes(20), resolve_within=minutes(240), ack_expires_after=minutes(10)
    )
    return a_policy(
        severities={**a_policy().severities, Severity.SEV1: sev1},
        services={
            "checkout": an_escalation(tiers=(first, *(a_tier(number) for number in (2, 3, 4)))),
            "search": an_escalation(),
        },
    )


def acknowledged(bot: Bench) -> Awaitable[Case]:
    return bot.desk.acknowledge(1, by=ANA)


def held(bot: Bench) -> Awaitable[Case]:
    return bot.desk.hold(1, by=ANA, until=REVIEW, reason="Waits for a part")


def resolved(bot: Bench) -> Awaitable[Case]:
    return bot.desk.resolve(1, by=ANA)


async def asked(bot: Bench) -> Case:
    case = await acknowledged(bot)
    bot.clock.advance(minutes=10)
    await bot.tick()
    return case


async def opened_another(bot: Bench) -> Case:
    await bot.open()
    return (await bot.desk.show(2))[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`promised` are the keys of the new promises, without the incident's own."""

    name: str
    act: Act
    state: IncidentState
    facts: Sequence[Fact]
    promised: Sequence[str]
    before: Act | None = None
    by: UserId = ANA


ROWS: Final = (
    Row(
        name="escalating to a tier by its name",
        act=lambda bot: bot.desk.escalate_to(1, by=ANA, words="experts: it is the kernel"),
        state=IncidentState.OPEN,
        facts=[timeline.Escalated(from_tier=1, to_tier=3, reason="it is the kernel")],
        promised=["page/tier:3/cycle:1", "update/1"],
    ),
    Row(
        name="escalating to another service",
        act=lambda bot: bot.desk.escalate_to(1, by=ANA, words="search tier 2 - theirs"),
        state=IncidentState.OPEN,
        facts=[timeline.Escalated(from_tier=1, to_tier=2, reason="theirs", route="search")],
        promised=["page/tier:2/cycle:1", "update/1"],
    ),
    Row(
        name="passing on to the next person of the tier",
        act=lambda bot: bot.desk.pass_on(1, by=ANA),
        state=IncidentState.OPEN,
        facts=[timeline.PassedOn(tier=1, to=BEN)],
        promised=["page/tier:1/cycle:1"],
    ),
    Row(
        name="giving it back",
        before=acknowledged,
        act=lambda bot: bot.desk.pass_on(1, by=ANA),
        state=IncidentState.OPEN,
        facts=[timeline.PassedOn(tier=1, to=BEN)],
        promised=["page/tier:1/cycle:1", "update/2"],
    ),
    Row(
        name="saying that one is still on it",
        before=asked,
        act=lambda bot: bot.desk.confirm_still_on_it(1, by=ANA),
        state=IncidentState.ACKNOWLEDGED,
        facts=[timeline.StillOnIt()],
        promised=[],
    ),
    Row(
        name="asking somebody to take it",
        act=lambda bot: bot.desk.assign(1, by=ANA, to=CHLOE),
        state=IncidentState.OPEN,
        facts=[timeline.Assigned(to=CHLOE, accepted=False)],
        promised=["assignment/2"],
    ),
    Row(
        name="handing it over",
        before=acknowledged,
        act=lambda bot: bot.desk.assign(1, by=ANA, to=CHLOE),
        state=IncidentState.ACKNOWLEDGED,
        facts=[timeline.Assigned(to=CHLOE, accepted=True)],
        promised=["assignment/3"],
    ),
    Row(
        name="holding it",
        act=held,
        state=IncidentState.ON_HOLD,
        facts=[timeline.Held(until=REVIEW, reason="Waits for a part", assignee=ANA)],
        promised=["update/1"],
    ),
    Row(
        name="going on with it",
        before=held,
        act=lambda bot: bot.desk.resume(1, by=ANA),
        state=IncidentState.ACKNOWLEDGED,
        facts=[timeline.Resumed()],
        promised=["update/2"],
    ),
    Row(
        name="lowering the severity",
        act=lambda bot: bot.desk.change_severity(1, by=ANA, severity=Severity.SEV3, reason="One customer"),
        state=IncidentState.OPEN,
        facts=[timeline.SeverityChanged(before=Severity.SEV1, after=Severity.SEV3, reason="One customer")],
        promised=["update/1"],
    ),
    Row(
        name="calling it a false alarm",
        act=lambda bot: bot.desk.cancel(1, by=ANA, reason="A drill"),
        state=IncidentState.CANCELLED,
        facts=[timeline.Cancelled(reason="A drill", duplicate_of=None)],
        promised=["update/1"],
    ),
    Row(
        name="calling it a duplicate",
        before=opened_another,
        act=lambda bot: bot.desk.cancel(1, by=ANA, duplicate_of=2),
        state=IncidentState.CANCELLED,
        facts=[timeline.Cancelled(reason="", duplicate_of=2)],
        promised=["update/1"],
    ),
    Row(
        name="opening it again",
        before=resolved,
        act=lambda bot: bot.desk.reopen(1, by=BEN, reason="It is back"),
        by=BEN,
        state=IncidentState.OPEN,
        facts=[timeline.Reopened(tier=1, reason="It is back")],
        promised=["page/tier:1/cycle:1", "update/2"],
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_a_verb_is_stored_whole(database: Database, clock: ManualClock, row: Row) -> None:
    async with bench(database, clock, policy=the_policy()) as bot:
        await bot.open()
        clock.advance(minutes=1)
        if row.before is not None:
            await row.before(bot)
            clock.advance(minutes=1)
        before, known, changes = await bot.incident(), await bot.promises(), bot.changes
        case = await row.act(bot)
        assert case.incident == await bot.incident()
        assert (case.incident.state, case.incident.version) == (row.state, before.version + 1)
        assert (await bot.story())[before.last_seq :] == [
            TimelineEvent(seq=before.last_seq + n, at=clock.now(), by=row.by, fact=fact)
            for n, fact in enumerate(row.facts, start=1)
        ]
        new = (await bot.promises())[len(known) :]
        assert [promise.key.removeprefix("INC-1/") for promise in new] == row.promised
        assert {promise.state for promise in new} <= {"pending"}
        assert await next_look(bot) == next_evaluation_at(case.incident, bot.policy)
        assert bot.changes == changes + 1


async def next_look(bot: Bench) -> object:
    """When the clocks look at INC-1 again, as it is stored; None when it is over."""
    async with bot.database.read() as tx:
        return await tx.scalar(select(tables.incidents.c.next_evaluation_at).where(tables.incidents.c.number == 1))


async def test_raising_the_severity_past_the_new_target_breaches_at_once(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        await bot.open(severity=Severity.SEV3)
        clock.advance(minutes=30)
        await bot.desk.change_severity(1, by=ANA, severity=Severity.SEV1, reason="Everybody")
        kinds = [event.fact.kind for event in await bot.story()]
        promised = {promise.key for promise in await bot.promises()}
        assert kinds == ["opened", "severity_changed", "breached", "escalated"]
        assert {"INC-1/breach/tier:1/cycle:0", "INC-1/page/tier:2/cycle:1"} <= promised
        assert bot.changes == 2
        assert await next_look(bot) == next_evaluation_at(await bot.incident(), bot.policy)


async def test_words_that_name_no_tier_are_refused_with_those_there_are(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        incident = await bot.open()
        with pytest.raises(UnknownTier) as refused:
            await bot.desk.escalate_to(1, by=ANA, words="kitchen: fire")
        assert (refused.value.asked, refused.value.known) == (
            "kitchen: fire",
            ("first line", "platform", "experts", "management"),
        )
        assert (await bot.incident(), bot.changes) == (incident, 1)


@pytest.mark.parametrize("of", [1, 9], ids=["itself", "nothing"])
async def test_a_duplicate_is_of_another_incident_that_there_is(
    database: Database, clock: ManualClock, of: int
) -> None:
    async with bench(database, clock) as bot:
        incident = await bot.open()
        with pytest.raises(InvalidDuplicate) as refused:
            await bot.desk.cancel(1, by=ANA, duplicate_of=of)
        assert (refused.value.key, refused.value.of) == ("INC-1", of)
        assert (await bot.incident(), bot.changes) == (incident, 1)


class TestExplaining:
    async def test_it_tells_the_clocks_the_ledger_and_what_comes_next(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock, policy=the_policy()) as bot:
            await bot.open()
            clock.advance(minutes=5)
            await bot.tick()
            clock.advance(minutes=2)
            explained = await bot.desk.explain(1)
            assert (explained.incident, explained.story) == (await bot.incident(), await bot.story())
            assert explained.now == clock.now()
            [breach] = explained.ledger
            assert (breach.target, breach.tier, breach.told) == (Target.RESPONSE, 1, (GRACE,))
            clocks = {reading.name: reading for reading in explained.clocks}
            assert set(clocks) == {ClockName.RESPONSE, ClockName.RESOLUTION, ClockName.UPDATE}
            response = clocks[ClockName.RESPONSE]
            assert (response.state, response.counted, response.due_at) == (
                ClockState.RUNNING,
                minutes(2),
                NOW + minutes(10),
            )
            assert clocks[ClockName.RESOLUTION].counted == minutes(7)
            assert explained.next[0].at == NOW + minutes(10)
            assert explained.next[0].transition.incident.tier == 3

    async def test_it_changes_nothing(self, database: Database, clock: ManualClock) -> None:
        async with bench(database, clock) as bot:
            incident = await bot.open()
            clock.advance(minutes=6)
            explained = await bot.desk.explain(1)
            assert explained.next[0].at == clock.now(), "what is overdue comes at once"
            assert (await bot.incident(), len(await bot.story()), bot.changes) == (incident, 1, 1)

    async def test_an_incident_that_does_not_exist_is_named(self, database: Database, clock: ManualClock) -> None:
        async with bench(database, clock) as bot:
            with pytest.raises(IncidentNotFound, match="there is no INC-9"):
                await bot.desk.explain(9)
