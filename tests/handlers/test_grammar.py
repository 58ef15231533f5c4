"""The words after `/incident`: each sentence of the grammar, and whatever else people type."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.policy import Severity
from handlers.grammar import (
    VERBS,
    AcknowledgeIncident,
    Command,
    EscalateIncident,
    Help,
    ListIncidents,
    OpenForm,
    OpenIncident,
    ResolveIncident,
    ShowIncident,
    Unclear,
    parse,
)

SERVICES = ("checkout", "payments", "Données")
DOWN = "Checkout is down"

AN_INCIDENT = [
    (f"open sev1 checkout: {DOWN}", OpenIncident(severity=Severity.SEV1, service="checkout", title=DOWN)),
    (f"  OPEN\tSev2   PAYMENTS:\n {DOWN}  ", OpenIncident(severity=Severity.SEV2, service="payments", title=DOWN)),
    (f"open sev4 données: {DOWN}", OpenIncident(severity=Severity.SEV4, service="Données", title=DOWN)),
    ("open sev1 checkout: a: b: c", OpenIncident(severity=Severity.SEV1, service="checkout", title="a: b: c")),
    ("open sev1 checkout: two\nlines", OpenIncident(severity=Severity.SEV1, service="checkout", title="two\nlines")),
]

A_FORM = [
    ("", OpenForm()),
    ("   \n", OpenForm()),
    ("open", OpenForm()),
    ("open sev2", OpenForm(severity=Severity.SEV2)),
    ("open sev2 checkout:", OpenForm(severity=Severity.SEV2, service="checkout")),
    ("open checkout:", OpenForm(service="checkout")),
    (f"open {DOWN}", OpenForm(title=DOWN)),
    (f"open sev1 {DOWN}", OpenForm(severity=Severity.SEV1, title=DOWN)),
    (f"open checkout: {DOWN}", OpenForm(service="checkout", title=DOWN)),
    ("open several people see a blank page", OpenForm(title="several people see a blank page")),
    ("open sev1 https://shop.example is down", OpenForm(severity=Severity.SEV1, title="https://shop.example is down")),
    (
        f"open sev9 checkout: {DOWN}",
        OpenForm(
            service="checkout", title=DOWN, problem="“sev9” is not a severity; choose one of sev1, sev2, sev3, sev4."
        ),
    ),
    (
        f"open sev1 chekout: {DOWN}",
        OpenForm(
            severity=Severity.SEV1,
            title=f"chekout: {DOWN}",
            problem="“chekout” is not a service here; choose one from the list.",
        ),
    ),
    (
        f"open sev0 nothing: {DOWN}",
        OpenForm(
            title=f"nothing: {DOWN}",
            problem="“sev0” is not a severity; choose one of sev1, sev2, sev3, sev4. "
            "“nothing” is not a service here; choose one from the list.",
        ),
    ),
]

ABOUT_ONE = [
    ("show INC-12", ShowIncident(12)),
    ("show inc-12", ShowIncident(12)),
    ("show 12", ShowIncident(12)),
    ("show Inc12", ShowIncident(12)),
    ("ack INC-7", AcknowledgeIncident(7)),
    ("ACK INC-7 on my way", AcknowledgeIncident(7)),
    ("escalate INC-7", EscalateIncident(7, "")),
    ("escalate INC-7  needs the   database team ", EscalateIncident(7, "needs the   database team")),
    ("resolve 7", ResolveIncident(7, "")),
    ("resolve 7 a full disk", ResolveIncident(7, "a full disk")),
    ("resolve INC-999999999", ResolveIncident(999_999_999, "")),
    ("list", ListIncidents()),
    ("help", Help()),
    ("Help me", Help()),
]

UNCLEAR = [
    ("ack", "It does not say which incident; write for example /incident ack INC-12."),
    ("resolve", "It does not say which incident; write for example /incident resolve INC-12."),
    ("ack INC-0", "“INC-0” is not an incident; write for example /incident ack INC-12."),
    ("ack INC-007", "“INC-007” is not an incident; write for example /incident ack INC-12."),
    ("ack INC--1", "“INC--1” is not an incident; write for example /incident ack INC-12."),
    ("ack INC-1.5", "“INC-1.5” is not an incident; write for example /incident ack INC-12."),
    ("ack INC-٣", "“INC-٣” is not an incident; write for example /incident ack INC-12."),
    ("ack INC-1000000000", "“INC-1000000000” is not an incident; write for example /incident ack INC-12."),
    ("show 12abc", "“12abc” is not an incident; write for example /incident show INC-12."),
    (f"show {'9' * 5000}", f"“{'9' * 39}…” is not an incident; write for example /incident show INC-12."),
    ("opn sev1 x", "“opn” is not a command; did you mean /incident open? /incident help shows what there is."),
    (
        "acknowledge 1",
        "“acknowledge” is not a command; did you mean /incident ack? /incident help shows what there is.",
    ),
    ("esc 1", "“esc” is not a command; did you mean /incident escalate? /incident help shows what there is."),
    ("Resolved 1", "“Resolved” is not a command; did you mean /incident resolve? /incident help shows what there is."),
    ("INC-1", "“INC-1” is not a command; /incident help shows what there is."),
    ("x" * 5000, f"“{'x' * 39}…” is not a command; /incident help shows what there is."),
]


@pytest.mark.parametrize(("text", "command"), [*AN_INCIDENT, *A_FORM, *ABOUT_ONE])
def test_a_sentence_of_the_grammar_is_understood(text: str, command: Command) -> None:
    assert parse(text, SERVICES) == command


@pytest.mark.parametrize(("text", "problem"), UNCLEAR)
def test_what_is_not_understood_is_said_with_what_to_do(text: str, problem: str) -> None:
    assert parse(text, SERVICES) == Unclear(problem)


ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)
ODD_WORDS = [
    *("sev1", "SEV3", "sev9", "sev", "severe", "checkout:", "Payments:", "nosuch:", "checkout", ":", "a:b", "INC-1"),
    *("open", "<!channel>", "@here", "*bold*", "`code`", "😀", "مرحبا", "\u202e", "&amp;"),
]
WORD = st.sampled_from(ODD_WORDS)
WORDS = st.lists(st.one_of(WORD, WORD, ANYTHING), max_size=12).map(" ".join)


@settings(deadline=None)
@given(text=st.one_of(ANYTHING, WORDS, st.builds("{} {}".format, st.sampled_from(VERBS), WORDS)))
def test_whatever_is_typed_is_some_command(text: str) -> None:
    assert isinstance(parse(text, SERVICES), Command)


@settings(deadline=None)
@given(words=WORDS)
@example(words="sev1 checkout: open open")
@example(words="sev9 nosuch: title")
def test_no_word_of_a_title_is_lost(words: str) -> None:
    opened = parse(f"open {words}", SERVICES)
    assert isinstance(opened, OpenIncident | OpenForm)
    typed, kept = words.split(), opened.title.split()
    taken = typed[: len(typed) - len(kept)]
    assert [*taken, *kept] == typed
    problem = opened.problem if isinstance(opened, OpenForm) and opened.problem else ""
    for word in taken:
        understood = word.lower() == opened.severity or word.rstrip(":").lower() == (opened.service or "").lower()
        assert understood or f"“{word}”" in problem or f"“{word[:39]}…”" in problem


@settings(deadline=None)
@given(verb=st.sampled_from(["escalate", "resolve"]), words=WORDS)
def test_no_word_of_a_reason_or_a_summary_is_lost(verb: str, words: str) -> None:
    command = parse(f"{verb} INC-3 {words}", SERVICES)
    assert command in (EscalateIncident(3, words.strip()), ResolveIncident(3, words.strip()))
