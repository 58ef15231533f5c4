"""Whatever is put into a block, the block is within Slack's limits."""

from bot.slack.blocks.layout import context, fields, header, message, quote, section
from tests.blocks.limits import problems_of_message

LONG = "&amp; <@U0ANA00001> " * 600


def test_each_shape_cuts_what_is_too_long() -> None:
    for block in (section(LONG), context(LONG), header(LONG), quote(LONG, 500), fields([("Label", LONG)] * 10)):
        assert problems_of_message(message(LONG, [block])) == []
