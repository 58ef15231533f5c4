"""Who a message notifies."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Playground
from tests.clock import ManualClock
from tests.playground.parties import FIRST_LINE, Json, section

RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "user", "user_id": "U0ANA00001"},
                {"type": "usergroup", "usergroup_id": "S0PLATFRM1"},
            ],
        }
    ],
}


@pytest.mark.parametrize(
    ("text", "blocks", "notified"),
    [
        ("<@U0ANA00001> and <@U0BEN00001|ben>", [], {"ana", "ben"}),
        ("<!subteam^S0FIRSTLN1|@first-line>", [], {"ana", "ben"}),
        ("x", [section("<@U0ANA00001>"), section("<@U0ANA00001>")], {"ana"}),
        ("x", [RICH], {"ana", "chloe", "dev"}),
        ("x", [{"type": "header", "text": {"type": "plain_text", "text": "<@U0ANA00001>"}}], set()),
        ("@ana &lt;@U0ANA00001&gt; <#C0GENERAL1>", [], set()),
        ("<@U0NOBODY00>", [], set()),
    ],
)
async def test_a_post_notifies_whom_it_names(
    slack: Playground, client: AsyncWebClient, text: str, blocks: list[Json], notified: set[str]
) -> None:
    await client.chat_postMessage(channel=FIRST_LINE, text=text, blocks=blocks or None)
    people = [user for user in slack.workspace.users.values() if slack.workspace.mentions(user.id)]
    assert {user.name for user in people} == notified
    assert all(slack.workspace.mentions(user.name) == 1 for user in people)


async def test_the_whole_channel_can_be_called(slack: Playground, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=FIRST_LINE, text="<!channel> help")
    assert slack.workspace.mentions("sam") == 1
    assert slack.workspace.mentions("tierline") == 0


async def test_an_update_notifies_nobody(slack: Playground, client: AsyncWebClient, clock: ManualClock) -> None:
    ts = (await client.chat_postMessage(channel=FIRST_LINE, text="quiet"))["ts"]
    await client.chat_update(channel=FIRST_LINE, ts=ts, text="<@U0ANA00001>")
    await client.chat_postEphemeral(channel=FIRST_LINE, user="U0ANA00001", text="<@U0ANA00001>")
    assert slack.workspace.mentions("ana") == 0


async def test_somebody_outside_the_channel_is_not_notified(slack: Playground, client: AsyncWebClient) -> None:
    slack.workspace.channel(FIRST_LINE).members.discard("U0GRACE001")
    await client.chat_postMessage(channel=FIRST_LINE, text="<@U0GRACE001> <@U0HUGO0001>")
    assert (slack.workspace.mentions("grace"), slack.workspace.mentions("hugo")) == (0, 1)
    [message] = slack.workspace.mentioned_in("hugo")
    assert message.channel == FIRST_LINE
