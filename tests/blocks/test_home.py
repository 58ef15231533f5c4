"""App Home."""

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any, Final

import pytest

from bot.domain.ids import IncidentId
from bot.domain.incident import Incident, IncidentState
from bot.domain.on_call import FeedStatus, Shift
from bot.domain.policy import Policy, Rotation, Severity
from bot.slack.blocks.countdown import away
from bot.slack.blocks.home import ALL_OTHERS_SHOWN, NEAR_SHOWN, OTHERS_SHOWN, OWN_SHOWN, HomePage, home_view
from bot.slack.blocks.home_row import GoingOn
from bot.slack.blocks.rendered import Block, View
from tests.blocks.conftest import Picture
from tests.blocks.limits import problems_of_view
from tests.builders import ANA, BEN, FIRST_LINE, NOW, a_policy, a_tier, a_user, an_escalation, an_incident, minutes

TURNS: Final = Rotation(
    people=(a_user(ANA, "ana"), a_user(BEN, "ben")), zone="UTC", first_day=date(2026, 11, 9), hand_over=time(9)
)
POLICY: Final = a_policy(
    services={
        "checkout": an_escalation(tiers=(a_tier(1, people=(FIRST_LINE,), on_call=(TURNS,)), a_tier(2), a_tier(3))),
        "search": an_escalation(name="search"),
    }
)
LATER: Final = NOW + minutes(2)
TAKEN: Final[dict[str, Any]] = {
    "state": IncidentState.ACKNOWLEDGED,
    "assignee": ANA,
    "acknowledged_at": NOW + minutes(1),
    "first_acknowledged_at": NOW + minutes(1),
    "active_at": NOW + minutes(1),
}


def no_shifts(_url: str) -> Sequence[Shift]:
    return ()


def a_page(
    own: Sequence[GoingOn] = (),
    near: Sequence[GoingOn] = (),
    others: Sequence[GoingOn] = (),
    *,
    is_wide: bool = False,
    policy: Policy = POLICY,
    feeds: Sequence[FeedStatus] = (),
) -> HomePage:
    return HomePage(
        own=own, near=near, others=others, is_wide=is_wide, policy=policy, shifts_of=no_shifts, feeds=feeds, now=LATER
    )


def going_on(number: int = 7, *, breached: float | None = None, **changes: Any) -> GoingOn:
    """`breached` so many minutes after `NOW`."""
    incident = an_incident(id=IncidentId(number), number=number, **changes)
    return GoingOn(
        incident=incident, policy=POLICY, breached_at=NOW + minutes(breached) if breached is not None else None
    )


def test_home_shows_mine_what_is_near_and_what_else_is_open(picture: Picture) -> None:
    picture(
        home_view(
            a_page(
                own=[going_on(3, title="Mine", **TAKEN)],
                near=[
                    going_on(2, title="Payments are refused", breach_count=1, tier=2, breached=1),
                    going_on(1, title="Search is slow", severity=Severity.SEV3),
                ],
                others=[going_on(4, title="Taken by Ben", is_private=True, **(TAKEN | {"assignee": BEN}))],
            )
        )
    )


def test_home_of_a_quiet_day(picture: Picture) -> None:
    picture(home_view(a_page()))


def test_home_with_everything_open(picture: Picture) -> None:
    picture(home_view(a_page(others=[going_on(1), going_on(2, **TAKEN)], is_wide=True)))


@pytest.mark.parametrize("is_wide", [False, True])
def test_home_of_a_very_bad_day_stays_within_the_limits(is_wide: bool) -> None:
    many = range(1, 701)
    view = home_view(
        a_page(
            own=[going_on(n, title="x" * 200, **TAKEN) for n in many],
            near=[going_on(1000 + n, title="&" * 200, breached=-n, breach_count=n) for n in many],
            others=[going_on(2000 + n, title="<" * 200, service="s" * 80) for n in many],
            is_wide=is_wide,
            policy=a_policy(
                services={f"s{n}": an_escalation(name=f"p{n}", tiers=tuple(a_tier(t) for t in (1, 2, 3))) for n in many}
            ),
            feeds=[a_feed(fetched_at=None)] * 700,
        )
    )
    assert problems_of_view(view) == []
    others = ALL_OTHERS_SHOWN if is_wide else OTHERS_SHOWN
    assert [text for text in contexts(view) if "more" in text] == [
        f"{700 - OWN_SHOWN} more: `/incident list mine` shows them.",
        f"{700 - NEAR_SHOWN} more: `/incident list` shows them.",
        f"{700 - others} more: `/incident list` shows them.",
        "694 more: `/incident oncall` shows them.",
    ]


def a_feed(*, fetched_at: Any, error: str | None = "no answer") -> FeedStatus:
    return FeedStatus(host="calendar.example", key="k", fetched_at=fetched_at, failed_at=LATER, error=error)


def test_a_calendar_that_is_not_read_any_more_is_told() -> None:
    feeds = [
        a_feed(fetched_at=None),
        a_feed(fetched_at=LATER - timedelta(minutes=31)),
        a_feed(fetched_at=LATER - timedelta(minutes=30)),
        a_feed(fetched_at=LATER - timedelta(days=1), error=None),
    ]
    never, old, *_ = contexts(home_view(a_page(feeds=feeds)))
    assert never == "⚠️ The on-call calendar at calendar.example was never read, so it pages nobody."
    assert old.startswith("⚠️ The on-call calendar at calendar.example was last read <!date^")
    assert old.endswith("; who is on call may have changed since.")
    assert len([text for text in contexts(home_view(a_page(feeds=feeds))) if "⚠️" in text]) == 2


def test_what_can_be_chosen_is_what_would_show_something_else() -> None:
    assert labels(home_view(a_page(own=[going_on(1, **TAKEN)]))) == ["Open incident"]
    assert labels(home_view(a_page(others=[going_on(1)]))) == ["Open incident", "Everything open"]
    assert labels(home_view(a_page(others=[going_on(1)], is_wide=True))) == ["Open incident", "Only mine and my tiers"]
    nothing_else = home_view(a_page(own=[going_on(1, **TAKEN)], is_wide=True))
    assert labels(nothing_else) == ["Open incident", "Only mine and my tiers"]
    assert "Nothing else is open." in contexts(nothing_else)


OFFERED: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["acknowledge", "update", "resolve", "home_details", "more"]),
    (TAKEN, ["update", "resolve", "home_details", "more"]),
    (TAKEN | {"still_asked_at": NOW}, ["still_on_it", "update", "resolve", "home_details", "more"]),
    (
        TAKEN | {"state": IncidentState.ON_HOLD, "hold_until": NOW + minutes(60), "held_by": ANA, "held_at": NOW},
        ["resume", "update", "resolve", "home_details", "more"],
    ),
]


@pytest.mark.parametrize(("changes", "offered"), OFFERED)
def test_a_row_offers_what_makes_sense_in_its_state(changes: dict[str, Any], offered: list[str]) -> None:
    view = home_view(a_page(own=[going_on(**changes)]))
    [row] = [block for block in view["blocks"] if block.get("block_id") == "incident_buttons|7"]
    assert [element["action_id"] for element in row["elements"]] == offered


def test_a_star_in_a_title_does_not_end_the_bold_of_its_row_amid_it() -> None:
    shown = [section_of(home_view(a_page(own=[going_on(title=title)]))) for title in ("Pay * is down", "Pay is down")]
    assert [text.splitlines()[0] for text in shown] == [
        "🔴 *INC-7 · sev1* · Pay * is down",
        "🔴 *INC-7 · sev1 · Pay is down*",
    ]


def section_of(view: View) -> str:
    texts = (str(block.get("text", {}).get("text", "")) for block in view["blocks"])
    return next(text for text in texts if "INC-7" in text)


def test_elsewhere_only_what_nobody_has_can_be_taken() -> None:
    view = home_view(a_page(others=[going_on(1), going_on(2, **TAKEN)]))
    assert [block["accessory"]["action_id"] for block in rows(view)] == ["acknowledge", "home_details"]


LINES: list[tuple[Incident, float | None, list[str]]] = [
    (an_incident(), None, ["*Acknowledge by* …, in 3 min", "Next update …, in about 15 min"]),
    (
        an_incident(tier=3, tier_breached_at=NOW + minutes(1), breach_count=3),
        1,
        ["⏰ *Breached 1 min ago* · Paged again …, in 4 min", "Next update …, in about 15 min"],
    ),
    (
        an_incident(tier=3, tier_breached_at=NOW, exhausted_at=NOW + minutes(1), breach_count=3),
        0,
        ["🚨 *Nobody answered*: the alarm went out 1 min ago", "Next update …, in about 15 min"],
    ),
    (an_incident(breach_count=1, **TAKEN), None, ["⏰ *Breached*", "Next update …, in about 15 min"]),
    (
        an_incident(state=IncidentState.ON_HOLD, held_by=ANA, held_at=NOW, hold_until=NOW + minutes(62), assignee=ANA),
        None,
        ["On hold until …, in about 1 h", "Next update …, in about 15 min"],
    ),
    (
        an_incident(**TAKEN, overdue_since=NOW),
        None,
        ["📭 Stakeholders wait for an update by a person since …"],
    ),
]


@pytest.mark.parametrize(("incident", "breached", "told"), LINES)
def test_a_row_tells_its_clocks(incident: Incident, breached: float | None, told: list[str]) -> None:
    at = NOW + minutes(breached) if breached is not None else None
    view = home_view(a_page(own=[GoingOn(incident=incident, policy=POLICY, breached_at=at)]))
    [_, row] = [block for block in view["blocks"] if block["type"] == "section"][:2]
    assert [undated(line) for line in row["text"]["text"].split("\n")[2:]] == told


def undated(line: str) -> str:
    before, *dates = line.split("<!date")
    return before + "".join(f"…{date.partition('>')[2]}" for date in dates)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-86_400 * 3, "about 3 days ago"),
        (-3_600 * 5, "about 5 h ago"),
        (-60 * 89, "about 1 h 25 min ago"),
        (-60 * 14, "14 min ago"),
        (-60, "1 min ago"),
        (-59, "just now"),
        (0, "just now"),
        (1, "in less than a minute"),
        (60, "in 1 min"),
        (60 * 15 - 1, "in 14 min"),
        (60 * 15, "in about 15 min"),
        (60 * 29, "in about 25 min"),
        (60 * 60, "in about 1 h"),
        (60 * 119, "in about 1 h 55 min"),
        (60 * 120, "in about 2 h"),
        (3_600 * 48 - 1, "in about 47 h"),
        (3_600 * 48, "in about 2 days"),
    ],
)
def test_how_far_away_an_instant_is(seconds: int, words: str) -> None:
    assert away(NOW + timedelta(seconds=seconds), NOW) == words


def contexts(view: View) -> list[str]:
    return [block["elements"][0]["text"] for block in view["blocks"] if block["type"] == "context"]


def labels(view: View) -> list[str]:
    """Of the buttons at the top."""
    [row] = [block for block in view["blocks"] if block.get("block_id") == "home_buttons"]
    return [element["text"]["text"] for element in row["elements"]]


def rows(view: View) -> list[Block]:
    return [block for block in view["blocks"] if "accessory" in block]
