"""What was written in a form is decided on what its writer saw: of two at once the second hears of the first."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.domain.errors import IncidentAlreadyOver, IncidentNotFound, NotAllowed, UnknownTier
from bot.domain.intent import Aspect, Glance, Overtaken
from bot.domain.policy import DEFAULT_ROLES, Role, Severity, Verb
from bot.domain.progress import StatusReport
from bot.domain.verbs import Destination
from bot.services.incidents import Case
from storage.database import Database
from tests.builders import ANA, BEN, CHLOE, GRACE, NOW, SAM, a_policy, minutes
from tests.clock import ManualClock
from tests.services.bench import Bench, bench

Act = Callable[[Bench, Glance | None], Awaitable[Case]]

FORMS: list[tuple[Verb, Act, Aspect]] = [
    (
        Verb.UPDATE,
        lambda bot, saw: bot.desk.tell_stakeholders(1, by=GRACE, report=StatusReport(changed="new"), saw=saw),
        Aspect.TOLD,
    ),
    (Verb.HOLD, lambda bot, saw: bot.desk.hold(1, by=GRACE, until=NOW + minutes(99), reason="", saw=saw), Aspect.HOLD),
    (Verb.ASSIGN, lambda bot, saw: bot.desk.assign(1, by=GRACE, to=CHLOE, saw=saw), Aspect.HOLDER),
    (
        Verb.SEVERITY,
        lambda bot, saw: bot.desk.change_severity(1, by=GRACE, severity=Severity.SEV4, reason="", saw=saw),
        Aspect.SEVERITY,
    ),
    (
        Verb.ESCALATE,
        lambda bot, saw: bot.desk.send_to(1, by=GRACE, to=Destination(route="checkout", tier=3), reason="", saw=saw),
        Aspect.PLACE,
    ),
    (Verb.RESOLVE, lambda bot, saw: bot.desk.resolve(1, by=GRACE, saw=saw), Aspect.TOLD),
    (Verb.CANCEL, lambda bot, saw: bot.desk.cancel(1, by=GRACE, saw=saw), Aspect.HOLDER),
]


async def _change(bot: Bench, aspect: Aspect) -> None:
    match aspect:
        case Aspect.TOLD:
            await bot.desk.tell_stakeholders(1, by=GRACE, report=StatusReport(changed="before"))
        case Aspect.HOLD:
            await bot.desk.hold(1, by=GRACE, until=NOW + minutes(60), reason="")
        case Aspect.HOLDER:
            await bot.desk.acknowledge(1, by=ANA)
        case Aspect.SEVERITY:
            await bot.desk.change_severity(1, by=GRACE, severity=Severity.SEV2, reason="")
        case _:
            await bot.desk.escalate(1, by=ANA)


@pytest.mark.parametrize(("verb", "act", "aspect"), FORMS, ids=[verb for verb, _, _ in FORMS])
async def test_what_others_did_meanwhile_is_not_overruled_unseen(
    database: Database, clock: ManualClock, verb: Verb, act: Act, aspect: Aspect
) -> None:
    async with bench(database, clock) as bot:
        seen = Glance.at(await bot.open())
        await _change(bot, aspect)
        before = (await bot.incident(), await bot.story(), await bot.promises(), bot.changes)
        with pytest.raises(Overtaken) as refused:
            await act(bot, seen)
        assert refused.value.changed == (aspect,)
        assert (await bot.incident(), await bot.story(), await bot.promises(), bot.changes) == before
        assert refused.value.incident == before[0]

        done = await act(bot, Glance.at(refused.value.incident))
        assert done.incident.last_seq > before[0].last_seq, "on what is so now it is done"


async def test_of_two_who_send_the_same_form_at_once_one_hears_of_the_other(
    database: Database, clock: ManualClock
) -> None:
    async with bench(database, clock) as bot:
        seen = Glance.at(await bot.open())

        async def update(words: str) -> Case | Overtaken:
            report = StatusReport(changed=words)
            try:
                return await bot.desk.tell_stakeholders(1, by=GRACE, report=report, saw=seen, cause=words)
            except Overtaken as overtaken:
                return overtaken

        answers = await asyncio.gather(update("one"), update("another"))
        (done,) = (answer for answer in answers if isinstance(answer, Case))
        (late,) = (answer for answer in answers if isinstance(answer, Overtaken))
        assert late.incident.told == done.incident.told
        assert len(await bot.story()) == 2


async def test_a_form_that_was_refused_and_comes_again_is_decided_anew(database: Database, clock: ManualClock) -> None:
    """Its name is the same; only what was done is remembered."""
    async with bench(database, clock) as bot:
        seen = Glance.at(await bot.open())
        await bot.desk.change_severity(1, by=GRACE, severity=Severity.SEV2, reason="")
        for _ in range(2):
            with pytest.raises(Overtaken):
                await bot.desk.change_severity(1, by=GRACE, severity=Severity.SEV3, reason="", saw=seen, cause="v/1")
        again = Glance.at(await bot.incident())
        for _ in range(2):
            await bot.desk.change_severity(1, by=GRACE, severity=Severity.SEV3, reason="", saw=again, cause="v/1")
        assert len(await bot.story()) == 3


async def test_a_form_is_opened_on_how_it_stands(database: Database, clock: ManualClock) -> None:
    policy = a_policy(roles={**DEFAULT_ROLES, Verb.RESOLVE: frozenset({Role.ASSIGNEE})})
    async with bench(database, clock, policy=policy) as bot:
        await bot.open()
        await bot.desk.acknowledge(1, by=BEN)
        case = await bot.desk.look(1)
        assert (case.incident, case.policy) == (await bot.incident(), policy)
        assert (bot.desk.may(Verb.RESOLVE, case, by=BEN), bot.desk.may(Verb.RESOLVE, case, by=SAM)) == (True, False)
        bot.desk.admit(Verb.RESOLVE, case, by=BEN)
        with pytest.raises(NotAllowed):
            bot.desk.admit(Verb.RESOLVE, case, by=SAM)
        await bot.desk.resolve(1, by=BEN)
        with pytest.raises(IncidentAlreadyOver):
            bot.desk.admit(Verb.RESOLVE, await bot.desk.look(1), by=BEN)
        with pytest.raises(IncidentNotFound):
            await bot.desk.look(2)


async def test_a_place_that_is_not_there_is_refused(database: Database, clock: ManualClock) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        with pytest.raises(UnknownTier):
            await bot.desk.send_to(1, by=ANA, to=Destination(route="checkout", tier=9), reason="", saw=None)
        assert len(await bot.story()) == 1
