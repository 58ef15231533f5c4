"""The card of a tier: the page while it rings, then what is so."""

from collections.abc import Callable

import pytest

from bot.domain import verbs
from bot.domain.policy import THE_CHANNEL
from bot.slack.blocks.buttons import MORE
from bot.slack.blocks.card import tier_card
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.ids import ActionId, ButtonValue, MenuValue
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import button_labels, menu_labels, references, texts
from tests.builders import ANA, GRACE, NOW, TIER_2_CHANNEL, a_group, a_policy, a_tier, an_escalation, an_incident


def test_a_page_mentions_the_people_of_its_tier(picture: Picture) -> None:
    picture(tier_card(an_incident(), a_policy(), tier=1, card=0, rings=True))


def test_the_text_and_the_first_line_of_a_page_ring() -> None:
    page = tier_card(an_incident(), a_policy(), tier=1, card=0, rings=True)
    assert page.text.startswith("<!subteam^S0FIRSTLN1> ")
    assert page.blocks[0]["text"]["text"].startswith("<!subteam^S0FIRSTLN1> ")


def test_an_edited_card_rings_nobody(picture: Picture) -> None:
    card = tier_card(an_incident(), a_policy(), tier=1, card=0, rings=False)
    assert not any("subteam" in reference for reference in references(card))
    picture(card)


def test_a_tier_without_people_is_paged_in_words() -> None:
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, people=()),))})
    page = tier_card(an_incident(), policy, tier=1, card=0, rings=True)
    assert page.text.startswith("Please acknowledge INC-7 by <!date^")


def test_a_page_after_the_breach_of_the_last_tier_names_no_deadline_that_has_passed() -> None:
    breached = stories.breached_at_the_last_tier()
    page = _of(breached, tier=4, rings=True)
    assert page.text.startswith("<@U0GRACE001> <@U0HUGO0001> please take INC-7. ")


def test_an_acknowledged_card_says_who_has_it(picture: Picture) -> None:
    situation = stories.acknowledged()
    picture(_of(situation, tier=1))


def test_a_card_that_was_left_in_time_says_where_it_went(picture: Picture) -> None:
    situation = stories.escalated_by_ben()
    picture(_of(situation, tier=1))


def test_a_card_that_was_left_by_the_clock_says_so(picture: Picture) -> None:
    situation = stories.escalated_by_the_clock()
    picture(_of(situation, tier=1))


def test_a_card_that_was_left_long_ago_says_where_it_is_now(picture: Picture) -> None:
    situation = stories.acknowledged(stories.breached_at_the_last_tier())
    picture(_of(situation, tier=1))


def test_a_card_at_a_later_tier_shows_the_breach(picture: Picture) -> None:
    situation = stories.escalated_by_the_clock()
    picture(_of(situation, tier=2, rings=True))


def test_a_card_at_the_last_tier_says_what_follows_its_breach(picture: Picture) -> None:
    situation = stories.opened()
    while situation.incident.tier < 4:
        situation = stories.next_deadline(situation)
    picture(_of(situation, tier=4, rings=True))


def test_a_breached_card_at_the_last_tier_says_when_it_is_paged_again(picture: Picture) -> None:
    situation = stories.breached_at_the_last_tier()
    picture(_of(situation, tier=4))


def test_an_exhausted_card_says_so(picture: Picture) -> None:
    situation = stories.exhausted()
    picture(_of(situation, tier=4))


def test_a_resolved_card_says_by_whom_after_how_long_and_what_it_was(picture: Picture) -> None:
    situation = stories.resolved()
    picture(_of(situation, tier=1))


def test_a_resolved_card_without_a_summary_is_whole(picture: Picture) -> None:
    situation = stories.resolved(summary="")
    picture(_of(situation, tier=1))


def test_a_last_tier_without_repeats_goes_straight_to_the_alarm() -> None:
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1),), repeat=None)})
    card = tier_card(an_incident(), policy, tier=1, card=0, rings=False)
    assert _field(card.blocks, "Otherwise") == "An alarm goes to <#C0FALLBACK> and to all managers"


def test_a_breached_last_tier_without_repeats_says_when_the_alarm_comes() -> None:
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1),), repeat=None)})
    incident = an_incident(tier_breached_at=NOW, breach_count=1)
    assert _field(tier_card(incident, policy, tier=1, card=0, rings=False).blocks, "Next").startswith(
        "An alarm goes to <#C0FALLBACK> and to all managers <!date^"
    )


def test_only_buttons_that_make_sense_are_shown() -> None:
    last = stories.breached_at_the_last_tier()
    shown = {
        "open": button_labels(tier_card(an_incident(), a_policy(), tier=1, card=0, rings=True).blocks),
        "open at the last tier": button_labels(_of(last, tier=4, rings=True).blocks),
        "acknowledged": button_labels(_card(stories.acknowledged(), tier=1)),
        "on hold": button_labels(_card(stories.held(), tier=1)),
        "left": button_labels(_card(stories.escalated_by_the_clock(), tier=1)),
        "resolved": button_labels(_card(stories.resolved(), tier=1)),
        "cancelled": button_labels(_card(stories.cancelled(), tier=1)),
        "resolved at a later tier": button_labels(_card(stories.resolved(stories.escalated_by_the_clock()), tier=1)),
    }
    assert shown == {
        "open": ["Acknowledge", "Escalate", "Not mine", "Resolve", "Update", "More…"],
        "open at the last tier": ["Acknowledge", "Not mine", "Resolve", "Update", "More…"],
        "acknowledged": ["Escalate", "Not mine", "Resolve", "Update", "More…"],
        "on hold": ["Resume", "Escalate", "Resolve", "Update", "More…"],
        "left": [],
        "resolved": ["Reopen", "More…"],
        "cancelled": ["Reopen", "More…"],
        "resolved at a later tier": [],
    }


def test_the_menu_offers_only_what_makes_sense() -> None:
    open_now = tier_card(an_incident(), a_policy(), tier=1, card=0, rings=True).blocks
    assert menu_labels(open_now) == [
        "Put on hold…",
        "Assign…",
        "Change severity…",
        "Escalate to…",
        "Write a note…",
        "Why is it here?",
        "Timeline",
        "Cancel it…",
    ]
    assert set(menu_labels(open_now)) - set(menu_labels(_card(stories.held(), tier=1))) == {"Put on hold…"}
    assert menu_labels(_card(stories.resolved(), tier=1)) == ["Write a note…", "Why is it here?", "Timeline"]
    nowhere = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1),), repeat=None)})
    alone = tier_card(an_incident(), nowhere, tier=1, card=0, rings=False).blocks
    assert set(menu_labels(open_now)) - set(menu_labels(alone)) == {"Escalate to…"}


def test_the_menu_carries_what_was_chosen_and_of_which_incident() -> None:
    *_, buttons = _card(stories.taken(), tier=1)
    *_, menu = buttons["elements"]
    chosen = [MenuValue.decode(option["value"]) for option in menu["options"]]
    assert chosen == [MenuValue(choice=choice, number=7) for choice in MORE]


def test_a_button_carries_what_its_reader_saw() -> None:
    situation = stories.paged_again()
    *_, buttons = _card(situation, tier=4)
    *buttons, menu = buttons["elements"]
    assert menu["action_id"] == ActionId.MORE
    assert {button["action_id"]: ButtonValue.decode(button["value"]) for button in buttons} == {
        action: ButtonValue(number=7, tier=4, cycle=situation.incident.cycle)
        for action in (ActionId.ACKNOWLEDGE, ActionId.NOT_MINE, ActionId.RESOLVE, ActionId.UPDATE)
    }


def test_only_what_opens_it_again_asks_twice() -> None:
    """What ends it opens a form first."""
    *_, buttons = tier_card(an_incident(), a_policy(), tier=1, card=0, rings=True).blocks
    assert [element["action_id"] for element in buttons["elements"] if "confirm" in element] == []
    *_, over = _card(stories.resolved(), tier=1)
    assert [element["action_id"] for element in over["elements"] if "confirm" in element] == [ActionId.REOPEN]


IN_EVERY_STATE: list[tuple[str, Callable[[], stories.Situation]]] = [
    ("open with every clock", lambda: stories.opened(stories.full_policy())),
    ("warned", stories.warned),
    ("acknowledged", stories.taken),
    ("asked for a sign of life", stories.asked_still_on_it),
    ("open again", stories.expired),
    ("on hold", stories.held),
    ("back from hold", stories.reviewed),
    ("time to resolve nearly over", stories.resolution_warned),
    ("not resolved in time", stories.resolution_breached),
    ("catching up", stories.catching_up),
    ("at another service's team", stories.routed),
    ("passed on", stories.passed_on_to_a_person),
    ("cancelled", stories.cancelled),
    ("duplicate", stories.duplicate),
    ("reopened", stories.reopened),
]


@pytest.mark.parametrize(("state", "situation"), IN_EVERY_STATE, ids=[state for state, _ in IN_EVERY_STATE])
def test_the_card_in_every_state(state: str, situation: Callable[[], stories.Situation], picture: Picture) -> None:
    reached = situation()
    picture(_of(reached, tier=reached.incident.tier, rings=rings_in(state)))


def rings_in(state: str) -> bool:
    return state in ("open with every clock", "catching up", "at another service's team")


def test_a_card_that_another_service_took_says_so(picture: Picture) -> None:
    situation = stories.routed()
    assert situation.incident.tier == 1
    picture(tier_card(situation.incident, situation.policy, tier=1, card=0, rings=False))


def test_a_card_that_was_left_because_the_time_to_resolve_ran_out_blames_no_tier() -> None:
    left = _of(stories.resolution_breached(), tier=1)
    assert "It was not resolved in time, so it went to tier 2 (platform) in <#C0PLATFRM1>" in left.text


def test_a_card_of_a_tier_that_the_incident_came_back_to_is_not_the_present_one() -> None:
    away = stories.escalated_by_ben()
    back = stories.done(away, verbs.escalate, by=ANA, to=verbs.Destination(route="checkout", tier=1))
    old = tier_card(back.incident, back.policy, tier=1, card=0, rings=False)
    assert "It is not worked here any more. <@U0ANA00001> moved it to tier 1 (first line) in <#C0FIRSTLN1>" in old.text
    assert button_labels(old.blocks) == []
    assert button_labels(_card(back, tier=1)) == [
        *("Acknowledge", "Escalate", "Not mine", "Resolve", "Update", "More…")
    ]


def test_a_group_of_managers_is_named_and_not_rung() -> None:
    group = a_group("S0BOSSES01", "the bosses")
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, managers=(group,)), a_tier(2)))})
    incident = an_incident(managers_told=("S0BOSSES01", "S0UNKNOWN1", GRACE), breach_count=1)
    card = tier_card(incident, policy, tier=1, card=0, rings=False)
    assert card.blocks[-2]["elements"][0]["text"].startswith(
        "⏰ Breached: not acknowledged in time.\n📣 Managers told: the bosses, a group, <@U0GRACE001>.\n"
    )


def test_the_whole_channel_is_rung_only_by_the_policy() -> None:
    policy = a_policy(services={"checkout": an_escalation(tiers=(a_tier(1, people=(THE_CHANNEL,)),))})
    incident = an_incident(title="<!channel>", description="<!channel>")
    page = tier_card(incident, policy, tier=1, card=0, rings=True)
    assert page.text.startswith("<!channel> please acknowledge INC-7")
    assert page.text.count("<!channel>") == 1
    assert sum(text.count("<!channel>") for text in texts(page.blocks)) == 1
    assert "<!channel>" not in str(tier_card(incident, policy, tier=1, card=0, rings=False))


def test_a_title_that_the_header_cannot_hold_is_shown_whole_below_it(picture: Picture) -> None:
    title = "The checkout of the shop in every country answers with a blank page " * 2 + "since the deploy of 02:50"
    picture(tier_card(an_incident(title=title), a_policy(), tier=1, card=0, rings=False))


def test_addresses_in_a_description_are_links_that_show_where_they_lead() -> None:
    words = "See https://grafana.example/d/1?a=1&b=2, and <https://evil.example|our bank>."
    card = tier_card(an_incident(description=words), a_policy(), tier=1, card=0, rings=False)
    shown = next(block["text"]["text"] for block in card.blocks if "See" in str(block.get("text")))
    assert shown == ("See <https://grafana.example/d/1?a=1&amp;b=2>, and &lt;<https://evil.example>|our bank&gt;.")


def test_the_card_links_the_channel_that_comes_next() -> None:
    card = tier_card(an_incident(), a_policy(), tier=1, card=0, rings=False)
    assert _field(card.blocks, "Otherwise") == f"It goes to tier 2 (platform) in <#{TIER_2_CHANNEL}>"


def test_a_card_that_was_left_says_who_has_it_there() -> None:
    situation = stories.acknowledged(stories.escalated_by_the_clock())
    left = _of(situation, tier=1)
    assert left.text.endswith(" <@U0GRACE001> has it there.")


def _card(situation: stories.Situation, *, tier: int) -> list[Block]:
    return _of(situation, tier=tier).blocks


def _of(situation: stories.Situation, *, tier: int, rings: bool = False) -> Rendered:
    """The present card of its tier, or the first one."""
    incident = situation.incident
    card = incident.card_cycle if tier == incident.tier else 0
    return tier_card(incident, situation.policy, tier=tier, card=card, rings=rings)


def _field(blocks: list[Block], label: str) -> str:
    texts = [str(field["text"]) for block in blocks for field in block.get("fields", [])]
    return next(text.partition("\n")[2] for text in texts if text.startswith(f"*{label}*"))


def test_a_card_shows_what_stakeholders_were_told_last(picture: Picture) -> None:
    picture(_of(stories.told_by_hand(), tier=1))
