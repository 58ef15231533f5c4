"""What must be so when everything is settled, whatever failed before; each that is not is a sentence."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlalchemy import RowMapping, select

from bot.domain.delivery import UNSETTLED, PromiseState
from bot.domain.ids import IncidentId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.promise import ELSEWHERE, Lane
from bot.domain.timeline import DeliveryFailed, NotSent, TimelineEvent
from bot.services.verifying import verify_all
from bot.slack.blocks.message import render_card
from bot.slack.blocks.quiet import people_named, quietly
from bot.slack.blocks.rendered import Rendered
from bot.slack.marks import delivery_key, marked
from storage import incidents, requests, tables
from storage.database import Database
from storage.records import incident_of
from tests.builders import WORKSPACE
from tests.faults.people import Request, Told
from tests.faults.slack import FakeSlack, Message
from tests.faults.troubles import Troubles

Row = RowMapping

AT_ONCE: Final = timedelta(seconds=6)
"""So late a page may be without any reason."""

A_POST: Final = timedelta(seconds=1.7)
"""What each message before it in its channel takes."""

A_LOOK: Final = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """What is left of a story."""

    database: Database
    slack: FakeSlack
    troubles: Troubles
    asked: Sequence[Request]
    broken: Sequence[str]
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the database holds."""

    promises: Sequence[Row]
    cards: Sequence[Row]
    breaches: Sequence[Row]
    incidents: Mapping[IncidentId, Incident]
    stories: Mapping[IncidentId, Sequence[TimelineEvent]]
    done: Mapping[str, IncidentId | None]
    """By the causes of the requests: the incident that was changed."""


async def wrongs(remains: Remains) -> Sequence[str]:
    verdict = await verify_all(remains.database)
    kept = await _kept(remains)
    return [
        *(f"{finding.incident}: {finding.sentence} ({finding.kind})" for finding in verdict.findings),
        *remains.broken,
        *_not_over(kept),
        *_not_kept(kept, remains.slack),
        *_unfounded(kept, remains.slack),
        *_doubled(kept, remains.slack),
        *_out_of_order(kept),
        *_untold(kept),
        *_not_current(kept, remains),
        *_late(kept, remains.troubles),
        *_told_wrongly(kept, remains.asked),
    ]


async def _kept(remains: Remains) -> _Kept:
    async with remains.database.read() as tx:
        out, ledger = tables.outbox, tables.breaches
        rows = (await tx.execute(select(tables.incidents).order_by(tables.incidents.c.id))).mappings()
        known = {row["id"]: incident_of(row) for row in rows}
        return _Kept(
            promises=(await tx.execute(select(out).order_by(out.c.id))).mappings().all(),
            cards=(await tx.execute(select(tables.cards))).mappings().all(),
            breaches=(await tx.execute(select(ledger))).mappings().all(),
            incidents=known,
            stories={each: await incidents.story(tx, each) for each in known},
            done={each.cause: await requests.incident_of(tx, WORKSPACE, each.cause) for each in remains.asked},
        )


def _not_over(kept: _Kept) -> Iterator[str]:
    """People ended them all, and what is over asks for nothing."""
    for incident in kept.incidents.values():
        if not incident.is_over:
            yield f"{incident.key} was ended, and is {incident.state}"


def _not_kept(kept: _Kept, slack: FakeSlack) -> Iterator[str]:
    """Each promise is in its channel once, or there is a reason why it is not."""
    there = _by_key(slack)
    for row in _to_slack(kept):
        found, state = there.get(_key(row), []), PromiseState(row["state"])
        if state in UNSETTLED:
            yield f"{row['dedup_key']} is {state} for ever ({row['last_error']})"
        elif state is PromiseState.SENT:
            if [(each.channel, each.ts) for each in found] != [(row["channel"], row["message_ts"])]:
                yield f"{row['dedup_key']} should be one message {row['message_ts']}, and there are {_places(found)}"
        elif len(found) > (row["attempts"] > 1):
            # What was given up on may have arrived before it was found to be untrue, or refused.
            yield f"{row['dedup_key']} is {state}, and there are {_places(found)}"


def _unfounded(kept: _Kept, slack: FakeSlack) -> Iterator[str]:
    promised = {_key(row) for row in _to_slack(kept)}
    yield from (f"nothing promised {each}" for each in slack.messages if each.key not in promised)


def _doubled(kept: _Kept, slack: FakeSlack) -> Iterator[str]:
    """Not even for a while, unless one came after the quiet period: a phone that rang twice cannot be un-rung."""
    for row in _to_slack(kept):
        ever, late = slack.ever.get(_key(row), 0), slack.late.get(_key(row), 0)
        if ever > 1 + late:
            yield f"{row['dedup_key']} was there {ever} times, of which {late} may have come late"


def _out_of_order(kept: _Kept) -> Iterator[str]:
    """About one incident in one channel the messages of a lane stand in the order in which they were promised."""
    lanes: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in _to_slack(kept):
        if row["state"] == PromiseState.SENT.value and row["incident_id"] is not None:
            lanes[row["incident_id"], row["channel"], row["lane"]].append(row)
    for rows in lanes.values():
        for earlier, later in pairwise(rows):
            if float(earlier["message_ts"]) > float(later["message_ts"]):
                yield f"{later['dedup_key']} came before {earlier['dedup_key']}"


def _untold(kept: _Kept) -> Iterator[str]:
    """What was not said is in the story with its reason; of what was refused people are told."""
    told = {
        (type(event.fact), event.fact.promise)
        for story in kept.stories.values()
        for event in story
        if isinstance(event.fact, NotSent | DeliveryFailed)
    }
    keys = [row["dedup_key"] for row in kept.promises]
    for row in _to_slack(kept):
        key, state = row["dedup_key"], PromiseState(row["state"])
        if state is PromiseState.SUPPRESSED and not (row["last_error"] and (NotSent, key) in told):
            yield f"{key} was not sent, and the story does not say why"
        if state is PromiseState.FAILED and (DeliveryFailed, key) not in told:
            yield f"{key} was refused, and the story does not say so"
        if state is PromiseState.FAILED and row["lane"] == Lane.PAGE:
            letters = [each for each in keys if each.startswith(ELSEWHERE) and each.endswith(f"/{key}/refused")]
            if not letters:
                yield f"{key} was refused, and nobody hears of it elsewhere"


def _not_current(kept: _Kept, remains: Remains) -> Iterator[str]:
    for row in kept.cards:
        incident = kept.incidents[row["incident_id"]]
        name = f"the card {row['slot']} of {incident.key}"
        message = remains.slack.message(row["channel"], row["ts"])
        shown = render_card(row["slot"], incident, remains.policy)
        # What no card shows makes a new version too, and wants no edit; one that is made all the same shows it.
        if not row["wanted_version"] <= row["shown_version"] <= incident.version:
            yield f"{name} is at {row['shown_version']} and should be at {row['wanted_version']} of {incident.version}"
        elif message is None:
            yield f"{name} is not in Slack"
        elif not any(_is(message, each, row["delivery_key"]) for each in (shown, _quietly(shown))):
            yield f"{name} shows “{message.text}” and should show “{shown.text}”"


def _late(kept: _Kept, troubles: Troubles) -> Iterator[str]:
    """Nothing is later than what went wrong meanwhile explains."""
    for row in _to_slack(kept):
        since, until = row["created_at"], row["delivered_at"]
        if row["lane"] != Lane.PAGE or until is None:
            continue
        before = sum(since <= each < until for each in _deliveries(kept, row["channel"]))
        explained = AT_ONCE + before * A_POST + troubles.in_channel(row["channel"], since, until)
        if until - since > explained:
            yield f"{row['dedup_key']} was {until - since} late, of which {explained} are explained"
    for row in kept.breaches:
        explained = A_LOOK + troubles.everywhere(row["due_at"], row["breached_at"])
        if row["breached_at"] - row["due_at"] > explained:
            yield (
                f"breach {row['number']} of incident {row['incident_id']} was recorded "
                f"{row['breached_at'] - row['due_at']} late, of which {explained} are explained"
            )


def _told_wrongly(kept: _Kept, asked: Sequence[Request]) -> Iterator[str]:
    """What was told done is on disk, what was told not done is not, and nothing was done twice."""
    for request in asked:
        done, told = kept.done[request.cause], ", ".join(request.told)
        if done is None and Told.DONE in request.told:
            yield f"{request.what} ({request.cause}) was told done, and is not there"
        if done is not None and request.told and set(request.told) <= {Told.REFUSED, Told.NOT_STORED}:
            yield f"{request.what} ({request.cause}) is there, and was told {told}"
        if Told.DONE in request.told and Told.REFUSED in request.told[request.told.index(Told.DONE) :]:
            yield f"{request.what} ({request.cause}) came again, and was told {told}"
        if len(request.numbers) > 1:
            yield f"{request.what} ({request.cause}) was told to be about {request.numbers}"
    opened = sum(kept.done[each.cause] is not None for each in asked if each.what == "open")
    if opened != len(kept.incidents):
        yield f"{opened} requests opened {len(kept.incidents)} incidents"


def _is(message: Message, shown: Rendered, key: str) -> bool:
    return (message.text, message.blocks) == (shown.text, marked(shown, key))


def _quietly(shown: Rendered) -> Rendered:
    """As it is first posted: people are named, and not notified."""
    return quietly(shown, {user: user.lower() for user in people_named(shown)}, ringing=())


def _to_slack(kept: _Kept) -> Iterator[Row]:
    return (row for row in kept.promises if not row["channel"].startswith(ELSEWHERE))


def _deliveries(kept: _Kept, channel: str) -> Iterator[datetime]:
    return (row["delivered_at"] for row in kept.promises if row["channel"] == channel and row["delivered_at"])


def _by_key(slack: FakeSlack) -> Mapping[str, Sequence[Message]]:
    found: dict[str, list[Message]] = defaultdict(list)
    for message in slack.messages:
        found[message.key].append(message)
    return found


def _key(row: Row) -> str:
    return delivery_key(WORKSPACE, row["dedup_key"])


def _places(found: Sequence[Message]) -> str:
    return ", ".join(each.ts for each in found) or "none"
