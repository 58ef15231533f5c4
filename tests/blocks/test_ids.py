"""The values that a button and a menu carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.ids import ButtonValue, MenuValue, MoreChoice


def test_a_button_value_is_short_and_readable() -> None:
    assert ButtonValue(number=7, tier=1, cycle=0).encode() == "7|1|0"


@given(st.integers(1, 9_999_999_999), st.integers(1, 9_999), st.integers(0, 999_999))
def test_what_was_encoded_is_decoded(number: int, tier: int, cycle: int) -> None:
    value = ButtonValue(number=number, tier=tier, cycle=cycle)
    assert ButtonValue.decode(value.encode()) == value


@pytest.mark.parametrize(
    "value",
    [
        "", "7", "7|1", "7|1|0|0", "7|1|0 ", " 7|1|0", "7|1|0\n", "-7|1|0", "0|1|0", "7|0|0", "07|1|0", "7|1|00",
        "7|1|x", "\u0667|1|0", "7.0|1|0", "99999999999|1|0", "7|1|9999999", "7|10000|0", "7|1|0" * 1_000,
    ],
)  # fmt: skip
def test_a_forged_button_value_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not the value of a button of ours"):
        ButtonValue.decode(value)


@given(st.one_of(st.text(max_size=20), st.from_regex(r"\d{1,3}\|\d{1,3}\|\d{1,3}\n?", fullmatch=True)))
def test_whatever_is_decoded_was_encoded(text: str) -> None:
    try:
        value = ButtonValue.decode(text)
    except ValueError:
        return
    assert value.encode() == text


@given(st.sampled_from(MoreChoice), st.integers(1, 9_999_999_999))
def test_a_choice_of_the_menu_comes_back_as_it_was(choice: MoreChoice, number: int) -> None:
    value = MenuValue(choice=choice, number=number)
    assert MenuValue.decode(value.encode()) == value


@pytest.mark.parametrize("value", ["", "hold", "hold|", "hold|0", "hold|x", "hold|1|1", "hold|1\n", "drop|1", "|1"])
def test_a_forged_choice_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a choice of a menu of ours"):
        MenuValue.decode(value)
