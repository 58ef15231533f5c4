"""Messages kept in the story: with their own time and author, each once, and told by the story again."""

from dataclasses import replace

import pytest

from bot.domain.errors import AlreadyPinned, InvalidIncident
from bot.domain.ids import UserId
from bot.domain.incident import IncidentState
from bot.domain.progress import WORDS_LIMIT, Quotation
from bot.domain.retelling import retell
from bot.domain.timeline import Pinned, TimelineEvent
from bot.domain.verbs import pin, resolve
from tests.builders import ANA, BEN, NOW, a_policy, an_incident, minutes
from tests.domain.history import history

TAKEN = {"state": IncidentState.ACKNOWLEDGED, "assignee": ANA, "acknowledged_at": NOW, "active_at": NOW}
LATER = NOW + minutes(4)
SAID = Quotation(text=" it is the cache ", author=BEN, said_at=NOW + minutes(1), link="https://x.example/p1")
FACT = Pinned(text="it is the cache", author=BEN, said_at=NOW + minutes(1), link="https://x.example/p1")


def test_a_pinned_message_is_a_fact_of_who_pinned_it_and_tells_nobody() -> None:
    before = an_incident()
    kept = pin(before, a_policy(), by=ANA, message=SAID, now=LATER)
    assert list(kept.events) == [TimelineEvent(seq=before.last_seq + 1, at=LATER, by=ANA, fact=FACT)]
    assert not kept.promises
    assert kept.incident == before.but(last_seq=before.last_seq + 1, version=before.version + 1)


@pytest.mark.parametrize("by_whom", [ANA, BEN])
def test_who_has_it_and_pins_something_is_still_on_it(by_whom: UserId) -> None:
    asked = an_incident(**TAKEN, still_asked_at=NOW)
    kept = pin(asked, a_policy(), by=by_whom, message=SAID, now=LATER).incident
    assert (kept.active_at, kept.still_asked_at) == ((LATER, None) if by_whom == ANA else (NOW, NOW))


def test_it_may_be_kept_when_it_is_over() -> None:
    over = resolve(an_incident(**TAKEN), a_policy(), by=ANA, now=NOW).incident
    assert [event.fact for event in pin(over, a_policy(), by=ANA, message=SAID, now=LATER).events] == [FACT]


def test_what_is_in_the_story_is_not_kept_again() -> None:
    with pytest.raises(AlreadyPinned, match="has that message in its story already") as refused:
        pin(an_incident(), a_policy(), by=ANA, message=SAID, pinned=[FACT], now=LATER)
    assert refused.value.key == an_incident().key


@pytest.mark.parametrize("other", [{"author": ANA}, {"said_at": NOW}])
def test_another_message_is_another_one(other: dict[str, object]) -> None:
    message = replace(SAID, **other)  # type: ignore[arg-type]
    kept = pin(an_incident(), a_policy(), by=ANA, message=message, pinned=[FACT], now=LATER)
    assert len(kept.events) == 1


def test_nothing_and_very_much() -> None:
    with pytest.raises(InvalidIncident, match="A message without words"):
        Quotation(text=" \n", author=ANA, said_at=NOW)
    assert Quotation(text="x" * WORDS_LIMIT, author=ANA, said_at=NOW).text == "x" * WORDS_LIMIT
    long = Quotation(text="word " * 2_000, author=ANA, said_at=NOW).text
    assert len(long) <= WORDS_LIMIT
    assert long.endswith("word…")


def test_the_story_tells_it_again() -> None:
    life = history(a_policy())
    life.do(pin, by=ANA, at=LATER, message=SAID)
    told = retell(life.events, life.policy, of=an_incident())
    assert told.incident == life.incident.but(version=told.incident.version)
    assert [event.fact for event in told.events[1:]] == [FACT]
