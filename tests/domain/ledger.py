"""Which targets ran out and which warnings were due, worked out from the story and from when the clocks were asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain import timeline
from bot.domain.incident import IncidentState
from bot.domain.timeline import Target, TimelineEvent
from tests.domain.history import History
from tests.domain.replay import Replay

AWAY = timedelta(minutes=1)

Entry = tuple[Target, str, int, datetime, datetime]
"""A target, where the incident was when it is the tier's own, when it ran out and when that was seen to."""


@dataclass(frozen=True, slots=True)
class DueWarning:
    """A percent of a target's time, when that was over, when it was seen to, and whether it was said."""

    target: Target
    percent: int
    due_at: datetime
    at: datetime
    said: bool


class _Ledger:
    """Looks at the clocks whenever the bot had to: a response runs out once per run of its clock, a resolution once."""

    def __init__(self, replay: Replay) -> None:
        self.entries: list[Entry] = []
        self._replay = replay
        self._runs_out: set[int] = set()
        self._resolution_out = False

    def look(self, at: datetime) -> None:
        replay, row = self._replay, self._replay.row
        state = row.get("state", IncidentState.OPEN)
        found: list[Entry] = []
        if state is IncidentState.OPEN and replay.runs not in self._runs_out:
            due_at = replay.due_at(Target.RESPONSE)
            if due_at <= at:
                self._runs_out.add(replay.runs)
                due_at = max(due_at, row["severity_since"])
                found.append((Target.RESPONSE, row["routed_to"], row["tier"], due_at, at))
        going_on = state not in (IncidentState.RESOLVED, IncidentState.CANCELLED) and not self._resolution_out
        if going_on and replay.whole(Target.RESOLUTION) is not None:
            due_at = replay.due_at(Target.RESOLUTION)
            if due_at <= (row.get("held_at") or at):
                self._resolution_out = True
                found.append((Target.RESOLUTION, "", 0, max(due_at, row["severity_since"]), at))
        self.entries.extend(sorted(found, key=lambda entry: entry[3]))


def reborn(life: History) -> Replay:
    first, *rest = life.opened.events
    return Replay(first, life.opened.incident, life.policy).all(rest)


def expected_ledger(life: History) -> Sequence[Entry]:
    """The clocks are asked before and after all that they do, and after each change of severity."""
    replay = reborn(life)
    ledger = _Ledger(replay)
    for step in life.steps:
        looks = step.by is None
        if looks:
            ledger.look(step.at)
        for event in step.transition.events:
            replay.add(event)
            looks = looks or isinstance(event.fact, timeline.SeverityChanged)
            if looks:
                ledger.look(step.at)
    return ledger.entries


def ledger_of(life: History) -> Sequence[Entry]:
    return [
        (entry.target, *((entry.route, entry.tier) if entry.target is Target.RESPONSE else ("", 0)),
         entry.due_at, entry.breached_at)
        for entry in life.breaches
    ]  # fmt: skip


def expected_warnings(life: History) -> Sequence[DueWarning]:
    """All that had passed when the clocks were asked, of those clocks that had not run out by then."""
    replay = reborn(life)
    due: list[DueWarning] = []
    for step in life.steps:
        quiet = [event for event in step.transition.events if not isinstance(event.fact, timeline.Warned)]
        replay.all(quiet)
        due.extend(_passed(replay, step.at) if step.by is None or _changed(quiet) else ())
        replay.all(event for event in step.transition.events if event not in quiet)
    return due


def _changed(events: Sequence[TimelineEvent]) -> bool:
    return any(isinstance(event.fact, timeline.SeverityChanged) for event in events)


def _passed(replay: Replay, at: datetime) -> Iterator[DueWarning]:
    for target, runs in ((Target.RESPONSE, replay.response_runs), (Target.RESOLUTION, replay.resolution_runs)):
        known = replay.row.get(f"{target}_warned", 0)
        for percent in replay.percents(target)[known:] if runs else ():
            due_at = replay.due_at(target, percent)
            if due_at <= at:
                yield DueWarning(target, percent, due_at, at, said=at - due_at < AWAY)
