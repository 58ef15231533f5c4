"""The forms about one incident: from the card, its menu or a command that lacks something, to what is so then."""

from pathlib import Path

import pytest

from bot.domain.incident import Incident
from bot.domain.policy import Severity
from tests.clock import ManualClock
from tests.scenarios.one_incident import ANA, BEN, WHAT, a_story, asked, told
from tests.scenarios.world import Said, Transport, World, answer_text, filled_in, world

FIRST, SECOND, UPDATES = "tier-1-support", "tier-2-platform", "#incident-updates"
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])


@TRANSPORTS
async def test_an_update_from_the_card_is_read_at_once_and_filled_in_the_next_time(
    clock: ManualClock, sqlite_database: str, policy_file: Path, transport: Transport
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file, transport=transport) as story:
        await _taken(story)
        form = await story.click("ana", FIRST, "update")
        assert filled_in(form.view) == {
            "form_about": None,
            "progress": "investigating",
            "changed": None,
            "impact": None,
            "action": None,
            "owner": "U0ANA00001",
            "eta": None,
        }
        sent = await story.submit(
            "ana",
            progress="identified",
            changed="a bad deploy & more",
            impact="nobody can pay",
            action="roll back",
            owner="ben",
            eta="20m",
        )
        assert (sent.ok, sent.view) == (True, None)
        await story.advance(seconds=2)
        assert story.said() == [
            Said(
                f"{UPDATES} thread",
                f"{WHAT} Identified, says Ana Ruiz: a bad deploy &amp; more. Impact: nobody can pay. "
                "Being done: roll back (Ben Okafor). Expected to be solved: 03:20. The next update comes by 15:00.",
            )
        ]
        assert story.ephemerals("ana", FIRST) == [
            "Stakeholders of INC-1 are told in <#C0STATUS01>.\nThe next update comes by 15:00, yours or Tierline's own."
        ]
        again = filled_in((await story.click("ana", FIRST, "update")).view)
        assert (again["progress"], again["impact"]) == ("identified", "nobody can pay")
        assert (again["changed"], again["eta"]) == (None, "2026-11-14 03:20")


async def test_an_update_that_says_it_is_resolved_ends_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await story.click("ana", FIRST, "update")
        await story.submit("ana", progress="resolved", changed="Rolled back", impact="few", action="The cache is warm")
        assert story.ephemerals("ana", FIRST) == [f"INC-1: Checkout is down\nResolved by {ANA} 03:00, after 2 seconds."]
        incident = await _incident(story)
        assert (incident.is_over, incident.resolution, incident.impact) == (
            True,
            "Rolled back\n\nThe cache is warm",
            "few",
        )
        await story.advance(seconds=2)
        (ending,) = (said.text for said in story.said() if said.place == f"{UPDATES} thread")
        assert ending.endswith("Impact: few. Data loss: none was reported. Rolled back The cache is warm")


@TRANSPORTS
async def test_one_more_click_resolves_it(clock: ManualClock, sqlite_database: str, transport: Transport) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        form = await story.click("ana", FIRST, "resolve")
        assert filled_in(form.view)["data_loss"] == "unsaid"
        assert (await story.submit("ana")).view is None
        assert story.ephemerals("ana", FIRST) == [f"INC-1: Checkout is down\nResolved by {ANA} 03:00, after 2 seconds."]
        assert "Resolved by" in story.shows(FIRST)
        await story.advance(seconds=2)
        assert story.said()[0].text.endswith("Impact: none was reported. Data loss: none was reported.")


@pytest.mark.parametrize(
    ("chosen", "lost", "said"),
    [("none", None, "Data loss: none."), ("some", "12 orders", "Data loss: 12 orders.")],
)
async def test_what_was_lost_is_said_at_the_end(
    clock: ManualClock, sqlite_database: str, chosen: str, lost: str | None, said: str
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.click("ana", FIRST, "resolve")
        await story.submit("ana", summary="A full disk", impact="nobody could pay", data_loss=chosen, lost=lost)
        await story.advance(seconds=2)
        assert story.said()[0].text.endswith(f"Impact: nobody could pay. {said} A full disk")


@TRANSPORTS
async def test_it_is_sent_to_a_tier_or_to_another_service(
    clock: ManualClock, sqlite_database: str, policy_file: Path, transport: Transport
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file, transport=transport) as story:
        await story.opened()
        form = await story.choose("ana", FIRST, "Escalate to…")
        assert filled_in(form.view)["to"] == "2|checkout"
        await story.submit("ana", to="payments, tier 1 (Cards)", reason="their key expired")
        await story.advance(seconds=2)
        assert story.ephemerals("ana", FIRST)[0].startswith("INC-1 is now at tier 1 (Cards) in <#C0EXPERTS1>")
        incident = await _incident(story)
        assert (incident.routed_to, incident.tier, incident.tier_entered_by) == ("payments", 1, "U0ANA00001")
        [page] = [said.text for said in told(story) if said.place == "#tier-3-experts"]
        assert "Moved to this tier by Ana Ruiz 03:00: their key expired." in page
        assert "03:00: their key expired." in story.shows(FIRST)


@TRANSPORTS
async def test_it_is_put_on_hold_and_the_menu_offers_it_no_more(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        form = await story.choose("ana", FIRST, "Put on hold…")
        assert filled_in(form.view) == {"form_about": None, "until": None, "reason": None}
        await story.submit("ana", until="tomorrow 9:00", reason="the supplier sleeps")
        assert story.ephemerals("ana", FIRST)[0].startswith("INC-1 is on hold until 09:00: the supplier sleeps.")
        await story.advance(seconds=2)
        assert [choice for choice in _menu(story) if "hold" in choice] == []
        story.said()


@TRANSPORTS
async def test_its_severity_is_changed(clock: ManualClock, sqlite_database: str, transport: Transport) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        form = await story.choose("ana", FIRST, "Change severity…")
        assert filled_in(form.view)["severity"] == "sev1"
        await story.submit("ana", severity="sev3", reason="a workaround is known")
        assert (await _incident(story)).severity is Severity.SEV3
        assert story.ephemerals("ana", FIRST)[0].startswith("INC-1 is now sev3, moderate.")
        await story.advance(seconds=2)
        assert "a workaround is known" in story.said()[0].text


@TRANSPORTS
async def test_somebody_else_has_it(clock: ManualClock, sqlite_database: str, transport: Transport) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await _taken(story)
        await story.choose("ana", FIRST, "Assign…")
        await story.submit("ana", assignee="ben")
        assert story.ephemerals("ana", FIRST) == [f"{BEN} has INC-1 now, and is told."]
        assert (await _incident(story)).assignee == "U0BEN00001"
        await story.advance(seconds=2)
        story.said()


@TRANSPORTS
async def test_a_note_is_kept_also_when_it_is_over(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        await story.resolve("ana", FIRST)
        await story.choose("ben", FIRST, "Write a note…")
        await story.submit("ben", note="the log shows a timeout\nand more")
        answer = await story.command("ben", "/incident timeline INC-1")
        assert f"{BEN} noted: the log shows a timeout and more" in str(answer.blocks)
        await story.advance(seconds=2)
        story.said()


@TRANSPORTS
async def test_it_is_cancelled_as_a_duplicate(clock: ManualClock, sqlite_database: str, transport: Transport) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened("Checkout is slow")
        await story.opened()
        await story.choose("ana", FIRST, "Cancel it…")
        await story.submit("ana", duplicate_of="#1", reason="reported twice")
        incident = await _incident(story, 2)
        assert (incident.duplicate_of, incident.cancel_reason) == (1, "reported twice")
        assert "as a duplicate of INC-1: reported twice" in story.ephemerals("ana", FIRST)[0]
        await story.advance(seconds=2)
        story.said()


@TRANSPORTS
async def test_why_and_the_timeline_are_told_to_who_asks_alone(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        for choice, typed in (("Why is it here?", "why"), ("Timeline", "timeline")):
            assert (await story.choose("ana", FIRST, choice)).view is None
            answer = await story.command("ana", f"/incident {typed} INC-1")
            told_alone = story.slack.workspace.channel(FIRST).ephemerals[-1]
            assert (told_alone.ephemeral_to, told_alone.text) == ("U0ANA00001", answer.text)
            assert len(told_alone.blocks) == len(answer.blocks or [])
        assert not story.said()


FROM_A_COMMAND: list[tuple[str, dict[str, str | None]]] = [
    ("update INC-1", {"progress": "investigating", "changed": None}),
    ("update INC-1 monitoring", {"progress": "monitoring", "changed": None}),
    ("hold INC-1", {"until": None, "reason": None}),
    ("assign INC-1", {"assignee": None}),
    ("severity INC-1", {"severity": "sev1", "reason": None}),
    ("note INC-1", {"note": None}),
    ("escalate INC-1 to", {"to": "2|checkout", "reason": None}),
    ("INC-1 note", {"note": None}),
]


async def test_a_command_that_lacks_something_opens_its_form(clock: ManualClock, database_url: str) -> None:
    async with world(clock, database_url) as story:
        await story.opened()
        for typed, expected in FROM_A_COMMAND:
            answer = await story.command("ana", f"/incident {typed}")
            assert answer_text(answer) is None, typed
            form = filled_in(answer.view)
            assert {name: form[name] for name in expected} == expected, typed
            assert "form_problem" not in form, typed


UNCLEAR: list[tuple[str, dict[str, str | None], str]] = [
    (
        "update INC-1 identified a bad <deploy> impact: few owner: @ben eta: soon",
        {"progress": "identified", "changed": "a bad <deploy>", "impact": "few", "owner": "U0BEN00001", "eta": "soon"},
        "“soon” is not a time to come, such as 20m or 14:00; write unknown while it is not known.",
    ),
    (
        "hold INC-1 dawn they sleep",
        {"until": "dawn", "reason": "they sleep"},
        "“dawn” is not a time such as 20m, 2h, until 14:00 or monday 9:00.",
    ),
    (
        "severity INC-1 worse than that",
        {"severity": "sev1", "reason": "worse than that"},
        "“worse” is not a severity; choose one.",
    ),
    ("assign INC-1 @nobody", {"assignee": None}, "“@nobody” is nobody whom Slack knows here; choose the person."),
    (
        "escalate INC-1 to nowhere at all",
        {"to": None, "reason": "nowhere at all"},
        "“nowhere at all” is not a tier or a service that INC-1 can go to. "
        "Choose one of: First line, Platform, Experts, Management.",
    ),
]


@TRANSPORTS
async def test_what_was_typed_stands_in_the_form_with_what_is_wrong_with_it(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        for typed, expected, problem in UNCLEAR:
            form = filled_in((await story.command("ana", f"/incident {typed}")).view)
            assert {name: form[name] for name in expected} == expected, typed
            said = (form["form_problem"] or "").partition("\nYou wrote: ")
            assert said[0] == f"⚠️ {problem}", typed
            words = typed.partition("INC-1 ")[2].removeprefix("to ")
            assert said[2].removeprefix("to ") == words.replace("<", "&lt;").replace(">", "&gt;"), typed


async def test_a_form_from_a_command_is_answered_where_it_was_typed(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await asked(story, "ana", "ack INC-1")
        told(story)
        await story.command("ana", "/incident hold", FIRST)
        await story.submit("ana", until="2h")
        assert story.ephemerals("ana", FIRST)[0].startswith("INC-1 is on hold until 05:00.")
        await story.command("ana", "/incident severity INC-1", "general")
        await story.submit("ana", severity="sev2")
        await story.advance(seconds=3)
        assert [said.text[:18] for said in told(story) if said.place == "@ana"] == ["INC-1 is now sev2,"]


async def test_a_form_sent_again_by_slack_is_done_once(clock: ManualClock, database_url: str) -> None:
    async with world(clock, database_url) as story:
        await story.opened()
        for choice, written in (("Write a note…", {"note": "a timeout"}), ("Change severity…", {"severity": "sev2"})):
            await story.choose("ana", FIRST, choice)
            await story.submit("ana", **written)
            ack = await story.slack.send_again()
            assert not ack.body, "it is not overtaken by itself"
            await story.bot.settled()
        _, events = await story.bot.desk.show(1)
        assert len(events) == 3
        await story.advance(seconds=2)
        story.said()


async def _taken(story: World) -> None:
    await story.opened()
    await story.click("ana", FIRST, "acknowledge")
    await story.advance(seconds=2)
    story.said()


async def _incident(story: World, number: int = 1) -> Incident:
    case, _ = await story.bot.desk.show(number)
    return case.incident


def _menu(story: World) -> list[str]:
    (menu,) = (
        element
        for block in story.card(FIRST).blocks
        for element in block.get("elements", ())
        if element.get("action_id") == "more"
    )
    return [option["text"]["text"] for option in menu["options"]]
