"""Somebody writes while others act: nothing is overruled unseen, what was written stays, and once more does it."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest

from bot.domain.incident import Incident
from tests.clock import ManualClock
from tests.scenarios.one_incident import ANA, a_story, asked
from tests.scenarios.world import Transport, World, filled_in, readable, world

FIRST = "tier-1-support"
CHANGED = "⚠️ *INC-1 has changed since this form was opened.*"
AGAIN = "Nothing was changed. What you wrote is below: send it once more to do it all the same."
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])

Opened = Callable[[World], Awaitable[object]]
OVERTAKEN: list[tuple[str, Opened, str, dict[str, str], str, Callable[[Incident], object], object]] = [
    (
        "update",
        lambda story: story.click("ben", FIRST, "update"),
        "update INC-1 identified a bad <deploy>",
        {"progress": "monitoring", "changed": "we think it is over", "eta": "20m"},
        f"{ANA} told stakeholders 03:02: identified, “a bad &lt;deploy&gt;”.",
        lambda incident: (incident.told, incident.progress),
        ("we think it is over", "monitoring"),
    ),
    (
        "resolve",
        lambda story: story.click("ben", FIRST, "resolve"),
        "update INC-1 we are not done impact: nobody can pay",
        {"summary": "it is over", "impact": "few", "data_loss": "none"},
        f"{ANA} told stakeholders 03:02: investigating, “we are not done”. Impact: nobody can pay.",
        lambda incident: (incident.resolution, incident.impact, incident.data_loss),
        ("it is over", "few", "none"),
    ),
    (
        "escalate",
        lambda story: story.choose("ben", FIRST, "Escalate to…"),
        "escalate INC-1 it takes too long",
        {"to": "1|payments", "reason": "it is the database"},
        f"{ANA} moved it to tier 2 (Platform) in <#C0PLATFRM1> 03:02.",
        lambda incident: (incident.routed_to, incident.tier),
        ("payments", 1),
    ),
    (
        "hold",
        lambda story: story.choose("ben", FIRST, "Put on hold…"),
        "hold INC-1 3h the supplier sleeps",
        {"until": "1h", "reason": "lunch"},
        f"{ANA} put it on hold until 06:02: the supplier sleeps.",
        lambda incident: incident.hold_reason,
        "lunch",
    ),
    (
        "severity",
        lambda story: story.choose("ben", FIRST, "Change severity…"),
        "severity INC-1 sev2 only some",
        {"severity": "sev4", "reason": "a typo"},
        "It is sev2 since 03:02.",
        lambda incident: incident.severity,
        "sev4",
    ),
    (
        "assign",
        lambda story: story.choose("ben", FIRST, "Assign…"),
        "ack INC-1",
        {"assignee": "chloe"},
        f"{ANA} has it since 03:02.",
        lambda incident: incident.assignee,
        "U0CHLOE001",
    ),
    (
        "cancel",
        lambda story: story.choose("ben", FIRST, "Cancel it…"),
        "ack INC-1",
        {"reason": "a false alarm"},
        f"{ANA} has it since 03:02.",
        lambda incident: incident.cancel_reason,
        "a false alarm",
    ),
]


@pytest.mark.parametrize(
    ("opened", "meanwhile", "written", "said", "fact", "expected"),
    [case[1:] for case in OVERTAKEN],
    ids=[case[0] for case in OVERTAKEN],
)
@TRANSPORTS
async def test_what_others_did_is_said_and_once_more_does_it(
    clock: ManualClock,
    sqlite_database: str,
    policy_file: Path,
    transport: Transport,
    opened: Opened,
    meanwhile: str,
    written: Mapping[str, str],
    said: str,
    fact: Callable[[Incident], object],
    expected: object,
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file, transport=transport) as story:
        await story.opened()
        await opened(story)
        await story.advance(minutes=2)
        await asked(story, "ana", meanwhile)
        before = await story.bot.desk.show(1)

        refused = await story.submit("ben", **written)
        assert refused.ok
        assert refused.view is not None, "the form stays"
        form = filled_in(refused.view)
        assert readable(form["form_problem"] or "") == f"{CHANGED}\n{said}\n{AGAIN}"
        assert form.items() >= _as_held(written).items(), "with everything that was written"
        assert await story.bot.desk.show(1) == before, "and nothing was changed"

        again = await story.submit("ben")
        assert (again.ok, again.view) == (True, None)
        assert fact(await _incident(story)) == expected
        await story.advance(seconds=2)
        story.said()


async def test_a_place_that_is_gone_is_chosen_anew(clock: ManualClock, sqlite_database: str, policy_file: Path) -> None:
    """The next tier was filled in; who wanted to go there is not moved on to the one behind it."""
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.choose("ben", FIRST, "Escalate to…")
        await asked(story, "ana", "escalate INC-1")
        form = filled_in((await story.submit("ben", reason="it is the database")).view)
        assert (form["to"], form["reason"]) == (None, "it is the database")
        assert (await story.submit("ben")).errors == {"to": "Please complete this required field."}
        assert (await story.submit("ben", to="payments, tier 1 (Cards)")).view is None
        assert (await _incident(story)).routed_to == "payments"
        await story.advance(seconds=2)
        story.said()


async def test_where_nothing_was_written_the_form_holds_what_is_so_now(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await asked(story, "ana", "update INC-1 we see it impact: few eta: 2h")
        await story.click("ben", FIRST, "update")
        await asked(story, "ana", "ack INC-1")
        await asked(story, "ana", "update INC-1 identified the key expired impact: nobody can pay eta: 40m")
        written = {"changed": "the supplier sends a new one", "eta": "20m"}
        form = filled_in((await story.submit("ben", **written)).view)
        assert {name: form[name] for name in ("progress", "impact", "owner", "changed", "eta")} == {
            "progress": "identified",
            "impact": "nobody can pay",
            "owner": "U0ANA00001",
            **written,
        }
        assert (await story.submit("ben", impact="")).view is None
        incident = await _incident(story)
        assert (incident.progress, incident.impact, incident.told) == (
            "identified",
            "nobody can pay",
            "the supplier sends a new one",
        )
        await story.advance(seconds=2)
        story.said()


async def test_what_is_over_meanwhile_is_said_and_what_was_written_is_not_lost(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.click("ben", FIRST, "update")
        await asked(story, "ana", "resolve INC-1 rolled back")
        refused = await story.submit("ben", changed="we see it too", eta="2h")
        form = filled_in(refused.view)
        assert readable(form["form_problem"] or "") == (
            f"⚠️ INC-1 was already resolved by {ANA} 03:00. If it is not over: `/incident reopen INC-1 why`"
        )
        assert (form["changed"], form["eta"]) == ("we see it too", "2h")
        await asked(story, "ben", "reopen INC-1 it is back")
        assert (await story.submit("ben")).view is None
        assert (await _incident(story)).told == "we see it too"
        await story.advance(seconds=2)
        story.said()


async def test_who_resolves_what_was_reopened_meanwhile_hears_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.click("ben", FIRST, "resolve")
        await asked(story, "ana", "resolve INC-1")
        await story.advance(minutes=2)
        await asked(story, "chloe", "reopen INC-1 it is back")
        form = filled_in((await story.submit("ben")).view)
        assert readable(form["form_problem"] or "") == f"{CHANGED}\nIt was on hold or over until 03:02.\n{AGAIN}"
        await story.advance(seconds=2)
        story.said()


async def test_a_clock_that_ran_out_meanwhile_is_no_surprise_either(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.choose("ben", FIRST, "Escalate to…")
        await story.advance(minutes=5)
        form = filled_in((await story.submit("ben", reason="it is the database")).view)
        assert readable(form["form_problem"] or "") == (
            f"{CHANGED}\nIt is at tier 2 (Platform) in <#C0PLATFRM1> since 03:05.\n{AGAIN}"
        )
        assert (await _incident(story)).tier == 2
        story.said()


async def test_what_has_nothing_to_do_with_it_is_in_nobodys_way(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.choose("ben", FIRST, "Change severity…")
        for typed in ("ack INC-1", "note INC-1 a timeout", "update INC-1 we see it too"):
            await asked(story, "ana", typed)
        assert (await story.submit("ben", severity="sev2")).view is None
        await story.choose("ben", FIRST, "Write a note…")
        await asked(story, "ana", "resolve INC-1")
        assert (await story.submit("ben", note="it was the disk")).view is None
        await story.advance(seconds=5)
        story.said()


async def _incident(story: World) -> Incident:
    case, _ = await story.bot.desk.show(1)
    return case.incident


def _as_held(written: Mapping[str, str]) -> dict[str, str | None]:
    return {name: {"chloe": "U0CHLOE001"}.get(value, value) for name, value in written.items()}
