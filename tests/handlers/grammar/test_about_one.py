"""The commands about one incident: `INC-12`, `#12`, `12`, or the one where it is typed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.policy import Severity
from bot.domain.progress import Progress
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
    HoldIncident,
    NoteDown,
    PassIncident,
    ReopenIncident,
    ResolveIncident,
    ResumeIncident,
    ShowIncident,
    StillOnIt,
    TellStakeholders,
    TellStory,
    Unclear,
    UnfollowIncident,
    parse,
)
from tests.builders import ANA, BEN, CHLOE, NOW, SAM
from tests.builders import TIER_2_CHANNEL as PLATFORM
from tests.handlers.grammar.known import KNOWN

HERE = replace(KNOWN, here=3)

ABOUT_ONE = [
    ("show INC-12", ShowIncident(12)),
    ("show inc-12", ShowIncident(12)),
    ("show 12", ShowIncident(12)),
    ("show Inc12", ShowIncident(12)),
    ("show #12", ShowIncident(12)),
    ("INC-12", ShowIncident(12)),
    ("#12", ShowIncident(12)),
    ("12", ShowIncident(12)),
    ("`INC-12`", ShowIncident(12)),
    ("show *INC-12*:", ShowIncident(12)),
    ("timeline INC-12", TellStory(12)),
    ("why INC-12", ExplainIncident(12)),
    ("why 12 was nobody paged", ExplainIncident(12)),
    ("ack INC-7", AcknowledgeIncident(7)),
    ("ACK INC-7 on my way", AcknowledgeIncident(7)),
    ("ack INC-7 eta 20m", AcknowledgeIncident(7, NOW + timedelta(minutes=20))),
    ("ack INC-7 on my way, eta: 20m", AcknowledgeIncident(7, NOW + timedelta(minutes=20))),
    ("ack INC-7 ETA=unknown", AcknowledgeIncident(7)),
    ("ack INC-7 20m", AcknowledgeIncident(7, NOW + timedelta(minutes=20))),
    ("ack INC-7 in 20 minutes", AcknowledgeIncident(7, NOW + timedelta(minutes=20))),
    ("ack INC-7, please", AcknowledgeIncident(7)),
    ("ack INC-7 beta version is broken", AcknowledgeIncident(7, None, "beta version is broken")),
    (
        "ack INC-7 the disk is full, eta 20m",
        AcknowledgeIncident(7, NOW + timedelta(minutes=20), "the disk is full"),
    ),
    ("ack INC-7 20m or so", AcknowledgeIncident(7, None, "20m or so")),
    ("ack INC-7 12 printers", AcknowledgeIncident(7, None, "12 printers")),
    ("follow INC-7", FollowIncident(7)),
    ("follow 7 me", FollowIncident(7)),
    ("follow INC-7 @ana ruiz", FollowIncident(7, BEN)),
    ("follow INC-7 @Chloé!", FollowIncident(7, CHLOE)),
    ("INC-7 follow", FollowIncident(7)),
    ("unfollow INC-7", UnfollowIncident(7)),
    ("escalate INC-7", EscalateIncident(7, "")),
    ("escalate INC-7  needs the   database team ", EscalateIncident(7, "needs the   database team")),
    ("escalate INC-7 tomorrow is too late", EscalateIncident(7, "tomorrow is too late")),
    ("escalate INC-7 to platform they know it", EscalateTo(7, "platform they know it")),
    ("escalate INC-7 To  2", EscalateTo(7, "2")),
    ("escalate INC-7 tier 2 they know it", EscalateTo(7, "tier 2 they know it")),
    ("escalate INC-7 tiers are wrong", EscalateIncident(7, "tiers are wrong")),
    ('escalate INC-7 "tier 1 is asleep"', EscalateIncident(7, "tier 1 is asleep")),
    ("why INC-7?", ExplainIncident(7)),
    ("escalate INC-7 to #tier-2-platform: they know it", EscalateTo(7, "#tier-2-platform: they know it", PLATFORM)),
    ("escalate INC-7 #tier-2-platform", EscalateTo(7, "#tier-2-platform", PLATFORM)),
    ('escalate INC-7 to "First line" now', EscalateTo(7, "First line now")),
    ('escalate INC-7 "to be safe"', EscalateIncident(7, "to be safe")),
    ("note INC-7 the log shows a timeout", NoteDown(7, "the log shows a timeout")),
    ('note INC-7 "impact: none"', NoteDown(7, "impact: none")),
    ("update INC-7 we see it too", TellStakeholders(number=7, changed="we see it too")),
    (
        "update INC-7 Identified: a bad deploy Impact: nobody can pay action: roll back owner: @Chloé eta: 20m",
        TellStakeholders(
            number=7,
            changed="a bad deploy",
            progress=Progress.IDENTIFIED,
            impact="nobody can pay",
            action="roll back",
            owner=CHLOE,
            eta=NOW + timedelta(minutes=20),
        ),
    ),
    (
        "update INC-7 rolled back owner: @Chloé, eta: 20m.",
        TellStakeholders(number=7, changed="rolled back", owner=CHLOE, eta=NOW + timedelta(minutes=20)),
    ),
    (
        "update INC-7 monitoring rolled back eta=unknown owner: me",
        TellStakeholders(number=7, changed="rolled back", progress=Progress.MONITORING, owner=SAM),
    ),
    ("update INC-7 the impact is large", TellStakeholders(number=7, changed="the impact is large")),
    ("update INC-7 x impact: a impact: b", TellStakeholders(number=7, changed="x", impact="a b")),
    ("resolve INC-7 rolled back impact: few data loss: none", ResolveIncident(7, "rolled back", "few", "none")),
    ("pass INC-7", PassIncident(7)),
    ("assign INC-7 @ana", AssignIncident(7, ANA)),
    ("assign INC-7 to @ana: please", AssignIncident(7, ANA)),
    ("assign INC-7 @ana ruiz.", AssignIncident(7, BEN)),
    ("assign INC-7 me, please", AssignIncident(7, SAM)),
    ("pass INC-7 please!", PassIncident(7)),
    ("unfollow INC-7 me", UnfollowIncident(7)),
    ("note INC-7 INC-8 has the same cause", NoteDown(7, "INC-8 has the same cause")),
    ("why INC-7 and not INC-8", ExplainIncident(7)),
    ("assign INC-7 @Chloé", AssignIncident(7, CHLOE)),
    ("assign INC-7 to me", AssignIncident(7, SAM)),
    ("assign @ana INC-7", AssignIncident(7, ANA)),
    ("hold 2h INC-7 the supplier", HoldIncident(7, NOW + timedelta(hours=2), "the supplier")),
    ("severity sev2 #7 it is slow", ChangeSeverity(7, Severity.SEV2, "it is slow")),
    ("severity INC-7 !SEV-2", ChangeSeverity(7, Severity.SEV2, "")),
    ("INC-7 ack", AcknowledgeIncident(7)),
    ("#7: resolve the disk was full", ResolveIncident(7, "the disk was full")),
    ("acknowledge 7", AcknowledgeIncident(7)),
    ("resolve INC-7 \u201ca full disk\u201d", ResolveIncident(7, "a full disk")),
    ('reopen INC-7 it is "back"', ReopenIncident(7, 'it is "back"')),
    ("hold INC-7 2h", HoldIncident(7, NOW + timedelta(hours=2), "")),
    ("hold INC-7 2h the supplier  sleeps", HoldIncident(7, NOW + timedelta(hours=2), "the supplier  sleeps")),
    ("hold INC-7 for 1h30m the supplier", HoldIncident(7, NOW + timedelta(minutes=90), "the supplier")),
    ("hold INC-7 90s", HoldIncident(7, NOW + timedelta(seconds=90), "")),
    ("hold INC-7 60s", HoldIncident(7, NOW + timedelta(minutes=1), "")),
    ("hold INC-7 20M", HoldIncident(7, NOW + timedelta(minutes=20), "")),
    ("hold INC-7 1.5h", HoldIncident(7, NOW + timedelta(minutes=90), "")),
    ("hold INC-7 1d", HoldIncident(7, NOW + timedelta(days=1), "")),
    ("hold INC-7 1w", HoldIncident(7, NOW + timedelta(weeks=1), "")),
    ("hold INC-7 90d", HoldIncident(7, NOW + timedelta(days=90), "")),
    ("resume INC-7", ResumeIncident(7)),
    ("severity INC-7 sev2", ChangeSeverity(7, Severity.SEV2, "")),
    ("severity INC-7 to SEV4 it was only me", ChangeSeverity(7, Severity.SEV4, "it was only me")),
    ("still INC-7", StillOnIt(7)),
    ("still INC-7 on it", StillOnIt(7)),
    ("still INC-7 the disk is full", StillOnIt(7, "the disk is full")),
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
]

OF_HERE = [
    ("ack", AcknowledgeIncident(3)),
    ("ack on my way", AcknowledgeIncident(3)),
    ("ack 20m", AcknowledgeIncident(3, NOW + timedelta(minutes=20))),
    ("show", ShowIncident(3)),
    ("why", ExplainIncident(3)),
    ("resolve a full disk", ResolveIncident(3, "a full disk")),
    ("escalate to platform now", EscalateTo(3, "platform now")),
    ("assign @ana", AssignIncident(3, ANA)),
    ("assign @ana INC-4", AssignIncident(4, ANA)),
    ("severity sev2 it is slow", ChangeSeverity(3, Severity.SEV2, "it is slow")),
    ("hold 2h the supplier", HoldIncident(3, NOW + timedelta(hours=2), "the supplier")),
    ("hold 2 hours the supplier", HoldIncident(3, NOW + timedelta(hours=2), "the supplier")),
    ("cancel a false alarm", CancelIncident(number=3, reason="a false alarm")),
    ("resolve 7", ResolveIncident(7, "")),
]


@pytest.mark.parametrize(("text", "command"), ABOUT_ONE)
def test_a_sentence_of_the_grammar_is_understood(text: str, command: Command) -> None:
    assert parse(text, KNOWN) == command
    assert parse(text, HERE) == command


@pytest.mark.parametrize(("text", "command"), OF_HERE)
def test_without_a_number_it_is_about_the_one_incident_here(text: str, command: Command) -> None:
    assert parse(text, HERE) == command
    elsewhere = parse(text, KNOWN)
    assert elsewhere == command or (isinstance(elsewhere, Unclear) and elsewhere.lacks_incident)


@pytest.mark.parametrize(
    "text", ["ack INC-0", "ack INC--1", "resolve 1.5", "show 12abc", "ack INC-\u0663", "resolve #0"]
)
def test_what_was_meant_as_a_number_is_never_taken_for_the_one_here(text: str) -> None:
    answer = parse(text, HERE)
    assert isinstance(answer, Unclear)
    assert not answer.lacks_incident
