"""One message read back from Slack, who somebody is, and what is said to one person in a thread."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.domain.delivery import Delivered, Refused
from bot.domain.ids import ChannelId, UserId
from bot.playground import Fault, Playground
from bot.slack.blocks.rendered import Rendered
from bot.slack.calls import SlackUnavailable
from bot.slack.client import make_client, make_session
from bot.slack.gateway import SlackGateway
from bot.slack.posted import Posted, read_posted
from bot.slack.workspace import SlackWorkspace
from tests.clock import ManualClock
from tests.playground.parties import ANA, BEN, FIRST_LINE, section

PLACE = ChannelId(FIRST_LINE)
HELLO = Rendered(text="psst", blocks=[section("psst")])


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[Playground]:
    async with Playground(clock) as slack:
        yield slack


@pytest.fixture
async def workspace(slack: Playground) -> AsyncIterator[SlackWorkspace]:
    async with make_session() as session:
        yield SlackWorkspace(make_client(token=slack.bot_token, base_url=slack.api_url, session=session))


@pytest.fixture
async def gateway(slack: Playground) -> AsyncIterator[SlackGateway]:
    async with make_session() as session:
        yield SlackGateway(make_client(token=slack.bot_token, base_url=slack.api_url, session=session))


async def test_a_message_and_a_reply_are_read_by_their_own_ts(slack: Playground, gateway: SlackGateway) -> None:
    root = await slack.say("ana", "tier-1-support", "it is slow")
    reply = await slack.say("ben", "tier-1-support", "it is <the> cache", thread_ts=root.ts)
    await slack.say("ana", "tier-1-support", "no", thread_ts=root.ts)
    assert await gateway.message_at(PLACE, root.ts) == Posted(
        ts=root.ts, text="it is slow", author=UserId(ANA), thread_ts=None
    )
    assert await gateway.message_at(PLACE, reply.ts) == Posted(
        ts=reply.ts, text="it is &lt;the&gt; cache", author=UserId(BEN), thread_ts=root.ts
    )


async def test_what_is_not_there_is_no_message(slack: Playground, gateway: SlackGateway) -> None:
    with pytest.raises(SlackUnavailable) as refused:
        await gateway.message_at(PLACE, "1794625200.000001")
    assert (refused.value.outcome, refused.value.is_away) == (Refused("thread_not_found"), False)
    slack.faults.add(Fault(method="conversations.replies", kind="error:internal_error"))
    with pytest.raises(SlackUnavailable) as away:
        await gateway.message_at(PLACE, "1794625200.000001")
    assert away.value.is_away


@pytest.mark.parametrize(
    ("message", "posted"),
    [
        ({"ts": "1.000001", "text": "x"}, Posted(ts="1.000001", text="x", author=None, thread_ts=None)),
        (
            {"ts": "1.000002", "thread_ts": "1.000001", "user": "", "text": " ", "files": [{"name": "a.png"}, "b"]},
            Posted(ts="1.000002", text="a.png", author=None, thread_ts="1.000001"),
        ),
        (
            {"ts": "1.000001", "attachments": [{"fallback": "alert: 5xx"}, {"text": "more"}, {}], "files": None},
            Posted(ts="1.000001", text="alert: 5xx\nmore", author=None, thread_ts=None),
        ),
        ({"ts": "1.000001", "thread_ts": "1.000001"}, Posted(ts="1.000001", text="", author=None, thread_ts=None)),
    ],
)
def test_what_has_no_text_says_what_it_shows(message: dict[str, Any], posted: Posted) -> None:
    assert read_posted(message) == posted


async def test_an_app_is_no_person(slack: Playground, workspace: SlackWorkspace) -> None:
    assert await workspace.is_person(UserId(ANA))
    assert not await workspace.is_person(UserId(slack.workspace.app.user_id))
    assert not await workspace.is_person(UserId("USLACKBOT"))
    with pytest.raises(SlackUnavailable):
        await workspace.is_person(UserId("U0NOBODY01"))


async def test_one_person_is_told_in_a_thread_or_directly(slack: Playground, gateway: SlackGateway) -> None:
    root = await slack.say("ana", "tier-1-support", "it is slow")
    await slack.say("ben", "tier-1-support", "it is the cache", thread_ts=root.ts)
    assert isinstance(await gateway.tell(PLACE, UserId(ANA), HELLO, thread_ts=root.ts), Delivered)
    [told] = slack.workspace.channel(FIRST_LINE).ephemerals
    assert (told.text, told.thread_ts, told.ephemeral_to) == ("psst", root.ts, ANA)
    assert isinstance(await gateway.tell_directly(UserId(ANA), HELLO), Delivered)
    [direct] = slack.workspace.dm("ana").visible()
    assert [block["type"] for block in direct.blocks] == ["section"], "with its buttons, if it has any"
