"""What is asked about an incident and a policy, and the severity that impact and urgency make."""

import json
from pathlib import Path

from bot.domain.wanted import EVERYTHING
from bot.playground import Answer
from tests.clock import ManualClock
from tests.scenarios.one_incident import a_story, asked, told
from tests.scenarios.world import World, answer_text, readable


async def test_impact_and_urgency_make_the_severity(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        answer = await asked(story, "sam", "open impact:high urgency:medium payments: Cards are refused")
        assert answer.startswith("INC-2 is open: Cards are refused")
        await _in_the_form(story, "Search is slow", {"impact": "low", "urgency": "high"}, set())
        await _in_the_form(story, "Baskets are empty", {"severity": "sev4"}, set())
        await _in_the_form(story, "It is late", {"impact": "low"}, {"urgency"})
        await _in_the_form(story, "It is late", {}, {"severity"})
        await _in_the_form(story, "It is late", {"severity": "sev4", "impact": "high", "urgency": "high"}, {"severity"})
        await story.advance(seconds=5)
        told(story)
        listed = await story.bot.desk.list_page(EVERYTHING, page=1)
        assert [(one.number, one.severity) for one in listed.incidents] == [
            (1, "sev1"),
            (2, "sev2"),
            (3, "sev3"),
            (4, "sev4"),
        ]


async def test_why_and_the_policy_are_told_to_who_asks_and_to_nobody_else(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.advance(minutes=6)
        told(story)
        rung = story.notified()
        why = await story.command("sam", "/incident why INC-1")
        assert "it moved to tier 2 (Platform)" in _written(why)
        assert await asked(story, "sam", "why INC-9") == "There is no INC-9 here. `/incident list` shows what is open."

        shown = _written(await story.command("sam", "/incident policy"))
        assert all(name in shown for name in ("First line", "Platform", "Cards", "sev1", "payments"))

        simulated = await story.command("sam", "/incident policy simulate sev1 payments at sat 03:00")
        assert answer_text(simulated) == "sev1 payments, opened Sat 2026-11-21 03:00 UTC"
        assert all(name in _written(simulated) for name in ("Cards", "Card experts", "+0:05"))
        answer = await asked(story, "sam", "policy simulate sev1 payments at dawn")
        assert answer == (
            "“dawn” is not a day and a time; write it like sat 03:00 or 2026-11-14 03:00.\n"
            "You wrote: /incident policy simulate sev1 payments at dawn"
        )
        assert story.notified() == rung
        assert not story.said()


def _written(answer: Answer) -> str:
    """All that the person reads."""
    assert answer.ok
    return readable(json.dumps(answer.blocks, ensure_ascii=False))


async def _in_the_form(story: World, title: str, chosen: dict[str, str], wrong: set[str]) -> None:
    answer = await story.command("sam", f"/incident open checkout: {title}")
    assert answer.view is not None
    sent = await story.slack.submit("sam", answer.view.id, chosen)
    await story.bot.settled()
    assert set(sent.errors) == wrong
