"""The Web API through Slack's own client: what it answers and what it refuses."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Playground
from tests.clock import ManualClock
from tests.playground.parties import (
    ANA,
    BEN,
    FIRST_LINE,
    GENERAL,
    SECRET,
    Json,
    actions,
    button,
    field,
    modal,
    refusal,
    refused_with,
    section,
    text_input,
    web_client,
)

METADATA = {"event_type": "page", "event_payload": {"key": "INC-1/page"}}


async def test_auth_test_says_who_the_bot_is(slack: Playground, client: AsyncWebClient) -> None:
    answer = await client.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0TIERLINE", "U0TIERBOT", "B0TIERBOT")
    assert "chat:write" in answer.headers["x-oauth-scopes"]


@pytest.mark.parametrize(
    ("token", "error"),
    [("", "not_authed"), ("xoxb-of-somebody-else", "invalid_auth"), ("xapp-playground", "not_allowed_token_type")],
)
async def test_a_wrong_token_is_refused(
    slack: Playground, session: aiohttp.ClientSession, token: str, error: str
) -> None:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(f"{slack.api_url}auth.test", headers=headers) as response:
        assert await response.json() == {"ok": False, "error": error}


async def test_a_revoked_token_is_refused(slack: Playground, client: AsyncWebClient) -> None:
    slack.revoke_token()
    assert await refused_with(client.auth_test()) == "token_revoked"


async def test_an_unknown_method_is_refused(client: AsyncWebClient) -> None:
    assert await refusal(client.api_call("chat.shout")) == {
        "ok": False,
        "error": "unknown_method",
        "req_method": "chat.shout",
    }


@pytest.mark.parametrize("how", ["query", "form", "json", "token in the form"])
async def test_arguments_come_in_any_of_slacks_ways(
    slack: Playground, session: aiohttp.ClientSession, how: str
) -> None:
    url = f"{slack.api_url}chat.postMessage"
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    wanted = {"channel": FIRST_LINE, "text": "R&amp;D", "blocks": '[{"type":"divider"}]'}
    match how:
        case "query":
            request = session.get(url, headers=headers, params=wanted)
        case "form":
            request = session.post(url, headers=headers, data=wanted)
        case "json":
            request = session.post(url, headers=headers, json=wanted | {"blocks": [{"type": "divider"}]})
        case _:
            request = session.post(url, data=wanted | {"token": slack.bot_token})
    async with request as response:
        assert (await response.json())["ok"]

    [message] = slack.workspace.channel("tier-1-support").messages
    assert (message.text, [block["type"] for block in message.blocks]) == ("R&amp;D", ["divider"])
    assert "token" not in slack.workspace.calls[-1].args


async def test_a_body_that_is_no_json_is_refused(slack: Playground, session: aiohttp.ClientSession) -> None:
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": "application/json"}
    async with session.post(f"{slack.api_url}auth.test", data=b"{", headers=headers) as response:
        assert (await response.json())["error"] == "invalid_json"


async def test_a_post_is_told_and_remembered(slack: Playground, client: AsyncWebClient, clock: ManualClock) -> None:
    answer = await client.chat_postMessage(
        channel=FIRST_LINE, text="INC-1", blocks=[section("INC-1")], metadata=METADATA
    )

    [message] = slack.workspace.channel("tier-1-support").messages
    assert (answer["channel"], answer["ts"]) == (FIRST_LINE, message.ts)
    assert (message.user, message.bot, message.text, message.metadata) == ("U0TIERBOT", True, "INC-1", METADATA)
    assert float(message.ts) == pytest.approx(clock.now().timestamp())
    assert answer["message"]["blocks"][0]["block_id"] == message.blocks[0]["block_id"]
    assert [(call.method, call.outcome) for call in slack.workspace.calls] == [("chat.postMessage", "ok")]
    assert "block_id" not in slack.workspace.calls[0].args["blocks"][0]


async def test_timestamps_grow_while_the_clock_stands_still(slack: Playground, client: AsyncWebClient) -> None:
    stamps = [
        (await client.chat_postMessage(channel=channel, text="x"))["ts"] for channel in (FIRST_LINE, "C0PLATFRM1")
    ]
    assert stamps[0] < stamps[1]


async def test_a_channel_may_be_named_and_a_person_stands_for_direct_messages(
    slack: Playground, client: AsyncWebClient
) -> None:
    assert (await client.chat_postMessage(channel="#tier-1-support", text="x"))["channel"] == FIRST_LINE
    opened = (await client.conversations_open(users=ANA))["channel"]["id"]
    assert (await client.chat_postMessage(channel=ANA, text="x"))["channel"] == opened
    assert slack.workspace.dm("ana").messages[0].text == "x"


async def test_direct_messages_are_opened_once(slack: Playground, client: AsyncWebClient) -> None:
    first = (await client.conversations_open(users=ANA)).data
    again = (await client.conversations_open(users=ANA)).data
    whole = (await client.conversations_open(users=ANA, return_im=True)).data

    conversation = {"id": slack.workspace.dm("ana").id}
    assert first == {"ok": True, "channel": conversation}
    assert again == {"ok": True, "channel": conversation, "already_open": True, "no_op": True}
    assert isinstance(whole, dict)
    assert (whole["channel"]["is_im"], whole["channel"]["user"]) == (True, ANA)


@pytest.mark.parametrize(
    ("users", "error"),
    [
        ("U0NOBODY01", "user_not_found"),
        ("U0TIERBOT", "cannot_dm_bot"),
        (BEN, "user_disabled"),
        (f"{ANA},{BEN}", "too_many_users"),
        (" , ", "users_list_not_supplied"),
        ("", "users_list_not_supplied"),
    ],
)
async def test_direct_messages_that_cannot_be_opened(
    slack: Playground, client: AsyncWebClient, users: str, error: str
) -> None:
    slack.deactivate("ben")
    assert await refused_with(client.api_call("conversations.open", params={"users": users})) == error


async def test_nobody_hears_who_has_left(slack: Playground, client: AsyncWebClient) -> None:
    slack.deactivate("ben")
    assert await refused_with(client.chat_postMessage(channel=BEN, text="x")) == "channel_not_found"


async def test_direct_messages_are_read_back_with_their_thread(client: AsyncWebClient, clock: ManualClock) -> None:
    place = (await client.conversations_open(users=ANA))["channel"]["id"]
    root = (await client.chat_postMessage(channel=place, text="x", metadata=METADATA))["ts"]
    clock.advance(seconds=1)
    await client.chat_postMessage(channel=place, text="y", thread_ts=root)

    [found] = (await client.conversations_history(channel=place, include_all_metadata=True))["messages"]
    below = (await client.conversations_replies(channel=place, ts=root))["messages"]
    assert (found["ts"], found["metadata"]) == (root, METADATA)
    assert [message["text"] for message in below] == ["x", "y"]


@pytest.mark.parametrize("missing", ["im:write", "im:history"])
async def test_direct_messages_need_their_scopes(
    clock: ManualClock, session: aiohttp.ClientSession, missing: str
) -> None:
    scopes = sorted({"chat:write", "im:history", "im:write"} - {missing})
    manifest = {"oauth_config": {"scopes": {"bot": scopes}}}
    async with Playground(clock, manifest=manifest) as slack:
        client = web_client(slack, session)
        calls = {
            "im:write": client.conversations_open(users=ANA),
            "im:history": client.conversations_history(channel=slack.workspace.dm("ana").id),
        }
        assert await refused_with(calls.pop(missing)) == "missing_scope"
        for call in calls.values():
            assert (await call)["ok"]


async def _post(client: AsyncWebClient, **arguments: Any) -> Any:
    return await client.api_call("chat.postMessage", json={"channel": FIRST_LINE, "text": "x"} | arguments)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE1"}, "channel_not_found"),
        ({"channel": SECRET}, "channel_not_found"),
        ({"channel": GENERAL}, "not_in_channel"),
        ({"text": ""}, "no_text"),
        ({"blocks": "no json"}, "invalid_blocks_format"),
        ({"blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"blocks": [section("x" * 2500)] * 4}, "msg_blocks_too_long"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "x", "event_payload": {"key": "x" * 9000}}}, "metadata_too_large"),
        ({"thread_ts": "1700000000.000000"}, "cannot_reply_to_message"),
        ({"attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
    ],
)
async def test_a_post_slack_refuses_is_refused(client: AsyncWebClient, arguments: Json, error: str) -> None:
    assert await refused_with(_post(client, **arguments)) == error


async def test_invalid_blocks_say_what_is_wrong_and_where(client: AsyncWebClient) -> None:
    answer = await refusal(_post(client, blocks=[section("ok"), section("x" * 3001)]))
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]


async def test_nothing_is_posted_into_an_archived_channel(slack: Playground, client: AsyncWebClient) -> None:
    ts = (await _post(client))["ts"]
    slack.archive("tier-1-support")
    assert await refused_with(_post(client)) == "is_archived"
    assert await refused_with(client.chat_update(channel=FIRST_LINE, ts=ts, text="y")) == "is_inactive"


async def test_a_bot_that_was_removed_may_not_post_until_it_joins(slack: Playground, client: AsyncWebClient) -> None:
    slack.kick_bot("tier-1-support")
    assert await refused_with(_post(client)) == "not_in_channel"
    await client.conversations_join(channel=FIRST_LINE)
    assert (await _post(client))["ok"]


async def test_a_private_channel_cannot_be_joined(slack: Playground, client: AsyncWebClient) -> None:
    assert await refused_with(client.conversations_join(channel=SECRET)) == "channel_not_found"
    slack.invite_bot("security-private")
    assert await refused_with(client.conversations_join(channel=SECRET)) == "method_not_supported_for_channel_type"


async def test_longer_text_is_cut_in_a_post_and_refused_in_an_update(slack: Playground, client: AsyncWebClient) -> None:
    ts = (await _post(client, text="x" * 50_000))["ts"]
    assert len(slack.workspace.channel(FIRST_LINE).messages[0].text) == 40_000
    assert await refused_with(client.chat_update(channel=FIRST_LINE, ts=ts, text="x" * 4001)) == "msg_too_long"


async def test_an_update_keeps_what_was_shown_before(slack: Playground, client: AsyncWebClient) -> None:
    ts = (await _post(client, text="one", blocks=[section("one")], metadata=METADATA))["ts"]
    await client.chat_update(channel=FIRST_LINE, ts=ts, text="two", blocks=[section("two")])
    await client.chat_update(channel=FIRST_LINE, ts=ts, text="three")

    [message] = slack.workspace.channel(FIRST_LINE).messages
    assert [one.text for one in message.edited_versions] == ["one", "two"]
    assert (message.text, message.blocks, message.metadata) == ("three", [], METADATA)
    assert message.edited


async def test_an_update_by_blocks_is_not_marked_as_edited(slack: Playground, client: AsyncWebClient) -> None:
    ts = (await _post(client, text="one", blocks=[section("one")]))["ts"]
    await client.chat_update(channel=FIRST_LINE, ts=ts, text="two", blocks=[section("two")])
    assert not slack.workspace.channel(FIRST_LINE).messages[0].edited


async def test_only_own_messages_can_be_changed(slack: Playground, client: AsyncWebClient) -> None:
    theirs = await slack.say("ana", FIRST_LINE, "mine")
    assert await refused_with(client.chat_update(channel=FIRST_LINE, ts=theirs.ts, text="x")) == "cant_update_message"
    assert await refused_with(client.chat_delete(channel=FIRST_LINE, ts=theirs.ts)) == "cant_delete_message"
    assert await refused_with(client.chat_update(channel=FIRST_LINE, ts="1.0", text="x")) == "message_not_found"


async def test_a_deleted_message_is_gone_for_the_app(slack: Playground, client: AsyncWebClient) -> None:
    ts = (await _post(client))["ts"]
    await client.chat_delete(channel=FIRST_LINE, ts=ts)

    assert slack.workspace.channel(FIRST_LINE).messages[0].deleted
    assert (await client.conversations_history(channel=FIRST_LINE))["messages"] == []
    assert await refused_with(client.chat_update(channel=FIRST_LINE, ts=ts, text="x")) == "message_not_found"


async def test_an_ephemeral_message_is_shown_in_a_thread_that_has_begun(
    slack: Playground, client: AsyncWebClient
) -> None:
    root = await slack.say("ben", "tier-1-support", "it is slow")
    taken = await client.chat_postEphemeral(channel=FIRST_LINE, user=ANA, text="unseen", thread_ts=root.ts)
    await slack.say("ben", "tier-1-support", "very slow", thread_ts=root.ts)
    await client.chat_postEphemeral(channel=FIRST_LINE, user=ANA, text="seen", thread_ts=root.ts)

    assert taken["ok"]
    assert [told.text for told in slack.workspace.channel(FIRST_LINE).ephemerals] == ["seen"]


async def test_one_message_is_read_by_its_own_ts(slack: Playground, client: AsyncWebClient) -> None:
    root = await slack.say("ben", "tier-1-support", "it is slow")
    reply = await slack.say("ana", "tier-1-support", "it is the cache", thread_ts=root.ts)
    await slack.say("ana", "tier-1-support", "no, the disk", thread_ts=root.ts)
    read = await client.conversations_replies(
        channel=FIRST_LINE, ts=reply.ts, oldest=reply.ts, latest=reply.ts, inclusive=True, limit=15
    )

    assert [(one["ts"], one["text"], one["thread_ts"]) for one in read["messages"]] == [
        (reply.ts, "it is the cache", root.ts)
    ]


async def test_an_ephemeral_message_is_for_one_member(slack: Playground, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel=FIRST_LINE, user=ANA, text="psst")
    [told] = slack.workspace.channel(FIRST_LINE).ephemerals
    assert (told.text, told.ephemeral_to) == ("psst", ANA)
    assert slack.workspace.channel(FIRST_LINE).messages == []

    slack.workspace.channel(FIRST_LINE).members.discard(BEN)
    refused = await refused_with(client.chat_postEphemeral(channel=FIRST_LINE, user=BEN, text="psst"))
    assert refused == "user_not_in_channel"


async def _thread(client: AsyncWebClient, clock: ManualClock, replies: int) -> tuple[str, list[str]]:
    root = (await _post(client, text="root"))["ts"]
    stamps = []
    for number in range(replies):
        clock.advance(seconds=1)
        stamps.append((await _post(client, text=f"reply {number}", thread_ts=root))["ts"])
    return root, stamps


async def test_a_thread_is_read_oldest_first_in_pages(client: AsyncWebClient, clock: ManualClock) -> None:
    root, stamps = await _thread(client, clock, 4)
    first = await client.conversations_replies(channel=FIRST_LINE, ts=root, limit=3)
    rest = await client.conversations_replies(
        channel=FIRST_LINE, ts=root, limit=3, cursor=first["response_metadata"]["next_cursor"]
    )

    read = [one["ts"] for page in (first, rest) for one in page["messages"]]
    assert read == [root, *stamps]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert first["messages"][0]["reply_count"] == 4
    assert await refused_with(_post(client, thread_ts=stamps[0])) == "cannot_reply_to_message"
    assert await refused_with(client.conversations_replies(channel=FIRST_LINE, ts="1.5")) == "thread_not_found"


async def test_history_is_newest_first_without_replies_but_with_broadcasts(
    client: AsyncWebClient, clock: ManualClock
) -> None:
    root, _ = await _thread(client, clock, 1)
    clock.advance(seconds=1)
    shouted = (await _post(client, text="breach", thread_ts=root, reply_broadcast=True))["ts"]

    found = (await client.conversations_history(channel=FIRST_LINE))["messages"]
    assert [one["ts"] for one in found] == [shouted, root]
    assert found[0]["subtype"] == "thread_broadcast"


async def test_a_deleted_root_leaves_a_tombstone_while_its_thread_lives(
    client: AsyncWebClient, clock: ManualClock
) -> None:
    root, [reply] = await _thread(client, clock, 1)
    await client.chat_delete(channel=FIRST_LINE, ts=root)
    assert (await client.conversations_history(channel=FIRST_LINE))["messages"][0]["subtype"] == "tombstone"
    await client.chat_delete(channel=FIRST_LINE, ts=reply)
    assert (await client.conversations_history(channel=FIRST_LINE))["messages"] == []


async def test_history_between_two_instants(client: AsyncWebClient, clock: ManualClock) -> None:
    stamps = []
    for _ in range(4):
        stamps.append((await _post(client))["ts"])
        clock.advance(seconds=2)

    async def between(**window: Any) -> list[str]:
        found = (await client.conversations_history(channel=FIRST_LINE, **window))["messages"]
        return [one["ts"] for one in reversed(found)]

    assert await between(oldest=stamps[1]) == stamps[2:]
    assert await between(oldest=stamps[1], inclusive=True) == stamps[1:]
    assert await between(oldest=stamps[0], latest=stamps[2]) == stamps[1:2]
    assert await between(latest=stamps[2], inclusive=True) == stamps[:3]
    assert await between(oldest="0") == stamps


async def test_metadata_is_shown_when_asked_for(client: AsyncWebClient) -> None:
    await _post(client, metadata=METADATA)
    plain = (await client.conversations_history(channel=FIRST_LINE))["messages"][0]
    full = (await client.conversations_history(channel=FIRST_LINE, include_all_metadata=True))["messages"][0]
    assert ("metadata" in plain, full["metadata"]) == (False, METADATA)


async def test_channels_are_listed_in_pages_and_private_ones_only_to_members(
    slack: Playground, client: AsyncWebClient
) -> None:
    async def names(types: str) -> list[str]:
        found: list[str] = []
        cursor = None
        while cursor != "":
            page = await client.conversations_list(types=types, limit=3, cursor=cursor)
            found += [one["name"] for one in page["channels"]]
            cursor = page["response_metadata"]["next_cursor"]
        return found

    assert await names("public_channel") == [
        one.name for one in slack.workspace.channels.values() if one.kind == "public"
    ]
    assert await names("private_channel") == []
    slack.invite_bot("security-private")
    assert await names("private_channel") == ["security-private"]


async def test_people_and_groups_can_be_looked_up(client: AsyncWebClient) -> None:
    assert (await client.users_info(user=ANA))["user"]["profile"]["real_name"] == "Ana Ruiz"
    assert (await client.users_lookupByEmail(email="ben@acme.example"))["user"]["id"] == BEN
    assert await refused_with(client.users_lookupByEmail(email="nobody@acme.example")) == "users_not_found"
    assert await refused_with(client.users_info(user="U0NOBODY00")) == "user_not_found"
    assert len((await client.users_list())["members"]) == 12
    groups = (await client.usergroups_list(include_users=True))["usergroups"]
    assert [one["users"] for one in groups if one["handle"] == "first-line"] == [[ANA, BEN]]
    assert (await client.usergroups_users_list(usergroup="S0FIRSTLN1"))["users"] == [ANA, BEN]
    assert await refused_with(client.usergroups_users_list(usergroup="S0NOBODY00")) == "no_such_subteam"
    assert ANA in (await client.conversations_members(channel=FIRST_LINE))["members"]


async def test_a_permalink_leads_to_the_page(
    slack: Playground, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    ts = (await _post(client))["ts"]
    link = (await client.chat_getPermalink(channel=FIRST_LINE, message_ts=ts))["permalink"]
    assert link == f"{slack.url}/archives/{FIRST_LINE}/p{ts.replace('.', '')}"
    async with session.get(link, allow_redirects=False) as response:
        assert response.headers["location"] == f"/#//{FIRST_LINE}/{ts}"


async def test_a_reaction_is_given_once(slack: Playground, client: AsyncWebClient) -> None:
    ts = (await _post(client))["ts"]
    await client.reactions_add(channel=FIRST_LINE, timestamp=ts, name="eyes")
    assert await refused_with(client.reactions_add(channel=FIRST_LINE, timestamp=ts, name="eyes")) == "already_reacted"
    assert slack.workspace.channel(FIRST_LINE).messages[0].reactions == {"eyes": ["U0TIERBOT"]}


async def test_a_scheduled_message_comes_when_it_is_due(
    slack: Playground, client: AsyncWebClient, clock: ManualClock
) -> None:
    due = int(clock.now().timestamp()) + 300
    kept = (await client.chat_scheduleMessage(channel=FIRST_LINE, text="kept", post_at=due))["scheduled_message_id"]
    gone = (await client.chat_scheduleMessage(channel=FIRST_LINE, text="gone", post_at=due))["scheduled_message_id"]
    await client.chat_deleteScheduledMessage(channel=FIRST_LINE, scheduled_message_id=gone)
    listed = (await client.chat_scheduledMessages_list())["scheduled_messages"]
    assert [one["id"] for one in listed] == [kept]

    clock.advance(seconds=299)
    assert slack.workspace.channel(FIRST_LINE).messages == []
    clock.advance(seconds=1)
    assert [one.text for one in slack.workspace.channel(FIRST_LINE).messages] == ["kept"]


async def test_a_scope_the_manifest_lacks_is_missing(clock: ManualClock, session: aiohttp.ClientSession) -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["channels:read"], "bot_optional": ["users:read"]}}}
    async with Playground(clock, manifest=manifest) as slack:
        client = web_client(slack, session)
        assert (await client.auth_test()).headers["x-oauth-scopes"] == "channels:read,users:read"
        assert await refusal(_post(client)) == {
            "ok": False,
            "error": "missing_scope",
            "needed": "chat:write",
            "provided": "channels:read,users:read",
        }
        assert await refused_with(client.conversations_history(channel=FIRST_LINE)) == "missing_scope"
        assert await refused_with(client.conversations_list(types="private_channel")) == "missing_scope"
        assert (await client.conversations_info(channel=FIRST_LINE))["ok"]
        assert "email" not in (await client.users_info(user=ANA))["user"]["profile"]


async def test_home_is_published_and_guarded_by_its_hash(slack: Playground, client: AsyncWebClient) -> None:
    view = {"type": "home", "blocks": [section("one")]}
    first = (await client.views_publish(user_id=ANA, view=view))["view"]
    await client.views_publish(user_id=ANA, view=view, hash=first["hash"])

    assert await refused_with(client.views_publish(user_id=ANA, view=view, hash=first["hash"])) == "hash_conflict"
    home = slack.workspace.home("ana")
    assert home is not None
    assert home.blocks[0]["text"]["text"] == "one"


@pytest.mark.parametrize(
    "view",
    [
        {"type": "modal", "blocks": []},
        modal(section("x"), title={"type": "plain_text", "text": "x" * 25}),
        modal(field("a", text_input()), submit=None),
        modal({"type": "markdown", "text": "x"}),
        {"type": "home", "blocks": []},
    ],
)
async def test_a_form_slack_refuses_is_refused(client: AsyncWebClient, view: Json) -> None:
    refused = await refusal(client.views_open(trigger_id="1.2.3", view=view))
    assert refused["error"] == "invalid_arguments"
    assert refused["response_metadata"]["messages"]


async def test_an_unknown_trigger_opens_nothing(client: AsyncWebClient) -> None:
    opening = client.views_open(trigger_id="1.2.3", view=modal(section("x")))
    assert await refused_with(opening) == "invalid_trigger_id"


async def test_buttons_without_ids_are_given_some(slack: Playground, client: AsyncWebClient) -> None:
    nameless = {"type": "button", "text": {"type": "plain_text", "text": "x"}}
    await _post(client, blocks=[actions(nameless, button("known"))])
    [message] = slack.workspace.channel(FIRST_LINE).messages
    first, second = message.blocks[0]["elements"]
    assert first["action_id"]
    assert second["action_id"] == "known"
