"""A story told again from its first entry: the incident, the breaches and the promises that must have come of it."""

from collections.abc import Sequence
from typing import assert_never

from bot.domain import timeline
from bot.domain.actions import (
    Acknowledge,
    Action,
    AskStillOnIt,
    Assign,
    Breach,
    Cancel,
    CloseRoom,
    ConfirmStillOnIt,
    EnterTier,
    Exhaust,
    ExpireAcknowledgement,
    Follow,
    Hold,
    InformManagers,
    Note,
    NudgeForUpdate,
    OpenRoom,
    PassOn,
    Pin,
    Reopen,
    RepeatPage,
    ReportOverdue,
    Resolve,
    Resume,
    TellStakeholders,
    Unfollow,
    UpdateStakeholders,
    Warn,
)
from bot.domain.clocks import LATE
from bot.domain.errors import Refusal
from bot.domain.ids import THE_BOT
from bot.domain.incident import Incident, Report
from bot.domain.policy import Mention, MentionKind, Policy
from bot.domain.progress import Quotation, StatusReport
from bot.domain.timeline import TimelineEvent
from bot.domain.transition import Transition, perform
from bot.domain.verbs import change_severity, open_incident


class DoesNotFollow(Exception):
    """An entry is not what the rules make of those before it, nor what a person could have done."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"entry {seq} does not follow from those before it")
        self.seq = seq


def retell(story: Sequence[TimelineEvent], policy: Policy, *, of: Incident) -> Transition:
    """All that was to be stored for a story without a gap. Of the incident only the identity is taken.

    The version counts the transactions, which the story does not tell. Raises `DoesNotFollow`.
    """
    told: list[Transition] = []
    incident, seq = of, 0
    while seq < len(story):
        try:
            step = _step(incident, policy, story[seq])
        except (Refusal, ValueError, LookupError) as error:
            raise DoesNotFollow(seq + 1) from error
        wrong = next((made.seq for made, kept in zip(step.events, story[seq:], strict=False) if made != kept), None)
        if wrong is not None or not step.events:
            raise DoesNotFollow(wrong or seq + 1)
        told.append(step)
        incident, seq = step.incident, seq + len(step.events)
    return Transition(
        incident=incident,
        events=story,
        breaches=[breach for step in told for breach in step.breaches],
        promises=[promise for step in told for promise in step.promises],
    )


def _step(incident: Incident, policy: Policy, event: TimelineEvent) -> Transition:
    """An opening and a change of severity bring entries of their own with them."""
    fact = event.fact
    match fact:
        case timeline.Opened():
            report = Report(
                title=fact.title,
                description=fact.description,
                severity=fact.severity,
                service=fact.service,
                origin=fact.origin,
                is_private=fact.is_private,
            )
            return open_incident(
                report,
                policy,
                incident_id=incident.id,
                workspace_id=incident.workspace_id,
                number=incident.number,
                policy_version_id=incident.policy_version_id,
                by=event.by,
                now=event.at,
            )
        case timeline.SeverityChanged():
            return change_severity(incident, policy, by=event.by, severity=fact.after, reason=fact.reason, now=event.at)
        case timeline.NotSent() | timeline.DeliveryFailed() | timeline.ToldElsewhere():
            return Transition(incident=incident.but(last_seq=event.seq), events=(event,))
        case _:
            return perform(incident, policy, (_action(fact, event),), event.at)


Told = (
    timeline.Warned
    | timeline.Breached
    | timeline.ManagersInformed
    | timeline.Escalated
    | timeline.PagedAgain
    | timeline.Exhausted
    | timeline.Acknowledged
    | timeline.StillAsked
    | timeline.StillOnIt
    | timeline.AcknowledgementExpired
    | timeline.PassedOn
    | timeline.Assigned
    | timeline.Held
    | timeline.Resumed
    | timeline.UpdateDue
    | timeline.UpdateNudged
    | timeline.UpdateOverdue
    | timeline.StakeholdersTold
    | timeline.Noted
    | timeline.RoomOpened
    | timeline.RoomClosed
    | timeline.Pinned
    | timeline.Resolved
    | timeline.Cancelled
    | timeline.Reopened
    | timeline.Followed
    | timeline.Unfollowed
)
"""The facts that one action made."""


def _action(fact: Told, event: TimelineEvent) -> Action:
    person = None if event.by == THE_BOT else event.by
    match fact:
        case timeline.Warned(target=target, percent=percent, due_at=due_at, told=told):
            missed = event.at - due_at >= LATE
            return Warn(
                target=target, percent=percent, due_at=due_at, breach_at=due_at, told=_mentions(told), missed=missed
            )
        case timeline.Breached(target=target, due_at=due_at, told=told, skipped=skipped):
            return Breach(target=target, due_at=due_at, told=_mentions(told), skipped=skipped)
        case timeline.ManagersInformed(told=told):
            return InformManagers(told=_mentions(told))
        case timeline.Escalated():
            return EnterTier(
                tier=fact.to_tier,
                by=person,
                reason=fact.reason,
                route=fact.route,
                skipped=fact.skipped,
                catching_up=fact.catching_up,
            )
        case timeline.PagedAgain(number=number):
            return RepeatPage(number=number)
        case timeline.Exhausted(told=told):
            return Exhaust(told=_mentions(told))
        case timeline.Acknowledged(eta=eta):
            return Acknowledge(by=event.by, eta=eta)
        case timeline.StillAsked(assignee=assignee, answer_by=answer_by):
            return AskStillOnIt(assignee=assignee, answer_by=answer_by)
        case timeline.StillOnIt():
            return ConfirmStillOnIt(by=event.by)
        case timeline.AcknowledgementExpired(assignee=assignee):
            return ExpireAcknowledgement(assignee=assignee)
        case timeline.PassedOn(to=to, moved_on=moved_on):
            return PassOn(by=event.by, to=None if to is None else _mention(to), moves_on=moved_on)
        case timeline.Assigned(to=to, accepted=accepted):
            return Assign(by=event.by, to=to, accepted=accepted)
        case timeline.Held(until=until, reason=reason):
            return Hold(by=event.by, until=until, reason=reason)
        case timeline.Resumed():
            return Resume(by=person)
        case timeline.UpdateDue(owed_by=owed_by):
            return UpdateStakeholders(owed_by=owed_by)
        case timeline.UpdateNudged(assignee=assignee, due_at=due_at, missed=missed):
            return NudgeForUpdate(assignee=assignee, due_at=due_at, missed=missed)
        case timeline.UpdateOverdue(assignee=assignee, since=since, told=told):
            return ReportOverdue(assignee=assignee, since=since, told=_mentions(told))
        case timeline.StakeholdersTold():
            return TellStakeholders(by=event.by, progress=fact.progress, report=_report(fact))
        case timeline.Noted(text=text):
            return Note(by=event.by, text=text)
        case timeline.Pinned():
            said = Quotation(text=fact.text, author=fact.author, said_at=fact.said_at, link=fact.link)
            return Pin(by=event.by, message=said)
        case timeline.RoomOpened(channel=channel, card=card):
            return OpenRoom(channel=channel, card=card)
        case timeline.RoomClosed(channel=channel):
            return CloseRoom(channel=channel)
        case timeline.Resolved(summary=summary, impact=impact, data_loss=data_loss):
            return Resolve(by=event.by, summary=summary, impact=impact, data_loss=data_loss)
        case timeline.Cancelled(reason=reason, duplicate_of=duplicate_of):
            return Cancel(by=event.by, reason=reason, duplicate_of=duplicate_of)
        case timeline.Reopened(reason=reason):
            return Reopen(by=event.by, reason=reason)
        case timeline.Followed(who=who):
            return Follow(by=event.by, who=who)
        case timeline.Unfollowed(who=who):
            return Unfollow(by=event.by, who=who)
        case _:
            assert_never(fact)


def _report(fact: timeline.StakeholdersTold) -> StatusReport:
    return StatusReport(
        progress=fact.progress,
        changed=fact.changed,
        impact=fact.impact,
        action=fact.action,
        owner=fact.owner,
        eta=fact.eta,
    )


def _mentions(ids: Sequence[str]) -> tuple[Mention, ...]:
    return tuple(_mention(slack_id) for slack_id in ids)


def _mention(slack_id: str) -> Mention:
    """The story keeps only the id, and nothing that is compared depends on more."""
    return Mention(kind=MentionKind.USER, slack_id=slack_id, name=slack_id)
