"""Slack's escaped text as it was typed, and whom and what it names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.ids import UserId
from bot.slack.blocks.mrkdwn import clean
from handlers.mentions import as_typed, mentions_in, named, unnamed_in

AS_TYPED = [
    ("Checkout is down", "Checkout is down"),
    ("fish &amp; chips &lt;b&gt;", "fish & chips <b>"),
    ("&amp;lt;", "&lt;"),
    ("&lt;!channel&gt;", "<!channel>"),
    ("<!channel>", "@channel"),
    ("<!here|here>", "@here"),
    ("<!subteam^S0FIRSTLN1|@first-line>", "@first-line"),
    ("<!subteam^S0FIRSTLN1>", "@S0FIRSTLN1"),
    ("<!date^1794625200^{date}|14 November>", "14 November"),
    ("<@U0ANA00001|ana>", "@ana"),
    ("<@U0ANA00001>", "@U0ANA00001"),
    ("<#C0GENERAL1|general>", "#general"),
    ("<#C0GENERAL1|>", "#C0GENERAL1"),
    ("<https://x.example>", "https://x.example"),
    ("<http://x.example|x.example>", "x.example"),
    ("<mailto:ana@acme.example|ana@acme.example>", "ana@acme.example"),
    ("<https://x.example|chips>", "chips (https://x.example)"),
    ("<https://x.example/?a=1&amp;b=2>", "https://x.example/?a=1&b=2"),
    ("*bold* _it_ ~no~ `code`", "*bold* _it_ ~no~ `code`"),
    ("مرحبا 😀 日本", "مرحبا 😀 日本"),
    ("turned \u202eround\u202c, \x00nothing\x07 and half an emoji \ud83d", "turned round, nothing and half an emoji"),
    ("two\r\nlines", "two\nlines"),
]


@pytest.mark.parametrize(("sent", "typed"), AS_TYPED)
def test_text_is_read_as_it_was_typed(sent: str, typed: str) -> None:
    assert as_typed(sent) == typed


@settings(deadline=None)
@given(typed=st.text(max_size=200))
def test_what_slack_escapes_comes_back(typed: str) -> None:
    escaped = typed.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert as_typed(escaped) == clean(typed)


PEOPLE = [
    ("assign INC-1 <@U0ANA00001|ana> please", {"@ana": "U0ANA00001"}),
    ("<@W0ANA00001> and <@U0BEN00001|ben &amp; co>", {"@W0ANA00001": "W0ANA00001", "@ben & co": "U0BEN00001"}),
    ("<@U0ANA00001|ana> <@U0BEN00001|ana>", {"@ana": "U0ANA00001"}),
    ("&lt;@U0ANA00001|ana&gt; @ana U0ANA00001", {}),
    ("<!subteam^S0FIRSTLN1|@first-line> <#C0GENERAL1|general> <@S0FIRSTLN1|x> <@u0|y>", {}),
]


@pytest.mark.parametrize(("sent", "people"), PEOPLE)
def test_the_people_are_those_whom_slack_named(sent: str, people: dict[str, str]) -> None:
    assert mentions_in(sent).people == people
    assert all(name in as_typed(sent) for name in people)


def test_channels_and_groups_are_told_from_people() -> None:
    sent = "<#C0GENERAL1|general> <#C0SECRET01|> <!subteam^S0FIRSTLN1|@first-line> <!channel> <@U0ANA00001>"
    found = mentions_in(sent)
    assert found.channels == {"#general": "C0GENERAL1", "#C0SECRET01": "C0SECRET01"}
    assert tuple(found.groups) == ("@first-line",)
    assert found.people == {"@U0ANA00001": "U0ANA00001"}
    assert as_typed(sent) == "#general #C0SECRET01 @first-line @channel @U0ANA00001"


NAMED = [
    ("assign <@U0ANA00001> now", "assign @Ana Ruiz now"),
    ("<@U0ANA00001|ana> and <@U0BEN00001>", "@ana and @U0BEN00001"),
    ("<@W0EVIL0001> <!channel> &lt;@U0ANA00001&gt;", "@a b c channel & co @channel <@U0ANA00001>"),
]
NAMES = {UserId("U0ANA00001"): "Ana Ruiz", UserId("W0EVIL0001"): " a<b>c channel & co "}


@pytest.mark.parametrize(("sent", "typed"), NAMED)
def test_who_is_named_by_an_id_alone_is_called_by_name(sent: str, typed: str) -> None:
    text = named(sent, NAMES)
    assert as_typed(text) == typed
    assert set(mentions_in(text).people.values()) == set(mentions_in(sent).people.values())


def test_those_without_a_name_are_asked_for_once_each() -> None:
    text = "<@U0ANA00001> <@U0BEN00001|ben> <@W0EVIL0001> <@U0ANA00001> <#C0GENERAL1> <@u1> &lt;@U0CHLOE001&gt;"
    assert unnamed_in(text) == ["U0ANA00001", "W0EVIL0001"]
