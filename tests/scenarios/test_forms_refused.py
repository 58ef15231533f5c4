"""Forms that are not opened, and forms sent in with something wrong: it is said where it is mended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.playground import Fault
from handlers import forms
from handlers.form_deeds import NONE_WAS_LOST, WHAT_WAS_LOST
from tests.clock import ManualClock
from tests.scenarios.one_incident import a_story, asked, told
from tests.scenarios.world import Json, Transport, answer_text, filled_in, world

FIRST = "tier-1-support"
SHIPPED = Path(__file__).resolve().parents[2] / "policy.yml"
TRANSPORTS = pytest.mark.parametrize("transport", ["socket", "http"])
NOT_OPENED = "Slack did not open the form in time. Nothing was changed; please try again."
NOT_UNDERSTOOD = (
    "That came in a form this bot does not understand. Nothing was changed; `/incident help` shows what there is."
)
NO_TIME = "“{}” is not a time such as 20m, 2h, until 14:00 or monday 9:00."
NO_ETA = "“{}” is not a time to come, such as 20m or 14:00; write unknown while it is not known."

WRONG: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("update", {"changed": "x", "eta": "soon"}, {"eta": NO_ETA.format("soon")}),
    ("update", {"changed": "x", "eta": "2026-11-14 01:00"}, {"eta": NO_ETA.format("2026-11-14 01:00")}),
    ("update", {"changed": " "}, {"changed": "An update needs words: say what is new."}),
    ("resolve", {"data_loss": "some"}, {"lost": WHAT_WAS_LOST}),
    ("resolve", {"data_loss": "none", "lost": "12 orders"}, {"lost": NONE_WAS_LOST}),
    ("resolve", {"data_loss": "unsaid", "lost": "12 orders"}, {"lost": NONE_WAS_LOST}),
    ("Put on hold…", {"until": "dawn"}, {"until": NO_TIME.format("dawn")}),
    ("Put on hold…", {"until": "2h or so"}, {"until": NO_TIME.format("2h or so")}),
    ("Put on hold…", {"until": "91d"}, {"until": "“91d” is too long for a pause; write 90d or less."}),
    ("Put on hold…", {"until": "1s"}, {"until": "“1s” is too short for a pause; write 1m or more."}),
    ("Put on hold…", {"until": "today 01:00"}, {"until": "“today 01:00” has passed."}),
    ("Change severity…", {"severity": "sev1"}, {"severity": "INC-1 is sev1 already. Nothing was changed."}),
    ("Write a note…", {"note": " "}, {"note": "A note needs words: say what is worth knowing."}),
    (
        "Cancel it…",
        {"duplicate_of": "the same"},
        {"duplicate_of": "“the same” is not an incident; write it like INC-7."},
    ),
    (
        "Cancel it…",
        {"duplicate_of": "INC-9"},
        {"duplicate_of": "INC-1 was not cancelled: there is no INC-9 here. `/incident list` shows what is open."},
    ),
    (
        "Cancel it…",
        {"duplicate_of": "INC-1"},
        {
            "duplicate_of": "INC-1 was not cancelled: an incident is no duplicate of itself. "
            "`/incident list` shows what is open."
        },
    ),
]


@TRANSPORTS
async def test_what_is_wrong_stands_at_its_field_and_the_form_stays(
    clock: ManualClock, sqlite_database: str, policy_file: Path, transport: Transport
) -> None:
    async with world(clock, sqlite_database, policy_file=policy_file, transport=transport) as story:
        await story.opened()
        before = await story.bot.desk.show(1)
        for door, written, errors in WRONG:
            form = await (story.click if door.islower() else story.choose)("ana", FIRST, door)
            answer = await story.submit("ana", **written)
            assert (answer.ok, answer.errors, answer.view) == (False, errors, form.view), (door, written)
        assert await story.bot.desk.show(1) == before


async def test_what_was_mended_at_its_field_is_done(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.choose("ana", FIRST, "Put on hold…")
        assert not (await story.submit("ana", until="dawn", reason="they sleep")).ok
        assert (await story.submit("ana", until="2h")).view is None
        case, _ = await story.bot.desk.show(1)
        assert case.incident.hold_reason == "they sleep"
        await story.advance(seconds=2)
        story.said()


async def test_who_has_it_already_cannot_be_given_it(
    clock: ManualClock, sqlite_database: str, policy_file: Path
) -> None:
    async with a_story(clock, sqlite_database, policy_file) as story:
        await asked(story, "ana", "ack INC-1")
        told(story)
        await story.choose("ana", FIRST, "Assign…")
        form = filled_in((await story.submit("ana", assignee="ana")).view)
        assert form["form_problem"] == "⚠️ <@U0ANA00001> has INC-1 already. Nothing was changed."
        assert form["assignee"] == "U0ANA00001"


@TRANSPORTS
async def test_who_has_not_the_right_hears_it_and_no_form_opens(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    kept = {
        "resolve": "resolve INC-1",
        "update": "tell the stakeholders of INC-1",
        "Put on hold…": "put INC-1 on hold",
        "Change severity…": "change the severity of INC-1",
        "Cancel it…": "cancel INC-1",
    }
    async with world(clock, sqlite_database, transport=transport, policy_file=SHIPPED) as story:
        await story.opened()
        for door in kept:
            answer = await (story.click if door.islower() else story.choose)("sam", FIRST, door)
            assert answer.view is None, door
        assert story.ephemerals("sam", FIRST) == [_refused(doing) for doing in kept.values()]
        assert answer_text(await story.command("sam", "/incident update INC-1")) == _refused(
            "tell the stakeholders of INC-1"
        )


async def test_who_lost_the_right_meanwhile_hears_it_with_what_was_written(
    clock: ManualClock, sqlite_database: str
) -> None:
    async with world(clock, sqlite_database, policy_file=SHIPPED) as story:
        await story.opened()
        await story.click("sam", FIRST, "acknowledge")
        await story.click("sam", FIRST, "update")
        await story.command("ana", "/incident assign INC-1 @ana")
        form = filled_in((await story.submit("sam", changed="we see it too")).view)
        assert form["form_problem"] == f"⚠️ {_refused('tell the stakeholders of INC-1')}"
        assert form["changed"] == "we see it too"
        await story.advance(seconds=5)
        story.said()


@pytest.fixture
def managers_resolve(policy_file: Path) -> Path:
    policy_file.write_text(f"{policy_file.read_text()}roles: {{update: anyone, resolve: [managers]}}\n")
    return policy_file


async def test_who_may_tell_but_not_resolve_is_not_offered_it_and_cannot_forge_it(
    clock: ManualClock, sqlite_database: str, managers_resolve: Path
) -> None:
    async with a_story(clock, sqlite_database, managers_resolve) as story:
        form = (await story.click("ana", FIRST, "update")).view
        assert form is not None
        (options,) = (block["element"]["options"] for block in form.blocks if block.get("block_id") == "progress")
        assert "resolved" not in [option["value"] for option in options]
        await story.submit("ana", changed="over", progress="monitoring")
        ack = await story.forged(_in("progress", {"selected_option": {"value": "resolved"}}))
        assert ack.body is not None
        assert ack.body["response_action"] == "update"
        said = ack.body["view"]["blocks"][0]["text"]["text"]
        assert said == "⚠️ Only managers can resolve INC-1. Nothing was changed; please ask one of them."
        await story.advance(seconds=5)
        story.said()


async def test_of_an_incident_that_is_not_there_no_form_opens(clock: ManualClock, sqlite_database: str) -> None:
    unknown = "There is no INC-99 here. `/incident list` shows what is open."
    async with world(clock, sqlite_database) as story:
        await story.opened()
        for verb in ("update", "hold", "assign", "severity", "note"):
            assert answer_text(await story.command("ana", f"/incident {verb} INC-99")) == unknown
        await story.choose("ana", FIRST, "Timeline")
        for value in ("hold|99", "note|99", "why|99", "timeline|99"):
            await story.forged(_chosen(value))
            assert story.ephemerals("ana", FIRST)[-1] == unknown, value
        for value in ("hold|0", "hold|9999999999", "drop|1", "hold", "", "hold|1|1"):
            await story.forged(_chosen(value))
            assert story.ephemerals("ana", FIRST)[-1] == NOT_UNDERSTOOD, value


async def test_of_a_private_incident_no_form_opens_for_others_and_one_that_is_open_says_no_more(
    clock: ManualClock, sqlite_database: str
) -> None:
    unknown = "There is no INC-1 here. `/incident list` shows what is open."
    async with world(clock, sqlite_database) as story:
        await story.command("ana", "/incident open private sev1 checkout: Payroll spreadsheet leaked")
        for typed in ("update INC-1", "hold INC-1 dawn", "assign INC-1", "note INC-1", "escalate INC-1 to nowhere"):
            assert answer_text(await story.command("sam", f"/incident {typed}")) == unknown, typed

        await story.command("ana", "/incident follow INC-1 @sam")
        form = await story.command("sam", "/incident note INC-1")
        assert "Payroll" in str(form.view)
        await story.command("sam", "/incident unfollow INC-1")
        answer = await story.submit("sam", note="I saw it")
        assert (answer.ok, answer.errors) == (False, {"note": unknown})
        await story.advance(seconds=5)
        story.said()


@TRANSPORTS
async def test_an_expired_trigger_is_said_to_who_clicked_or_typed(
    clock: ManualClock, sqlite_database: str, transport: Transport
) -> None:
    async with world(clock, sqlite_database, transport=transport) as story:
        await story.opened()
        story.slack.faults.add(Fault(method="views.open", kind="error:expired_trigger_id", times=4))
        assert (await story.click("ana", FIRST, "resolve")).view is None
        assert (await story.choose("ana", FIRST, "Assign…")).view is None
        assert story.ephemerals("ana", FIRST) == [NOT_OPENED] * 2
        assert answer_text(await story.command("ana", "/incident update INC-1")) == (
            f"{NOT_OPENED}\nYou wrote: /incident update INC-1"
        )
        assert answer_text(await story.command("ana", "/incident hold INC-1 dawn <they> sleep")) == (
            f"{NO_TIME.format('dawn')} {NOT_OPENED}\nYou wrote: /incident hold INC-1 dawn &lt;they&gt; sleep"
        )


async def test_when_the_database_is_slow_the_person_hears_it_while_slack_still_waits(
    clock: ManualClock, sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        monkeypatch.setattr(forms, "LOOK_WITHIN_SECONDS", 0.0)
        assert (await story.click("ana", FIRST, "update")).view is None
        assert story.ephemerals("ana", FIRST) == [NOT_OPENED]


async def test_a_forged_form_is_refused_in_words_and_changes_nothing(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.choose("ana", FIRST, "Change severity…")
        await story.submit("ana", severity="sev1")
        before = await story.bot.desk.show(1)
        changes = [
            _carrying('{"channel": null}'),
            _carrying("{broken"),
            _carrying("[]"),
            _in("severity", {"selected_option": {"value": "sev9"}}),
            _in("severity", {"selected_option": None}),
        ]
        for change in changes:
            ack = await story.forged(change)
            assert ack.body == {"response_action": "errors", "errors": {"severity": NOT_UNDERSTOOD}}
        assert await story.bot.desk.show(1) == before


async def test_a_forged_destination_is_refused_in_words(clock: ManualClock, sqlite_database: str) -> None:
    async with world(clock, sqlite_database) as story:
        await story.opened()
        await story.choose("ana", FIRST, "Escalate to…")
        await asked(story, "ben", "escalate INC-1")
        form = (await story.submit("ana")).view
        assert form is not None, "overtaken"
        before = await story.bot.desk.show(1)
        for value, said in (
            ("9|checkout", "“checkout tier 9” is not a tier or a service that INC-1 can go to."),
            ("1|nosuch", "“nosuch tier 1” is not a tier or a service that INC-1 can go to."),
            ("2|checkout", "INC-1 is already at tier 2, Platform, since"),
            ("x|checkout", NOT_UNDERSTOOD),
        ):
            forged = _in("to", {"selected_option": {"value": value}})
            ack = await story.forged(_both(_carrying(form.source["private_metadata"]), forged))
            assert said in str(ack.body), value
        assert await story.bot.desk.show(1) == before
        story.said()


def _refused(doing: str) -> str:
    return (
        f"Only the assignee, the tier's people, managers and admins can {doing}. "
        "Nothing was changed; please ask one of them."
    )


def _chosen(value: str) -> Callable[[Json], None]:
    def change(body: Json) -> None:
        body["actions"][0]["selected_option"]["value"] = value

    return change


def _carrying(metadata: str) -> Callable[[Json], None]:
    def change(body: Json) -> None:
        body["view"]["private_metadata"] = metadata

    return change


def _both(*changes: Callable[[Json], None]) -> Callable[[Json], None]:
    def change(body: Json) -> None:
        for each in changes:
            each(body)

    return change


def _in(field: str, held: Json) -> Callable[[Json], None]:
    def change(body: Json) -> None:
        (element,) = body["view"]["state"]["values"][field].values()
        element.update(held)

    return change
