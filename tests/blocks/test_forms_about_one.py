"""The forms about one incident, in the states in which they are opened."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.policy import Verb
from bot.domain.verbs import Destination
from bot.slack.blocks.fields_about_one import RESOLVED, Subject, decoded, encoded
from bot.slack.blocks.forms_about_one import FORMS, callback_of, form_about, known, main_field
from bot.slack.blocks.rendered import View
from bot.slack.ids import FormField
from tests.blocks import stories
from tests.blocks.conftest import Picture
from tests.blocks.limits import problems_of_view
from tests.builders import ANA, a_policy, a_tier, an_escalation

PARIS = ZoneInfo("Europe/Paris")


def a_form(
    verb: Verb,
    situation: stories.Situation,
    *,
    entries: Mapping[FormField, str] | None = None,
    problem: str | None = None,
    may_resolve: bool = True,
    is_again: bool = False,
) -> View:
    of = Subject(incident=situation.incident, policy=situation.policy, zone=PARIS, may_resolve=may_resolve)
    at_first = known(verb, situation.incident, situation.policy, now=situation.now, zone=PARIS)
    return form_about(
        verb,
        of,
        entries={**at_first, **(entries or {})},
        problem=problem,
        private_metadata='{"number": 7}',
        is_again=is_again,
    )


OPENED: list[tuple[Verb, str, Callable[[], stories.Situation]]] = [
    (Verb.UPDATE, "taken", stories.taken),
    (Verb.UPDATE, "told before", stories.told_by_hand),
    (Verb.UPDATE, "nobody has it", stories.opened),
    (Verb.RESOLVE, "taken", stories.taken),
    (Verb.RESOLVE, "told before", stories.told_by_hand),
    (Verb.ESCALATE, "at the first tier", stories.opened),
    (Verb.ESCALATE, "with another service", stories.taken),
    (Verb.ESCALATE, "at another service's team", stories.routed),
    (Verb.ESCALATE, "at the last tier", stories.breached_at_the_last_tier),
    (Verb.HOLD, "taken", stories.taken),
    (Verb.HOLD, "on hold", stories.held),
    (Verb.SEVERITY, "taken", stories.taken),
    (Verb.ASSIGN, "nobody has it", stories.opened),
    (Verb.ASSIGN, "taken", stories.taken),
    (Verb.NOTE, "taken", stories.taken),
    (Verb.NOTE, "resolved", stories.resolved),
    (Verb.CANCEL, "nobody has it", stories.opened),
]


@pytest.mark.parametrize(("verb", "state", "situation"), OPENED, ids=[f"{verb}, {state}" for verb, state, _ in OPENED])
def test_a_form_as_it_is_opened(
    verb: Verb, state: str, situation: Callable[[], stories.Situation], picture: Picture
) -> None:
    picture(a_form(verb, situation()))


def test_a_form_that_says_why_it_is_shown_with_what_was_typed(picture: Picture) -> None:
    entries = {
        FormField.PROGRESS: "monitoring",
        FormField.CHANGED: "It is <!channel> & mended",
        FormField.IMPACT: "few",
        FormField.ACTION: "we watch",
        FormField.OWNER: ANA,
        FormField.ETA: "soon",
    }
    picture(a_form(Verb.UPDATE, stories.taken(), entries=entries, problem="“soon” is not a time to come."))


def test_shown_again_its_fields_are_named_anew_and_stay_where_they_are() -> None:
    """Slack would keep what stands in a field of the same name."""
    taken = stories.taken()
    first, again = a_form(Verb.UPDATE, taken), a_form(Verb.UPDATE, taken, is_again=True)
    assert problems_of_view(again) == []
    for before, after in zip(_inputs(first), _inputs(again), strict=True):
        named = f"{before['block_id']}.{taken.incident.version}"
        assert after == {**before, "element": {**before["element"], "action_id": named}}


def test_who_may_not_resolve_is_not_offered_it() -> None:
    offered = _element(a_form(Verb.UPDATE, stories.taken(), may_resolve=False), FormField.PROGRESS)["options"]
    assert [option["value"] for option in offered] == ["investigating", "identified", "monitoring"]
    may = _element(a_form(Verb.UPDATE, stories.taken()), FormField.PROGRESS)["options"]
    assert [option["value"] for option in may] == ["investigating", "identified", "monitoring", RESOLVED]


def test_a_time_that_has_passed_is_not_filled_in_again() -> None:
    told = stories.told_by_hand()
    assert _element(a_form(Verb.UPDATE, told), FormField.ETA)["initial_value"] == "2026-11-14 04:43"
    later = replace(told, now=told.now + timedelta(hours=1))
    assert "initial_value" not in _element(a_form(Verb.UPDATE, later), FormField.ETA)


def test_it_can_go_to_every_tier_that_can_hold_it_and_to_services_with_another_policy() -> None:
    assert _places(a_form(Verb.ESCALATE, stories.taken())) == {"Its tiers": ["2|checkout", "3|checkout", "4|checkout"],
        "Other services": ["1|search"]}  # fmt: skip
    assert _places(a_form(Verb.ESCALATE, stories.routed())) == {
        "Its tiers": ["3|search"],
        "Other services": ["1|checkout"],
    }


def test_the_next_tier_is_chosen_at_first_and_none_behind_the_last() -> None:
    at_first = _element(a_form(Verb.ESCALATE, stories.taken()), FormField.TO)["initial_option"]
    assert at_first["value"] == "2|checkout"
    last = _element(a_form(Verb.ESCALATE, stories.breached_at_the_last_tier()), FormField.TO)
    assert "initial_option" not in last


def test_many_services_are_offered_in_groups_that_slack_takes() -> None:
    services = {f"service-{number:03}": an_escalation(tiers=(a_tier(1, name=f"t{number}"),)) for number in range(150)}
    situation = stories.opened(a_policy(services={"checkout": an_escalation(), **services}))
    form = a_form(Verb.ESCALATE, situation, entries={FormField.TO: "1|service-149"})
    assert problems_of_view(form) == []
    assert [len(places) for _, places in _groups(form)] == [3, 100, 50]
    assert _element(form, FormField.TO)["initial_option"]["value"] == "1|service-149"


@pytest.mark.parametrize("verb", FORMS)
def test_every_form_stays_within_the_limits_whatever_was_typed(verb: Verb) -> None:
    situation = stories.opened(title="🔥" * 5_000, description="🔥" * 5_000)
    situation = replace(situation, incident=situation.incident.but(number=999_999_999, impact="🔥" * 5_000))
    long = dict.fromkeys(FormField, "🔥 <!channel> " * 1_000)
    form = a_form(verb, situation, entries={**long, FormField.OWNER: ANA, FormField.ASSIGNEE: ANA}, problem="p" * 9_000)
    assert problems_of_view(form) == []


@pytest.mark.parametrize("verb", FORMS)
def test_what_is_wrong_as_a_whole_is_said_at_a_field_of_the_form(verb: Verb) -> None:
    form = a_form(verb, stories.taken())
    assert main_field(verb) in {block["block_id"] for block in form["blocks"] if block["type"] == "input"}
    assert form["callback_id"] == callback_of(verb)


def test_a_form_can_be_sent_in_with_one_more_click_to_resolve() -> None:
    form = a_form(Verb.RESOLVE, stories.taken())
    needed = [block for block in form["blocks"] if block["type"] == "input" and not block["optional"]]
    assert all("initial_option" in block["element"] for block in needed)


def test_a_destination_comes_back_as_it_was() -> None:
    to = Destination(route="a|b", tier=12)
    assert decoded(encoded(to)) == to
    for broken in ("", "|", "1", "1|", "x|checkout", "-1|checkout"):
        with pytest.raises(ValueError, match="not a destination of ours"):
            decoded(broken)


def _inputs(form: View) -> list[dict[str, Any]]:
    return [block for block in form["blocks"] if block["type"] == "input"]


def _groups(form: View) -> list[tuple[str, list[str]]]:
    groups = _element(form, FormField.TO)["option_groups"]
    return [(group["label"]["text"], [option["value"] for option in group["options"]]) for group in groups]


def _places(form: View) -> dict[str, list[str]]:
    return dict(_groups(form))


def _element(form: View, field: FormField) -> dict[str, Any]:
    (element,) = (block["element"] for block in form["blocks"] if block.get("block_id") == field)
    assert element["action_id"] == field
    return dict(element)
