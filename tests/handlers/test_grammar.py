"""The words after `/incident`: each sentence of the grammar, and whatever else people type."""

from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.policy import Impact, Severity, Urgency
from handlers.grammar import (
    VERBS,
    AcknowledgeIncident,
    AssignIncident,
    CancelIncident,
    ChangeSeverity,
    Command,
    EscalateIncident,
    EscalateTo,
    ExplainIncident,
    Help,
    HoldIncident,
    Known,
    ListIncidents,
    OpenForm,
    OpenIncident,
    PassIncident,
    ReopenIncident,
    ResolveIncident,
    ResumeIncident,
    ShowIncident,
    ShowPolicy,
    SimulatePolicy,
    StillOnIt,
    Unclear,
    parse,
)
from tests.builders import ANA, BEN, CHLOE

HIGH, LOW = (Impact.HIGH, Urgency.HIGH), (Impact.LOW, Urgency.LOW)
KNOWN = Known(
    services=("checkout", "payments", "Données"),
    people={"@ana": ANA, "@ana ruiz": BEN, "@Chloé": CHLOE},
)
WITH_MATRIX = Known(
    services=KNOWN.services,
    matrix={
        (impact, urgency): Severity.SEV1
        if (impact, urgency) == HIGH
        else Severity.SEV4
        if (impact, urgency) == LOW
        else Severity.SEV2
        for impact in Impact
        for urgency in Urgency
    },
)
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
    ("why INC-12", ExplainIncident(12)),
    ("why 12 was nobody paged", ExplainIncident(12)),
    ("ack INC-7", AcknowledgeIncident(7)),
    ("ACK INC-7 on my way", AcknowledgeIncident(7)),
    ("escalate INC-7", EscalateIncident(7, "")),
    ("escalate INC-7  needs the   database team ", EscalateIncident(7, "needs the   database team")),
    ("escalate INC-7 tomorrow is too late", EscalateIncident(7, "tomorrow is too late")),
    ("escalate INC-7 to platform they know it", EscalateTo(7, "platform they know it")),
    ("escalate INC-7 To  2", EscalateTo(7, "2")),
    ("pass INC-7", PassIncident(7)),
    ("assign INC-7 @ana", AssignIncident(7, ANA)),
    ("assign INC-7 to @ana: she knows", AssignIncident(7, ANA)),
    ("assign INC-7 @ana ruiz she knows", AssignIncident(7, BEN)),
    ("assign INC-7 @Chloé", AssignIncident(7, CHLOE)),
    ("hold INC-7 2h", HoldIncident(7, timedelta(hours=2), "")),
    ("hold INC-7 2h the supplier  sleeps", HoldIncident(7, timedelta(hours=2), "the supplier  sleeps")),
    ("hold INC-7 for 1h30m the supplier", HoldIncident(7, timedelta(minutes=90), "the supplier")),
    ("hold INC-7 90s", HoldIncident(7, timedelta(seconds=90), "")),
    ("hold INC-7 60s", HoldIncident(7, timedelta(minutes=1), "")),
    ("hold INC-7 20M", HoldIncident(7, timedelta(minutes=20), "")),
    ("hold INC-7 1.5h", HoldIncident(7, timedelta(minutes=90), "")),
    ("hold INC-7 1d", HoldIncident(7, timedelta(days=1), "")),
    ("hold INC-7 1w", HoldIncident(7, timedelta(weeks=1), "")),
    ("hold INC-7 90d", HoldIncident(7, timedelta(days=90), "")),
    ("resume INC-7", ResumeIncident(7)),
    ("severity INC-7 sev2", ChangeSeverity(7, Severity.SEV2, "")),
    ("severity INC-7 to SEV4 it was only me", ChangeSeverity(7, Severity.SEV4, "it was only me")),
    ("still INC-7", StillOnIt(7)),
    ("still INC-7 on it", StillOnIt(7)),
    ("resolve 7", ResolveIncident(7, "")),
    ("resolve 7 a full disk", ResolveIncident(7, "a full disk")),
    ("resolve INC-999999999", ResolveIncident(999_999_999, "")),
    ("reopen INC-7", ReopenIncident(7, "")),
    ("reopen INC-7 it is back", ReopenIncident(7, "it is back")),
    ("cancel INC-7", CancelIncident(number=7)),
    ("cancel INC-7 a false alarm", CancelIncident(number=7, reason="a false alarm")),
    ("cancel INC-7 duplicate of INC-3", CancelIncident(number=7, duplicate_of=3)),
    ("cancel INC-7 Duplicate inc3.", CancelIncident(number=7, duplicate_of=3)),
    ("cancel INC-7 duplicate of 3", CancelIncident(number=7, duplicate_of=3)),
    ("cancel INC-7 duplicate of INC-3 see there", CancelIncident(number=7, duplicate_of=3, reason="see there")),
    ("cancel INC-7 duplicate of 3 alerts", CancelIncident(number=7, reason="duplicate of 3 alerts")),
    ("cancel INC-7 duplicate alerts", CancelIncident(number=7, reason="duplicate alerts")),
    ("cancel INC-7 duplicate of", CancelIncident(number=7, reason="duplicate of")),
    ("list", ListIncidents()),
    ("help", Help()),
    ("Help me", Help()),
]

ABOUT_THE_POLICY = [
    ("policy", ShowPolicy()),
    ("policy show", ShowPolicy()),
    ("policy simulate sev1 checkout", SimulatePolicy(severity=Severity.SEV1, service="checkout")),
    ("policy simulate CHECKOUT: Sev2", SimulatePolicy(severity=Severity.SEV2, service="checkout")),
    (
        "policy simulate sev1 données at sat 03:00",
        SimulatePolicy(severity=Severity.SEV1, service="Données", at="sat 03:00"),
    ),
    (
        "policy simulate sev1 checkout on 2026-12-24 18:00",
        SimulatePolicy(severity=Severity.SEV1, service="checkout", at="2026-12-24 18:00"),
    ),
    (
        "policy simulate sev1 checkout 03:00",
        SimulatePolicy(severity=Severity.SEV1, service="checkout", at="03:00"),
    ),
]

SIMULATE = "write for example /incident policy simulate sev1 checkout at sat 03:00."

NEEDS_MORE = [
    (
        "escalate INC-7 to",
        "It does not say where to; write for example /incident escalate INC-7 to tier 2 the database is full.",
    ),
    ("assign INC-7", "It does not say to whom; write for example /incident assign INC-7 @ana."),
    ("assign INC-7 to ", "It does not say to whom; write for example /incident assign INC-7 @ana."),
    *(
        (
            f"assign INC-7 {name}",
            f"“{name}” is nobody whom Slack knows here; write for example /incident assign INC-7 @ana, "
            "and choose the person from the list that Slack shows after the @.",
        )
        for name in ("@nobody", "ana", "@anabel", "@ana.b", "me")
    ),
    (
        "hold INC-7",
        "It does not say for how long; write for example /incident hold INC-7 2h waiting for the supplier.",
    ),
    *(
        (
            f"hold INC-7 {word}",
            f"“{word.split()[0]}” is not a duration such as 20m, 2h or 1d; "
            "write for example /incident hold INC-7 2h waiting for the supplier.",
        )
        for word in ("until noon", "2", "2hours", "-2h", "5mm", "2h30", "٣h", "1y")
    ),
    ("hold INC-7 59s", "“59s” is too short for a pause; write 1m or more."),
    ("hold INC-7 0h", "“0h” is too short for a pause; write 1m or more."),
    ("hold INC-7 91d", "“91d” is too long for a pause; write 90d or less."),
    ("hold INC-7 999999999w", "“999999999w” is too long for a pause; write 90d or less."),
    (
        "severity INC-7",
        "It does not say which severity; write for example /incident severity INC-7 sev2 a workaround is known.",
    ),
    (
        "severity INC-7 worse",
        "“worse” is not a severity; choose one of sev1, sev2, sev3, sev4: "
        "write for example /incident severity INC-7 sev2 a workaround is known.",
    ),
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
    ("opn sev1 x", "“opn” is not a command; did you mean /incident open? /incident help shows what there is."),
    (
        "acknowledge 1",
        "“acknowledge” is not a command; did you mean /incident ack? /incident help shows what there is.",
    ),
    ("esc 1", "“esc” is not a command; did you mean /incident escalate? /incident help shows what there is."),
    ("Resolved 1", "“Resolved” is not a command; did you mean /incident resolve? /incident help shows what there is."),
    *(
        (f"{word} 1", f"“{word}” is not a command; did you mean /incident {verb}? /incident help shows what there is.")
        for word, verb in [
            ("Close", "resolve"),
            ("pause", "hold"),
            ("not-mine", "pass"),
            ("assing", "assign"),
            ("reopne", "reopen"),
            ("cancelled", "cancel"),
            ("sev", "severity"),
            ("resumed", "resume"),
        ]
    ),
    ("INC-1", "“INC-1” is not a command; /incident help shows what there is."),
    ("x" * 5000, f"“{'x' * 39}…” is not a command; /incident help shows what there is."),
]


@pytest.mark.parametrize(("text", "command"), [*AN_INCIDENT, *A_FORM, *ABOUT_ONE, *ABOUT_THE_POLICY])
def test_a_sentence_of_the_grammar_is_understood(text: str, command: Command) -> None:
    assert parse(text, KNOWN) == command


@pytest.mark.parametrize(("text", "problem"), [*UNCLEAR, *NEEDS_MORE])
def test_what_is_not_understood_is_said_with_what_to_do(text: str, problem: str) -> None:
    assert parse(text, KNOWN) == Unclear(problem)


FROM_LEVELS = [
    (
        f"open impact:high urgency:high checkout: {DOWN}",
        OpenIncident(severity=Severity.SEV1, service="checkout", title=DOWN),
    ),
    (
        f"open Urgency=LOW impact:medium checkout: {DOWN}",
        OpenIncident(severity=Severity.SEV2, service="checkout", title=DOWN),
    ),
    (
        f"open sev1 impact:high urgency:high checkout: {DOWN}",
        OpenIncident(severity=Severity.SEV1, service="checkout", title=DOWN),
    ),
    (
        f"open impact:high checkout: {DOWN}",
        OpenForm(impact=Impact.HIGH, service="checkout", title=DOWN),
    ),
    (
        f"open impact:high sev4 urgency:high checkout: {DOWN}",
        OpenForm(
            severity=Severity.SEV4,
            impact=Impact.HIGH,
            urgency=Urgency.HIGH,
            service="checkout",
            title=DOWN,
            problem="Impact high and urgency high make it sev1; choose that severity, or none.",
        ),
    ),
    (
        f"open impact:huge urgency:low checkout: {DOWN}",
        OpenForm(
            urgency=Urgency.LOW,
            service="checkout",
            title=DOWN,
            problem="“impact:huge” is not understood; choose one of high, medium, low.",
        ),
    ),
    ("open impact:high impact:low", OpenForm(impact=Impact.HIGH, title="impact:low")),
    ("open urgency:high urgency:low", OpenForm(urgency=Urgency.HIGH, title="urgency:low")),
    ("open impact on customers", OpenForm(title="impact on customers")),
]


@pytest.mark.parametrize(("text", "command"), [*FROM_LEVELS, *AN_INCIDENT])
def test_impact_and_urgency_make_the_severity_where_the_policy_says_so(text: str, command: Command) -> None:
    assert parse(text, WITH_MATRIX) == command


def test_without_a_matrix_a_severity_is_asked_for() -> None:
    assert parse(f"open impact:high urgency:low checkout: {DOWN}", KNOWN) == OpenForm(
        impact=Impact.HIGH,
        urgency=Urgency.LOW,
        service="checkout",
        title=DOWN,
        problem="This policy does not derive the severity from impact and urgency; choose a severity.",
    )


ANYTHING = st.text(st.characters(exclude_categories=()), max_size=200)
ODD_WORDS = [
    *("sev1", "SEV3", "sev9", "sev", "severe", "checkout:", "Payments:", "nosuch:", "checkout", ":", "a:b", "INC-1"),
    *("open", "<!channel>", "@here", "*bold*", "`code`", "😀", "مرحبا", "\u202e", "&amp;"),
    *("to", "for", "2h", "0s", "1.5w", "99999999w", "duplicate", "of", "@ana", "@ana ruiz", "policy", "simulate", "at"),
    *("impact:high", "urgency=low", "impact:", "impact:none"),
]
WORD = st.sampled_from(ODD_WORDS)
WORDS = st.lists(st.one_of(WORD, WORD, ANYTHING), max_size=12).map(" ".join)


@settings(deadline=None, max_examples=500)
@given(text=st.one_of(ANYTHING, WORDS, st.builds("{} {}".format, st.sampled_from(VERBS), WORDS)))
def test_whatever_is_typed_is_some_command(text: str) -> None:
    assert isinstance(parse(text, KNOWN), Command)
    assert isinstance(parse(text, WITH_MATRIX), Command)


@settings(deadline=None)
@given(words=WORDS)
@example(words="sev1 checkout: open open")
@example(words="sev9 nosuch: title")
def test_no_word_of_a_title_is_lost(words: str) -> None:
    opened = parse(f"open {words}", KNOWN)
    assert isinstance(opened, OpenIncident | OpenForm)
    typed, kept = words.split(), opened.title.split()
    taken = typed[: len(typed) - len(kept)]
    assert [*taken, *kept] == typed
    problem = opened.problem if isinstance(opened, OpenForm) and opened.problem else ""
    for word in taken:
        levels = () if isinstance(opened, OpenIncident) else (f"impact:{opened.impact}", f"urgency={opened.urgency}")
        said = (opened.severity, (opened.service or "").lower(), *levels)
        understood = word.lower().rstrip(":") in said
        assert understood or f"“{word}”" in problem or f"“{word[:39]}…”" in problem


@settings(deadline=None)
@given(words=WORDS)
def test_no_word_of_a_reason_or_a_summary_is_lost(words: str) -> None:
    words = words.strip()
    assert parse(f"resolve INC-3 {words}", KNOWN) == ResolveIncident(3, words)
    assert parse(f"reopen INC-3 {words}", KNOWN) == ReopenIncident(3, words)
    assert parse(f"hold INC-3 2h {words}", KNOWN) == HoldIncident(3, timedelta(hours=2), words)
    assert parse(f"severity INC-3 sev2 {words}", KNOWN) == ChangeSeverity(3, Severity.SEV2, words)


@settings(deadline=None)
@given(words=WORDS)
def test_no_word_of_where_an_incident_goes_is_lost(words: str) -> None:
    words = words.strip()
    where = words[2:].strip()
    command = parse(f"escalate INC-3 {words}", KNOWN)
    assert command in (EscalateIncident(3, words), EscalateTo(3, where)) or (not where and isinstance(command, Unclear))
    cancelled = parse(f"cancel INC-3 {words}", KNOWN)
    assert isinstance(cancelled, CancelIncident)
    assert words.endswith(cancelled.reason)
    assert cancelled.duplicate_of is not None or cancelled.reason == words
