"""Why an incident is where it is: its story, every clock with the time it counted, and what comes next."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.calendar import Calendar, elapsed
from bot.domain.clocks import (
    cadence,
    expiry_due_at,
    full_response_target,
    overdue_after,
    overdue_due_at,
    repeat_due_at,
    resolution_due_at,
    response_due_at,
    response_target,
    update_due_at,
)
from bot.domain.forecast import Moment, forecast
from bot.domain.incident import Incident, Pause
from bot.domain.policy import Policy
from bot.domain.timeline import Acknowledged, Held, Target, TimelineEvent, UpdateDue, UpdateNudged
from bot.domain.transition import Breach

FORESEEN = 6
"""More steps than a person plans for."""
HORIZON = timedelta(days=30)
MOST_LOOKED_AT = 300
"""Most of them are updates of the cadence and reminders of them, which are told of once."""


class ClockName(StrEnum):
    RESPONSE = "response"
    RESOLUTION = "resolution"
    ACKNOWLEDGEMENT = "acknowledgement"
    HOLD_REVIEW = "hold_review"
    REPEAT = "repeat"
    UPDATE = "stakeholder_update"
    OVERDUE = "overdue_update"


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    BREACHED = "breached"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockReading:
    """One clock, read now or when it stopped at `ended_at`: of the `wall` time since its start it `counted` a part.

    The rest it was `paused`, or it was `outside` the hours of its calendar; the three make the wall time. `due_at` is
    when it runs out or, once breached, did; None while nothing is due.
    """

    name: ClockName
    state: ClockState
    started_at: datetime
    ended_at: datetime | None = None
    target: timedelta
    counted: timedelta
    wall: timedelta
    paused: timedelta
    outside: timedelta
    pauses: tuple[Pause, ...] = ()
    due_at: datetime | None
    calendar: str | None = None

    @property
    def percent(self) -> float | None:
        """How much of the target is over, 100 and more once it is; None of a target that is no time at all."""
        return self.counted / self.target * 100 if self.target else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`next` are the first steps of the clocks worth telling if nobody acts."""

    incident: Incident
    policy: Policy
    story: Sequence[TimelineEvent]
    ledger: Sequence[Breach]
    now: datetime
    clocks: Sequence[ClockReading]
    next: Sequence[Moment]


def explain(
    incident: Incident, policy: Policy, story: Sequence[TimelineEvent], ledger: Sequence[Breach], now: datetime
) -> Explanation:
    """`story` and `ledger` are all of them, in their order."""
    return Explanation(
        incident=incident,
        policy=policy,
        story=story,
        ledger=ledger,
        now=now,
        clocks=tuple(_clocks(incident, policy, story, ledger, now)),
        next=tuple(_worth_telling(incident, policy, now)),
    )


def only_update(moment: Moment) -> bool:
    """Whether nothing happens but that the stakeholders hear of it by the cadence, or somebody is reminded of that."""
    return all(isinstance(event.fact, UpdateDue | UpdateNudged) for event in moment.transition.events)


def _worth_telling(incident: Incident, policy: Policy, now: datetime) -> Iterator[Moment]:
    """Of the stakeholder updates of the cadence and of the reminders only the first: the others follow from it."""
    told, known = 0, set[type]()
    for moment in forecast(incident, policy, until=now + HORIZON, most=MOST_LOOKED_AT, now=now):
        kinds = {type(event.fact) for event in moment.transition.events} if only_update(moment) else set()
        if kinds and kinds <= known:
            continue
        known |= kinds
        yield moment
        told += 1
        if told == FORESEEN:
            return


def _clocks(
    incident: Incident, policy: Policy, story: Sequence[TimelineEvent], ledger: Sequence[Breach], now: datetime
) -> Iterator[ClockReading]:
    """In the order in which a person asks for them."""
    calendar = policy.targets(incident.severity).calendar
    yield _response(incident, policy, story, ledger, now)
    yield from _repeat(incident, policy, now)
    yield from _acknowledgement(incident, policy, now)
    yield from _hold_review(incident, now)
    yield from _resolution(incident, policy, ledger, now)
    due_at = update_due_at(incident, policy)
    if due_at is not None:
        target = cadence(incident, policy.targets(incident.severity))
        yield _running(ClockName.UPDATE, calendar, incident.updated_at, now, target=target, due_at=due_at)
    yield from _overdue(incident, policy, now)


def _response(
    incident: Incident, policy: Policy, story: Sequence[TimelineEvent], ledger: Sequence[Breach], now: datetime
) -> ClockReading:
    """Of the present tier. It goes on to count after its breach, for as long as nobody answers."""
    started_at, ended_at = incident.response_started_at, _answered_at(incident, story)
    breached = incident.tier_breached_at is not None
    return _read(
        ClockName.RESPONSE,
        _state(breached=breached, ended=ended_at is not None),
        policy.targets(incident.severity).calendar,
        started_at,
        now,
        ended_at=ended_at,
        target=response_target(incident, policy),
        due_at=_was_due(ledger, Target.RESPONSE) if breached else response_due_at(incident, policy),
    )


def _resolution(incident: Incident, policy: Policy, ledger: Sequence[Breach], now: datetime) -> Iterator[ClockReading]:
    targets = policy.targets(incident.severity)
    if targets.resolve_within is None:
        return
    breached = incident.resolution_breached_at is not None
    state = _state(breached=breached, ended=incident.is_over)
    yield _read(
        ClockName.RESOLUTION,
        ClockState.PAUSED if incident.is_on_hold and not breached else state,
        targets.calendar,
        incident.opened_at,
        now,
        ended_at=incident.over_at,
        target=targets.resolve_within,
        pauses=_pauses(incident, now),
        due_at=_was_due(ledger, Target.RESOLUTION) if breached else resolution_due_at(incident, policy),
    )


def _repeat(incident: Incident, policy: Policy, now: datetime) -> Iterator[ClockReading]:
    due_at, breached_at = repeat_due_at(incident, policy), incident.tier_breached_at
    repeat = policy.escalation(incident.routed_to).repeat
    if due_at is not None and breached_at is not None and repeat is not None:
        calendar = policy.targets(incident.severity).calendar
        started_at = max(incident.paged_at, breached_at)
        yield _running(ClockName.REPEAT, calendar, started_at, now, target=repeat.every, due_at=due_at)


def _acknowledgement(incident: Incident, policy: Policy, now: datetime) -> Iterator[ClockReading]:
    """Until whoever has it is asked for a sign of life; once asked, until they have to answer."""
    targets, due_at = policy.targets(incident.severity), expiry_due_at(incident, policy)
    if due_at is None or incident.active_at is None or targets.ack_expires_after is None:
        return
    asked_at = incident.still_asked_at
    target = targets.ack_expires_after if asked_at is None else full_response_target(incident, policy)
    started_at = asked_at or incident.active_at
    yield _running(ClockName.ACKNOWLEDGEMENT, targets.calendar, started_at, now, target=target, due_at=due_at)


def _hold_review(incident: Incident, now: datetime) -> Iterator[ClockReading]:
    """By the wall clock: whoever holds it names an instant."""
    held_at, until = incident.held_at, incident.hold_until
    if held_at is not None and until is not None:
        yield _running(ClockName.HOLD_REVIEW, None, held_at, now, target=until - held_at, due_at=until)


def _overdue(incident: Incident, policy: Policy, now: datetime) -> Iterator[ClockReading]:
    """Until managers hear that nobody has written."""
    due_at, target = overdue_due_at(incident, policy), overdue_after(incident, policy)
    if due_at is not None and target is not None:
        calendar = policy.targets(incident.severity).calendar
        yield _running(ClockName.OVERDUE, calendar, incident.owed_since, now, target=target, due_at=due_at)


def _answered_at(incident: Incident, story: Iterable[TimelineEvent]) -> datetime | None:
    """When the response clock of the present tier stopped: at the acknowledgement, or at the end without one."""
    if incident.is_open:
        return None
    answers = (event.at for event in story if isinstance(event.fact, Acknowledged | Held))
    return next((at for at in answers if at >= incident.response_started_at), incident.over_at)


def _pauses(incident: Incident, now: datetime) -> tuple[Pause, ...]:
    present = () if incident.held_at is None else (Pause(incident.held_at, now),)
    return (*incident.pauses, *present)


def _was_due(ledger: Sequence[Breach], target: Target) -> datetime | None:
    return next((breach.due_at for breach in reversed(ledger) if breach.target is target), None)


def _state(*, breached: bool, ended: bool) -> ClockState:
    if breached:
        return ClockState.BREACHED
    return ClockState.STOPPED if ended else ClockState.RUNNING


def _running(
    name: ClockName,
    calendar: Calendar | None,
    started_at: datetime,
    now: datetime,
    *,
    target: timedelta,
    due_at: datetime,
) -> ClockReading:
    return _read(name, ClockState.RUNNING, calendar, started_at, now, ended_at=None, target=target, due_at=due_at)


def _read(
    name: ClockName,
    state: ClockState,
    calendar: Calendar | None,
    started_at: datetime,
    now: datetime,
    *,
    ended_at: datetime | None,
    target: timedelta,
    pauses: tuple[Pause, ...] = (),
    due_at: datetime | None,
) -> ClockReading:
    until = max(started_at, now if ended_at is None else ended_at)
    wall = until - started_at
    paused = sum((pause.end - pause.start for pause in pauses), timedelta(0))
    not_counted = sum((elapsed(calendar, pause.start, pause.end) for pause in pauses), timedelta(0))
    counted = elapsed(calendar, started_at, until) - not_counted
    return ClockReading(
        name=name,
        state=state,
        started_at=started_at,
        ended_at=ended_at,
        target=target,
        counted=counted,
        wall=wall,
        paused=paused,
        outside=wall - paused - counted,
        pauses=pauses,
        due_at=due_at,
        calendar=None if calendar is None else calendar.name,
    )
