"""A command that is written in words is read as the same command."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.policy import Severity, Verb
from bot.domain.progress import Progress
from bot.domain.wanted import Wanted
from handlers.grammar import (
    AcknowledgeIncident,
    AssignIncident,
    CancelIncident,
    ChangeSeverity,
    Command,
    EscalateIncident,
    EscalateTo,
    ExplainIncident,
    FollowIncident,
    Help,
    HoldIncident,
    ListIncidents,
    NoteDown,
    OpenForm,
    OpenFormAbout,
    OpenIncident,
    PassIncident,
    ReopenIncident,
    ResolveIncident,
    ResumeIncident,
    ShowIncident,
    ShowOnCall,
    ShowPolicy,
    SimulatePolicy,
    StillOnIt,
    TellStakeholders,
    TellStory,
    Unclear,
    UnfollowIncident,
    parse,
    written,
)
from tests.builders import ANA, BEN, CHLOE, NOW, SAM, TIER_2_CHANNEL
from tests.examples import up_to
from tests.handlers.grammar.known import KNOWN

NUMBERS = st.integers(1, 999_999_999)
SEVERITIES = st.sampled_from(Severity)
SERVICES = st.sampled_from(tuple(KNOWN.services))
PEOPLE = st.sampled_from((ANA, BEN, CHLOE, SAM))
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12),
    st.sampled_from(
        ("to", "duplicate", "of", "INC-3", "sev1", "!sev2", "payments:", "checkout", "-", '"', "“so”", "'", "2h", "#x")
    ),
)
TEXT = st.lists(WORDS, max_size=6).map(" ".join)
PLAIN = st.lists(st.from_regex(r"[a-z]{2,9}", fullmatch=True), max_size=5).map(" ".join)
COMMANDS = st.one_of(
    st.builds(OpenIncident, severity=SEVERITIES, service=SERVICES, title=TEXT.filter(bool), is_private=st.booleans()),
    st.builds(
        AcknowledgeIncident,
        NUMBERS,
        st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=90)).map(lambda span: NOW + span),
    ),
    st.builds(FollowIncident, NUMBERS, st.none() | PEOPLE.filter(lambda one: one != SAM)),
    st.builds(EscalateIncident, NUMBERS, PLAIN),
    st.builds(EscalateTo, NUMBERS, st.just("platform now")),
    st.builds(EscalateTo, NUMBERS, st.just("#tier-2-platform now"), st.just(TIER_2_CHANNEL)),
    st.builds(AssignIncident, NUMBERS, PEOPLE),
    st.builds(
        HoldIncident,
        NUMBERS,
        st.timedeltas(timedelta(minutes=1), timedelta(days=90)).map(lambda span: NOW + span),
        PLAIN,
    ),
    st.builds(ChangeSeverity, NUMBERS, SEVERITIES, PLAIN),
    st.builds(ResolveIncident, NUMBERS, PLAIN, PLAIN, PLAIN),
    st.builds(NoteDown, NUMBERS, PLAIN.filter(bool)),
    st.builds(
        TellStakeholders,
        number=NUMBERS,
        changed=PLAIN.filter(bool),
        progress=st.none() | st.sampled_from(Progress),
        impact=PLAIN,
        action=PLAIN,
        owner=st.none() | PEOPLE,
        eta=st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=90)).map(lambda span: NOW + span),
    ),
    st.builds(ReopenIncident, NUMBERS, PLAIN),
    st.builds(CancelIncident, number=NUMBERS, reason=PLAIN, duplicate_of=st.none() | NUMBERS),
    *(
        st.builds(kind, NUMBERS)
        for kind in (
            ShowIncident,
            TellStory,
            ExplainIncident,
            UnfollowIncident,
            PassIncident,
            ResumeIncident,
            StillOnIt,
        )
    ),
    st.builds(ShowOnCall, st.none() | SERVICES),
    st.builds(
        ListIncidents,
        st.builds(
            Wanted,
            severities=st.sets(SEVERITIES).map(lambda found: tuple(sorted(found))),
            services=st.lists(SERVICES, unique=True).map(tuple),
            people=PEOPLE.map(lambda one: (one,)) | st.just(()),
            breached=st.booleans(),
            over=st.booleans(),
        ),
    ),
    st.builds(SimulatePolicy, severity=SEVERITIES, service=SERVICES, at=st.sampled_from(("", "sat 03:00", "now"))),
    st.sampled_from((ShowPolicy(), Help())),
)


@settings(max_examples=up_to(500))
@given(command=COMMANDS)
def test_a_command_is_read_as_it_was_written(command: Command) -> None:
    assert parse(written(command, KNOWN), KNOWN) == command


WRITTEN = [
    (
        OpenIncident(severity=Severity.SEV1, service="checkout", title="it is down"),
        "open sev1 checkout: it is down",
    ),
    (
        OpenIncident(severity=Severity.SEV1, service="checkout", title="raised to sev2"),
        'open sev1 checkout: "raised to sev2"',
    ),
    (
        OpenIncident(severity=Severity.SEV1, service="checkout", title="private keys leaked", is_private=True),
        'open private sev1 checkout: "private keys leaked"',
    ),
    (OpenForm(title="it leaked", is_private=True), "open (private) it leaked"),
    (AcknowledgeIncident(7, NOW + timedelta(minutes=20)), "ack INC-7 eta until 2026-11-14T03:20:00Z"),
    (
        AcknowledgeIncident(7, NOW + timedelta(minutes=20), "the disk is full"),
        "ack INC-7 the disk is full eta until 2026-11-14T03:20:00Z",
    ),
    (FollowIncident(7), "follow INC-7"),
    (FollowIncident(7, BEN), "follow INC-7 @ana ruiz"),
    (UnfollowIncident(7), "unfollow INC-7"),
    (EscalateIncident(7, "to be safe"), 'escalate INC-7 "to be safe"'),
    (ResolveIncident(7, '"quoted"'), 'resolve INC-7 “"quoted"”'),
    (HoldIncident(7, NOW + timedelta(hours=2), "lunch"), "hold INC-7 until 2026-11-14T05:00:00Z lunch"),
    (AssignIncident(7, BEN), "assign INC-7 @ana ruiz"),
    (AssignIncident(7, SAM), "assign INC-7 me"),
    (CancelIncident(number=7, duplicate_of=3), "cancel INC-7 duplicate of INC-3"),
    (CancelIncident(number=7, reason="duplicate of 3"), 'cancel INC-7 "duplicate of 3"'),
    (OpenForm(severity=Severity.SEV2, title="it is down"), "open sev2 it is down"),
    (OpenForm(service="checkout"), "open checkout:"),
    (OpenForm(), "open"),
    (OpenFormAbout(number=7, verb=Verb.NOTE), "note INC-7"),
    (OpenFormAbout(number=7, verb=Verb.ESCALATE, typed="to"), "escalate INC-7 to"),
]


@pytest.mark.parametrize(("command", "text"), WRITTEN)
def test_it_is_written_as_a_person_would(command: Command, text: str) -> None:
    assert written(command, KNOWN) == text
    assert parse(text, KNOWN) == command


def test_what_is_unclear_has_no_words() -> None:
    assert written(Unclear("What?"), KNOWN) == ""
