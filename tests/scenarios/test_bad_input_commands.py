"""Commands as people really type them: what is not understood is said, and nothing typed is lost."""

import pytest

from bot.playground import Fault
from tests.clock import ManualClock
from tests.scenarios.conftest import LogEntries
from tests.scenarios.world import Said, answer_text, filled_in, world

ANSWERED = [
    (
        "acknolwedge INC-3",
        "“acknolwedge” is not a command; did you mean /incident ack INC-3? /incident help shows what there is.",
    ),
    ("frobnicate INC-1", "“frobnicate” is not a command; /incident help shows what there is."),
    ("ack", "It does not say which incident; write for example /incident ack INC-12."),
    ("escalate now please", "“now” is not an incident; write for example /incident escalate INC-12."),
    ("ack INC-0", "“INC-0” is not an incident; write for example /incident ack INC-12."),
    ("show INC-99999999999", "“INC-99999999999” is not an incident; write for example /incident show INC-12."),
]


@pytest.mark.parametrize(("typed", "problem"), ANSWERED)
async def test_what_is_not_understood_comes_back_with_what_to_do(
    clock: ManualClock, sqlite_database: str, typed: str, problem: str
) -> None:
    async with world(clock, sqlite_database) as story:
        answer = await story.command("sam", f"/incident {typed}")
        assert answer_text(answer) == f"{problem}\nYou wrote: /incident {typed}"


async def test_an_incident_that_does_not_exist_is_not_found(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        for verb in ("show", "ack", "escalate", "resolve"):
            answer = await story.command("sam", f"/incident {verb} INC-999999999 because")
            assert answer_text(answer) == "There is no INC-999999999 here. `/incident list` shows what is open."


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("", {"title": None, "severity": None, "service": None, "description": None}),
        (
            "open sev9 checkout: It is down",
            {
                "form_problem": "⚠️ “sev9” is not a severity; choose one of sev1, sev2, sev3, sev4.",
                "title": "It is down",
                "severity": None,
                "service": "checkout",
                "description": None,
            },
        ),
        (
            "open sev1 chekout: It is down",
            {
                "form_problem": "⚠️ “chekout” is not a service here; choose one from the list.",
                "title": "chekout: It is down",
                "severity": "sev1",
                "service": None,
                "description": None,
            },
        ),
        (
            "opn sev1 checkout: It is down",
            {
                "form_problem": "⚠️ “opn” is not a command; did you mean /incident open?",
                "title": "It is down",
                "severity": "sev1",
                "service": "checkout",
                "description": None,
            },
        ),
        (
            "nobody can pay in <#C0GENERAL1|general> & in checkout",
            {
                "form_problem": "⚠️ “nobody” is not a command. This form opens an incident.",
                "title": "nobody can pay in #general & in checkout",
                "severity": None,
                "service": "checkout",
                "description": None,
            },
        ),
        (
            "open sev1 checkout:  ",
            {"title": None, "severity": "sev1", "service": "checkout", "description": None},
        ),
        (
            "open sev1 checkout: \u202e",
            {"title": None, "severity": "sev1", "service": "checkout", "description": None},
        ),
        (
            "open <!channel> nobody can pay",
            {"title": "@channel nobody can pay", "severity": None, "service": None, "description": None},
        ),
    ],
)
async def test_what_is_unclear_opens_the_form_filled_in(
    clock: ManualClock, sqlite_database: str, typed: str, form: dict[str, str | None]
) -> None:
    async with world(clock, sqlite_database) as story:
        answer = await story.command("sam", f"/incident {typed}")
        assert answer_text(answer) is None, "the form is the answer"
        assert filled_in(answer.view) == {**form, "private": None}


async def test_a_title_that_no_field_holds_is_whole_in_the_description_of_the_form(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database) as story:
        answer = await story.command("sam", "/incident open sev1 nosuch: " + "word " * 500)
        form = filled_in(answer.view)
        whole = "nosuch: " + " ".join(["word"] * 500)
        assert form["description"] == whole
        assert form["title"] == whole[:199].rstrip() + "…"


@pytest.mark.parametrize(
    "fault", ["error:expired_trigger_id", "error:trigger_expired", "http_500", "429", "drop_before"]
)
async def test_when_slack_does_not_open_the_form_what_was_typed_comes_back(
    clock: ManualClock, sqlite_database: str, fault: str, logs: LogEntries
) -> None:
    async with world(clock, sqlite_database) as story:
        story.slack.faults.add(Fault(method="views.open", kind=fault))
        answer = await story.command("sam", "/incident open sev1 chekout: It is down")
        assert answer_text(answer) == (
            "“chekout” is not a service here; choose one from the list. "
            "Slack did not open the form in time. Nothing was changed; please try again.\n"
            "You wrote: /incident open sev1 chekout: It is down"
        )
        assert "form.not_opened" in [entry["event"] for entry in logs]

        story.slack.faults.add(Fault(method="views.open", kind=fault))
        answer = await story.command("sam", "/incident")
        assert answer_text(answer) == "Slack did not open the form in time. Nothing was changed; please try again."


async def test_a_title_of_5000_characters_is_shortened_and_kept_whole_in_the_description(
    clock: ManualClock, sqlite_database: str
) -> None:
    title = " ".join(["word"] * 1000)
    async with world(clock, sqlite_database) as story:
        answer = await story.command("sam", f"/incident open sev1 checkout: {title}")
        text = answer_text(answer)
        assert text is not None
        assert text.startswith(
            f"INC-1 is open: {title[:199].rstrip()}…\nTier 1 (First line) in <#C0FIRSTLN1> is paged."
        )

        await story.advance(seconds=2)
        updates, page = story.said()
        short = f"{title[:199].rstrip()}… (INC-1, sev1, checkout)."
        assert updates == Said(
            "#incident-updates",
            f"{short} It is with tier 1 of 4 (First line). Nobody has taken it yet. Next update by 03:20.",
        )
        assert page.place == "#tier-1-support"
        assert page.text.startswith(f"<!subteam^S0FIRSTLN1> please acknowledge INC-1 by 03:05. {short} It is open")
        case, _ = await story.bot.desk.show(1)
        assert case.incident.description == title
        assert len(case.incident.title) <= 200
