"""What the button that opens a form carries."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.blocks.mrkdwn import length
from handlers.offered import VALUE_LIMIT, Offered

TS = "1794625200.000100"


@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200), here=st.none() | st.integers(1, 999_999_999)
)
def test_what_was_typed_comes_back(text: str, here: int | None) -> None:
    offered = Offered(text=text, ts=TS, here=here)
    assert Offered.decode(offered.encode()) == offered


@settings(deadline=None)
@given(text=st.sampled_from(["word ", '"', "\\", "🔥", "&amp;", "\n", "<@U0ANA00001> "]), times=st.integers(1, 30_000))
def test_a_button_can_always_carry_it(text: str, times: int) -> None:
    value = Offered(text=text * times, ts=TS, here=999_999_999).encode()
    assert length(value) <= VALUE_LIMIT
    assert Offered.decode(value).ts == TS


def test_what_is_too_long_keeps_its_beginning() -> None:
    back = Offered.decode(Offered(text="open checkout: " + "x" * 10_000, ts=TS).encode())
    assert back.text.startswith("open checkout: xxx")
    assert back.text.endswith("…")
    assert length(back.text) > 1_800


@pytest.mark.parametrize(
    "value", ["", "7|1|0", "[]", "{}", '"x"', '{"text": "x"}', '{"text": "x", "ts": "1", "here": "x"}', "[" * 100_000]
)
def test_a_forged_value_is_refused(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever JSON or we say
        Offered.decode(value)
