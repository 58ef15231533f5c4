"""Lists, who is on call, and the policy."""

import pytest

from bot.domain.policy import Severity
from bot.domain.wanted import Wanted
from handlers.grammar import Command, Help, ListIncidents, ShowOnCall, ShowPolicy, SimulatePolicy, parse
from tests.builders import ANA, BEN, SAM
from tests.handlers.grammar.known import KNOWN

LISTS = [
    ("list", Wanted()),
    ("list open", Wanted()),
    ("list mine", Wanted(people=(SAM,))),
    ("list mine please", Wanted(people=(SAM,))),
    ("list sev1", Wanted(severities=(Severity.SEV1,))),
    ("list sev2 and SEV-1", Wanted(severities=(Severity.SEV1, Severity.SEV2))),
    ("list breached Checkout", Wanted(services=("checkout",), breached=True)),
    ("list service:checkout, payments", Wanted(services=("checkout", "payments"))),
    ("list @ana ruiz sev1", Wanted(people=(BEN,), severities=(Severity.SEV1,))),
    ("list closed", Wanted(over=True)),
    ("list resolved sev2 mine", Wanted(severities=(Severity.SEV2,), people=(SAM,), over=True)),
    ("list breached and over", Wanted(breached=True, over=True)),
    ("list of @ana, breached", Wanted(people=(ANA,), breached=True)),
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
    ("help", Help()),
    ("?", Help()),
    ("Help me", Help()),
    ("help?", Help()),
    ("oncall", ShowOnCall()),
    ("on-call", ShowOnCall()),
    ("oncall for Checkout", ShowOnCall("checkout")),
]


@pytest.mark.parametrize(("text", "wanted"), LISTS)
def test_a_list_says_which_incidents(text: str, wanted: Wanted) -> None:
    assert parse(text, KNOWN) == ListIncidents(wanted)


@pytest.mark.parametrize(("text", "command"), ABOUT_THE_POLICY)
def test_what_is_asked_is_understood(text: str, command: Command) -> None:
    assert parse(text, KNOWN) == command
