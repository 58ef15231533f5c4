"""Words that Slack would take for something else: they are shown as they were typed, and mention nobody."""

from dataclasses import dataclass

import pytest

from tests.clock import ManualClock
from tests.scenarios.world import World, world


@dataclass(frozen=True, slots=True)
class Odd:
    """Text as Slack sends it, as it was typed, and as a mrkdwn text has to hold it."""

    sent: str
    typed: str
    shown: str


ODD = {
    "everybody": Odd("<!channel> is down", "@channel is down", "@channel is down"),
    "everybody in angle brackets": Odd(
        "&lt;!channel&gt; and &lt;!here&gt;", "<!channel> and <!here>", "&lt;!channel&gt; and &lt;!here&gt;"
    ),
    "those who are here": Odd("<!here|here> it is down", "@here it is down", "@here it is down"),
    "a person": Odd("<@U0EMI00001|emi> says it is down", "@emi says it is down", "@emi says it is down"),
    "a person in angle brackets": Odd("&lt;@U0EMI00001&gt; says", "<@U0EMI00001> says", "&lt;@U0EMI00001&gt; says"),
    "a user group": Odd("<!subteam^S0EXPERTS1|@experts> please", "@experts please", "@experts please"),
    "bold": Odd("*bold* _it_ ~no~", "*bold* _it_ ~no~", "*bold* _it_ ~no~"),
    "code": Odd("`rm -rf` and ```more```", "`rm -rf` and ```more```", "`rm -rf` and ```more```"),
    "a quotation": Odd("&gt; quoted &amp; &lt;b&gt;", "> quoted & <b>", "&gt; quoted &amp; &lt;b&gt;"),
    "a link": Odd("fish &amp; <https://x.example|chips>", "fish & chips (https://x.example)", "fish &amp; chips"),
    "a link in disguise": Odd(
        "&lt;https://evil.example|https://bank.example&gt;",
        "<https://evil.example|https://bank.example>",
        "&lt;https://evil.example|https://bank.example&gt;",
    ),
    "right to left": Odd("الدفع معطل", "الدفع معطل", "الدفع معطل"),
    "characters that turn a line around": Odd("safe\u202eexe.txt", "safeexe.txt", "safeexe.txt"),
    "emoji": Odd("🔥🔥 down 👩‍💻 :fire:", "🔥🔥 down 👩‍💻 :fire:", "🔥🔥 down 👩‍💻 :fire:"),
    "what no database keeps": Odd("half \ud83d and \x00 nothing", "half and nothing", "half and nothing"),
}


async def test_titles_are_shown_as_they_were_typed_and_mention_nobody(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        for number, (name, odd) in enumerate(ODD.items(), start=1):
            await _typed(story, f"open sev1 checkout: {odd.sent}")
            await story.advance(seconds=1)
            assert _header(story, "tier-1-support") == f"🔴 INC-{number} · sev1 · {_apart(odd.typed)}", name
            for said in story.said():
                assert odd.shown in said.text, name
        assert story.notified() == {"ana": len(ODD), "ben": len(ODD)}, "the first line, which is paged each time"


@pytest.mark.parametrize("name", ["everybody", "a person in angle brackets", "a link in disguise", "right to left"])
async def test_through_everything_that_is_said_odd_words_stay_words(
    clock: ManualClock, sqlite_database: str, name: str
) -> None:
    odd = ODD[name]
    async with world(clock, sqlite_database) as story:
        await _typed(story, f"open sev1 checkout: {odd.sent}")
        await _typed(story, f"escalate INC-1 {odd.sent}")
        await story.advance(minutes=6)
        await story.click("emi", "tier-3-experts", "acknowledge")
        await _typed(story, "list")
        await _typed(story, "show INC-1")
        await _typed(story, f"resolve INC-1 {odd.sent}")
        await story.advance(seconds=3)
        said = story.said()
        assert len(said) > 5
        for one in said:
            assert odd.shown in one.text
        paged = dict.fromkeys(("ana", "ben", "chloe", "dev", "emi", "finn"), 1)
        assert story.notified() == paged | {"grace": 1, "hugo": 1}, "three tiers and the managers of the breached one"


async def _typed(story: World, text: str) -> None:
    """A command as Slack sends it; the playground would take the text for what somebody typed, and escape it."""
    await story.command("sam", "/incident help")
    await story.forged(lambda body: body.update(text=text))


def _header(story: World, channel: str) -> str:
    return next(str(block["text"]["text"]) for block in story.card(channel).blocks if block["type"] == "header")


def _apart(text: str) -> str:
    """In a plain text what looks like a mention or a link is taken apart by a character that nobody sees."""
    for start in ("<!", "<@", "<https:"):
        text = text.replace(start, f"<\u2060{start[1:]}")
    return text
