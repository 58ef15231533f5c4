"""Who is on call now, as it is told to who asks."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from bot.domain.on_call import Shift
from bot.domain.policy import OnCallFeed, Policy, Rotation
from bot.slack.blocks.mrkdwn import time_of
from bot.slack.blocks.on_duty import on_call_now
from bot.slack.blocks.rendered import Rendered
from tests.blocks.limits import problems_of_message
from tests.builders import ANA, BEN, CHLOE, FIRST_LINE, NOW, a_policy, a_tier, a_user, an_escalation

FEED: Final = OnCallFeed(url="https://calendar.example/a.ics", people={"Chloé": a_user(CHLOE, "chloe")})
TURNS: Final = Rotation(
    people=(a_user(ANA, "ana"), a_user(BEN, "ben")), zone="UTC", first_day=date(2026, 11, 9), hand_over=time(9)
)
STAFFED: Final = an_escalation(
    tiers=(
        a_tier(1, name="First line", people=(FIRST_LINE,), on_call=(TURNS,)),
        a_tier(2, name="Platform", people=(), on_call=(FEED,)),
        a_tier(3, name="On paper", channel=None),
        a_tier(4, name="Bosses", people=()),
    )
)
HANDED_OVER: Final = datetime(2026, 11, 16, 9, tzinfo=UTC)
POLICY: Final = a_policy(services={"checkout": STAFFED, "payments": STAFFED})


def shifts(_url: str) -> tuple[Shift, ...]:
    return (Shift(start=NOW - timedelta(hours=1), end=NOW + timedelta(hours=1), who="Chloé"),)


def nobody(_url: str) -> tuple[Shift, ...]:
    return ()


def lines(shown: Rendered) -> list[str]:
    assert problems_of_message(shown) == []
    return [line for block in shown.blocks if block["type"] == "section" for line in block["text"]["text"].split("\n")]


def test_each_tier_says_whose_turn_it_is_and_who_is_paged_always() -> None:
    assert lines(on_call_now(POLICY, None, NOW, shifts)) == [
        "*checkout, payments*",
        f"1. First line in <#C0FIRSTLN1>: <@{ANA}> until {time_of(HANDED_OVER)}; always <!subteam^S0FIRSTLN1>",
        f"2. Platform in <#C0PLATFRM1>: <@{CHLOE}> until {time_of(NOW + timedelta(hours=1))}",
        "4. Bosses in <#C0MANAGERS>: nobody by name",
    ]


def test_the_turn_goes_on_with_the_time() -> None:
    shown = on_call_now(POLICY, "payments", NOW + timedelta(days=7), nobody)
    until = time_of(HANDED_OVER + timedelta(weeks=1))
    assert lines(shown)[:3] == [
        "*payments*",
        f"1. First line in <#C0FIRSTLN1>: <@{BEN}> until {until}; always <!subteam^S0FIRSTLN1>",
        "2. Platform in <#C0PLATFRM1>: nobody has a turn now",
    ]
    assert shown.text == "Who is on call for payments now."


def test_many_policies_are_cut_and_it_is_said() -> None:
    policy: Policy = a_policy(
        services={f"service-{number}": an_escalation(name=f"policy {number}") for number in range(1, 31)}
    )
    shown = on_call_now(policy, None, NOW, nobody)
    assert problems_of_message(shown) == []
    assert "10 more policies are not shown" in shown.blocks[-1]["elements"][0]["text"]
