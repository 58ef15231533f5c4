"""Who is told of a service's incidents beside the stakeholders: the nearest word counts, and each channel once."""

from typing import Final

import pytest

from bot.domain.ids import ChannelId
from bot.policy_file import lint, to_policy, unresolved
from tests.policy_file.files import DIRECTORY, FILE, changed, problems, read_text

SHOP, PAYMENTS = ChannelId("C0SHOP0001"), ChannelId("C0PAYMENTS")
SERVICE: Final = "  checkout: {policy: default}\n"
FOR_ALL: Final = changed('stakeholder_channel: "#updates"', 'stakeholder_channel: "#updates"\nalso_told: ["#shop"]')
BY_POLICY: Final = changed("    repeat:", '    also_told: ["#payments"]\n    repeat:', FOR_ALL)


def told(file: str) -> tuple[ChannelId, ...]:
    return to_policy(read_text(file), DIRECTORY).also_told.get("checkout", ())


@pytest.mark.parametrize(
    ("file", "channels"),
    [
        (FILE, ()),
        (FOR_ALL, (SHOP,)),
        (BY_POLICY, (PAYMENTS,)),
        (changed("{policy: default}", "{policy: default, also_told: []}", BY_POLICY), ()),
        (changed("{policy: default}", '{policy: default, also_told: ["#shop", "#payments"]}', FOR_ALL),
         (SHOP, PAYMENTS)),
        (changed("{policy: default}", '{policy: default, stakeholder_channel: "#shop"}', FOR_ALL), ()),
        (changed('["#shop"]', '["#updates", "#shop", C0SHOP0001]', FOR_ALL), (SHOP,)),
    ],
)  # fmt: skip
def test_the_service_goes_before_the_policy_and_the_policy_before_the_file(
    file: str, channels: tuple[ChannelId, ...]
) -> None:
    assert told(file) == channels


def test_a_service_can_be_private() -> None:
    assert to_policy(read_text(FILE), DIRECTORY).private_services == frozenset()
    private = read_text(changed("{policy: default}", "{policy: default, private: true}"))
    assert to_policy(private, DIRECTORY).private_services == {"checkout"}


@pytest.mark.parametrize(
    ("file", "line", "sentence"),
    [
        (changed('["#shop"]', '["#shop", "#updates"]', FOR_ALL), 17,
         "#updates would be told once anyway; remove it here."),
        (changed('["#payments"]', '["#payments", "#payments"]', BY_POLICY), 15,
         "#payments would be told once anyway; remove it here."),
        (changed("{policy: default}", '{policy: default, stakeholder_channel: "#shop", also_told: ["#shop"]}'), 7,
         "#shop would be told once anyway; remove it here."),
        (changed("{policy: default}", '{policy: default, private: true, also_told: ["#shop"]}'), 7,
         '"checkout" is private, so no channel is told of it; remove also_told.'),
        (changed("{policy: default}", '{policy: default, private: true, stakeholder_channel: "#shop"}'), 7,
         '"checkout" is private, so no channel is told of it; remove stakeholder_channel.'),
    ],
)  # fmt: skip
def test_who_is_told_twice_or_of_what_is_private_is_said(file: str, line: int, sentence: str) -> None:
    assert (line, sentence) in list(lint(read_text(file)))


def test_each_is_looked_up() -> None:
    file = changed("{policy: default}", '{policy: default, also_told: ["#nowhere"]}', BY_POLICY)
    assert {"#nowhere", "#payments", "#shop"} <= read_text(file).names().channels
    [sentence] = unresolved(read_text(file), DIRECTORY)
    assert sentence.startswith("policy.yml line 7: there is no channel #nowhere that the bot can see")


def test_what_is_no_channel_or_no_answer_is_refused() -> None:
    [channel] = problems(changed("{policy: default}", "{policy: default, also_told: [sales]}"))
    assert channel.startswith("policy.yml line 7:")
    [answer] = problems(changed("{policy: default}", "{policy: default, private: perhaps}"))
    assert answer.startswith("policy.yml line 7:")
