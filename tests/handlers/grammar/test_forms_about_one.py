"""What lacks something for an incident opens the form of its verb, with all that was typed in it."""

from collections.abc import Mapping

import pytest

from bot.domain.policy import Verb
from bot.slack.ids import FormField
from handlers.grammar import Command, OpenFormAbout, Unclear, parse
from tests.builders import CHLOE
from tests.handlers.grammar.known import KNOWN

NO_ETA = "“{}” is not a time to come, such as 20m or 14:00; write unknown while it is not known."
NO_TIME = "“{}” is not a time such as 20m, 2h, until 14:00 or monday 9:00."


def a_form(
    verb: Verb, typed: str = "", *, problem: str | None = None, entries: Mapping[FormField, str] | None = None
) -> OpenFormAbout:
    return OpenFormAbout(number=7, verb=verb, typed=typed, problem=problem, entries=entries or {})


def an_update(typed: str, *, problem: str | None = None, **entries: str) -> OpenFormAbout:
    fields = dict.fromkeys(("progress", "changed", "impact", "action", "owner", "eta"), "") | entries
    return a_form(Verb.UPDATE, typed, problem=problem, entries={FormField(name): said for name, said in fields.items()})


def a_hold(typed: str, until: str = "", reason: str = "", *, problem: str | None = None) -> OpenFormAbout:
    return a_form(Verb.HOLD, typed, problem=problem, entries={FormField.UNTIL: until, FormField.REASON: reason})


ALONE = [
    ("escalate INC-7 to", a_form(Verb.ESCALATE, "to")),
    ("assign INC-7", a_form(Verb.ASSIGN)),
    ("assign INC-7 to ", a_form(Verb.ASSIGN, "to")),
    ("note INC-7", a_form(Verb.NOTE)),
    ("INC-7 note", a_form(Verb.NOTE)),
    ("update INC-7", an_update("")),
    ("update INC-7 monitoring", an_update("monitoring", progress="monitoring")),
    ("update INC-7 resolved", an_update("resolved", progress="resolved")),
    (
        "update INC-7 Resolved: rolled back impact: few",
        an_update("Resolved: rolled back impact: few", progress="resolved", changed="rolled back", impact="few"),
    ),
    ("update INC-7 impact: nobody can pay", an_update("impact: nobody can pay", impact="nobody can pay")),
    ("update INC-7 eta: unknown", an_update("eta: unknown", eta="unknown")),
    ("hold INC-7", a_hold("")),
    ("severity INC-7", a_form(Verb.SEVERITY, entries={FormField.REASON: ""})),
]

UNCLEAR = [
    *(
        (
            f"assign INC-7 {name}",
            a_form(
                Verb.ASSIGN,
                name,
                problem=f"“{name.split()[0]}” is nobody whom Slack knows here; choose the person.",
            ),
        )
        for name in ("@nobody", "ana", "@anabel", "@ana.b she knows it")
    ),
    (
        "assign INC-7 @first-line",
        a_form(
            Verb.ASSIGN,
            "@first-line",
            problem="“@first-line” is a group, and one person has an incident; choose them.",
        ),
    ),
    (
        "escalate INC-7 to @ana she knows",
        a_form(
            Verb.ESCALATE,
            "to @ana she knows",
            entries={FormField.TO: "@ana she knows", FormField.REASON: "@ana she knows"},
            problem="“@ana” is a person, and it goes to a tier or a service; choose one, "
            "or write /incident assign INC-7 @ana.",
        ),
    ),
    *(
        (
            f"update INC-7 identified rolled back eta: {eta}",
            an_update(
                f"identified rolled back eta: {eta}",
                progress="identified",
                changed="rolled back",
                eta=eta,
                problem=NO_ETA.format(eta),
            ),
        )
        for eta in ("soon", "20m or so", "today 00:00")
    ),
    (
        "update INC-7 rolled back impact: few owner: @nobody at all action: watch eta: 20m",
        an_update(
            "rolled back impact: few owner: @nobody at all action: watch eta: 20m",
            changed="rolled back",
            impact="few",
            action="watch @nobody at all",
            eta="20m",
            problem="“@nobody at all” is nobody whom Slack knows here; choose who does it.",
        ),
    ),
    (
        "update INC-7 rolled back owner: @Chloé, eta 2h",
        an_update(
            "rolled back owner: @Chloé, eta 2h",
            changed="rolled back",
            action="@Chloé, eta 2h",
            problem="“@Chloé, eta 2h” is nobody whom Slack knows here; choose who does it.",
        ),
    ),
    (
        "update INC-7 rolled back owner: @Chloé eta: soon",
        an_update(
            "rolled back owner: @Chloé eta: soon",
            changed="rolled back",
            owner=CHLOE,
            eta="soon",
            problem=NO_ETA.format("soon"),
        ),
    ),
    *(
        (
            f"hold INC-7 {word} they sleep",
            a_hold(f"{word} they sleep", word, "they sleep", problem=NO_TIME.format(word)),
        )
        for word in ("dawn", "-2h", "5mm", "2h75", "٣h", "1y")
    ),
    *(
        (
            f"hold INC-7 {almost} they sleep",
            a_hold(f"{almost} they sleep", almost, "they sleep", problem=NO_TIME.format(almost)),
        )
        for almost in ("tomorrow 14", "until monday 14.30", "friday afternoon")
    ),
    (
        "hold INC-7 2 months they sleep",
        a_hold("2 months they sleep", "2 months", "they sleep", problem=NO_TIME.format(2)),
    ),
    ("hold INC-7 2", a_hold("2", "2", problem=NO_TIME.format(2))),
    ("hold INC-7 until dawn x", a_hold("until dawn x", "until dawn", "x", problem=NO_TIME.format("dawn"))),
    (
        "hold INC-7 until today 1:00",
        a_hold("until today 1:00", "until today 1:00", problem="“today 1:00” has passed."),
    ),
    *(
        (
            f"hold INC-7 {said} a while",
            a_hold(f"{said} a while", said, "a while", problem=f"“{said}” is too {wrong}"),
        )
        for said, wrong in (
            ("2036-01-01", "long for a pause; write 90d or less."),
            ("91d", "long for a pause; write 90d or less."),
            ("999999999w", "long for a pause; write 90d or less."),
            ("59s", "short for a pause; write 1m or more."),
            ("0h", "short for a pause; write 1m or more."),
        )
    ),
    (
        "severity INC-7 worse than we thought",
        a_form(
            Verb.SEVERITY,
            "worse than we thought",
            entries={FormField.REASON: "worse than we thought"},
            problem="“worse” is not a severity; choose one.",
        ),
    ),
]


@pytest.mark.parametrize(("text", "form"), ALONE)
def test_what_is_typed_alone_opens_the_form_without_a_complaint(text: str, form: Command) -> None:
    assert parse(text, KNOWN) == form


@pytest.mark.parametrize(("text", "form"), UNCLEAR)
def test_what_is_unclear_opens_the_form_which_says_what_and_holds_the_words(text: str, form: Command) -> None:
    assert parse(text, KNOWN) == form


@pytest.mark.parametrize("verb", ["update", "hold", "assign", "severity", "note", "escalate"])
def test_without_an_incident_no_form_is_opened(verb: str) -> None:
    answer = parse(verb, KNOWN)
    assert isinstance(answer, Unclear)
    assert answer.lacks_incident
