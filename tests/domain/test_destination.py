"""Where an incident is to go, as people write it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.destination import destinations, read_destination, refuse_if_unknown
from bot.domain.errors import UnknownTier
from bot.domain.ids import ChannelId
from bot.domain.policy import Policy
from bot.domain.verbs import Destination
from tests.builders import (
    STAKEHOLDER_CHANNEL,
    TIER_2_CHANNEL,
    TIER_3_CHANNEL,
    a_policy,
    a_tier,
    an_escalation,
    an_incident,
)

CHECKOUT = an_escalation(
    tiers=(
        a_tier(1, name="First line"),
        a_tier(2, name="Platform"),
        a_tier(3, name="On paper", channel=None),
        a_tier(4, name="Platform on-call"),
    )
)
PAYMENTS = an_escalation(tiers=(a_tier(1, name="Ledger", channel=None), a_tier(2, name="Cards"), a_tier(3, name="Db")))
POLICY: Policy = a_policy(
    services={"checkout": CHECKOUT, "payments": PAYMENTS, "platform": PAYMENTS, "payments eu": CHECKOUT}
)
INCIDENT = an_incident(routed_to="checkout")


def at_tier(tier: int, route: str = "checkout") -> Destination:
    return Destination(route=route, tier=tier)


READ = [
    ("2", at_tier(2), ""),
    ("2 they know it", at_tier(2), "they know it"),
    ("  tier 2  they know it ", at_tier(2), "they know it"),
    ("TIER 2: they know it", at_tier(2), "they know it"),
    ("tier 4 - nobody else can", at_tier(4), "nobody else can"),
    ("2, please", at_tier(2), "please"),
    ("first  LINE they  know it", at_tier(1), "they  know it"),
    ("platform", at_tier(2), ""),
    ("platform\nit is theirs", at_tier(2), "it is theirs"),
    ("platform on-call is awake", at_tier(4), "is awake"),
    ("platform on-calling somebody", at_tier(2), "on-calling somebody"),
    ("platform -5 degrees", at_tier(2), "-5 degrees"),
    ("platform. 3 of 4", at_tier(2), "3 of 4"),
    ("payments", at_tier(2, "payments"), ""),
    ("Payments it is theirs", at_tier(2, "payments"), "it is theirs"),
    ("payments tier 3 it is the database", at_tier(3, "payments"), "it is the database"),
    ("payments tier 3rd is asleep", at_tier(2, "payments"), "tier 3rd is asleep"),
    ("payments 3 of them", at_tier(2, "payments"), "3 of them"),
    ("platform tier 2 it is", at_tier(2, "platform"), "it is"),
    ("payments EU tier 4: it is", at_tier(4, "payments eu"), "it is"),
    ("checkout", at_tier(1), ""),
    ("checkout tier 2", at_tier(2), ""),
]

IN_A_CHANNEL = [
    (TIER_2_CHANNEL, "#platform they know it", at_tier(2), "they know it"),
    (TIER_2_CHANNEL, "#platform: they know it", at_tier(2), "they know it"),
    (TIER_2_CHANNEL, "#platform", at_tier(2), ""),
    (TIER_3_CHANNEL, "#experts now", at_tier(3, "payments"), "now"),
]


@pytest.mark.parametrize(("channel", "words", "destination", "reason"), IN_A_CHANNEL)
def test_a_channel_is_the_tier_that_works_there(
    channel: ChannelId, words: str, destination: Destination, reason: str
) -> None:
    assert read_destination(words, INCIDENT, POLICY, channel=channel) == (destination, reason)


def test_a_channel_where_no_tier_works_leads_nowhere() -> None:
    with pytest.raises(UnknownTier):
        read_destination("#status please", INCIDENT, POLICY, channel=STAKEHOLDER_CHANNEL)


CHECKOUT_TIERS = ("First line", "Platform", "Platform on-call")
NOT_A_DESTINATION = [
    ("", "", CHECKOUT_TIERS),
    ("3 it is on paper", "3 it is on paper", CHECKOUT_TIERS),
    ("on paper", "on paper", CHECKOUT_TIERS),
    ("tier 02", "tier 02", CHECKOUT_TIERS),
    ("2nd line", "2nd line", CHECKOUT_TIERS),
    ("2.5", "2.5", CHECKOUT_TIERS),
    ("tier", "tier", CHECKOUT_TIERS),
    ("platforms", "platforms", CHECKOUT_TIERS),
    ("9" * 5000, f"{'9' * 39}…", CHECKOUT_TIERS),
    ("x" * 40, "x" * 40, CHECKOUT_TIERS),
    (f"{'x' * 38} and more", f"{'x' * 38}…", CHECKOUT_TIERS),
    ("payments tier 1 has no channel", "payments tier 1 has no channel", ("Cards", "Db")),
    ("payments tier 9", "payments tier 9", ("Cards", "Db")),
]


@pytest.mark.parametrize(("words", "destination", "reason"), READ)
def test_the_words_begin_with_where_it_goes(words: str, destination: Destination, reason: str) -> None:
    assert read_destination(words, INCIDENT, POLICY) == (destination, reason)


@pytest.mark.parametrize(("words", "asked", "known"), NOT_A_DESTINATION)
def test_what_is_no_destination_is_refused_with_those_there_are(words: str, asked: str, known: tuple[str, ...]) -> None:
    with pytest.raises(UnknownTier) as refused:
        read_destination(words, INCIDENT, POLICY)
    assert str(refused.value) == f"{asked} is not a tier of INC-7"
    assert (refused.value.key, refused.value.asked, refused.value.known) == ("INC-7", asked, known)


def test_the_tiers_are_those_of_the_policy_that_it_follows_now() -> None:
    rerouted = an_incident(service="checkout", routed_to="payments", tier=2)
    assert read_destination("db", rerouted, POLICY) == (at_tier(3, "payments"), "")
    assert read_destination("3", rerouted, POLICY) == (at_tier(3, "payments"), "")
    assert read_destination("checkout tier 1", rerouted, POLICY) == (at_tier(1), "")


WORD = st.sampled_from(
    [
        *"123490",
        "tier",
        "Tier",
        "first",
        "line",
        "platform",
        "on-call",
        "payments",
        "eu",
        "checkout",
        "db",
        ":",
        "-",
        ".",
    ]
)
WORDS = st.lists(WORD | st.text(max_size=8), max_size=8).map(" ".join)


@given(words=WORDS)
@example(words="tier 2 . -")
def test_whatever_is_written_is_a_tier_that_can_hold_it_or_is_refused(words: str) -> None:
    try:
        destination, reason = read_destination(words, INCIDENT, POLICY)
    except UnknownTier:
        return
    assert POLICY.escalation(destination.route).channel(destination.tier)
    assert words.strip().endswith(reason)
    assert reason == reason.strip()


@given(words=st.text(max_size=60))
def test_a_named_tier_keeps_its_reason_whole(words: str) -> None:
    reason = f"because {words}".strip()
    assert read_destination(f"platform {reason}", INCIDENT, POLICY) == (at_tier(2), reason)


def test_a_tier_without_a_name_is_not_meant_by_a_dash() -> None:
    nameless = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, name=" "),))})
    with pytest.raises(UnknownTier):
        read_destination("- it is theirs", INCIDENT, nameless)


def test_it_can_be_sent_to_other_tiers_and_to_other_policies() -> None:
    assert destinations(INCIDENT, POLICY) == (at_tier(2), at_tier(4), at_tier(2, "payments"), at_tier(2, "platform"))
    assert destinations(an_incident(routed_to="payments", tier=3), POLICY) == (
        at_tier(2, "payments"),
        at_tier(1),
        at_tier(1, "payments eu"),
    )


def test_what_can_be_chosen_is_known() -> None:
    for to in destinations(INCIDENT, POLICY):
        refuse_if_unknown(to, INCIDENT, POLICY)


@pytest.mark.parametrize(
    ("to", "asked"),
    [(at_tier(3), "checkout tier 3"), (at_tier(9), "checkout tier 9"), (at_tier(1, "nosuch"), "nosuch tier 1")],
)
def test_what_could_not_be_chosen_is_refused(to: Destination, asked: str) -> None:
    with pytest.raises(UnknownTier) as refused:
        refuse_if_unknown(to, INCIDENT, POLICY)
    assert (refused.value.asked, refused.value.known) == (asked, ("First line", "Platform", "Platform on-call"))
