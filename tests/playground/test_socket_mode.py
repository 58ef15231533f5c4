"""A real Bolt app on Socket Mode, and what people see of it."""

from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.playground import Playground

Connect = Callable[[], Awaitable[Any]]

BUTTONS = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "INC-1 checkout is down"}},
    {
        "type": "actions",
        "block_id": "acts",
        "elements": [
            {
                "type": "button",
                "action_id": "ack",
                "value": "INC-1",
                "text": {"type": "plain_text", "text": "Acknowledge"},
            }
        ],
    },
]

MODAL = {
    "type": "modal",
    "callback_id": "open",
    "title": {"type": "plain_text", "text": "Open incident"},
    "submit": {"type": "plain_text", "text": "Open"},
    "blocks": [
        {
            "type": "input",
            "block_id": "title",
            "label": {"type": "plain_text", "text": "Title"},
            "element": {"type": "plain_text_input", "action_id": "title"},
        }
    ],
}


async def test_a_whole_story_of_command_click_and_modal(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    submitted: list[str] = []

    @app.command("/incident")
    async def incident(ack: Any, command: Any, client: Any) -> None:
        await ack(f"Opened: {command['text']}")
        await client.chat_postMessage(channel="C0FIRSTLN1", text="INC-1", blocks=BUTTONS)

    @app.action("ack")
    async def acknowledged(ack: Any, body: Any, client: Any) -> None:
        await ack()
        await client.chat_update(channel=body["channel"]["id"], ts=body["message"]["ts"], text="INC-1 is Ana's")
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("open")
    async def opened(ack: Any, view: Any) -> None:
        submitted.append(view["state"]["values"]["title"]["title"]["value"])
        await ack()

    await connect()

    answer = await slack.command("ana", "tier-1-support", "/incident open sev1 checkout: it is down")
    assert (answer.ok, answer.text) == (True, "Opened: open sev1 checkout: it is down")

    channel = slack.workspace.channel("tier-1-support")
    [card] = await slack.wait_for(lambda: channel.messages)
    clicked = await slack.click("ana", "tier-1-support", card.ts, "ack")
    assert clicked.ok
    assert (card.text, card.blocks, len(card.edited_versions)) == ("INC-1 is Ana's", [], 1)

    view = await slack.wait_for(lambda: slack.workspace.modal("ana"))
    assert view is not None
    assert (await slack.submit("ana", view.id, {"title": ""})).errors == {
        "title": "Please complete this required field."
    }
    assert (await slack.submit("ana", view.id, {"title": "Checkout is down"})).ok
    assert submitted == ["Checkout is down"]
    assert slack.workspace.modal("ana") is None
