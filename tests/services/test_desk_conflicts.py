"""What the desk refuses, and people at once: it is as if one had been before the other, who is told by whom."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations_with_replacement
from typing import Any, Final

import pytest

from bot.domain import verbs
from bot.domain.errors import NotAllowed, Refusal
from bot.domain.ids import UserId
from bot.domain.incident import Incident, IncidentState, Report
from bot.domain.policy import DEFAULT_ROLES, Policy, Role, Severity, Verb
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Transition, decide
from bot.domain.verbs import Seen
from storage.database import Database
from tests.builders import ANA, BEN, CHLOE, DEV, GRACE, NOW, SAM, a_policy, minutes
from tests.clock import ManualClock
from tests.services.bench import Bench, bench

REVIEW: Final = NOW + minutes(120)

SAID: Final[Mapping[str, Mapping[str, Any]]] = {
    "acknowledge": {},
    "escalate": {"seen": Seen(tier=1, cycle=0), "reason": "Not ours"},
    "assign": {"to": CHLOE},
    "hold": {"until": REVIEW, "reason": "Waits for a part"},
    "resolve": {"summary": "Rolled back"},
}

KEPT: Final[Mapping[Verb, tuple[str, Mapping[str, Any]]]] = {
    Verb.HOLD: ("hold", SAID["hold"]),
    Verb.RESUME: ("resume", {}),
    Verb.SEVERITY: ("change_severity", {"severity": Severity.SEV2, "reason": "Less"}),
    Verb.RESOLVE: ("resolve", {}),
    Verb.CANCEL: ("cancel", {"reason": "A drill"}),
}
"""What the policy keeps to those who are responsible."""

Told = Mapping[UserId, tuple[type[Refusal], Mapping[str, Any]]]
"""Who was refused, and all that the refusal says."""

Outcome = tuple[Incident, Sequence[TimelineEvent], Told]


async def do(bot: Bench, verb: str, by: UserId) -> Refusal | None:
    try:
        await getattr(bot.desk, verb)(1, by=by, **SAID[verb])
    except Refusal as refusal:
        return refusal
    return None


def one_after_the_other(bot: Bench, incident: Incident, *acts: tuple[str, UserId]) -> Outcome:
    """What the rules make of it when nothing happens at once."""
    events: list[TimelineEvent] = []
    refused = {}
    for verb, by in acts:
        said = partial(getattr(verbs, verb), by=by, **SAID[verb])

        def act(incident: Incident, policy: Policy, now: Any, said: Any = said) -> Transition:
            done: Transition = said(incident, policy, now=now)
            return done

        try:
            done = decide(incident, bot.policy, bot.clock.now(), act)
        except Refusal as refusal:
            refused[by] = (type(refusal), vars(refusal))
        else:
            incident = done.incident
            events.extend(done.events)
    return incident, events, refused


PAIRS: Final = list(combinations_with_replacement(SAID, 2))


@pytest.mark.parametrize("taken", [False, True], ids=["open", "taken"])
@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda verb: verb)
async def test_two_at_once_are_one_after_the_other(
    database: Database, clock: ManualClock, one: str, other: str, taken: bool
) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        if taken:
            await bot.desk.acknowledge(1, by=DEV)
        clock.advance(minutes=1)
        before = await bot.incident()
        answers = await asyncio.gather(do(bot, one, ANA), do(bot, other, BEN))
        refused = {
            by: (type(answer), vars(answer))
            for by, answer in zip((ANA, BEN), answers, strict=True)
            if answer is not None
        }
        outcome: Outcome = (await bot.incident(), (await bot.story())[before.last_seq :], refused)
        assert outcome in (
            one_after_the_other(bot, before, (one, ANA), (other, BEN)),
            one_after_the_other(bot, before, (other, BEN), (one, ANA)),
        )


ORDERED: Final = [
    *((("resolve", late)) for late in SAID),
    ("hold", "acknowledge"),
    ("acknowledge", "acknowledge"),
    ("escalate", "escalate"),
]


@pytest.mark.parametrize(("first", "second"), ORDERED, ids=lambda verb: verb)
async def test_whoever_is_late_is_told_by_whom(database: Database, clock: ManualClock, first: str, second: str) -> None:
    async with bench(database, clock) as bot:
        await bot.open()
        assert await do(bot, first, ANA) is None
        before = (await bot.incident(), await bot.story(), await bot.promises(), bot.changes)
        refusal = await do(bot, second, BEN)
        assert refusal is not None
        assert vars(refusal)["by"] == ANA
        assert (await bot.incident(), await bot.story(), await bot.promises(), bot.changes) == before


class TestPermission:
    @pytest.mark.parametrize("verb", KEPT)
    async def test_who_may_not_is_told_who_may_and_changes_nothing(
        self, database: Database, clock: ManualClock, verb: Verb
    ) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            if verb is Verb.RESUME:
                await bot.desk.hold(1, by=ANA, **SAID["hold"])
            before = (await bot.incident(), await bot.story(), await bot.promises(), bot.changes)
            name, said = KEPT[verb]
            with pytest.raises(NotAllowed) as refused:
                await getattr(bot.desk, name)(1, by=SAM, **said)
            assert (refused.value.key, refused.value.verb) == ("INC-1", verb)
            assert refused.value.roles == (Role.ASSIGNEE, Role.TIER, Role.MANAGERS, Role.ADMINS)
            assert (await bot.incident(), await bot.story(), await bot.promises(), bot.changes) == before

    async def test_it_goes_by_who_has_it_at_that_moment(self, database: Database, clock: ManualClock) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            await bot.desk.acknowledge(1, by=SAM)
            await bot.desk.hold(1, by=SAM, **SAID["hold"])
            await bot.desk.assign(1, by=SAM, to=CHLOE)
            with pytest.raises(NotAllowed):
                await bot.desk.resolve(1, by=SAM)
            assert (await bot.incident()).assignee == CHLOE

    @pytest.mark.parametrize("by", [ANA, CHLOE, GRACE], ids=["its tier", "a later tier", "a manager"])
    async def test_the_people_of_the_policy_may(self, database: Database, clock: ManualClock, by: UserId) -> None:
        async with bench(database, clock) as bot:
            await bot.open()
            assert (await bot.desk.resolve(1, by=by)).incident.state is IncidentState.RESOLVED

    async def test_what_ran_out_a_moment_before_is_left_to_the_tick(
        self, database: Database, clock: ManualClock
    ) -> None:
        async with bench(database, clock) as bot:
            incident = await bot.open()
            clock.advance(minutes=5)
            with pytest.raises(NotAllowed):
                await bot.desk.resolve(1, by=SAM)
            assert (await bot.incident(), bot.changes) == (incident, 1)
            await bot.tick()
            assert [event.fact.kind for event in await bot.story()] == ["opened", "breached", "escalated"]

    async def test_opening_can_be_kept_to_some_people_too(self, database: Database, clock: ManualClock) -> None:
        roles = {**DEFAULT_ROLES, Verb.OPEN: frozenset({Role.MANAGERS})}
        async with bench(database, clock, policy=a_policy(roles=roles)) as bot:
            with pytest.raises(NotAllowed) as refused:
                await bot.open()
            assert refused.value.roles == (Role.MANAGERS,)
            report = Report(title="Checkout is down", severity=Severity.SEV1, service="checkout")
            opened = await bot.desk.open(report, by=GRACE)
            assert opened.incident.number == 1, "what was refused took no number"
