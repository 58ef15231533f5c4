"""The incident worked out from its story alone, in a second way than the rules' own: fact by fact, field by field."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from bot.domain import timeline
from bot.domain.calendar import Calendar
from bot.domain.ids import THE_BOT
from bot.domain.incident import OVER, Incident, IncidentState, Pause
from bot.domain.policy import Policy, Targets
from bot.domain.timeline import Target, TimelineEvent
from tests.domain.counting import reached_at

CATCHING_UP = timedelta(minutes=5)


class Replay:
    """`row` has the fields of an incident by name; `runs` counts how often its response clock was started."""

    def __init__(self, opened: TimelineEvent, born: Incident, policy: Policy) -> None:
        """Of `born` only the identity is taken."""
        assert isinstance(opened.fact, timeline.Opened)
        fact, at = opened.fact, opened.at
        self.policy = policy
        self.runs = 1
        self.row: dict[str, Any] = {
            "id": born.id, "workspace_id": born.workspace_id, "number": born.number,
            "policy_version_id": born.policy_version_id, "title": fact.title, "description": fact.description,
            "severity": fact.severity, "service": fact.service, "opened_at": at, "opened_by": opened.by,
            "routed_to": fact.service, "tier": fact.tier, "tier_entered_at": at, "paged_at": at,
            "is_private": fact.is_private,
            "severity_since": at, "response_started_at": at, "updated_at": at, "updated_seq": 1, "last_seq": 1,
        }  # fmt: skip

    @property
    def incident(self) -> Incident:
        return Incident(**self.row)

    @property
    def targets(self) -> Targets:
        return self.policy.targets(self.row["severity"])

    @property
    def response_runs(self) -> bool:
        return self._state is IncidentState.OPEN and self.row.get("tier_breached_at") is None

    @property
    def resolution_runs(self) -> bool:
        """Whether it could run out: it has a target, and neither ended nor stands still."""
        states = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)
        breached = self.row.get("resolution_breached_at") is not None
        return self._state in states and not breached and self.targets.resolve_within is not None

    def due_at(self, target: Target, percent: int = 100) -> datetime:
        """When that part of the target's time is over, if its clock runs on."""
        whole = self.whole(target)
        assert whole is not None
        part = whole * percent // 100
        if target is Target.RESPONSE:
            return reached_at(self._calendar, self.row["response_started_at"], part)
        return reached_at(self._calendar, self.row["opened_at"], part, self.row.get("pauses", ()))

    def whole(self, target: Target) -> timedelta | None:
        if target is Target.RESOLUTION:
            return self.targets.resolve_within
        tier = self.policy.services[self.row["routed_to"]].tiers[self.row["tier"] - 1]
        agreed: timedelta = tier.ack_within.get(self.row["severity"], self.targets.ack_within)
        return min(agreed, CATCHING_UP) if self.row.get("catching_up") else agreed

    def all(self, events: Iterable[TimelineEvent]) -> "Replay":
        for event in events:
            self.add(event)
        return self

    def add(self, event: TimelineEvent) -> None:
        self.row["last_seq"] = event.seq
        at, fact, row = event.at, event.fact, self.row
        match fact:
            case timeline.Warned(target=target, told=told):
                self._count(f"{target}_warned")
                self._tell(told)
            case timeline.Breached(target=target, told=told):
                row["tier_breached_at" if target is Target.RESPONSE else "resolution_breached_at"] = at
                self._count("breach_count")
                self._tell(told)
            case timeline.ManagersInformed(told=told):
                self._tell(told)
            case timeline.Escalated():
                self._resume(at)
                self._wait(at)
                row.update(
                    tier=fact.to_tier, routed_to=fact.route or row["routed_to"], card_cycle=row["cycle"],
                    tier_entered_at=at, tier_entered_by=None if event.by == THE_BOT else event.by,
                    moved_because=fact.reason,
                    catching_up=fact.catching_up, declined_by=(),
                )  # fmt: skip
                self._updated(event)
            case timeline.PagedAgain(number=number):
                self._count("cycle")
                row.update(paged_at=at, repeats_sent=number)
            case timeline.Exhausted(told=told):
                row["exhausted_at"] = at
                self._tell(told)
            case timeline.Acknowledged():
                self._take(event)
                row["eta"] = fact.eta or row.get("eta")
                self._updated(event)
            case timeline.StillAsked():
                row["still_asked_at"] = at
            case timeline.StillOnIt():
                row.update(active_at=at, still_asked_at=None)
            case timeline.AcknowledgementExpired():
                self._wait(at)
                self._updated(event)
            case timeline.PassedOn(to=to):
                self._pass_on(event, to)
            case timeline.Assigned(to=to, accepted=True):
                row.update(assignee=to, acknowledged_at=at, active_at=at, still_asked_at=None)
                self._settle()
            case timeline.Held(until=until, reason=reason):
                if row.get("assignee") is None:
                    self._take(event)
                held_at = row.get("held_at") or at
                row.update(state=IncidentState.ON_HOLD, held_at=held_at, held_by=event.by, hold_until=until,
                           hold_reason=reason, still_asked_at=None)  # fmt: skip
                self._updated(event)
            case timeline.Resumed():
                self._resume(at)
                row.update(state=IncidentState.ACKNOWLEDGED, active_at=at)
                self._updated(event)
            case timeline.SeverityChanged():
                self._change_severity(event, fact)
            case timeline.UpdateDue(owed_by=owed_by):
                owed_since, told_at = row.get("overdue_since"), row.get("overdue_told_at")
                self._updated(event)
                if owed_by is not None:
                    row.update(overdue_since=owed_since or at, overdue_told_at=told_at)
            case timeline.UpdateNudged():
                row["nudged_at"] = at
            case timeline.UpdateOverdue(told=told):
                row["overdue_told_at"] = at
                self._tell(told)
            case timeline.StakeholdersTold():
                row.update(progress=fact.progress, impact=fact.impact or row.get("impact", ""), eta=fact.eta,
                           told=fact.changed, told_at=at, told_by=event.by)  # fmt: skip
                self._heard_from(event)
                self._updated(event)
            case timeline.RoomOpened(channel=channel):
                row["room"] = channel
            case timeline.RoomClosed():
                pass
            case timeline.Noted() | timeline.Pinned():
                self._heard_from(event)
            case timeline.Resolved(summary=summary):
                self._resume(at)
                row.update(state=IncidentState.RESOLVED, resolved_at=at, resolved_by=event.by, resolution=summary,
                           impact=fact.impact or row.get("impact", ""), data_loss=fact.data_loss)  # fmt: skip
                self._updated(event)
            case timeline.Cancelled(reason=reason, duplicate_of=duplicate_of):
                self._resume(at)
                row.update(state=IncidentState.CANCELLED, cancelled_at=at, cancelled_by=event.by,
                           cancel_reason=reason, duplicate_of=duplicate_of)  # fmt: skip
                self._updated(event)
            case timeline.Reopened():
                self._reopen(event)
            case timeline.Followed(who=who):
                if self._is_unread:
                    row["updated_at"] = at
                row["followers"] = (*row.get("followers", ()), who)
            case timeline.Unfollowed(who=who):
                row["followers"] = tuple(sorted(set(row["followers"]) - {who}, key=row["followers"].index))
                if self._is_unread:
                    self._settle()
            case (
                timeline.Opened()
                | timeline.Assigned()
                | timeline.NotSent()
                | timeline.DeliveryFailed()
                | timeline.ToldElsewhere()
            ):
                pass
            case _:
                assert_never(fact)

    @property
    def _state(self) -> IncidentState:
        state: IncidentState = self.row.get("state", IncidentState.OPEN)
        return state

    @property
    def _is_unread(self) -> bool:
        """Of what is private nobody hears but those who follow it."""
        return self.row["is_private"] and not self.row.get("followers")

    @property
    def _calendar(self) -> Calendar | None:
        return self.targets.calendar

    def _count(self, field: str) -> None:
        self.row[field] = self.row.get(field, 0) + 1

    def _tell(self, told: Sequence[str]) -> None:
        known = self.row.get("managers_told", ())
        self.row["managers_told"] = (*known, *(person for person in told if person not in known))

    def _heard_from(self, event: TimelineEvent) -> None:
        if self.row.get("assignee") == event.by and self._state not in OVER:
            self.row.update(active_at=event.at, still_asked_at=None)

    def _updated(self, event: TimelineEvent) -> None:
        self._count("updates_sent")
        self.row.update(updated_at=event.at, updated_seq=event.seq)
        self._settle()

    def _settle(self) -> None:
        """Nothing is owed to the stakeholders."""
        self.row.update(nudged_at=None, overdue_since=None, overdue_told_at=None)

    def _wait(self, at: datetime) -> None:
        self.runs += 1
        self._count("cycle")
        self.row.update(
            state=IncidentState.OPEN, assignee=None, acknowledged_at=None, active_at=None, still_asked_at=None,
            paged_at=at, response_started_at=at, catching_up=False, response_warned=0, tier_breached_at=None,
            repeats_sent=0, exhausted_at=None,
        )  # fmt: skip

    def _take(self, event: TimelineEvent) -> None:
        first = self.row.get("first_acknowledged_at") or event.at
        self.row.update(state=IncidentState.ACKNOWLEDGED, assignee=event.by, acknowledged_at=event.at,
                        first_acknowledged_at=first, active_at=event.at)  # fmt: skip

    def _resume(self, at: datetime) -> None:
        if self._state is IncidentState.ON_HOLD:
            self._pause(self.row["held_at"], at)
            self.row.update(held_at=None, held_by=None, hold_until=None, hold_reason="")

    def _pause(self, start: datetime, end: datetime) -> None:
        self.row["pauses"] = (*self.row.get("pauses", ()), Pause(start, end))

    def _pass_on(self, event: TimelineEvent, to: str | None) -> None:
        self.row["declined_by"] = (*self.row.get("declined_by", ()), event.by)
        ladder = self.policy.services[self.row["routed_to"]].tiers
        moves_on = to is None and any(tier.channel for tier in ladder[self.row["tier"] :])
        if moves_on:
            return
        if self._state is IncidentState.OPEN:
            self._count("cycle")
            self.row["paged_at"] = event.at
            return
        self._resume(event.at)
        self._wait(event.at)
        self._updated(event)

    def _change_severity(self, event: TimelineEvent, fact: timeline.SeverityChanged) -> None:
        row = self.row
        first = [self.due_at(target) for target in Target if self._runs(target)]
        row["original_breach_at"] = row.get("original_breach_at") or next(iter(first), None)
        row.update(severity=fact.after, severity_since=event.at)
        for target in Target:
            shown_at = row.get("held_at") or event.at if target is Target.RESOLUTION else event.at
            row[f"{target}_warned"] = sum(self.due_at(target, part) <= shown_at for part in self.percents(target))
        row.update(active_at=event.at if row.get("assignee") else None, still_asked_at=None)
        self._updated(event)

    def percents(self, target: Target) -> Sequence[int]:
        """At which is warned: below ten minutes only at three quarters."""
        whole = self.whole(target)
        if whole is None:
            return ()
        short = whole < timedelta(minutes=10)
        return [percent for percent in self.targets.warn_at if percent == 75 or not short]

    def _runs(self, target: Target) -> bool:
        return self.response_runs if target is Target.RESPONSE else self.resolution_runs

    def _reopen(self, event: TimelineEvent) -> None:
        row = self.row
        self._pause(row.get("resolved_at") or row["cancelled_at"], event.at)
        self._wait(event.at)
        row.update(
            declined_by=(), resolved_at=None, resolved_by=None, resolution="", cancelled_at=None, cancelled_by=None,
            cancel_reason="", duplicate_of=None, data_loss="", progress=None, eta=None,
        )  # fmt: skip
        self._updated(event)
