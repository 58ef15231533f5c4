"""Random policies: calendars, every target, warnings, rules, overrides, tiers that hold nothing, two services.

Each strategy is made once: Hypothesis looks through a new one before it draws, and that takes longer than drawing.
"""

from datetime import date, time, timedelta
from functools import cache
from typing import Final

from hypothesis import strategies as st

from bot.domain.calendar import Calendar, Hours
from bot.domain.ids import ChannelId, UserId
from bot.domain.policy import (
    EscalationPolicy,
    ManagerRule,
    Mention,
    Occasion,
    OwedUpdates,
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
SALES: Final = ChannelId("C0SALES001")
SUPPORT: Final = ChannelId("C0SUPPORT1")

PEOPLE: Final = (a_user(ANA, "ana"), a_user(BEN, "ben"), a_user(CHLOE, "chloe"))
MANAGERS: Final = tuple(a_user(UserId(f"U0MANAGER{number}"), f"manager-{number}") for number in range(1, 5))

managers = st.lists(st.sampled_from(MANAGERS), max_size=2, unique=True).map(tuple)


@cache
def durations(longest: int) -> st.SearchStrategy[timedelta]:
    """Whole minutes, often few."""
    return st.integers(1, longest).map(lambda count: timedelta(minutes=count))


choices = st.booleans()
zones = st.sampled_from(("UTC", "Europe/Paris", "America/New_York"))
weekdays = st.sets(st.integers(0, 6), min_size=2)
free_days = st.sets(st.dates(date(2026, 11, 14), date(2026, 11, 20)), max_size=2)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Hours that no clock change touches; the tests open on a Saturday, so often nothing counts for two days."""
    days = draw(weekdays)
    opens = draw(st.integers(4, 12))
    hours = (Hours(opens=time(opens), closes=time(draw(st.integers(opens + 1, 20)))),)
    evening = (Hours(opens=time(21), closes=time(0)),) if draw(choices) else ()
    return Calendar(
        name="office",
        zone=draw(zones),
        week=dict.fromkeys(days, (*hours, *evening)),
        holidays=frozenset(draw(free_days)),
    )


resolution_times = durations(300) | durations(60) | st.none()
slowing_down = st.none() | st.builds(SlowerUpdates, after=durations(120), every=durations(200))
warnings = st.sampled_from(((), (75,), (50, 75), (10, 33, 75, 90)))
expiries = st.none() | durations(90)
any_calendar = st.none() | calendars()


@st.composite
def targets(draw: st.DrawFn) -> Targets:
    return Targets(
        ack_within=draw(durations(40)),
        update_every=timedelta(minutes=draw(st.integers(20, 120))),
        resolve_within=draw(resolution_times),
        slower_updates=draw(slowing_down),
        warn_at=draw(warnings),
        ack_expires_after=draw(expiries),
        calendar=draw(any_calendar),
    )


people_of_a_tier = st.lists(st.sampled_from(PEOPLE), max_size=3, unique=True).map(tuple)
own_response_times = st.dictionaries(st.sampled_from(SEVERITIES), durations(20), max_size=1)


@cache
@st.composite
def tiers(draw: st.DrawFn, service: str, number: int) -> Tier:
    people: tuple[Mention, ...] = draw(people_of_a_tier)
    return Tier(
        number=number,
        name=f"{service} {number}",
        channel=ChannelId(f"C0{service.upper()}{number}") if draw(st.integers(0, 3)) else None,
        people=people if people else (EXPERTS,),
        managers=draw(managers),
        ack_within=draw(own_response_times),
    )


occasions = st.sampled_from(Occasion)
numbers_of = {
    Occasion.OPENING: st.sampled_from((0,)),
    Occasion.WARNING: st.sampled_from((50, 75)),
    Occasion.BREACH: st.sampled_from((1, 2, 3)),
}
some_severities = st.frozensets(st.sampled_from(SEVERITIES), min_size=1)


@st.composite
def rules(draw: st.DrawFn) -> ManagerRule:
    occasion = draw(occasions)
    return ManagerRule(
        occasion=occasion,
        number=draw(numbers_of[occasion]),
        severities=draw(some_severities),
        tell=draw(managers),
        tier_managers=draw(choices),
    )


repeats = st.none() | st.builds(Repeat, every=durations(20), times=st.integers(1, 3))
some_rules = st.lists(rules(), max_size=3)


@cache
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
        repeat=draw(repeats),
        manager_rules=tuple(draw(some_rules)),
        escalate_on_resolution_breach=draw(choices),
    )


any_targets = targets()
owed_updates = st.builds(
    OwedUpdates, nudge_before=st.none() | durations(10) | durations(90), overdue_after=st.none() | st.integers(1, 99)
)
places_for_stakeholders = st.sampled_from(({}, {"search": OWN_STAKEHOLDERS}))
others_told = st.sampled_from(({}, {"checkout": (SALES,)}, dict.fromkeys(SERVICES, (SALES, SUPPORT))))
private = st.sampled_from((frozenset(), frozenset({"search"})))


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    return a_policy(
        severities={severity: draw(any_targets) for severity in SEVERITIES},
        services={service: draw(escalations(service)) for service in SERVICES},
        stakeholder_channels=draw(places_for_stakeholders),
        also_told=draw(others_told),
        private_services=draw(private),
        updates=draw(owed_updates),
    )
