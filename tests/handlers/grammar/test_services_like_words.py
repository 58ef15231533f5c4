"""A service that a policy may have is understood wherever it is typed, whatever else its name is a word for."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from bot.domain.policy import Severity
from bot.domain.progress import Progress
from bot.domain.wanted import Wanted
from bot.policy_file.values import ServiceName
from handlers.grammar import VERBS, ListIncidents, OpenIncident, ShowOnCall, SimulatePolicy, parse
from handlers.grammar.listing import WORDS
from handlers.grammar.suggestions import LONG, MEANT
from tests.handlers.grammar.known import KNOWN

SERVICE_NAME: TypeAdapter[str] = TypeAdapter(ServiceName)
MARKS = ("private", "sev1", "sev-3", "sev9", "sev2x", "severity", "service", "impact", "urgency", "eta", "owner")
JOINING = ("in", "is", "the", "to", "for", "at", "on", "tier", "tier-2", "show", "simulate", "data", "2h", "20m", "12")
REFUSED = ("private", "mine", "open", "closed", "12", "sev1", "sev9")
ALL_WORDS = sorted({*VERBS, *LONG, *MEANT, *WORDS, *MARKS, *JOINING, *Progress} - {"?"})


def may_be_a_service(word: str) -> bool:
    try:
        SERVICE_NAME.validate_python(word)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("word", ALL_WORDS)
def test_a_service_is_refused_or_understood(word: str) -> None:
    if not may_be_a_service(word):
        return
    known = replace(KNOWN, services=("checkout", word))
    opened = OpenIncident(severity=Severity.SEV1, service=word, title="it is down")
    assert parse(f"open sev1 {word}: it is down", known) == opened
    assert parse(f"open {word}: it is down sev1", known) == opened
    assert parse(f"open private sev1 {word}: it is down", known) == replace(opened, is_private=True)
    assert parse(f"list sev1 {word}", known) == ListIncidents(Wanted(severities=(Severity.SEV1,), services=(word,)))
    assert parse(f"oncall {word}", known) == ShowOnCall(word)
    assert parse(f"policy simulate sev1 {word}", known) == SimulatePolicy(severity=Severity.SEV1, service=word)
    assert word not in WORDS


@pytest.mark.parametrize("word", REFUSED)
def test_a_word_that_means_something_else_is_no_service(word: str) -> None:
    assert not may_be_a_service(word)
