"""What the buttons of a list and of a story carry."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import UserId
from bot.domain.policy import Severity
from bot.domain.wanted import Wanted
from bot.slack.blocks.filters import ANY, KEPT, ROW, narrowed, query_of
from bot.slack.ids import ActionId
from bot.slack.queries import LONGEST, ListQuery, Place
from tests.builders import ANA, BEN

services = st.from_regex(r"[a-z0-9äж][a-z0-9_-]{0,30}", fullmatch=True)
people = st.from_regex(r"[UW][A-Z0-9]{1,10}", fullmatch=True).map(UserId)
wanted = st.builds(
    Wanted,
    severities=st.sets(st.sampled_from(Severity)).map(lambda chosen: tuple(sorted(chosen))),
    services=st.lists(services, max_size=3).map(tuple),
    people=st.lists(people, max_size=3).map(tuple),
    breached=st.booleans(),
    over=st.booleans(),
)
queries = st.builds(ListQuery, wanted=wanted, page=st.integers(1, 9_999)).filter(lambda query: query.fits)


def test_a_query_is_short_and_readable() -> None:
    some = Wanted(severities=(Severity.SEV1, Severity.SEV3), services=("checkout",), people=(ANA, BEN), breached=True)
    assert ListQuery(wanted=some, page=2).encode() == f"2|13|b|{ANA},{BEN}|checkout"
    assert ListQuery().encode() == "1||||"
    assert Place(number=7, page=3, back=ListQuery(wanted=Wanted(over=True))).encode() == "7|3|1||o||"
    assert Place(number=7).encode() == "7|0|"


@given(queries)
def test_a_query_that_was_encoded_is_decoded(query: ListQuery) -> None:
    assert ListQuery.decode(query.encode()) == query


@given(st.integers(1, 999_999_999), st.integers(0, 99_999), st.none() | queries)
def test_a_place_that_was_encoded_is_decoded(number: int, page: int, back: ListQuery | None) -> None:
    place = Place(number=number, page=page, back=back)
    assert Place.decode(place.encode()) == place


def test_a_query_that_names_very_much_does_not_fit() -> None:
    many = Wanted(services=tuple(f"service-{number}" for number in range(20)))
    assert not ListQuery(wanted=many).fits


@pytest.mark.parametrize(
    "value",
    [
        "", "1", "1|||", "1|||||", "0||||", "-1||||", "1||||\n", " 1||||", "10000||||", "1|5|||", "1|21|||", "1|11|||",
        "1||x||", "1||ob||", "1|||ana|", "1|||U|", "1|||U1,|", "1||||,", "1||||a b", "1||||a,,b", "1||||<!channel>",
        "\u0661||||", "1||||\ud800", "1||||" + "a" * 81, "1||||" + "a," * LONGEST + "a", "x" * 5_000,
    ],
)  # fmt: skip
def test_a_forged_query_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not what a list of ours was asked for"):
        ListQuery.decode(value)


@pytest.mark.parametrize(
    "value",
    ["", "7", "7|1", "0|0|", "-7|0|", "07|0|", "7|00|", "1000000000|0|", "7|100000|", "7|0|x", "7|0||", "7|0|\n",
     "\u0667|0|", "9" * 5_000 + "|0|", "7|0|1||||\n"],
)  # fmt: skip
def test_a_forged_place_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="of ours"):
        Place.decode(value)


@given(st.text(max_size=30) | st.from_regex(r"\d{1,3}\|\d{0,3}\|[bo]{0,2}\|U?[A-Z]?,?\|\w{0,3},?\w?", fullmatch=True))
def test_whatever_is_decoded_was_encoded(text: str) -> None:
    for decode in (ListQuery.decode, Place.decode):
        try:
            value = decode(text)
        except ValueError:
            continue
        assert value.encode() == text


SOME = Wanted(severities=(Severity.SEV1, Severity.SEV2), services=("checkout", "search"), people=(BEN,), breached=True)


@pytest.mark.parametrize(
    ("action", "choice", "expected"),
    [
        (ActionId.LIST_SEVERITY, ANY, replace(SOME, severities=())),
        (ActionId.LIST_SEVERITY, "sev3", replace(SOME, severities=(Severity.SEV3,))),
        (ActionId.LIST_SERVICE, ANY, replace(SOME, services=())),
        (ActionId.LIST_SERVICE, ":any", replace(SOME, services=("any",))),
        (ActionId.LIST_WHICH, "all", replace(SOME, people=(), breached=False)),
        (ActionId.LIST_WHICH, "mine", replace(SOME, people=(ANA,), breached=False)),
        (ActionId.LIST_WHICH, "breached", replace(SOME, people=(), breached=True)),
        (ActionId.LIST_WHICH, "over", replace(SOME, people=(), breached=False, over=True)),
    ],
)
def test_a_choice_changes_one_thing_and_goes_back_to_the_first_page(action: str, choice: str, expected: Wanted) -> None:
    assert narrowed(ListQuery(wanted=SOME, page=3), action, choice, ANA) == ListQuery(wanted=expected)


@pytest.mark.parametrize("action", [ActionId.LIST_SEVERITY, ActionId.LIST_SERVICE, ActionId.LIST_WHICH])
def test_what_was_typed_can_be_kept(action: str) -> None:
    query = ListQuery(wanted=SOME, page=3)
    assert narrowed(query, action, KEPT, ANA) == query


@pytest.mark.parametrize(
    ("action", "choice"),
    [
        (ActionId.LIST_SEVERITY, "sev9"),
        (ActionId.LIST_SEVERITY, ""),
        (ActionId.LIST_SERVICE, "checkout"),
        (ActionId.LIST_SERVICE, ""),
        (ActionId.LIST_WHICH, "nobody"),
        (ActionId.ACKNOWLEDGE, "all"),
    ],
)
def test_what_is_no_choice_is_refused(action: str, choice: str) -> None:
    with pytest.raises(ValueError, match=r"is not a valid|is no choice"):
        narrowed(ListQuery(), action, choice, ANA)


def test_the_row_of_filters_says_what_the_list_was_asked_for() -> None:
    assert query_of(ROW + "2|1|b||checkout") == ListQuery(
        wanted=Wanted(severities=(Severity.SEV1,), services=("checkout",), breached=True), page=2
    )


@pytest.mark.parametrize("block_id", ["", "incident_buttons", "list", "list|", "list|x", "shown|7|0|"])
def test_another_block_is_no_row_of_filters(block_id: str) -> None:
    with pytest.raises(ValueError, match="not"):
        query_of(block_id)
