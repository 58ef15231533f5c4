"""A form about one incident that was filled in becomes what is to be done, or says at its fields what is wrong."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.policy import Severity, Verb
from bot.domain.progress import Progress
from bot.domain.verbs import Destination
from bot.slack.blocks.forms_about_one import FORMS
from bot.slack.ids import FormField
from handlers import grammar
from handlers.deeds import Deed, SendTo
from handlers.form_deeds import NONE_WAS_LOST, WHAT_WAS_LOST, FilledIn, deed_of
from handlers.payload import MalformedPayload
from tests.builders import ANA, BEN, NOW

PARIS = ZoneInfo("Europe/Paris")


def filled_in(**entries: str) -> FilledIn:
    return FilledIn(number=7, entries={FormField(name): said for name, said in entries.items()}, now=NOW, zone=PARIS)


def told(changed: str = "it is back", eta: datetime | None = None) -> grammar.TellStakeholders:
    return grammar.TellStakeholders(number=7, changed=changed, progress=Progress.MONITORING, eta=eta)


DONE: list[tuple[Verb, Mapping[str, str], Deed]] = [
    (
        Verb.UPDATE,
        {
            "progress": "identified",
            "changed": "a bad deploy",
            "impact": "few",
            "action": "roll back",
            "owner": ANA,
            "eta": "20m",
        },
        grammar.TellStakeholders(
            number=7,
            changed="a bad deploy",
            progress=Progress.IDENTIFIED,
            impact="few",
            action="roll back",
            owner=ANA,
            eta=NOW + timedelta(minutes=20),
        ),
    ),
    *(
        (Verb.UPDATE, {"progress": "monitoring", "changed": "it is back", "eta": eta}, told(eta=at))
        for eta, at in (
            ("", None),
            ("unknown", None),
            ("Unknown", None),
            ("05:00", NOW + timedelta(hours=1)),
            ("in 2 hours", NOW + timedelta(hours=2)),
            ("2026-11-14 05:00", NOW + timedelta(hours=1)),
        )
    ),
    (
        Verb.UPDATE,
        {"progress": "resolved", "changed": "over", "impact": "few", "action": "warm the cache", "eta": "soon"},
        grammar.ResolveIncident(7, "over\n\nwarm the cache", "few"),
    ),
    (Verb.UPDATE, {"progress": "resolved", "changed": "over"}, grammar.ResolveIncident(7, "over")),
    (Verb.RESOLVE, {"data_loss": "unsaid"}, grammar.ResolveIncident(7, "")),
    (
        Verb.RESOLVE,
        {"summary": "a disk", "impact": "few", "data_loss": "none"},
        grammar.ResolveIncident(7, "a disk", "few", "none"),
    ),
    (Verb.RESOLVE, {"data_loss": "some", "lost": "12 orders"}, grammar.ResolveIncident(7, "", "", "12 orders")),
    (
        Verb.ESCALATE,
        {"to": "2|a|b", "reason": "theirs"},
        SendTo(number=7, to=Destination(route="a|b", tier=2), reason="theirs"),
    ),
    (Verb.HOLD, {"until": "for 2h"}, grammar.HoldIncident(7, NOW + timedelta(hours=2), "")),
    (
        Verb.HOLD,
        {"until": "05:00", "reason": "lunch"},
        grammar.HoldIncident(7, NOW + timedelta(hours=1), "lunch"),
    ),
    (Verb.SEVERITY, {"severity": "sev2", "reason": "slow"}, grammar.ChangeSeverity(7, Severity.SEV2, "slow")),
    (Verb.ASSIGN, {"assignee": BEN}, grammar.AssignIncident(7, BEN)),
    (Verb.NOTE, {"note": "to be safe"}, grammar.NoteDown(7, "to be safe")),
    (Verb.CANCEL, {}, grammar.CancelIncident(number=7)),
    (
        Verb.CANCEL,
        {"duplicate_of": "INC-3", "reason": "twice"},
        grammar.CancelIncident(number=7, reason="twice", duplicate_of=3),
    ),
    (Verb.CANCEL, {"duplicate_of": "3"}, grammar.CancelIncident(number=7, duplicate_of=3)),
]


@pytest.mark.parametrize(("verb", "entries", "deed"), DONE)
def test_what_was_filled_in_is_to_be_done(verb: Verb, entries: Mapping[str, str], deed: Deed) -> None:
    assert deed_of(verb, filled_in(**entries)) == deed


WRONG: list[tuple[Verb, Mapping[str, str], Mapping[str, str]]] = [
    (Verb.RESOLVE, {"data_loss": "some"}, {"lost": WHAT_WAS_LOST}),
    (Verb.RESOLVE, {"data_loss": "none", "lost": "12 orders"}, {"lost": NONE_WAS_LOST}),
    (
        Verb.UPDATE,
        {"progress": "monitoring", "changed": "x", "eta": "03:30 or so"},
        {"eta": "“03:30 or so” is not a time to come, such as 20m or 14:00; write unknown while it is not known."},
    ),
    (
        Verb.HOLD,
        {"until": "2h the supplier"},
        {"until": "“2h the supplier” is not a time such as 20m, 2h, until 14:00 or monday 9:00."},
    ),
    (
        Verb.CANCEL,
        {"duplicate_of": "INC-3 and INC-4"},
        {"duplicate_of": "“INC-3 and INC-4” is not an incident; write it like INC-7."},
    ),
]


@pytest.mark.parametrize(("verb", "entries", "errors"), WRONG)
def test_what_is_wrong_is_said_at_its_field(verb: Verb, entries: Mapping[str, str], errors: Mapping[str, str]) -> None:
    assert deed_of(verb, filled_in(**entries)) == errors


@pytest.mark.parametrize(
    ("verb", "entries"),
    [
        (Verb.UPDATE, {"changed": "x"}),
        (Verb.UPDATE, {"changed": "x", "progress": "nearly"}),
        (Verb.RESOLVE, {}),
        (Verb.RESOLVE, {"data_loss": "all"}),
        (Verb.ESCALATE, {}),
        (Verb.ESCALATE, {"to": "checkout"}),
        (Verb.SEVERITY, {"severity": "sev9"}),
        (Verb.ASSIGN, {}),
    ],
)
def test_what_the_form_did_not_offer_is_refused(verb: Verb, entries: Mapping[str, str]) -> None:
    with pytest.raises(MalformedPayload):
        deed_of(verb, filled_in(**entries))


def test_every_form_can_be_sent_in() -> None:
    assert {verb for verb, _, _ in DONE} == set(FORMS)
