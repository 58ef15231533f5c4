"""A list as somebody asked for it, and what is said to one who was not understood."""

from collections.abc import Sequence

import pytest

from bot.domain.ids import UserId
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Policy, Severity
from bot.domain.wanted import COUNTED, EVERYTHING, Listed, Wanted
from bot.slack.blocks import listing
from bot.slack.blocks.help import help_text
from bot.slack.blocks.rendered import Block, Rendered
from bot.slack.queries import ListQuery, Place
from tests.blocks.conftest import Picture
from tests.blocks.limits import block_types, problems_of_message
from tests.builders import ANA, BEN, NOW, a_policy, an_escalation, an_incident, minutes

TAKEN = an_incident(number=8, state=IncidentState.ACKNOWLEDGED, assignee=ANA, tier=2, breach_count=1)
OVER = an_incident(number=9, state=IncidentState.RESOLVED, assignee=BEN, resolved_at=NOW + minutes(30), resolved_by=BEN)


def a_list(
    incidents: Sequence[Incident] = (),
    *,
    wanted: Wanted = EVERYTHING,
    page: int = 1,
    total: int | None = None,
    policy: Policy | None = None,
    me: UserId = ANA,
) -> Rendered:
    listed = Listed(wanted=wanted, page=page, incidents=incidents, total=len(incidents) if total is None else total)
    return listing.incident_list(listed, policy or a_policy(), me=me)


def test_a_list_shows_each_incident_in_two_lines(picture: Picture) -> None:
    picture(a_list([an_incident(), TAKEN]))


def test_a_page_amid_a_long_list_leads_to_both_sides(picture: Picture) -> None:
    wanted = Wanted(severities=(Severity.SEV1,), services=("checkout",), people=(ANA,))
    picture(a_list([an_incident(number=number) for number in range(11, 21)], wanted=wanted, page=2, total=34))


@pytest.mark.parametrize(
    ("page", "total", "buttons"),
    [
        (1, 10, {}),
        (1, 11, {"list_next": "2||||"}),
        (2, 21, {"list_previous": "1||||", "list_next": "3||||"}),
        (3, 21, {"list_previous": "2||||"}),
    ],
)
def test_the_pages_beside_this_one_can_be_turned_to(page: int, total: int, buttons: dict[str, str]) -> None:
    shown = a_list([an_incident()], page=page, total=total)
    assert {element["action_id"]: element["value"] for element in elements(shown, "list_pages")} == buttons


def test_what_is_over_says_when_it_ended(picture: Picture) -> None:
    picture(a_list([OVER], wanted=Wanted(over=True)))


def test_there_may_be_more_than_were_counted() -> None:
    assert a_list([OVER], wanted=Wanted(over=True), total=COUNTED).text.startswith(
        "1000 incidents or more: closed, page 1 of 100\n"
    )


def test_an_empty_list_says_so_and_lets_choose_something_else(picture: Picture) -> None:
    picture(a_list(wanted=Wanted(severities=(Severity.SEV3,), breached=True)))


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (EVERYTHING, ["Any severity", "Any service", "All open"]),
        (Wanted(severities=(Severity.SEV2,)), ["sev2", "Any service", "All open"]),
        (Wanted(severities=(Severity.SEV1, Severity.SEV2)), ["sev1 or sev2", "Any service", "All open"]),
        (Wanted(services=("search",)), ["Any severity", "search", "All open"]),
        (Wanted(services=("search", "gone")), ["Any severity", "search or gone", "All open"]),
        (Wanted(services=("gone",)), ["Any severity", "gone", "All open"]),
        (Wanted(people=(ANA,)), ["Any severity", "Any service", "Mine"]),
        (Wanted(people=(ANA,), breached=True), ["Any severity", "Any service", "Mine, breached"]),
        (Wanted(people=(BEN,)), ["Any severity", "Any service", "Of those you named"]),
        (Wanted(people=(ANA, BEN), over=True), ["Any severity", "Any service", "Of those you named, closed"]),
        (Wanted(breached=True), ["Any severity", "Any service", "Breached"]),
        (Wanted(breached=True, over=True), ["Any severity", "Any service", "Breached, closed"]),
        (Wanted(over=True), ["Any severity", "Any service", "Closed"]),
    ],
)
def test_the_filters_show_what_is_chosen(wanted: Wanted, chosen: list[str]) -> None:
    filters = elements(a_list(wanted=wanted), f"list|{ListQuery(wanted=wanted).encode()}")
    assert [element["initial_option"]["text"]["text"] for element in filters] == chosen


def test_every_row_leads_to_its_incident_and_from_there_back_to_this_page() -> None:
    shown = a_list([an_incident(number=11), TAKEN], page=2, total=12)
    places = [Place.decode(block["accessory"]["value"]) for block in shown.blocks if "accessory" in block]
    assert places == [Place(number=number, back=ListQuery(page=2)) for number in (11, 8)]


def test_what_names_too_much_for_a_button_is_shown_without_filters_and_pages() -> None:
    wanted = Wanted(services=tuple(f"service-{number}" for number in range(30)))
    shown = a_list([an_incident()], wanted=wanted, total=30)
    assert block_types(shown.blocks) == ["section", "context", "section"]
    assert shown.blocks[1]["elements"][0]["text"] == listing.TOO_MUCH_ASKED
    assert Place.decode(shown.blocks[2]["accessory"]["value"]) == Place(number=7)
    assert problems_of_message(shown) == []


def test_of_very_many_services_some_are_offered() -> None:
    policy = a_policy(services={f"service-{number:03}": an_escalation() for number in range(250)})
    filters = elements(a_list([an_incident()], policy=policy), "list|1||||")
    offered = [option["text"]["text"] for option in filters[1]["options"]]
    assert (offered[0], offered[1], offered[-1], len(offered)) == ("Any service", "service-000", "service-089", 91)


def test_the_fullest_page_fits_into_a_message() -> None:
    name = "s" * 80
    services = {f"{name[:77]}{number:03}": an_escalation() for number in range(100)}
    full = [
        an_incident(number=999_999_990 + number, title="&" * 200, service=next(iter(services)), assignee=ANA)
        for number in range(10)
    ]
    wanted = Wanted(severities=tuple(Severity), services=(name,), people=(ANA,), breached=True, over=True)
    shown = a_list(full, wanted=wanted, page=50, total=999, policy=a_policy(services=services))
    assert block_types(shown.blocks) == ["section", "actions", *["section"] * 10, "actions"]
    assert problems_of_message(shown) == []


def elements(shown: Rendered, block_id: str) -> list[Block]:
    return [element for block in shown.blocks if block.get("block_id") == block_id for element in block["elements"]]


def test_help_speaks_of_this_policy(picture: Picture) -> None:
    picture(help_text(a_policy()))


def test_help_names_only_some_of_many_services() -> None:
    policy = a_policy(services={f"service-{number}": an_escalation() for number in range(1, 41)})
    assert "service-10 and 30 more." in help_text(policy).text


def test_what_was_not_understood_is_given_back(picture: Picture) -> None:
    picture(listing.not_understood("“opne” is not a command.", "opne <!channel>\nsev1"))


def test_nothing_typed_is_given_back_as_nothing() -> None:
    assert listing.not_understood("Which incident?", " ").text == "Which incident?"


def test_however_much_was_typed_it_is_given_back_within_the_limits() -> None:
    assert problems_of_message(listing.not_understood("What?", "&" * 20_000)) == []
