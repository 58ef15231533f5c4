"""What is not understood: it is said, with what was plainly meant, and an incident is never named after a typo."""

import pytest

from bot.domain.policy import Severity
from handlers.grammar import OpenForm, Unclear, parse
from tests.handlers.grammar.known import KNOWN

HELP = "/incident help shows what there is."
SIMULATE = "write for example /incident policy simulate sev1 checkout at sat 03:00."

NEEDS_MORE = [
    ("policy simulate", f"It does not say which severity and service; {SIMULATE}"),
    ("policy simulate sev7 checkout", f"“sev7” is not a severity; {SIMULATE}"),
    ("policy simulate sev1", f"It does not say which service; {SIMULATE}"),
    ("policy simulate sev1 chekout", f"“chekout” is not a service here, did you mean checkout?; {SIMULATE}"),
    ("policy simulate sev1 xyz", f"“xyz” is not a service here; {SIMULATE}"),
    (
        "policy apply",
        "“apply” is not known here; write /incident policy show, or for example "
        "/incident policy simulate sev1 checkout at sat 03:00.",
    ),
]

UNCLEAR = [
    ("ack", "It does not say which incident; write for example /incident ack INC-12."),
    ("resolve", "It does not say which incident; write for example /incident resolve INC-12."),
    (
        "hold 2h the supplier",
        "“2h” is not an incident; write for example /incident hold INC-12 2h waiting for the supplier.",
    ),
    ("ack INC-0", "“INC-0” is not an incident; write for example /incident ack INC-12."),
    ("ack INC-007", "“INC-007” is not an incident; write for example /incident ack INC-12."),
    ("ack INC--1", "“INC--1” is not an incident; write for example /incident ack INC-12."),
    ("ack INC-1.5", "“INC-1.5” is not an incident; write for example /incident ack INC-12."),
    ("ack INC-٣", "“INC-٣” is not an incident; write for example /incident ack INC-12."),
    ("ack INC-1000000000", "“INC-1000000000” is not an incident; write for example /incident ack INC-12."),
    ("show 12abc", "“12abc” is not an incident; write for example /incident show INC-12."),
    (f"show {'9' * 5000}", f"“{'9' * 39}…” is not an incident; write for example /incident show INC-12."),
    *(
        (text, f"“{text.split()[0]}” is not a command; did you mean /incident {meant}? {HELP}")
        for text, meant in [
            ("acknolwedge INC-3", "ack INC-3"),
            ("Resolved 1 the disk", "resolve INC-1 the disk"),
            ("esc 1 to platform", "escalate INC-1 to platform"),
            ("snooze 1 until 14:00", "hold INC-1 until 2026-11-14T13:00:00Z"),
            ("pause INC-1 a while", "hold"),
            ("lst", "list"),
            ("lst sev1 of today", "list"),
            ("halp", "help"),
            ("polcy simulate sev1 checkout", "policy simulate sev1 checkout"),
            ("who is on call", "oncall"),
            ("please ack INC-3", "ack INC-3"),
            ("can you resolve #3 it works", "resolve INC-3 it works"),
        ]
    ),
    ("INC-3 resolv it works", f"“resolv” is not a command; did you mean /incident resolve INC-3 it works? {HELP}"),
    ("INC-3 is burning", f"“is” is not a command; {HELP}"),
    ("frobnicate INC-1", f"“frobnicate” is not a command; {HELP}"),
    (
        "list bogus",
        "“bogus” is not known here; write for example /incident list mine, or /incident list sev1 checkout.",
    ),
    ("oncall chekout", "“chekout” is not a service here; write /incident oncall alone to see all of them."),
    *(
        (f"{word} 1", f"“{word}” is not a command; did you mean /incident {verb}? {HELP}")
        for word, verb in [
            ("Close", "resolve INC-1"),
            ("pause", "hold"),
            ("not-mine", "pass INC-1"),
            ("assing", "assign"),
            ("reopne", "reopen INC-1"),
            ("cancelled", "cancel INC-1"),
            ("sev", "severity"),
            ("resumed", "resume INC-1"),
        ]
    ),
]


TOO_MANY = "is one incident too many, so nothing was done; write a command for each, for example /incident"
ONE_TOO_MANY = [
    ("ack INC-1, INC-2", "INC-2", "ack INC-1"),
    ("ack INC-1 and INC-2!", "INC-2", "ack INC-1"),
    ("ack #1 , #2", "#2", "ack INC-1"),
    ("ack 1, 2", "2", "ack INC-1"),
    ("ack 1 2 3", "2", "ack INC-1"),
    ("INC-1, ack INC-2", "INC-2", "ack INC-1"),
    ("show INC-1 INC-2", "INC-2", "show INC-1"),
    ("pass INC-1 INC-2", "INC-2", "pass INC-1"),
    ("unfollow INC-1 & INC-2", "INC-2", "unfollow INC-1"),
    ("assign INC-1, INC-2 @ana", "INC-2", "assign INC-1 @ana"),
    ("assign @ana INC-1, INC-2", "INC-2", "assign INC-1 @ana"),
    ("resolve INC-1, INC-2: rolled back", "INC-2", "resolve INC-1"),
    ("note INC-1 and INC-2 are the same", "INC-2", "note INC-1 the log shows a timeout"),
    ("hold INC-1, INC-2 2h", "INC-2", "hold INC-1 2h waiting for the supplier"),
    ("cancel INC-1, INC-2", "INC-2", "cancel INC-1"),
]

NO_PLACE = [
    ("resume INC-7 at 14:00", "at 14:00", "resume INC-7"),
    ("resume INC-7 the supplier answered", "the supplier answered", "resume INC-7"),
    ("pass INC-7 I am on holiday", "I am on holiday", "pass INC-7"),
    ("assign INC-7 @ana she knows", "she knows", "assign INC-7 @ana"),
    ("assign INC-7 to @ana ruiz: she knows", "she knows", "assign INC-7 @ana ruiz"),
    ("assign INC-7 @ana and @Chloé", "and @Chloé", "assign INC-7 @ana"),
    ("assign INC-7 me: I know", "I know", "assign INC-7 me"),
    ("follow INC-7 @ana @Chloé", "@Chloé", "follow INC-7 @ana"),
    ("follow INC-7 me and @ana", "and @ana", "follow INC-7"),
    ("unfollow INC-7 @ana", "@ana", "unfollow INC-7"),
]


@pytest.mark.parametrize(("text", "further", "example"), ONE_TOO_MANY)
def test_of_several_incidents_none_is_touched(text: str, further: str, example: str) -> None:
    assert parse(text, KNOWN) == Unclear(f"“{further}” {TOO_MANY} {example}.")


@pytest.mark.parametrize(("text", "words", "alone"), NO_PLACE)
def test_words_that_a_command_would_drop_stop_it(text: str, words: str, alone: str) -> None:
    assert parse(text, KNOWN) == Unclear(
        f"“{words}” has no place here, so nothing was done; write /incident {alone} alone, and /incident note INC-7 "
        "for what belongs in its story."
    )


def test_of_two_times_none_is_chosen() -> None:
    assert parse("ack INC-7 20m eta 1h", KNOWN) == Unclear(
        "“20m” and “1h” are two times; write /incident ack INC-7 eta, and one of them."
    )


def test_who_passes_it_to_a_person_learns_how_to_give_it_to_them() -> None:
    assert parse("pass INC-7 to @ana ruiz", KNOWN) == Unclear(
        "Nothing was done: /incident pass asks whoever is next, not @ana ruiz; write /incident assign INC-7 @ana ruiz."
    )


THIS_OPENS = "This form opens an incident."
A_FORM_THAT_SAYS_WHY = [
    (
        "opn sev1 checkout: it is down",
        OpenForm(
            severity=Severity.SEV1,
            service="checkout",
            title="it is down",
            problem="“opn” is not a command; did you mean /incident open?",
        ),
    ),
    (
        "report payments fail",
        OpenForm(
            service="payments", title="payments fail", problem="“report” is not a command; did you mean /incident open?"
        ),
    ),
    (
        "everything is broken",
        OpenForm(title="everything is broken", problem=f"“everything” is not a command. {THIS_OPENS}"),
    ),
    (
        "12 cancel buttons are missing",
        OpenForm(title="12 cancel buttons are missing", problem=f"“12” is not a command. {THIS_OPENS}"),
    ),
    (
        "Today 7 people cannot pay",
        OpenForm(title="Today 7 people cannot pay", problem=f"“Today” is not a command. {THIS_OPENS}"),
    ),
    (
        "showing errors in checkout !sev1",
        OpenForm(
            severity=Severity.SEV1,
            service="checkout",
            title="showing errors in checkout",
            problem=f"“showing” is not a command; did you mean /incident show? {THIS_OPENS}",
        ),
    ),
    ("x" * 5000, OpenForm(title="x" * 5000, problem=f"“{'x' * 39}…” is not a command. {THIS_OPENS}")),
]


@pytest.mark.parametrize(("text", "problem"), [*UNCLEAR, *NEEDS_MORE])
def test_what_is_not_understood_is_said_with_what_to_do(text: str, problem: str) -> None:
    assert parse(text, KNOWN) == Unclear(problem)


@pytest.mark.parametrize(("text", "form"), A_FORM_THAT_SAYS_WHY)
def test_a_line_without_a_command_opens_nothing_but_the_form(text: str, form: OpenForm) -> None:
    assert parse(text, KNOWN) == form


@pytest.mark.parametrize("text", ["ack INC-7", "open sev1 checkout: it is down", "", "INC-7", "lst"])
def test_the_name_of_the_command_is_not_missed_and_not_minded(text: str) -> None:
    assert parse(f"/incident {text}", KNOWN) == parse(text, KNOWN)
