"""The one place that escapes and cuts."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.ids import THE_BOT
from bot.slack.blocks import mrkdwn
from tests.builders import ANA, FIRST_LINE, GRACE, NOW, TIER_1_CHANNEL, a_group, a_user

ENTITY_OR_MARK = re.compile(r"&(amp|lt|gt);|<[^<>]*>|[^&<>]")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
        ("<!channel> <@U0ANA00001>", "&lt;!channel&gt; &lt;@U0ANA00001&gt;"),
        ("&lt;!here&gt;", "&amp;lt;!here&amp;gt;"),
        ("  one\r\ntwo\rthree\tfour  ", "one\ntwo\nthree\tfour"),
        ("\x00bell\x07 \u202eright to left\u202c \u2066isolated\u2069", "bell right to left isolated"),
        ("half of a character: \ud83d", "half of a character:"),
        ("مرحبا 🔥 שלום", "مرحبا 🔥 שלום"),
    ],
)
def test_a_persons_words_are_shown_and_never_parsed(typed: str, shown: str) -> None:
    assert mrkdwn.escape(typed) == shown


def test_plain_text_keeps_what_entities_would_spoil_and_takes_mentions_apart() -> None:
    assert mrkdwn.plain("R&D: a<b <!channel>", 100) == "R&D: a<b <\u2060!channel>"


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("a word too many", 8, "a word…"),
        ("ab &amp; cd", 8, "ab…"),
        ("ab &amp; cd", 9, "ab &amp;…"),
        ("ask <@U0ANA00001> now", 12, "ask…"),
        ("ask <@U0ANA00001> now", 18, "ask <@U0ANA00001>…"),
        ("🔥🔥🔥", 4, "🔥…"),
        ("👩\u200d🚒 and so on", 5, "👩…"),
    ],
)
def test_a_cut_never_ends_within_something(text: str, limit: int, kept: str) -> None:
    assert mrkdwn.cut(text, limit) == kept


@given(st.text(alphabet=st.sampled_from("a&<>! 🔥\u200d\n;"), max_size=60), st.integers(1, 40))
def test_cut_text_is_as_whole_as_it_was(typed: str, limit: int) -> None:
    text = mrkdwn.cut(mrkdwn.escape(typed) + " <@U0ANA00001>", limit)
    assert mrkdwn.length(text) <= limit
    assert ENTITY_OR_MARK.sub("", text) == ""


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("see https://a.example/x, please", "see <https://a.example/x>, please"),
        ("(http://a.example)", "(<http://a.example>)"),
        ("https://a.example/?q=1&b=<2>", "<https://a.example/?q=1&amp;b=>&lt;2&gt;"),
        ("https://a.example|label", "<https://a.example>|label"),
        ("ftp://a.example and https:// alone", "ftp://a.example and https:// alone"),
    ],
)
def test_addresses_become_links_without_another_label(text: str, linked: str) -> None:
    assert mrkdwn.links(mrkdwn.escape(text)) == linked


def test_people_groups_and_channels() -> None:
    assert mrkdwn.mention(a_user(ANA, "ana")) == "<@U0ANA00001>"
    assert mrkdwn.mention(FIRST_LINE) == "<!subteam^S0FIRSTLN1>"
    assert mrkdwn.channel(TIER_1_CHANNEL) == "<#C0FIRSTLN1>"
    assert (mrkdwn.user(ANA), mrkdwn.user(THE_BOT)) == ("<@U0ANA00001>", "Tierline")


def test_everybody_is_mentioned_once() -> None:
    people = (a_user(GRACE, "grace"), FIRST_LINE, a_user(GRACE, "grace"))
    assert mrkdwn.mentions(people, 100) == "<@U0GRACE001> <!subteam^S0FIRSTLN1>"


def test_who_cannot_be_mentioned_is_counted() -> None:
    people = [a_group(f"S{number:09}", "a group") for number in range(20)]
    line = mrkdwn.mentions(people, 100)
    assert line == "<!subteam^S000000000> <!subteam^S000000001> <!subteam^S000000002> <!subteam^S000000003> and 16 more"
    assert mrkdwn.mentions(people, 10) == "and 20 more"
    assert mrkdwn.mentions((), 10) == ""


def test_an_instant_is_in_the_readers_own_time_with_utc_to_fall_back_on() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    for at in (NOW, elsewhere):
        assert mrkdwn.time_of(at) == ("<!date^1794625200^{date_short_pretty} at {time}|2026-11-14 at 03:00 UTC>")
    assert mrkdwn.time_of(datetime(2026, 11, 14, 3, 0, 0, 999_999, tzinfo=UTC)) == mrkdwn.time_of(NOW)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(0), "less than a second"),
        (timedelta(seconds=-5), "less than a second"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=90), "1 minute and 30 seconds"),
        (timedelta(minutes=5), "5 minutes"),
        (timedelta(minutes=10, seconds=59), "10 minutes"),
        (timedelta(hours=1, minutes=1), "1 hour and 1 minute"),
        (timedelta(hours=25, minutes=59), "1 day and 1 hour"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_a_duration_is_as_fine_as_a_person_needs(span: timedelta, words: str) -> None:
    assert mrkdwn.duration(span) == words
