"""Events: who hears of what, and what happens while nobody listens."""

from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp

from bot.playground import Fault, Playground
from tests.clock import ManualClock
from tests.playground.parties import ANA, BEN, FIRST_LINE, Connect, bolt_app, connected, section, web_client


def _listen(app: AsyncApp, *types: str) -> list[dict[str, Any]]:
    """Everything the app hears of these events, in order."""
    heard: list[dict[str, Any]] = []
    for type_ in types:

        @app.event(type_)
        async def hear(event: Any) -> None:
            heard.append(event)

    return heard


async def test_the_app_hears_what_people_say_where_it_is_a_member(
    slack: Playground, app: AsyncApp, connect: Connect
) -> None:
    heard = _listen(app, "message")
    await connect()

    said = await slack.say("ana", "tier-1-support", "is it down?")
    await slack.say("ana", "general", "nobody listens here")

    assert [(one["channel"], one["user"], one["text"], one["ts"]) for one in heard] == [
        (FIRST_LINE, ANA, "is it down?", said.ts)
    ]
    assert (heard[0]["channel_type"], heard[0]["event_ts"]) == ("channel", said.ts)


async def test_a_mention_of_the_bot_is_an_event_of_its_own(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    heard = _listen(app, "app_mention")
    _listen(app, "message")
    await connect()

    await slack.say("ana", "tier-1-support", "@tierline help")

    assert [one["text"] for one in heard] == ["<@U0TIERBOT> help"]


async def test_an_event_missed_for_want_of_a_connection_arrives_with_the_next(
    slack: Playground, app: AsyncApp, connect: Connect
) -> None:
    heard = _listen(app, "message")
    await slack.say("ana", "tier-1-support", "said while it was away")
    assert heard == []

    await connect()
    await slack.wait_for(lambda: heard)
    assert heard[0]["text"] == "said while it was away"


async def test_an_event_too_old_is_dropped(
    slack: Playground, app: AsyncApp, connect: Connect, clock: ManualClock
) -> None:
    await slack.say("ana", "tier-1-support", "hours ago")
    clock.advance(hours=3)
    await connect()

    assert [lost["event"]["text"] for lost in slack.lost_events] == ["hours ago"]


async def test_an_event_not_acknowledged_is_sent_again_at_once_and_after_one_and_five_minutes(
    slack: Playground, app: AsyncApp, connect: Connect, clock: ManualClock
) -> None:
    heard = _listen(app, "message")
    await connect()
    slack.faults.add(Fault(method="events_api", kind="drop_before", times=3))

    await slack.say("ana", "tier-1-support", "again and again")
    await slack.wait_for(lambda: len(slack.envelopes) == 2)
    clock.advance(seconds=59)
    assert len(slack.envelopes) == 2
    clock.advance(seconds=1)
    await slack.wait_for(lambda: len(slack.envelopes) == 3)
    clock.advance(minutes=5)
    await slack.wait_for(lambda: heard)

    assert [(one.retry_num, one.retry_reason) for one in slack.envelopes] == [
        (0, ""),
        (1, "http_timeout"),
        (2, "http_timeout"),
        (3, "http_timeout"),
    ]
    assert len({one.payload["event_id"] for one in slack.envelopes}) == 1


async def test_after_three_retries_an_event_is_lost(
    slack: Playground, app: AsyncApp, connect: Connect, clock: ManualClock
) -> None:
    await connect()
    slack.faults.add(Fault(method="events_api", kind="drop_before", times=4))
    await slack.say("ana", "tier-1-support", "never arrives")
    await slack.wait_for(lambda: len(slack.envelopes) == 2)
    clock.advance(minutes=1)
    await slack.wait_for(lambda: len(slack.envelopes) == 3)
    clock.advance(minutes=5)

    [lost] = await slack.wait_for(lambda: slack.lost_events)
    assert lost["event"]["text"] == "never arrives"


async def test_commands_are_not_sent_again(
    slack: Playground, app: AsyncApp, connect: Connect, clock: ManualClock
) -> None:
    await connect()
    slack.faults.add(Fault(method="slash_commands", kind="drop_before"))
    await slack.command("ana", "general", "/incident")
    clock.advance(minutes=10)

    assert len(slack.envelopes) == 1


async def test_the_app_learns_what_becomes_of_channels_and_groups(
    slack: Playground, app: AsyncApp, connect: Connect
) -> None:
    heard = _listen(
        app,
        "channel_archive",
        "channel_rename",
        "member_left_channel",
        "member_joined_channel",
        "subteam_updated",
        "user_change",
    )
    await connect()

    slack.rename("tier-1-support", "first-line-support")
    slack.archive("first-line-support")
    slack.kick_bot("tier-2-platform")
    slack.invite_bot("general")
    slack.set_usergroup("first-line", ["ana"])
    slack.deactivate("ben")
    await slack.wait_for(lambda: len(slack.envelopes) == 6)
    await slack.wait_for(lambda: len(heard) == 6)

    assert {one["type"] for one in heard} == {
        "channel_archive",
        "channel_rename",
        "member_left_channel",
        "member_joined_channel",
        "subteam_updated",
        "user_change",
    }


async def test_reactions_and_home_are_events(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    heard = _listen(app, "reaction_added", "app_home_opened")

    await connect()
    message = await slack.say("ben", "general", "hello")
    slack.invite_bot("general")
    await slack.react("ana", "general", message.ts, "eyes")
    await slack.open_home("ana")

    assert [(one["type"], one["user"]) for one in heard] == [("reaction_added", ANA), ("app_home_opened", ANA)]
    assert heard[0]["item"] == {"type": "message", "channel": "C0GENERAL1", "ts": message.ts}


async def test_a_reaction_taken_back_is_another_event(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    heard = _listen(app, "reaction_added", "reaction_removed")
    await connect()
    message = await slack.say("ben", "tier-1-support", "hello")
    await slack.react("ana", "tier-1-support", message.ts, "eyes")
    await slack.react("ana", "tier-1-support", message.ts, "eyes")

    assert [one["type"] for one in heard] == ["reaction_added"], "the app does not ask for the other one by itself"
    assert message.reactions == {}


async def test_a_pin_is_an_event_with_the_message(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    heard = _listen(app, "pin_added")
    await connect()
    root = await slack.say("ben", "tier-1-support", "it is slow")
    reply = await slack.say("ben", "tier-1-support", "it is the cache", thread_ts=root.ts)
    await slack.pin("ana", "tier-1-support", reply.ts)

    [event] = heard
    item = event["item"]
    assert (event["user"], event["channel_id"], event["item_user"], event["pin_count"]) == (ANA, FIRST_LINE, BEN, 1)
    assert (item["type"], item["channel"], item["created_by"]) == ("message", FIRST_LINE, ANA)
    assert (item["message"]["ts"], item["message"]["thread_ts"]) == (reply.ts, root.ts)
    assert item["message"]["pinned_to"] == [FIRST_LINE]
    assert item["message"]["permalink"].endswith(f"?thread_ts={root.ts}&cid={FIRST_LINE}")

    await slack.pin("ana", "tier-1-support", reply.ts)
    assert reply.pinned_by is None


async def test_without_its_scope_no_event_comes(clock: ManualClock, session: aiohttp.ClientSession) -> None:
    events = ["app_mention", "pin_added", "reaction_added"]
    manifest = {
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": events}},
    }
    async with Playground(clock, manifest=manifest) as slack:
        async with connected(slack, bolt_app(slack, session)):
            message = await slack.say("ana", "tier-1-support", "@Tierline help")
            await slack.react("ana", "tier-1-support", message.ts, "eyes")
            await slack.pin("ana", "tier-1-support", message.ts)

        assert slack.envelopes == []


async def test_where_the_bot_is_not_it_hears_of_no_pin(slack: Playground, app: AsyncApp, connect: Connect) -> None:
    await connect()
    message = await slack.say("ben", "general", "hello")
    await slack.pin("ana", "general", message.ts)

    assert slack.envelopes == []


async def test_the_manifest_decides_which_events_come(clock: ManualClock, session: aiohttp.ClientSession) -> None:
    manifest = {
        "oauth_config": {"scopes": {"bot": ["app_mentions:read", "channels:history"]}},
        "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
    }
    async with Playground(clock, manifest=manifest) as slack:
        app = bolt_app(slack, session)
        heard = _listen(app, "message", "app_mention")
        async with connected(slack, app):
            await slack.say("ana", "tier-1-support", "not subscribed")
            await slack.say("ana", "tier-1-support", "<@U0TIERBOT> subscribed")

    assert [one["type"] for one in heard] == ["app_mention"]


async def test_an_app_that_subscribes_to_messages_hears_its_own_and_their_changes(
    clock: ManualClock, session: aiohttp.ClientSession
) -> None:
    manifest = {
        "oauth_config": {"scopes": {"bot": ["channels:history", "chat:write"]}},
        "settings": {"event_subscriptions": {"bot_events": ["message.channels"]}},
    }
    async with Playground(clock, manifest=manifest) as slack:
        client = web_client(slack, session)
        ts = (await client.chat_postMessage(channel=FIRST_LINE, text="one"))["ts"]
        await client.chat_update(channel=FIRST_LINE, ts=ts, text="two", blocks=[section("two")])
        await client.chat_delete(channel=FIRST_LINE, ts=ts)
        async with connected(slack, bolt_app(slack, session)):
            await slack.wait_for(lambda: len(slack.envelopes) == 3)

    heard = [envelope.payload["event"] for envelope in slack.envelopes]
    assert [one.get("subtype") for one in heard] == [None, "message_changed", "message_deleted"]
    assert (heard[0]["bot_id"], heard[1]["message"]["text"], heard[2]["deleted_ts"]) == ("B0TIERBOT", "two", ts)
