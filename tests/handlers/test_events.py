"""What events say: a reaction, a pin, a mention; and what is none of them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from bot.domain.ids import UserId
from handlers.events import Mention, Pin, Reaction, instant_of, mention_of, pin_of, reaction_of
from handlers.payload import MalformedPayload
from tests.builders import SAM, TIER_1_CHANNEL, WORKSPACE
from tests.examples import up_to
from tests.handlers.payloads import MENTION, PIN, REACTION, Json, changed, spoiled

US = UserId("U0TIERBOT")
AT = datetime(2026, 11, 14, 3, 0, 0, 100, tzinfo=UTC)


def said(text: str, **event: object) -> Json:
    return changed(MENTION, lambda body: body["event"].update(text=text, **event))


def test_a_reaction_says_who_what_and_where() -> None:
    assert reaction_of(REACTION) == Reaction(
        user=SAM, emoji="eyes", channel=TIER_1_CHANNEL, ts="1794625100.000100", at=AT, cause="event/Ev0000000002"
    )


def test_the_colour_of_a_skin_is_no_other_emoji() -> None:
    waved = reaction_of(changed(REACTION, lambda body: body["event"].update(reaction="wave::skin-tone-3")))
    assert waved is not None
    assert waved.emoji == "wave"


def test_a_file_is_no_message() -> None:
    assert reaction_of(changed(REACTION, lambda body: body["event"]["item"].update(type="file"))) is None
    assert pin_of(changed(PIN, lambda body: body["event"]["item"].update(type="file"))) is None


def test_a_pin_says_who_and_which_message() -> None:
    assert pin_of(PIN) == Pin(user=SAM, channel=TIER_1_CHANNEL, ts="1794625100.000100", at=AT)


def test_a_mention_says_what_is_asked_and_where() -> None:
    assert mention_of(MENTION, US) == Mention(
        user=SAM,
        channel=TIER_1_CHANNEL,
        text="ack",
        ts="1794625200.000100",
        thread_ts="1794625100.000100",
        at=AT,
        cause="event/Ev0000000004",
    )
    root = mention_of(changed(MENTION, lambda body: body["event"].pop("thread_ts")), US)
    assert root is not None
    assert root.thread_ts is None


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("<@U0TIERBOT> ack INC-1", "ack INC-1"),
        ("<@U0TIERBOT|tierline>: ack", "ack"),
        ("<@U0TIERBOT>, ack", "ack"),
        ("hello <@U0TIERBOT> ack", "ack"),
        ("ack please <@U0TIERBOT>", "ack please"),
        ("ack please, <@U0TIERBOT>!", "ack please,"),
        ("<@U0TIERBOT> ?", "?"),
        ("<@U0TIERBOT> <@U0TIERBOT> ack", "ack"),
        ("<@U0TIERBOT> assign <@U0BEN00001>", "assign <@U0BEN00001>"),
        ("<@U0TIERBOT>", ""),
        ("&lt;@U0TIERBOT&gt; ack", "&lt;@U0TIERBOT&gt; ack"),
        ("", ""),
    ],
)
def test_what_is_asked_stands_beside_our_name(text: str, asked: str) -> None:
    mention = mention_of(said(text), US)
    assert mention is not None
    assert mention.text == asked


def test_slack_says_who_we_are_if_we_do_not_know() -> None:
    ours = changed(said("<@U0TIERBOT> ack"), lambda body: body.update(authorizations=[{"user_id": US, "is_bot": True}]))
    unknown = said("<@U0TIERBOT> ack")
    found = [mention_of(body, UserId("")) for body in (ours, unknown)]
    assert [mention.text for mention in found if mention is not None] == ["ack", "<@U0TIERBOT> ack"]


@pytest.mark.parametrize("change", [{"bot_id": "B1"}, {"edited": {"ts": "1"}}, {"subtype": "message_changed"}])
def test_what_no_person_wrote_just_now_is_not_heard(change: Json) -> None:
    assert mention_of(said("<@U0TIERBOT> ack", **change), US) is None


@pytest.mark.parametrize("subtype", ["thread_broadcast", "file_share"])
def test_a_person_may_add_a_file_or_show_it_in_the_channel(subtype: str) -> None:
    assert mention_of(said("<@U0TIERBOT> ack", subtype=subtype), US) is not None


@pytest.mark.parametrize("ts", ["", "1794625200", "1794625200.1", "x.000001", "99999999999.000001", "1.000001\n"])
def test_what_is_no_instant_is_refused(ts: str) -> None:
    with pytest.raises(MalformedPayload):
        instant_of(ts)


def test_an_instant_is_exact_to_the_microsecond() -> None:
    assert instant_of("1794625200.999999") == datetime(2026, 11, 14, 3, 0, 0, 999_999, tzinfo=UTC)


@settings(max_examples=up_to(300))
@given(body=spoiled())
def test_whatever_comes_is_read_or_refused(body: Json) -> None:
    for read in (reaction_of, pin_of, lambda body: mention_of(body, US)):
        try:
            read(body)
        except MalformedPayload:
            continue


def test_the_examples_are_of_our_workspace() -> None:
    assert {body["team_id"] for body in (REACTION, PIN, MENTION)} == {WORKSPACE}
