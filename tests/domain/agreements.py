"""Random policies: calendars, every target, warnings, rules, overrides, tiers that hold nothing, two services."""

from datetime import date, time, timedelta
from typing import Final

from hypothesis import strategies as st

from bot.domain.calendar import Calendar, Hours
from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import (
    EscalationPolicy,
    ManagerRule,
    Mention,
    Occasion,
    Policy,
    Repeat,
    Severity,
    SlowerUpdates,
    Targets,
    Tier,
)
from tests.builders import ANA, BEN, CHLOE, EXPERTS, a_policy, a_user

SEVERITIES: Final = (Severity.SEV1, Severity.SEV2, Severity.SEV3)
SERVICES: Final = ("checkout", "search")
OWN_STAKEHOLDERS: Final = ChannelId("C0SEARCHST")

PEOPLE: Final = (a_user(ANA, "ana"), a_user(BEN, "ben"), a_user(CHLOE, "chloe"))
MANAGERS: Final = tuple(a_user(UserId(f"U0MANAGER{number}"), f"manager-{number}") for number in range(1, 5))

managers = st.lists(st.sampled_from(MANAGERS), max_size=2, unique=True).map(tuple)


def durations(longest: int) -> st.SearchStrategy[timedelta]:
    """Whole minutes, often few."""
    return st.integers(1, longest).map(lambda count: timedelta(minutes=count))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Hours that no clock change touches; the tests open on a Saturday, so often nothing counts for two days."""
    days = draw(st.sets(st.integers(0, 6), min_size=2))
    opens = draw(st.integers(4, 12))
    hours = (Hours(opens=time(opens), closes=time(draw(st.integers(opens + 1, 20)))),)
    evening = (Hours(opens=time(21), closes=time(0)),) if draw(st.booleans()) else ()
    return Calendar(
        name="office",
        zone=draw(st.sampled_from(("UTC", "Europe/Paris", "America/New_York"))),
        week=dict.fromkeys(days, (*hours, *evening)),
        holidays=frozenset(draw(st.sets(st.dates(date(2026, 11, 14), date(2026, 11, 20)), max_size=2))),
    )


@st.composite
def targets(draw: st.DrawFn) -> Targets:
    return Targets(
        ack_within=draw(durations(40)),
        update_every=timedelta(minutes=draw(st.integers(20, 120))),
        resolve_within=draw(durations(300) | durations(60) | st.none()),
        slower_updates=draw(st.none() | st.builds(SlowerUpdates, after=durations(120), every=durations(200))),
        warn_at=draw(st.sampled_from(((), (75,), (50, 75), (10, 33, 75, 90)))),
        ack_expires_after=draw(st.none() | durations(90)),
        calendar=draw(st.none() | calendars()),
    )


@st.composite
def tiers(draw: st.DrawFn, service: str, number: int) -> Tier:
    people: tuple[Mention, ...] = draw(st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True).map(tuple))
    return Tier(
        number=number,
        name=f"{service} {number}",
        channel=ChannelId(f"C0{service.upper()}{number}") if draw(st.integers(0, 3)) else None,
        people=people if people else (EXPERTS,),
        managers=draw(managers),
        ack_within=draw(st.dictionaries(st.sampled_from(SEVERITIES), durations(20), max_size=1)),
    )


@st.composite
def escalations(draw: st.DrawFn, service: str) -> EscalationPolicy:
    ladder = [draw(tiers(service, number)) for number in range(1, draw(st.integers(1, 4)) + 1)]
    if all(tier.channel is None for tier in ladder):
        ladder.append(
            Tier(number=len(ladder) + 1, name="the only", channel=ChannelId("C0ONLY"), people=PEOPLE, managers=())
        )
    return EscalationPolicy(
        name=service,
        tiers=tuple(ladder),
        repeat=draw(st.none() | st.builds(Repeat, every=durations(20), times=st.integers(1, 3))),
        manager_rules=tuple(draw(st.lists(rules(), max_size=3))),
        escalate_on_resolution_breach=draw(st.booleans()),
    )


@st.composite
def rules(draw: st.DrawFn) -> ManagerRule:
    occasion = draw(st.sampled_from(Occasion))
    numbers = {Occasion.OPENING: (0,), Occasion.WARNING: (50, 75), Occasion.BREACH: (1, 2, 3)}[occasion]
    return ManagerRule(
        occasion=occasion,
        number=draw(st.sampled_from(numbers)),
        severities=draw(st.frozensets(st.sampled_from(SEVERITIES), min_size=1)),
        tell=draw(managers),
        tier_managers=draw(st.booleans()),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    return a_policy(
        severities={severity: draw(targets()) for severity in SEVERITIES},
        services={service: draw(escalations(service)) for service in SERVICES},
        stakeholder_channels=draw(st.sampled_from(({}, {"search": OWN_STAKEHOLDERS}))),
    )
