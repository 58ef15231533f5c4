"""What a file means: names, hours and occasions as the domain has them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import pytest

from bot.domain.calendar import Calendar, Hours
from bot.domain.ids import ChannelId
from bot.domain.policy import (
    DEFAULT_ROLES,
    THE_CHANNEL,
    EscalationPolicy,
    Impact,
    IncidentChannel,
    ManagerRule,
    Occasion,
    OnCallFeed,
    Override,
    OwedUpdates,
    Policy,
    Repeat,
    Role,
    Rotation,
    Severity,
    SlowerUpdates,
    Targets,
    Tier,
    Urgency,
    Verb,
)
from bot.policy_file import Names, to_policy, unresolved
from tests.policy_file.files import (
    ANA,
    BEN,
    DIRECTORY,
    EMI,
    FILE,
    FINN,
    FIRST_LINE,
    FULL,
    GRACE,
    HUGO,
    IRIS,
    changed,
    directory_with,
    read_text,
)

TODAY: Final = date(2026, 3, 2)
CHRISTMAS_EVE: Final = date(2026, 12, 24)
WHOLE_DAYS: Final = Hours(opens=time(8), closes=time(17))


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def hours(count: int) -> timedelta:
    return timedelta(hours=count)


def test_everything_that_can_be_said_is_in_the_policy() -> None:
    business = Calendar(
        name="business",
        zone="Europe/Paris",
        week=dict.fromkeys(range(5), (WHOLE_DAYS,))
        | {5: (Hours(opens=time(9), closes=time(12)), Hours(opens=time(13), closes=time(15)))},
        holidays=frozenset({CHRISTMAS_EVE}),
    )
    rotation = Rotation(
        people=(EMI, FINN),
        zone="Europe/Paris",
        first_day=date(2026, 1, 5),
        hand_over=time(9),
        weeks=2,
        overrides=(
            Override(
                start=datetime(2026, 12, 24, 8, tzinfo=UTC), end=datetime(2026, 12, 26, 8, tzinfo=UTC), person=BEN
            ),
        ),
    )
    feed = OnCallFeed(url="https://calendar.example.com/s3cr3t.ics", people={"Ana Ruiz": ANA})
    default = EscalationPolicy(
        name="default",
        tiers=(
            Tier(
                number=1,
                name="First line",
                channel=ChannelId("C0FIRSTLN1"),
                people=(THE_CHANNEL, ANA),
                managers=(GRACE,),
                ack_within={Severity.SEV1: minutes(3), Severity.SEV2: minutes(10)},
            ),
            Tier(number=2, name="Nobody yet", channel=None, people=(), managers=()),
            Tier(
                number=3,
                name="Experts",
                channel=ChannelId("C0EXPERTS1"),
                people=(),
                managers=(),
                on_call=(rotation, feed),
                ack_within=dict.fromkeys(Severity, minutes(20)),
            ),
        ),
        repeat=Repeat(every=minutes(5), times=3),
        manager_rules=(
            ManagerRule(
                occasion=Occasion.OPENING, severities=frozenset({Severity.SEV1}), tell=(GRACE,), tier_managers=True
            ),
            ManagerRule(occasion=Occasion.WARNING, number=75, severities=frozenset(Severity), tell=(HUGO,)),
            ManagerRule(
                occasion=Occasion.BREACH,
                number=2,
                severities=frozenset({Severity.SEV1, Severity.SEV2}),
                tell=(IRIS,),
            ),
        ),
        escalate_on_resolution_breach=True,
    )
    other = EscalationPolicy(
        name="other",
        tiers=(Tier(number=1, name="All", channel=ChannelId("C0FIRSTLN1"), people=(ANA,), managers=()),),
        repeat=None,
    )

    assert to_policy(read_text(FULL), directory_with({"business": (CHRISTMAS_EVE,)})) == Policy(
        severities={
            Severity.SEV1: Targets(
                ack_within=minutes(5),
                update_every=minutes(20),
                resolve_within=hours(4),
                slower_updates=SlowerUpdates(after=hours(2), every=hours(1)),
                warn_at=(50, 75),
            ),
            Severity.SEV2: Targets(
                ack_within=minutes(15), update_every=minutes(30), warn_at=(50, 90), ack_expires_after=minutes(30)
            ),
            Severity.SEV3: Targets(ack_within=hours(1), update_every=hours(4), calendar=business),
            Severity.SEV4: Targets(ack_within=hours(4), update_every=hours(9), warn_at=(50, 75), calendar=business),
        },
        services={"checkout": default, "payments": default, "data": other},
        stakeholder_channel=ChannelId("C0STATUS01"),
        fallback_channel=ChannelId("C0FALLBACK"),
        fallback_after=minutes(2),
        updates=OwedUpdates(nudge_before=minutes(10), overdue_after=25),
        incident_channel=IncidentChannel(
            severities=frozenset({Severity.SEV1, Severity.SEV2}),
            name="{service}-{number}",
            private=True,
            archive_after=timedelta(days=2),
        ),
        stakeholder_channels={"checkout": ChannelId("C0SHOP0001"), "payments": ChannelId("C0PAYMENTS")},
        also_told={"payments": (ChannelId("C0SHOP0001"), ChannelId("C0SALES001"))},
        private_services=frozenset({"data"}),
        matrix={
            (Impact.HIGH, Urgency.HIGH): Severity.SEV1,
            (Impact.HIGH, Urgency.MEDIUM): Severity.SEV2,
            (Impact.HIGH, Urgency.LOW): Severity.SEV3,
            (Impact.MEDIUM, Urgency.HIGH): Severity.SEV2,
            (Impact.MEDIUM, Urgency.MEDIUM): Severity.SEV3,
            (Impact.MEDIUM, Urgency.LOW): Severity.SEV3,
            (Impact.LOW, Urgency.HIGH): Severity.SEV3,
            (Impact.LOW, Urgency.MEDIUM): Severity.SEV4,
            (Impact.LOW, Urgency.LOW): Severity.SEV4,
        },
        roles={
            **DEFAULT_ROLES,
            Verb.RESOLVE: frozenset({Role.ASSIGNEE, Role.ADMINS}),
            Verb.CANCEL: frozenset({Role.ANYONE}),
        },
        admins=(GRACE, FIRST_LINE),
    )


@pytest.mark.parametrize(
    ("week", "meant"),
    [
        ('{mon: "00:00-24:00"}', {0: (Hours(opens=time(0), closes=time(0)),)}),
        ('{sat-sun: "10:00 - 16:00"}', dict.fromkeys((5, 6), (Hours(opens=time(10), closes=time(16)),))),
        ('{sun-tue: "9:00-10:00"}', dict.fromkeys((0, 1, 6), (Hours(opens=time(9), closes=time(10)),))),
        ("{Mon: 10:00-17:00, tue: []}", {0: (Hours(opens=time(10), closes=time(17)),)}),
        (
            '{fri: ["12:00-13:00", "08:00-12:00"]}',
            {4: (Hours(opens=time(8), closes=time(12)), Hours(opens=time(12), closes=time(13)))},
        ),
    ],
)
def test_a_week_is_days_and_ranges_of_days(week: str, meant: dict[int, tuple[Hours, ...]]) -> None:
    text = changed('{mon-fri: "8:00-17:00", sat: ["13:00-15:00", "09:00-12:00"]}', week, FULL)

    calendar = to_policy(read_text(text), DIRECTORY).targets(Severity.SEV3).calendar

    assert calendar is not None
    assert calendar.week == meant


def test_an_override_counts_by_the_clock_of_its_zone() -> None:
    text = changed("from: 2026-12-24 09:00", "from: 2026-07-24 9:00", FULL)

    rotation = to_policy(read_text(text), DIRECTORY).escalation("checkout").tier(3).on_call[0]

    assert isinstance(rotation, Rotation)
    assert rotation.overrides[0].start == datetime(2026, 7, 24, 7, tzinfo=UTC)
    assert rotation.on_duty(datetime(2026, 7, 24, 7, tzinfo=UTC)) == BEN


def test_the_holidays_of_a_version_are_those_of_the_years_around_it() -> None:
    days = read_text(FULL).holidays(TODAY)["business"]

    assert {day.year for day in days} == set(range(2025, 2032))
    assert [day for day in days if day.year == 2026] == [
        date(2026, 1, 1),
        date(2026, 4, 3),  # Moselle alone
        date(2026, 4, 6),
        date(2026, 5, 1),
        date(2026, 5, 8),
        date(2026, 5, 14),
        date(2026, 7, 14),
        date(2026, 8, 15),
        date(2026, 11, 1),
        date(2026, 11, 11),
        CHRISTMAS_EVE,
        date(2026, 12, 25),
        date(2026, 12, 26),
    ]


def test_own_holidays_need_no_country() -> None:
    text = changed(
        "{country: FR, subdivision: 57, extra: [2026-12-24], except: [2026-05-25]}", "{extra: [2040-01-02]}", FULL
    )

    assert read_text(text).holidays(TODAY) == {"business": (date(2040, 1, 2),)}
    assert read_text(FILE).holidays(TODAY) == {}


def test_every_name_of_the_file_is_looked_up() -> None:
    names = read_text(changed('person: "@ben"', 'person: "@sam"', FULL)).names()

    assert names == Names(
        channels=frozenset({"#tier-1", "#tier-3-experts", "#updates", "#shop", "#payments"}),
        people=frozenset({"@ana", "@emi", "@finn", "@sam", "@grace", "@hugo", "@iris", "@first-line"}),
    )


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ('people: ["@emi"', 'people: ["@gone"', 33),
        ('person: "@ben"', 'person: "@gone"', 38),
        ('{Ana Ruiz: "@ana"}', '{Ana Ruiz: "@gone"}', 39),
        ('tell: ["@iris"]', 'tell: ["@gone"]', 46),
        ('admins: ["@grace"', 'admins: ["@gone"', 53),
    ],
)
def test_a_name_that_slack_does_not_know_is_told_wherever_it_is(before: str, after: str, line: int) -> None:
    assert unresolved(read_text(changed(before, after, FULL)), DIRECTORY) == [
        f"policy.yml line {line}: there is no person or user group @gone in Slack; "
        "write the name as it is there, or the id."
    ]


@pytest.mark.parametrize(("before", "line"), [('"#shop"', 16), ('"#payments"', 41)])
def test_a_channel_of_stakeholders_that_slack_does_not_know_is_told(before: str, line: int) -> None:
    assert unresolved(read_text(changed(before, '"#gone"', FULL)), DIRECTORY) == [
        f"policy.yml line {line}: there is no channel #gone that the bot can see; "
        "create it, or invite the bot if it is private."
    ]


def test_the_notifier_of_the_policy_is_the_one_of_the_file() -> None:
    text = changed("fallback_after: 2m", "fallback_notifier: managers", FULL)
    assert to_policy(read_text(text), directory_with({})).fallback_notifier == "managers"


def test_who_was_affected_is_asked_where_the_file_wants_it() -> None:
    silent = to_policy(read_text(FILE), DIRECTORY)
    asking = to_policy(read_text(f"{FILE}ask_for_feedback: true\n"), DIRECTORY)
    assert (silent.asks_for_feedback, asking.asks_for_feedback) == (False, True)
