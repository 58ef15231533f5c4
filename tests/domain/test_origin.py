"""Where an incident was opened from: the thread there hears of it, as a courtesy, and the story knows it."""

from dataclasses import replace

import pytest

from bot.domain.ids import ChannelId, IncidentId, PolicyVersionId
from bot.domain.incident import Report
from bot.domain.message import OpenedHere, PageTier
from bot.domain.origin import Origin
from bot.domain.policy import Severity
from bot.domain.promise import Lane, Promise, instead_of, is_broadcast, is_courtesy
from bot.domain.retelling import retell
from bot.domain.ringing import ringing
from bot.domain.slot import card_slot, thread_slot
from bot.domain.timeline import Opened
from bot.domain.transition import Transition
from bot.domain.truth import untrue_because
from bot.domain.verbs import open_incident, resolve
from tests.builders import ANA, NOW, SAM, WORKSPACE, a_policy, an_incident

GENERAL = ChannelId("C0GENERAL1")
ORIGIN = Origin(channel=GENERAL, ts="1794625200.000001")
HERE = OpenedHere(ts=ORIGIN.ts)


def opened(*, origin: Origin | None = ORIGIN, is_private: bool = False) -> Transition:
    report = Report(
        title="Checkout is down", severity=Severity.SEV1, service="checkout", origin=origin, is_private=is_private
    )
    return open_incident(
        report,
        a_policy(),
        incident_id=IncidentId(7),
        workspace_id=WORKSPACE,
        number=7,
        policy_version_id=PolicyVersionId(1),
        by=SAM,
        now=NOW,
    )


def told_there(transition: Transition) -> list[Promise]:
    return [promise for promise in transition.promises if isinstance(promise.message, OpenedHere)]


def test_the_thread_hears_of_it_once_it_is_open() -> None:
    transition = opened()
    assert told_there(transition) == [
        Promise(key="INC-7/origin", lane=Lane.ANSWER, channel=GENERAL, deliver_at=NOW, message=HERE)
    ]
    [fact] = [event.fact for event in transition.events]
    assert isinstance(fact, Opened)
    assert fact.origin == ORIGIN


def test_without_a_message_nothing_is_told_anywhere_else() -> None:
    assert told_there(opened(origin=None)) == []


def test_of_a_private_incident_nobody_hears_there() -> None:
    assert told_there(opened(is_private=True)) == []
    assert untrue_because(HERE, an_incident(is_private=True)) == "private"


def test_that_it_was_opened_stays_true() -> None:
    over = resolve(an_incident(), a_policy(), by=ANA, now=NOW).incident
    assert untrue_because(HERE, an_incident()) is None
    assert untrue_because(HERE, over) is None


def test_it_is_a_courtesy_that_rings_nobody() -> None:
    assert (card_slot(HERE), thread_slot(HERE), is_broadcast(HERE)) == (None, None, False)
    assert ringing(HERE, an_incident(), a_policy()) == frozenset()
    assert instead_of("INC-7/origin", HERE, GENERAL, "not_in_channel", an_incident()) is None
    assert is_courtesy(HERE)


@pytest.mark.parametrize("message", [PageTier(tier=1, cycle=0)])
def test_a_page_is_none(message: PageTier) -> None:
    assert not is_courtesy(message)


def test_the_story_tells_it_again() -> None:
    transition = opened()
    told = retell(transition.events, a_policy(), of=an_incident())
    assert told_there(told) == told_there(transition)
    first, *others = transition.events
    assert isinstance(first.fact, Opened)
    forged = replace(first, fact=replace(first.fact, origin=None))
    assert told_there(retell([forged, *others], a_policy(), of=an_incident())) == []
