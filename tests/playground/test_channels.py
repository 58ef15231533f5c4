"""Channels that an app makes: what Slack takes, and with which words it refuses the rest."""

from collections.abc import Sequence

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Channel, Playground
from bot.playground.model import ChannelKind
from tests.clock import ManualClock
from tests.playground.parties import ANA, BEN, GENERAL, Json, refusal, refused_with, web_client

ROOM = "inc-1-checkout"


async def made(client: AsyncWebClient, name: str = ROOM, *, private: bool = False) -> str:
    answer = await client.conversations_create(name=name, is_private=private)
    return str(answer["channel"]["id"])


def members(slack: Playground, channel: str) -> Sequence[str]:
    return sorted(slack.workspace.channels[channel].members)


async def test_an_app_is_the_first_member_of_what_it_makes(
    slack: Playground, client: AsyncWebClient, clock: ManualClock
) -> None:
    answer = await client.conversations_create(name=ROOM)
    channel: Json = answer["channel"]
    assert (channel["name"], channel["is_private"], channel["is_member"]) == (ROOM, False, True)
    assert channel["creator"] == slack.workspace.app.user_id
    assert channel["created"] == int(clock.now().timestamp())
    assert slack.workspace.channel(ROOM).kind is ChannelKind.PUBLIC
    assert (await client.conversations_create(name="secret", is_private=True))["channel"]["is_private"] is True


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("x" * 81, "invalid_name_maxlength"),
        ("--_", "invalid_name_punctuation"),
        ("Checkout", "invalid_name_specials"),
        ("a b", "invalid_name_specials"),
        ("касса", "invalid_name_specials"),
        ("general", "name_taken"),
        ("security-private", "name_taken"),
    ],
)
async def test_a_name_that_slack_does_not_take_is_refused(client: AsyncWebClient, name: str, error: str) -> None:
    assert await refused_with(client.conversations_create(name=name)) == error


async def test_an_archived_channel_keeps_its_name(client: AsyncWebClient) -> None:
    await client.conversations_archive(channel=await made(client))
    assert await refused_with(client.conversations_create(name=ROOM)) == "name_taken"


async def test_people_are_invited_and_the_app_hears_of_it(slack: Playground, client: AsyncWebClient) -> None:
    channel = await made(client)
    await client.conversations_invite(channel=channel, users=[ANA, BEN])
    assert members(slack, channel) == sorted([ANA, BEN, slack.workspace.app.user_id])


@pytest.mark.parametrize(
    ("users", "error"),
    [
        (f"{ANA},{BEN}", "already_in_channel"),
        (f"{BEN},U0NOBODY01", "user_not_found"),
        (f"{BEN},U0TIERBOT", "cant_invite_self"),
        (f"{BEN},USLACKBOT,U0GONE0001", "user_not_found"),
        (",".join(f"U{number:09d}" for number in range(101)), "too_many_users"),
        ("", "invalid_arguments"),
    ],
)
async def test_without_force_one_who_cannot_be_invited_keeps_all_out(
    slack: Playground, client: AsyncWebClient, users: str, error: str
) -> None:
    channel = await made(client)
    await client.conversations_invite(channel=channel, users=[ANA])
    assert await refused_with(client.conversations_invite(channel=channel, users=users)) == error
    assert BEN not in members(slack, channel)


async def test_with_force_the_others_are_invited(slack: Playground, client: AsyncWebClient) -> None:
    channel = await made(client)
    answer = await client.conversations_invite(channel=channel, users=["U0NOBODY01", BEN], force=True)
    assert answer["errors"] == [{"ok": False, "error": "user_not_found", "user": "U0NOBODY01"}]
    assert BEN in members(slack, channel)
    nobody = await refusal(client.conversations_invite(channel=channel, users=["U0NOBODY01"], force=True))
    assert nobody["error"] == "user_not_found"


async def test_who_is_deactivated_cannot_be_invited(slack: Playground, client: AsyncWebClient) -> None:
    channel = await made(client)
    slack.deactivate("ben")
    assert await refused_with(client.conversations_invite(channel=channel, users=[BEN])) == "cant_invite"


async def test_a_topic_is_shown_and_has_a_limit(slack: Playground, client: AsyncWebClient) -> None:
    channel = await made(client)
    answer = await client.conversations_setTopic(channel=channel, topic="sev1 checkout")
    assert answer["channel"]["topic"]["value"] == "sev1 checkout"
    assert slack.workspace.channels[channel].topic == "sev1 checkout"
    assert await refused_with(client.conversations_setTopic(channel=channel, topic="x" * 251)) == "too_long"
    assert await refused_with(client.api_call("conversations.setTopic", params={"channel": channel})) == (
        "invalid_arguments"
    )


async def test_in_an_archived_channel_nothing_can_be_done_and_no_bot_takes_that_back(
    slack: Playground, client: AsyncWebClient
) -> None:
    channel = await made(client)
    assert await refused_with(client.conversations_unarchive(channel=channel)) == "not_archived"
    await client.conversations_archive(channel=channel)
    assert slack.workspace.channels[channel].is_archived
    assert await refused_with(client.conversations_archive(channel=channel)) == "already_archived"
    assert await refused_with(client.conversations_unarchive(channel=channel)) == "not_in_channel"
    assert await refused_with(client.conversations_invite(channel=channel, users=[ANA])) == "is_archived"
    assert await refused_with(client.conversations_setTopic(channel=channel, topic="x")) == "is_archived"
    assert await refused_with(client.chat_postMessage(channel=channel, text="x")) == "is_archived"


async def test_what_is_not_its_own_an_app_leaves_alone(slack: Playground, client: AsyncWebClient) -> None:
    assert await refused_with(client.conversations_archive(channel="C0NOWHERE1")) == "channel_not_found"
    assert await refused_with(client.conversations_archive(channel=GENERAL)) == "not_in_channel"
    await client.conversations_join(channel=GENERAL)
    assert await refused_with(client.conversations_archive(channel=GENERAL)) == "cant_archive_general"
    dm = slack.workspace.dm("ana")
    assert await refused_with(client.conversations_setTopic(channel=dm.id, topic="x")) == (
        "method_not_supported_for_channel_type"
    )


async def test_each_needs_its_scope(clock: ManualClock, session: aiohttp.ClientSession) -> None:
    manifest = {"oauth_config": {"scopes": {"bot": ["channels:manage", "groups:write.topic", "channels:read"]}}}
    async with Playground(clock, manifest=manifest) as slack:
        client = web_client(slack, session)
        assert await refused_with(client.conversations_create(name="secret", is_private=True)) == "missing_scope"
        secret = Channel(
            id="C0SECRET02", name="secret", kind=ChannelKind.PRIVATE, members={slack.workspace.app.user_id}
        )
        slack.workspace.channels[secret.id] = secret
        await client.conversations_setTopic(channel=secret.id, topic="x")
        assert await refused_with(client.conversations_invite(channel=secret.id, users=[ANA])) == "missing_scope"
        assert await refused_with(client.conversations_archive(channel=secret.id)) == "missing_scope"
        assert await refused_with(client.bookmarks_list(channel_id=secret.id)) == "missing_scope"
        await client.conversations_archive(channel=await made(client))


async def test_twenty_a_minute_are_made(clock: ManualClock, client: AsyncWebClient) -> None:
    for number in range(20):
        await made(client, f"inc-{number}")
    refused = await refusal(client.conversations_create(name="inc-20"))
    assert refused["error"] == "ratelimited"


async def test_those_it_is_in_are_listed_without_the_archived(slack: Playground, client: AsyncWebClient) -> None:
    first, second = await made(client), await made(client, "inc-2")
    await client.conversations_archive(channel=first)
    answer = await client.users_conversations(types="public_channel", exclude_archived=True, limit=999)
    listed = {channel["id"]: channel["creator"] for channel in answer["channels"]}
    assert first not in listed
    assert listed[second] == slack.workspace.app.user_id


async def test_a_bookmark_is_added_changed_found_and_removed(slack: Playground, client: AsyncWebClient) -> None:
    channel = await made(client)
    link = {"title": "The card", "type": "link", "link": "https://acme.example/1"}
    added: Json = (await client.bookmarks_add(channel_id=channel, **link))["bookmark"]
    assert (added["title"], added["link"], added["channel_id"]) == ("The card", "https://acme.example/1", channel)
    await client.bookmarks_edit(bookmark_id=added["id"], channel_id=channel, link="https://acme.example/2")
    listed = (await client.bookmarks_list(channel_id=channel))["bookmarks"]
    assert [(each["id"], each["title"], each["link"]) for each in listed] == [
        (added["id"], "The card", "https://acme.example/2")
    ]
    await client.bookmarks_edit(bookmark_id=added["id"], channel_id=channel, title="It")
    assert [mark.title for mark in slack.workspace.channels[channel].bookmarks] == ["It"]
    await client.bookmarks_remove(bookmark_id=added["id"], channel_id=channel)
    assert slack.workspace.channels[channel].bookmarks == []
    assert await refused_with(client.bookmarks_remove(bookmark_id=added["id"], channel_id=channel)) == "not_found"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"type": "file"}, "invalid_bookmark_type"),
        ({"link": "ftp://x"}, "invalid_link"),
        ({"title": ""}, "invalid_arguments"),
        ({"channel_id": "C0NOWHERE1"}, "channel_not_found"),
        ({"channel_id": GENERAL}, "not_in_channel"),
    ],
)
async def test_a_bookmark_that_slack_does_not_take_is_refused(
    client: AsyncWebClient, changes: dict[str, str], error: str
) -> None:
    channel = await made(client)
    given = {"channel_id": channel, "title": "x", "type": "link", "link": "https://acme.example"} | changes
    assert await refused_with(client.bookmarks_add(**given)) == error


async def test_a_channel_holds_a_hundred_bookmarks_and_an_archived_one_takes_none(
    clock: ManualClock, client: AsyncWebClient
) -> None:
    channel = await made(client)
    for number in range(100):
        if number % 20 == 0:
            clock.advance(minutes=1)
        await client.bookmarks_add(channel_id=channel, title=str(number), type="link", link="https://acme.example")
    clock.advance(minutes=1)
    one_more = {"channel_id": channel, "title": "x", "type": "link", "link": "https://acme.example"}
    assert await refused_with(client.bookmarks_add(**one_more)) == "too_many_bookmarks"
    await client.conversations_archive(channel=channel)
    assert await refused_with(client.bookmarks_add(**one_more)) == "is_archived"


async def test_people_see_a_new_channel_with_its_topic_and_bookmarks(
    slack: Playground, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    channel = await made(client)
    await client.conversations_setTopic(channel=channel, topic="sev1 checkout")
    await client.bookmarks_add(channel_id=channel, title="The card", type="link", link="https://acme.example/1")
    await client.conversations_invite(channel=channel, users=[ANA])
    async with session.get(f"{slack.url}/playground/state", params={"user": ANA}) as response:
        [shown] = [one for one in (await response.json())["channels"] if one["id"] == channel]
    assert (shown["name"], shown["topic"], shown["is_member"]) == (ROOM, "sev1 checkout", True)
    assert [(mark["title"], mark["link"]) for mark in shown["bookmarks"]] == [("The card", "https://acme.example/1")]
