"""What a person is shown who asks: the list, one incident in full, and help."""

from collections.abc import Sequence

from tests.clock import ManualClock
from tests.scenarios.world import MANIFEST, Json, answer_text, readable, world

FIRST = "tier-1-support"


def _texts(blocks: Sequence[Json]) -> list[str]:
    """Everything readable, block by block."""
    found = []
    for block in blocks:
        parts = [block.get("text"), *block.get("fields", ())]
        parts += block.get("elements", ()) if block["type"] == "context" else ()
        found += [readable(part["text"]) for part in parts if part]
    return found


async def test_the_list_shows_what_is_not_over(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        empty = await story.command("sam", "/incident list")
        assert answer_text(empty) == "No incident matches. `/incident` opens one."

        await story.opened("Checkout is down")
        await story.opened("Search is slow", severity="sev2")
        await story.opened("Typo", severity="sev4")
        await story.command("ana", "/incident ack INC-2")
        await story.command("ana", "/incident resolve INC-3")
        answer = await story.command("sam", "/incident list")
        assert answer_text(answer) == (
            "2 incidents\nINC-1: Checkout is down. Open, sev1.\n"
            "INC-2: Search is slow. Acknowledged, with <@U0ANA00001>, sev2."
        )
        assert _texts(answer.blocks) == [
            "*2 incidents*",
            "🔴 *INC-1* Checkout is down\nOpen · sev1 · checkout, tier 1 · opened 03:00",
            "🟡 *INC-2* Search is slow\nAcknowledged, with <@U0ANA00001> · sev2 · checkout, tier 1 · opened 03:00",
        ]
        mine = await story.command("ana", "/incident list mine")
        assert answer_text(mine) == (
            "1 incident: with you\nINC-2: Search is slow. Acknowledged, with <@U0ANA00001>, sev2."
        )
        assert answer_text(await story.command("ben", "/incident list @ana, sev2")) == (
            "1 incident: sev2, with <@U0ANA00001>\nINC-2: Search is slow. Acknowledged, with <@U0ANA00001>, sev2."
        )
        for none in ("mine", "payments", "breached", "sev3"):
            answer = await story.command("ben", f"/incident list {none}")
            assert answer_text(answer) == "No incident matches. `/incident` opens one."
        await story.advance(seconds=2)
        story.said()


async def test_one_incident_is_shown_in_full_with_its_story(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.advance(minutes=5)
        await story.click("chloe", "tier-2-platform", "acknowledge")
        await story.advance(minutes=1)
        await story.command("sam", "/incident escalate inc-1 needs the database team")
        await story.advance(seconds=2)
        answer = await story.command("sam", "/incident show 1")
        assert answer_text(answer) == (
            "Checkout is down (INC-1, sev1, checkout). It is open at tier 3 of 4, Experts. Acknowledge by: 03:11. "
            "Otherwise it goes to tier 4 (Management) in <#C0MANAGERS>. Next stakeholder update: 03:26. "
            "⏰ Breached: not acknowledged in time. 📣 Managers told: <@U0GRACE001>."
        )
        assert _texts(answer.blocks) == [
            "🔴 INC-1 · sev1 · Checkout is down",
            "*State*\nOpen",
            "*Who has it*\nNobody",
            "*Tier*\n3 of 4, Experts",
            "*Channel*\n<#C0EXPERTS1>",
            "*Service*\ncheckout",
            "*Opened*\nBy <@U0SAM00001>, 03:00",
            "*Open for*\n6 minutes and 4 seconds",
            "*Acknowledge by*\n03:11",
            "*Otherwise*\nIt goes to tier 4 (Management) in <#C0MANAGERS>",
            "*Next stakeholder update*\n03:26",
            "⏰ Breached: not acknowledged in time.\n📣 Managers told: <@U0GRACE001>.",
            "*What happened*\n"
            "• 03:00: <@U0SAM00001> opened it as sev1\n"
            "• 03:05: nobody acknowledged in time at tier 1 (First line); told: <@U0GRACE001>\n"
            "• 03:05: it moved to tier 2 (Platform)\n"
            "• 03:05: <@U0CHLOE001> acknowledged at tier 2 (Platform)\n"
            "• 03:06: <@U0SAM00001> escalated it to tier 3 (Experts): needs the database team",
        ]
        story.said()


async def test_a_resolved_incident_can_still_be_shown(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        resolved = await story.command("ana", "/incident resolve INC-1 a full disk")
        assert answer_text(resolved) == ("INC-1: Checkout is down\nResolved by <@U0ANA00001> 03:00, after 2 seconds.")
        answer = await story.command("sam", "/incident show INC-1")
        assert answer_text(answer) == (
            "Checkout is down (INC-1, sev1, checkout). Resolved by <@U0ANA00001> 03:00, after 2 seconds. a full disk"
        )
        assert "a full disk" in " ".join(_texts(answer.blocks))
        await story.advance(seconds=2)
        story.said()


async def test_the_answers_to_verbs_say_what_is_so_now(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        assert answer_text(await story.command("ana", "/incident ack INC-1")) == (
            "You have INC-1: Checkout is down\nWhen it is over: `/incident resolve INC-1 what it was`"
        )
        assert answer_text(await story.command("ana", "/incident escalate INC-1")) == (
            "INC-1 is now at tier 2 (Platform) in <#C0PLATFRM1>. They have until 03:05 to acknowledge."
        )
        await story.advance(seconds=3)
        story.said()


async def test_help_names_every_command_and_the_services_of_the_policy(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        told = answer_text(await story.command("sam", "/incident help")) or ""
        assert told.startswith("To see\n`/incident list` shows what is open, `/incident list mine` or")
        assert told.endswith("Severities: sev1, sev2, sev3, sev4.\nServices: checkout, payments, website, data.")
        (command,) = MANIFEST["features"]["slash_commands"]
        words = [hint.split()[0] for hint in command["usage_hint"].strip("[]").split("|")]
        assert len(words) >= 20
        assert [word for word in words if word != "help" and f"`/incident {word}" not in told] == []
