"""`/incident open …` in every order, and what is left to the form."""

from dataclasses import replace

import pytest

from bot.domain.policy import Impact, Severity, Urgency
from handlers.grammar import Command, OpenForm, OpenIncident, parse
from tests.handlers.grammar.known import DOWN, KNOWN, WITH_MATRIX

SEV1 = Severity.SEV1

AN_INCIDENT = [
    (f"open sev1 checkout: {DOWN}", OpenIncident(severity=Severity.SEV1, service="checkout", title=DOWN)),
    (f"  OPEN\tSev2   PAYMENTS:\n {DOWN}  ", OpenIncident(severity=Severity.SEV2, service="payments", title=DOWN)),
    (f"open sev4 données: {DOWN}", OpenIncident(severity=Severity.SEV4, service="Données", title=DOWN)),
    ("open sev1 checkout: a: b: c", OpenIncident(severity=Severity.SEV1, service="checkout", title="a: b: c")),
    ("open sev1 checkout: two\nlines", OpenIncident(severity=Severity.SEV1, service="checkout", title="two\nlines")),
]

IN_ANY_ORDER = [
    (f"open checkout sev1 {DOWN}", DOWN),
    (f"open checkout: sev1 {DOWN}", DOWN),
    (f"open SEV-1, checkout: {DOWN}", DOWN),
    (f"open {DOWN} sev1", DOWN),
    (f"open {DOWN} !sev1", DOWN),
    (f"open {DOWN} (sev1)", DOWN),
    (f"open !sev1 {DOWN}", DOWN),
    (f"open service:checkout severity:1 {DOWN}", DOWN),
    (f"open {DOWN} severity=sev1 service=checkout", DOWN),
    (f"open sev1 checkout - {DOWN}", DOWN),
    (f"open checkout \u2014 {DOWN} \u2014 sev1", DOWN),
    ("open sev1 nobody can pay in checkout", "nobody can pay in checkout"),
    ("open Payments fail in checkout sev1", "Payments fail in checkout"),
    ("open Payments fail in the checkout, sev1", "Payments fail in the checkout"),
    ("open Payments fail sev1 checkout", "Payments fail"),
    ("open Payments fail (checkout) sev1", "Payments fail"),
    ("open checkout's page is !sev1 blank", "checkout's page is blank"),
    ("open two\nlines in checkout sev1", "two\nlines in checkout"),
    ("open sev1 sev1 checkout: it is down sev1", "it is down"),
    ("open sev1 checkout: raised to sev2", "raised to sev2"),
    ('open sev1 checkout "sev2: payments: are fine"', "sev2: payments: are fine"),
    ("open \u201craised to sev2\u201d sev1 checkout", "raised to sev2"),
    ("open checkout: \u00abEl pago no va\u00bb !sev1", "El pago no va"),
    ("open 'it''s down' sev1 checkout", "it''s down"),
    ('open sev1 checkout: the button "pay" is grey', 'the button "pay" is grey'),
    ("sev1 checkout: it is down", "it is down"),
    ("checkout sev1 it is down", "it is down"),
    ("checkout down !sev1", "checkout down"),
    ("checkout: it is down sev1", "it is down"),
]

PRIVATE = [
    (f"open private sev1 checkout: {DOWN}", DOWN),
    (f"open sev1 private checkout: {DOWN}", DOWN),
    (f"open PRIVATE checkout: sev1 {DOWN}", DOWN),
    (f"open sev1 checkout: {DOWN} (private)", DOWN),
    (f"open !private sev1 checkout: {DOWN}", DOWN),
    (f"open private: sev1 checkout: {DOWN}", DOWN),
    ('open private sev1 checkout: "private keys"', "private keys"),
]

NOT_PRIVATE = [
    ("open sev1 checkout: private keys leaked", "private keys leaked"),
    ("open private keys leaked in checkout sev1", "private keys leaked in checkout"),
    ("open checkout: the keys are private sev1", "the keys are private"),
    ("open sev1 checkout: it is private", "it is private"),
]

A_FORM = [
    ("open private sev1 it leaked", OpenForm(severity=Severity.SEV1, title="it leaked", is_private=True)),
    ("open (private) it leaked", OpenForm(title="it leaked", is_private=True)),
    ("", OpenForm()),
    ("   \n", OpenForm()),
    ("open", OpenForm()),
    ("open sev2", OpenForm(severity=Severity.SEV2)),
    ("open sev2 checkout:", OpenForm(severity=Severity.SEV2, service="checkout")),
    ("open checkout:", OpenForm(service="checkout")),
    (f"open {DOWN}", OpenForm(service="checkout", title=DOWN)),
    ("open sev1 it is down", OpenForm(severity=Severity.SEV1, title="it is down")),
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
    (
        "open sev1 checkout Payments fail",
        OpenForm(
            severity=SEV1,
            title="checkout Payments fail",
            problem="Several services are named: checkout, payments; choose one.",
        ),
    ),
    (
        "open sev1 checkout: it is down !sev2",
        OpenForm(
            severity=SEV1,
            service="checkout",
            title="it is down !sev2",
            problem="Both sev1 and sev2 are said; choose one.",
        ),
    ),
    (
        "open sev1 sev2 checkout: it is down",
        OpenForm(
            severity=SEV1,
            service="checkout",
            title="sev2 checkout: it is down",
            problem="Both sev1 and sev2 are said; choose one.",
        ),
    ),
    (
        "open checkout was raised to sev1",
        OpenForm(severity=SEV1, service="checkout", title="checkout was raised to sev1"),
    ),
    ("open a sev1 in checkout again", OpenForm(severity=SEV1, service="checkout", title="a sev1 in checkout again")),
    (
        "open service:chekout sev2 it is down",
        OpenForm(
            severity=Severity.SEV2,
            title="it is down",
            problem="“service:chekout” is not a service here; choose one from the list.",
        ),
    ),
    ("checkout is down", OpenForm(service="checkout", title="checkout is down")),
]

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


@pytest.mark.parametrize(("text", "command"), [*AN_INCIDENT, *A_FORM])
def test_what_is_whole_is_opened_and_the_form_asks_for_the_rest(text: str, command: Command) -> None:
    assert parse(text, KNOWN) == command


@pytest.mark.parametrize(("text", "title"), IN_ANY_ORDER)
def test_severity_service_and_title_stand_in_any_order(text: str, title: str) -> None:
    assert parse(text, KNOWN) == OpenIncident(severity=SEV1, service="checkout", title=title)


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


def test_a_title_goes_on_though_its_first_word_is_no_service() -> None:
    known = replace(KNOWN, services=())
    assert parse("open sev1 Update: all is slow", known) == OpenForm(
        severity=SEV1,
        title="Update: all is slow",
        problem="“Update” is not a service here; choose one from the list.",
    )


@pytest.mark.parametrize(("text", "title"), PRIVATE)
def test_what_is_said_to_be_private_is_opened_so(text: str, title: str) -> None:
    assert parse(text, KNOWN) == OpenIncident(severity=SEV1, service="checkout", title=title, is_private=True)


@pytest.mark.parametrize(("text", "title"), NOT_PRIVATE)
def test_a_title_may_speak_of_what_is_private(text: str, title: str) -> None:
    command = parse(text, KNOWN)
    assert isinstance(command, OpenIncident | OpenForm)
    assert (command.title, command.is_private) == (title, False)


def test_a_service_of_that_name_is_meant() -> None:
    known = replace(KNOWN, services=("private", "checkout"))
    assert parse(f"open sev1 private: {DOWN}", known) == OpenIncident(severity=SEV1, service="private", title=DOWN)
