"""Which titles sound like the same incident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.similarity import SHOWN, similar

ALIKE = [
    ("Checkout is down", "Checkout is down"),
    ("Checkout is down", "  CHECKOUT is down!! "),
    ("Checkout is down", "checkout down again"),
    ("Checkout is down", "The checkout is broken"),
    ("Checkout is down", "Checkout fails"),
    ("Checkout does not work", "Checkout is unavailable"),
    ("Checkout is down", "Checkout is down in Asia since 10:05"),
    ("Checkout is slow", "High latency in checkout"),
    ("Chekout is down", "Checkout is down"),
    ("Chekcout is down", "Checkout is down"),
    ("Checkaut is down", "Checkout is down"),
    ("Payments page is blank", "Payment page shows blank"),
    ("Payment errors for cards", "Card payments fail"),
    ("Node 12 is down", "node 12 down, again"),
    ("Node 12 is down", "A node is down"),
    ("500 errors in search", "Search: 500 errors since 10:05"),
    ("Database replica lag in eu", "Replica lag in the eu database is growing"),
    ("Down", "It is down"),
    ("🔥🔥🔥", "🔥🔥🔥"),
    ("It is what it is", "it IS what it is"),
    ("結帳故障", "結帳故障"),
    ("Certificates expire", "The certificates of the website and of the shop expire tonight"),
    ("Die Kasse ist aus", "die kasse ist aus"),
]

NOT_ALIKE = [
    ("Incident 12", "Incident 13"),
    ("Number 1", "Number 11"),
    ("Incident 1 of 5", "Incident 2 of 5"),
    ("Checkout is slow in Asia", "Payments fail"),
    ("Checkout is slow in Asia", "Checkout is down"),
    ("Checkout is down", "Checkout is slow"),
    ("Payments fail", "E-mails fail"),
    ("Checkout", "Checkout is slow for customers in Asia"),
    ("Node node12 fails", "Node node13 fails"),
    ("v2 of the app crashes", "v3 of the app crashes"),
    ("Region east fails", "Region west fails"),
    ("Cards are refused", "Search is slow"),
    ("🔥", "💧"),
    ("🔥", "Checkout is down"),
    ("It is what it is", "This is that"),
    ("結帳故障", "搜尋故障"),
    ("Wheel fails", "Wheels of the mails fall"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_titles_that_say_the_same_are_similar(one: str, other: str) -> None:
    assert (similar(one, [(7, other)]), similar(other, [(7, one)])) == ([7], [7])


@pytest.mark.parametrize(("one", "other"), NOT_ALIKE)
def test_titles_that_share_a_word_by_chance_are_not(one: str, other: str) -> None:
    assert (similar(one, [(7, other)]), similar(other, [(7, one)])) == ([], [])


def test_the_likest_come_first_and_of_equals_the_first() -> None:
    found = similar(
        "Checkout is down",
        [
            (1, "Checkout is down for customers in Asia"),
            (2, "Checkout is broken"),
            (3, "Search is slow"),
            (4, "Checkout is down"),
            (5, "Checkout in Asia is down"),
        ],
    )
    assert found == [2, 4, 5]


def test_no_more_are_shown_than_somebody_reads() -> None:
    assert similar("It is down", [(number, "It is down") for number in range(9)]) == list(range(SHOWN))
    assert similar("It is down", [(number, "It is down") for number in range(9)], limit=1) == [0]


def test_where_nothing_is_open_nothing_is_similar() -> None:
    assert similar("It is down", []) == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_the_titles_are_they_are_compared_the_same_from_both_sides(one: str, other: str) -> None:
    assert similar(one, [(1, other)]) == similar(other, [(1, one)])


@given(st.text(max_size=60))
def test_every_title_is_similar_to_itself(title: str) -> None:
    assert similar(title, [(1, title)]) == [1]


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from(["Incident {}", "Number {} is down", "node{} fails"]))
def test_titles_that_differ_by_a_number_are_different(one: int, other: int, title: str) -> None:
    assert bool(similar(title.format(one), [(1, title.format(other))])) is (one == other)
