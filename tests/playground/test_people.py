"""What people do with messages, forms and App Home, and what the app is told of it."""

import asyncio
from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Message, Playground, View
from tests.clock import ManualClock
from tests.playground.parties import (
    ANA,
    BEN,
    FIRST_LINE,
    Connect,
    Json,
    actions,
    button,
    field,
    home,
    modal,
    option,
    plain,
    refused_with,
    section,
    select,
    text_input,
)


class Ear:
    """Acknowledges every click, form and shortcut, and remembers the payloads."""

    def __init__(self, app: AsyncApp) -> None:
        self.heard: list[Json] = []
        self.answer: Json = {}

        @app.middleware
        async def hear(body: Any, ack: Any) -> Any:
            self.heard.append(body)
            return await ack(**self.answer)

    @property
    def last(self) -> Json:
        return self.heard[-1]


@pytest.fixture
async def ear(app: AsyncApp, connect: Connect) -> Ear:
    ear = Ear(app)
    await connect()
    return ear


async def _card(client: AsyncWebClient, slack: Playground, *blocks: Json) -> Message:
    await client.chat_postMessage(channel=FIRST_LINE, text="card", blocks=list(blocks))
    return slack.workspace.channel(FIRST_LINE).messages[-1]


async def _opened(slack: Playground, client: AsyncWebClient, view: Json, user: str = "ana") -> View:
    """The form, opened after a command of this user."""
    await slack.shortcut(user, "open")
    await client.views_open(trigger_id=slack.envelopes[-1].payload["trigger_id"], view=view)
    opened = slack.workspace.modal(user)
    assert opened is not None
    return opened


async def test_a_click_says_who_where_and_on_what(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    card = await _card(client, slack, section("INC-1"), actions(button("ack", "INC-1|tier:1")))
    await slack.click("ana", FIRST_LINE, card.ts, "ack")

    payload = ear.last
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": ANA, "username": "ana", "name": "ana", "team_id": "T0TIERLINE"}
    assert payload["channel"] == {"id": FIRST_LINE, "name": "tier-1-support"}
    assert payload["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": FIRST_LINE,
        "is_ephemeral": False,
    }
    assert payload["message"]["ts"] == card.ts
    [action] = payload["actions"]
    assert float(action.pop("action_ts")) > float(card.ts)
    assert action == {
        "type": "button",
        "action_id": "ack",
        "block_id": "acts",
        "text": plain("Press"),
        "value": "INC-1|tier:1",
    }


async def test_what_was_chosen_on_a_message_is_in_its_state(
    slack: Playground, client: AsyncWebClient, ear: Ear
) -> None:
    card = await _card(client, slack, actions(select("more", "hold", "note"), button("ack")))
    await slack.click("ana", FIRST_LINE, card.ts, "more", value="note")
    assert ear.last["actions"][0]["selected_option"] == option("note")
    await slack.click("ana", FIRST_LINE, card.ts, "ack")
    chosen = {"type": "static_select", "selected_option": option("note")}
    assert ear.last["state"]["values"] == {"acts": {"more": chosen}}
    await slack.click("ben", FIRST_LINE, card.ts, "ack")
    assert ear.last["state"]["values"]["acts"]["more"]["selected_option"] is None


async def test_a_menu_tells_its_option(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    menu = {"type": "overflow", "action_id": "menu", "options": [option("hold"), option("why")]}
    card = await _card(client, slack, section("x") | {"accessory": menu})
    await slack.click("ana", FIRST_LINE, card.ts, "menu", value="why")
    assert ear.last["actions"][0]["selected_option"] == option("why")


async def test_nobody_can_press_what_is_not_there(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    card = await _card(client, slack, actions(button("ack")))
    with pytest.raises(LookupError, match="offers \\['ack'\\]"):
        await slack.click("ana", FIRST_LINE, card.ts, "resolve")
    with pytest.raises(LookupError, match="not in security-private"):
        await slack.click("ana", "security-private", card.ts, "ack")
    assert ear.heard == []


async def test_a_button_an_edit_took_away_can_still_be_pressed_by_who_saw_it(
    slack: Playground, client: AsyncWebClient, ear: Ear
) -> None:
    card = await _card(client, slack, actions(button("ack", "seen at tier 1")))
    await client.chat_update(channel=FIRST_LINE, ts=card.ts, text="moved on")
    with pytest.raises(LookupError):
        await slack.click("ana", FIRST_LINE, card.ts, "ack")
    assert (await slack.click("ana", FIRST_LINE, card.ts, "ack", stale=True)).ok
    assert ear.last["actions"][0]["value"] == "seen at tier 1"


async def test_many_may_press_at_once(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    card = await _card(client, slack, actions(button("ack")))
    people = ["ana", "ben", "chloe", "dev"]
    answers = await asyncio.gather(*(slack.click(one, FIRST_LINE, card.ts, "ack") for one in people))
    assert all(answer.ok for answer in answers)
    assert sorted(one["user"]["name"] for one in ear.heard) == people


async def test_a_button_of_an_ephemeral_message_is_for_its_reader(
    slack: Playground, client: AsyncWebClient, ear: Ear
) -> None:
    await client.chat_postEphemeral(channel=FIRST_LINE, user=ANA, text="sure?", blocks=[actions(button("yes"))])
    [question] = slack.workspace.channel(FIRST_LINE).ephemerals
    await slack.click("ana", FIRST_LINE, question.ts, "yes")
    assert ear.last["container"]["is_ephemeral"]
    with pytest.raises(LookupError):
        await slack.click("ben", FIRST_LINE, question.ts, "yes")


async def test_a_trigger_opens_one_form_within_three_seconds(
    slack: Playground, client: AsyncWebClient, ear: Ear, clock: ManualClock
) -> None:
    form = modal(section("x"))
    await slack.shortcut("ana", "open")
    first = ear.last["trigger_id"]
    await client.views_open(trigger_id=first, view=form)
    assert await refused_with(client.views_open(trigger_id=first, view=form)) == "exchanged_trigger_id"

    await slack.shortcut("ana", "open")
    clock.advance(seconds=3)
    refused = await refused_with(client.views_open(trigger_id=ear.last["trigger_id"], view=form))
    assert refused == "expired_trigger_id"


async def test_a_form_is_sent_with_everything_in_it(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    view = modal(
        field("title", text_input("title")),
        field("severity", select("severity", "sev1", "sev2") | {"initial_option": option("sev2")}),
        field("who", {"type": "multi_users_select", "action_id": "who"}, optional=True),
        field("note", text_input("note"), optional=True),
        private_metadata="INC-1",
    )
    opened = await _opened(slack, client, view)
    answer = await slack.submit("ana", opened.id, {"title": "It is down", "who": {"who": ["ben", "@chloe"]}})

    assert (answer.ok, answer.view) == (True, None)
    payload = ear.last
    assert (payload["type"], payload["view"]["id"], payload["view"]["private_metadata"]) == (
        "view_submission",
        opened.id,
        "INC-1",
    )
    assert payload["view"]["state"]["values"] == {
        "title": {"title": {"type": "plain_text_input", "value": "It is down"}},
        "severity": {"severity": {"type": "static_select", "selected_option": option("sev2")}},
        "who": {"who": {"type": "multi_users_select", "selected_users": [BEN, "U0CHLOE001"]}},
        "note": {"note": {"type": "plain_text_input", "value": None}},
    }


async def test_a_form_holds_what_was_filled_in_until_somebody_changes_it(
    slack: Playground, client: AsyncWebClient, ear: Ear
) -> None:
    lost = {"type": "radio_buttons", "options": [option("none"), option("some")], "initial_option": option("none")}
    view = modal(
        field("owner", {"type": "users_select", "action_id": "owner", "initial_user": ANA}, optional=True),
        field("lost", lost | {"action_id": "lost"}),
    )
    opened = await _opened(slack, client, view)
    ear.answer = {"response_action": "update", "view": view}
    for values, user, chosen in (
        ({}, ANA, option("none")),
        ({"owner": "ben", "lost": "some"}, BEN, option("some")),
        ({}, BEN, option("some")),
        ({"owner": None}, None, option("some")),
    ):
        assert (await slack.submit("ana", opened.id, values)).ok
        assert ear.last["view"]["state"]["values"] == {
            "owner": {"owner": {"type": "users_select", "selected_user": user}},
            "lost": {"lost": {"type": "radio_buttons", "selected_option": chosen}},
        }


async def test_slack_itself_checks_a_form_first(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    view = modal(
        field("title", text_input(min_length=5, max_length=8)),
        field("count", {"type": "number_input", "action_id": "n", "is_decimal_allowed": False, "min_value": "1"}),
        field("mail", {"type": "email_text_input", "action_id": "m"}, optional=True),
    )
    opened = await _opened(slack, client, view)
    told = len(ear.heard)

    assert (await slack.submit("ana", opened.id)).errors == {
        "title": "Please complete this required field.",
        "count": "Please complete this required field.",
    }
    wrong = await slack.submit("ana", opened.id, {"title": "four", "count": "0", "mail": "nobody"})
    assert wrong.errors == {
        "title": "Please use at least 5 characters.",
        "count": "Please enter a number of at least 1.",
        "mail": "Please enter a valid email address.",
    }
    assert len(ear.heard) == told


async def test_an_app_may_refuse_a_form(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    opened = await _opened(slack, client, modal(field("title", text_input())))
    ear.answer = {"response_action": "errors", "errors": {"title": "Say more."}}
    answer = await slack.submit("ana", opened.id, {"title": "x"})
    assert (answer.ok, answer.errors, answer.view) == (False, {"title": "Say more."}, opened)

    ear.answer = {"response_action": "errors", "errors": {"no_such_block": "?"}}
    assert (await slack.submit("ana", opened.id)).error == "invalid_response_action"


async def test_an_app_may_replace_stack_and_clear_forms(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    first = await _opened(slack, client, modal(field("a", text_input())))

    ear.answer = {"response_action": "push", "view": modal(section("second"))}
    second = (await slack.submit("ana", first.id, {"a": "x"})).view
    assert second is not None
    assert (second.previous_id, second.root_id) == (first.id, first.id)

    ear.answer = {"response_action": "update", "view": modal(section("second, changed"))}
    assert (await slack.submit("ana", second.id)).view is second
    assert second.blocks[0]["text"]["text"] == "second, changed"

    ear.answer = {}
    assert (await slack.submit("ana", second.id)).view is first

    ear.answer = {"response_action": "clear"}
    assert (await slack.submit("ana", first.id)).view is None


async def test_a_stack_holds_three_forms(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    opened = await _opened(slack, client, modal(actions(button("more"))))
    for _ in range(2):
        await slack.click_in_view("ana", opened.id, "more")
        await client.views_push(trigger_id=ear.last["trigger_id"], view=modal(actions(button("more"))))
    await slack.click_in_view("ana", opened.id, "more")
    pushing = client.views_push(trigger_id=ear.last["trigger_id"], view=modal(section("fourth")))
    assert await refused_with(pushing) == "push_limit_reached"


async def test_what_was_typed_survives_an_update_of_the_form(
    slack: Playground, client: AsyncWebClient, ear: Ear
) -> None:
    kind = field("kind", select("kind", "a", "b"), dispatch_action=True)
    opened = await _opened(slack, client, modal(kind, field("title", text_input())))
    await slack.click_in_view("ana", opened.id, "text", value="typed")
    told = len(ear.heard)
    await slack.click_in_view("ana", opened.id, "kind", value="b")
    assert len(ear.heard) == told + 1
    assert ear.last["view"]["state"]["values"]["title"]["text"]["value"] == "typed"

    changed = modal(kind, field("title", text_input()), field("more", text_input(), optional=True))
    await client.views_update(view_id=opened.id, hash=opened.hash, view=changed)
    await slack.submit("ana", opened.id)
    values = ear.last["view"]["state"]["values"]
    assert (values["title"]["text"]["value"], values["kind"]["kind"]["selected_option"]) == ("typed", option("b"))


async def test_a_form_can_be_addressed_by_its_external_id(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    opened = await _opened(slack, client, modal(section("x"), external_id="form-1"))
    await client.views_update(external_id="form-1", view=modal(section("y"), external_id="form-1"))
    assert opened.blocks[0]["text"]["text"] == "y"

    await slack.shortcut("ben", "open")
    opening = client.views_open(trigger_id=ear.last["trigger_id"], view=modal(section("x"), external_id="form-1"))
    assert await refused_with(opening) == "duplicate_external_id"


async def test_an_app_hears_of_a_closed_form_when_it_asks_to(
    slack: Playground, client: AsyncWebClient, ear: Ear
) -> None:
    opened = await _opened(slack, client, modal(section("x"), notify_on_close=True))
    await slack.close_view("ana", opened.id)
    await slack.wait_for(lambda: ear.last["type"] == "view_closed")
    assert slack.workspace.modal("ana") is None
    assert await refused_with(client.views_update(view_id=opened.id, view=modal(section("y")))) == "not_found"


async def test_options_come_from_the_app_while_one_types(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    chooser = {"type": "external_select", "action_id": "incident"}
    opened = await _opened(slack, client, modal(field("incident", chooser)))
    ear.answer = {"options": [option("inc-1"), option("inc-2")]}
    assert await slack.suggest("ana", opened, "incident", "inc") == [option("inc-1"), option("inc-2")]
    assert (ear.last["type"], ear.last["value"]) == ("block_suggestion", "inc")

    await slack.click_in_view("ana", opened.id, "incident", value="inc-2")
    ear.answer = {}
    await slack.submit("ana", opened.id)
    assert ear.last["view"]["state"]["values"]["incident"]["incident"]["selected_option"] == option("inc-2")


async def test_a_form_may_say_where_to_answer(slack: Playground, client: AsyncWebClient, ear: Ear) -> None:
    chooser = {"type": "conversations_select", "action_id": "where", "response_url_enabled": True}
    opened = await _opened(slack, client, modal(field("where", chooser)))
    await slack.submit("ana", opened.id, {"where": "general"})
    [url] = ear.last["response_urls"]
    assert (url["channel_id"], url["block_id"], url["action_id"]) == ("C0GENERAL1", "where", "where")


async def test_a_message_shortcut_carries_the_message(slack: Playground, ear: Ear) -> None:
    said = await slack.say("ben", "tier-1-support", "checkout is slow")
    await slack.shortcut("ana", "open_from_message", channel="tier-1-support", ts=said.ts)
    payload = ear.last
    assert (payload["type"], payload["callback_id"]) == ("message_action", "open_from_message")
    assert (payload["message"]["text"], payload["message"]["user"]) == ("checkout is slow", BEN)
    assert payload["channel"]["id"] == FIRST_LINE


async def test_home_is_published_when_it_is_opened(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    pressed: list[Json] = []

    @app.event("app_home_opened")
    async def opened(event: Any, client: Any) -> None:
        await client.views_publish(user_id=event["user"], view=home(section("Hello"), actions(button("open"))))

    @app.action("open")
    async def open_form(ack: Any, body: Any) -> None:
        await ack()
        pressed.append(body)

    await connect()
    view = await slack.open_home("ana")
    assert view is not None
    await slack.click_in_view("ana", view.id, "open")
    assert (pressed[0]["view"]["type"], pressed[0]["container"]) == ("home", {"type": "view", "view_id": view.id})


async def test_a_command_answered_in_the_channel_shows_what_was_typed(
    slack: Playground, app: AsyncApp, connect: Connect
) -> None:
    @app.command("/incident")
    async def incident(ack: Any) -> None:
        await ack(response_type="in_channel", text="INC-1 is open")

    await connect()
    await slack.command("ana", "general", "/incident open it")
    shown = [(one.user, one.text) for one in slack.workspace.channel("general").messages]
    assert shown == [(ANA, "/incident open it"), ("U0TIERBOT", "INC-1 is open")]


async def test_a_command_the_manifest_does_not_have_never_reaches_the_app(clock: ManualClock) -> None:
    manifest = {"features": {"slash_commands": [{"command": "/incident", "description": "x"}]}}
    async with Playground(clock, manifest=manifest) as slack:
        answer = await slack.command("ana", "general", "/accident")
        assert (answer.error, answer.text) == ("unknown_command", "`/accident` is not a valid command.")
        assert slack.envelopes == []


async def test_without_should_escape_a_command_comes_as_typed(
    clock: ManualClock,
) -> None:
    commands = [
        {"command": "/plain", "description": "x"},
        {"command": "/escaped", "description": "x", "should_escape": True},
    ]
    async with Playground(clock, manifest={"features": {"slash_commands": commands}}) as slack:
        await slack.command("ana", "general", "/plain @ben & #random")
        await slack.command("ana", "general", "/escaped @ben & #random")
    assert [one.payload["text"] for one in slack.envelopes] == [
        "@ben & #random",
        "<@U0BEN00001|ben> &amp; <#C0RANDOM01|random>",
    ]
