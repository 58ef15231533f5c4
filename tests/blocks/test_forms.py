"""The form that opens an incident."""

from typing import Any

from bot.domain.policy import Impact, Severity, Urgency
from bot.slack.blocks.forms import Draft, open_form
from bot.slack.blocks.rendered import View
from bot.slack.ids import FormField
from tests.blocks.conftest import Picture
from tests.blocks.limits import problems_of_view
from tests.builders import a_policy, an_escalation

FULL = Draft(
    title="Checkout is down",
    severity=Severity.SEV2,
    service="search",
    description="> it says <!channel>\nhttps://acme.slack.com/archives/C1/p1",
)


def test_the_empty_form(picture: Picture) -> None:
    picture(open_form(a_policy(), draft=Draft(), problem=None, private_metadata="{}"))


def test_the_form_filled_in_with_what_is_known(picture: Picture) -> None:
    problem = "“chekout” is not a service here; choose one from the list."
    picture(open_form(a_policy(), draft=FULL, problem=problem, private_metadata='{"channel":"C0RANDOM01"}'))


def test_where_the_policy_derives_the_severity_it_can_be_left_to_it(picture: Picture) -> None:
    policy = a_policy(matrix={(Impact.HIGH, Urgency.LOW): Severity.SEV2})
    form = open_form(policy, draft=Draft(impact=Impact.HIGH), problem=None, private_metadata="{}")
    assert _element(form, FormField.IMPACT)["initial_option"]["value"] == "high"
    assert "initial_option" not in _element(form, FormField.URGENCY)
    picture(form)


def test_what_a_person_wrote_comes_back_as_it_was() -> None:
    assert _element(_form(FULL), FormField.DESCRIPTION)["initial_value"] == FULL.description


def test_a_service_that_the_policy_does_not_know_is_left_to_choose() -> None:
    assert "initial_option" not in _element(_form(Draft(service="billing")), FormField.SERVICE)


def test_a_title_that_is_too_long_moves_to_the_description_whole() -> None:
    title = "word " * 60
    form = _form(Draft(title=title, description="and more"))
    shortened = _element(form, FormField.TITLE)["initial_value"]
    assert (len(shortened), shortened[-1]) == (200, "…")
    assert _element(form, FormField.DESCRIPTION)["initial_value"] == f"{title.strip()}\n\nand more"


def test_more_services_than_a_list_takes_are_grouped() -> None:
    services = {f"service-{number:03}": an_escalation() for number in range(250)}
    form = open_form(a_policy(services=services), draft=Draft(service="service-249"), problem=None, private_metadata="")
    element = _element(form, FormField.SERVICE)
    assert problems_of_view(form) == []
    assert [group["label"]["text"] for group in element["option_groups"]] == [
        "service-000 to service-099",
        "service-100 to service-199",
        "service-200 to service-249",
    ]
    assert element["initial_option"]["value"] == "service-249"


def test_the_longest_draft_stays_within_the_limits() -> None:
    draft = Draft(title="🔥" * 10_000, description="🔥" * 10_000)
    form = open_form(a_policy(), draft=draft, problem="p" * 10_000, private_metadata="")
    assert problems_of_view(form) == []


def _form(draft: Draft) -> View:
    return open_form(a_policy(), draft=draft, problem=None, private_metadata="")


def _element(form: View, field: FormField) -> dict[str, Any]:
    (element,) = (block["element"] for block in form["blocks"] if block.get("block_id") == field)
    assert element["action_id"] == field
    return dict(element)
