"""What is promised to a person goes to their direct messages, and is found, changed and taken back there."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.domain.delivery import Delivered, InDoubt, Limited, Outcome, Refused, Unreached
from bot.domain.ids import ChannelId
from bot.playground import Fault, Message, Playground
from bot.slack.blocks.rendered import Rendered
from bot.slack.client import make_client, make_session
from bot.slack.direct_messages import DirectMessages
from bot.slack.gateway import NotFound, SlackGateway
from tests.clock import ManualClock
from tests.playground.parties import section

HELLO = Rendered(text="INC-1 is resolved", blocks=[section("INC-1 is resolved")])
CHANGED = Rendered(text="INC-1 was reopened", blocks=[section("INC-1 was reopened")])


@pytest.fixture
async def slack(clock: ManualClock) -> AsyncIterator[Playground]:
    async with Playground(clock) as slack:
        yield slack


@pytest.fixture
async def gateway(slack: Playground) -> AsyncIterator[SlackGateway]:
    async with make_session() as session:
        yield SlackGateway(make_client(token=slack.bot_token, base_url=slack.api_url, session=session))


@pytest.fixture
def ana(slack: Playground) -> ChannelId:
    return ChannelId(slack.workspace.user("ana").id)


def told(slack: Playground, name: str = "ana") -> list[Message]:
    return list(slack.workspace.dm(name).visible())


def called(slack: Playground, method: str) -> int:
    return sum(call.method == method for call in slack.workspace.calls)


async def test_a_person_is_written_to_directly_and_the_conversation_is_opened_once(
    slack: Playground, gateway: SlackGateway, ana: ChannelId, clock: ManualClock
) -> None:
    first = await gateway.post(ana, HELLO, key="k1")
    clock.advance(seconds=1)
    await gateway.post(ana, CHANGED, key="k2")
    assert [message.text for message in told(slack)] == [HELLO.text, CHANGED.text]
    assert first == Delivered(told(slack)[0].ts)
    assert called(slack, "conversations.open") == 1


async def test_it_is_found_changed_and_deleted_where_it_was_written(
    slack: Playground, gateway: SlackGateway, ana: ChannelId, clock: ManualClock
) -> None:
    posted = await gateway.post(ana, HELLO, key="k1")
    assert isinstance(posted, Delivered)
    assert await gateway.find(ana, key="k1", since=clock.now(), thread_ts=None) == posted
    assert await gateway.find(ana, key="k2", since=clock.now(), thread_ts=None) == NotFound()
    assert await gateway.copies(ana, key="k1", since=clock.now(), thread_ts=None) == [posted.ts]
    assert await gateway.edit(ana, posted.ts, CHANGED, key="k1") == posted
    assert [message.text for message in told(slack)] == [CHANGED.text]
    assert isinstance(await gateway.delete(ana, posted.ts), Delivered)
    assert told(slack) == []


async def test_a_message_whose_delivery_is_in_doubt_is_found_again(
    slack: Playground, gateway: SlackGateway, ana: ChannelId, clock: ManualClock
) -> None:
    slack.faults.add(Fault(method="chat.postMessage", kind="drop_after"))
    assert isinstance(await gateway.post(ana, HELLO, key="k1"), InDoubt)
    found = await gateway.find(ana, key="k1", since=clock.now(), thread_ts=None)
    assert found == Delivered(told(slack)[0].ts)


async def test_somebody_who_left_or_is_no_person_cannot_be_told(
    slack: Playground, gateway: SlackGateway, ana: ChannelId, clock: ManualClock
) -> None:
    slack.deactivate("ana")
    refused = Refused("user_disabled")
    assert await gateway.post(ana, HELLO, key="k") == refused
    assert await gateway.edit(ana, "1.2", HELLO, key="k") == refused
    assert await gateway.delete(ana, "1.2") == refused
    assert await gateway.find(ana, key="k", since=clock.now(), thread_ts=None) == refused
    bot = ChannelId(slack.workspace.app.user_id)
    assert await gateway.post(bot, HELLO, key="k") == Refused("cannot_dm_bot")
    assert called(slack, "chat.postMessage") == 0


async def test_a_conversation_that_is_gone_is_asked_for_again(
    slack: Playground, gateway: SlackGateway, ana: ChannelId
) -> None:
    await gateway.post(ana, HELLO, key="k1")
    slack.faults.add(Fault(method="chat.postMessage", kind="error:channel_not_found"))
    assert await gateway.post(ana, HELLO, key="k2") == Refused("channel_not_found")
    assert isinstance(await gateway.post(ana, HELLO, key="k2"), Delivered | Limited)
    assert called(slack, "conversations.open") == 2


async def test_too_many_conversations_at_once_hold_up_no_message(
    slack: Playground, gateway: SlackGateway, ana: ChannelId, clock: ManualClock
) -> None:
    slack.faults.add(Fault(method="conversations.open", kind="429", retry_after=30, times=2))
    assert isinstance(await gateway.post(ana, HELLO, key="k1"), Delivered)
    assert [message.text for message in told(slack)] == [HELLO.text]
    assert await gateway.find(ana, key="k1", since=clock.now(), thread_ts=None) == Limited(timedelta(seconds=30))


class Conversations:
    """Answers in turn, and then names a conversation."""

    def __init__(self, *answers: Outcome) -> None:
        self.asked: list[ChannelId] = []
        self._answers = list(answers)

    async def open(self, person: ChannelId) -> ChannelId | Outcome:
        self.asked.append(person)
        return self._answers.pop(0) if self._answers else ChannelId(f"D{person[1:]}")


async def test_what_is_no_person_is_left_as_it_is() -> None:
    conversations = Conversations()
    places = DirectMessages(conversations.open)
    assert await places.place(ChannelId("C0FIRSTLN1")) == "C0FIRSTLN1"
    assert conversations.asked == []


async def test_asking_for_a_conversation_has_no_effect_that_could_be_in_doubt() -> None:
    places = DirectMessages(Conversations(InDoubt("TimeoutError"), Unreached("no route")).open)
    answers = [await places.place(ChannelId("U0ANA00001")) for _ in range(3)]
    assert answers == [Unreached("TimeoutError"), Unreached("no route"), "D0ANA00001"]


async def test_who_was_not_written_to_for_the_longest_is_asked_for_again() -> None:
    conversations = Conversations()
    places = DirectMessages(conversations.open, remembered=2)
    ana, ben, chloe = (ChannelId(each) for each in ("U0ANA00001", "W0BEN00001", "U0CHLOE001"))
    for person in (ana, ben, ana, chloe, ana, ben):
        assert await places.place(person) == f"D{person[1:]}"
    assert conversations.asked == [ana, ben, chloe, ben]
