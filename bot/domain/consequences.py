"""What each action leaves behind: its entry in the story, and the messages that are promised for it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import assert_never

from bot.domain import feedback, timeline
from bot.domain.actions import (
    Acknowledge,
    Action,
    AskStillOnIt,
    Assign,
    Breach,
    Cancel,
    ChangeSeverity,
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
from bot.domain.audiences import audiences, followers
from bot.domain.ids import THE_BOT, ChannelId, UserId
from bot.domain.incident import Incident
from bot.domain.message import (
    AssignmentNotice,
    BreachNotice,
    ExhaustedAlarm,
    FeedbackQuestion,
    FollowNotice,
    HoldReview,
    ManagersNotice,
    Message,
    OverdueNotice,
    PageAgain,
    PageTier,
    RoomFarewell,
    RoomWelcome,
    StakeholderUpdate,
    StillOnItQuestion,
    UpdateNudge,
    UpdateReason,
    WarningNotice,
)
from bot.domain.policy import Mention, Policy
from bot.domain.promise import Lane, Promise, farewell_key, feedback_key, update_key
from bot.domain.timeline import PageReason, Target, TimelineEvent


def event_of(action: Action, before: Incident, after: Incident, *, seq: int, now: datetime) -> TimelineEvent:
    return TimelineEvent(seq=seq, at=now, by=_author(action), fact=_fact(action, before, after))


def promises_of(
    action: Action, before: Incident, after: Incident, policy: Policy, *, seq: int, now: datetime
) -> Sequence[Promise]:
    """What is said at once; what stakeholders hear are `updates_of`. `seq` is the entry of the action in the story."""
    if isinstance(action, OpenRoom | CloseRoom):
        return (_in_room(action, after, seq=seq, now=now),)
    if isinstance(action, Resolve):
        return _asked_for_feedback(after, policy, now)
    message = _message(action, before, after, now)
    if message is None:
        return ()
    if isinstance(message, FollowNotice):
        key, directly = _key(message, after, seq), ChannelId(message.who)
        return (Promise(key=key, lane=Lane.UPDATE, channel=directly, deliver_at=now, message=message),)
    at_tier = policy.escalation(after.routed_to).channel(after.tier)
    channel = policy.fallback_channel if isinstance(message, ExhaustedAlarm) else at_tier
    lane = Lane.CARD if isinstance(message, UpdateNudge | OverdueNotice) else Lane.PAGE  # words wait for pages
    return (Promise(key=_key(message, after, seq), lane=lane, channel=channel, deliver_at=now, message=message),)


def updates_of(
    action: Action, after: Incident, policy: Policy, *, since_seq: int, seq: int, now: datetime
) -> Iterator[Promise]:
    """To each audience, for an action that changed the state, the tier or the severity, or was the cadence."""
    number, reason = after.updates_sent, _reason(action)
    for audience, channel in (*audiences(after, policy), *followers(after, but_for=_author(action))):
        yield Promise(
            key=update_key(after.key, number, audience),
            lane=Lane.UPDATE,
            channel=channel,
            deliver_at=now,
            message=StakeholderUpdate(
                number=number, reason=reason, since_seq=since_seq, until_seq=seq, audience=audience
            ),
        )


def _in_room(action: OpenRoom | CloseRoom, after: Incident, *, seq: int, now: datetime) -> Promise:
    """The first and the last words in the incident's own channel."""
    if isinstance(action, OpenRoom):
        key, lane, message = f"{after.key}/room/{seq}", Lane.CARD, RoomWelcome(card=action.card)
        return Promise(key=key, lane=lane, channel=action.channel, deliver_at=now, message=message)
    key, lane = farewell_key(after), Lane.REPORT
    return Promise(key=key, lane=lane, channel=action.channel, deliver_at=now, message=RoomFarewell())


def _asked_for_feedback(after: Incident, policy: Policy, now: datetime) -> Sequence[Promise]:
    people = feedback.asked(after) if policy.asks_for_feedback else ()
    return [
        Promise(
            key=feedback_key(after, who),
            lane=Lane.REPORT,
            channel=ChannelId(who),
            deliver_at=now,
            message=FeedbackQuestion(to=who),
        )
        for who in people
    ]


def page_key(incident: Incident) -> str:
    return _at_tier(incident, "page")


def _author(action: Action) -> UserId:
    match action:
        case EnterTier(by=by) | Resume(by=by):
            return by or THE_BOT
        case (
            Acknowledge(by=by)
            | ConfirmStillOnIt(by=by)
            | PassOn(by=by)
            | Assign(by=by)
            | Hold(by=by)
            | ChangeSeverity(by=by)
            | TellStakeholders(by=by)
            | Note(by=by)
            | Pin(by=by)
            | Resolve(by=by)
            | Cancel(by=by)
            | Reopen(by=by)
            | Follow(by=by)
            | Unfollow(by=by)
        ):
            return by
        case _:
            return THE_BOT


def _fact(action: Action, before: Incident, after: Incident) -> timeline.Fact:
    match action:
        case Breach(target=target, due_at=due_at, told=told, skipped=skipped):
            return timeline.Breached(
                target=target,
                number=after.breach_count,
                tier=after.tier,
                cycle=after.cycle,
                due_at=due_at,
                told=_ids(told),
                route=after.routed_to,
                skipped=skipped,
            )
        case Warn(target=target, percent=percent, due_at=due_at, told=told):
            return timeline.Warned(target=target, percent=percent, tier=after.tier, due_at=due_at, told=_ids(told))
        case InformManagers(told=told):
            return timeline.ManagersInformed(told=_ids(told))
        case EnterTier(tier=tier, reason=reason, route=route, skipped=skipped, catching_up=catching_up):
            return timeline.Escalated(
                from_tier=before.tier,
                to_tier=tier,
                reason=reason,
                route=route,
                skipped=skipped,
                catching_up=catching_up,
            )
        case RepeatPage(number=number):
            return timeline.PagedAgain(tier=after.tier, cycle=after.cycle, number=number)
        case Exhaust(told=told):
            return timeline.Exhausted(tier=after.tier, told=_ids(told))
        case AskStillOnIt(assignee=assignee, answer_by=answer_by):
            return timeline.StillAsked(assignee=assignee, answer_by=answer_by)
        case ExpireAcknowledgement(assignee=assignee):
            return timeline.AcknowledgementExpired(assignee=assignee, tier=after.tier)
        case UpdateStakeholders(owed_by=owed_by):
            return timeline.UpdateDue(number=after.updates_sent, owed_by=owed_by)
        case NudgeForUpdate(assignee=assignee, due_at=due_at, missed=missed):
            return timeline.UpdateNudged(assignee=assignee, due_at=due_at, missed=missed)
        case ReportOverdue(assignee=assignee, since=since, told=told):
            return timeline.UpdateOverdue(assignee=assignee, since=since, told=_ids(told))
        case Acknowledge(eta=eta):
            return timeline.Acknowledged(tier=after.tier, eta=eta)
        case ConfirmStillOnIt():
            return timeline.StillOnIt()
        case PassOn(to=to, moves_on=moved_on):
            return timeline.PassedOn(tier=after.tier, to=None if to is None else to.slack_id, moved_on=moved_on)
        case Assign(to=to, accepted=accepted):
            return timeline.Assigned(to=to, accepted=accepted)
        case Hold(until=until, reason=reason):
            return timeline.Held(until=until, reason=reason, assignee=after.holder)
        case Resume():
            return timeline.Resumed()
        case ChangeSeverity(before=old, after=new, reason=reason):
            return timeline.SeverityChanged(before=old, after=new, reason=reason)
        case TellStakeholders(progress=progress, report=report):
            return timeline.StakeholdersTold(
                progress=progress,
                changed=report.changed,
                impact=report.impact,
                action=report.action,
                owner=report.owner,
                eta=report.eta,
            )
        case Note(text=text):
            return timeline.Noted(text=text)
        case Pin(message=said):
            return timeline.Pinned(text=said.text, author=said.author, said_at=said.said_at, link=said.link)
        case Resolve(summary=summary, impact=impact, data_loss=data_loss):
            return timeline.Resolved(summary=summary, impact=impact, data_loss=data_loss)
        case OpenRoom(channel=channel, card=card):
            return timeline.RoomOpened(channel=channel, card=card)
        case CloseRoom(channel=channel):
            return timeline.RoomClosed(channel=channel)
        case Cancel(reason=reason, duplicate_of=duplicate_of):
            return timeline.Cancelled(reason=reason, duplicate_of=duplicate_of)
        case Reopen(reason=reason):
            return timeline.Reopened(tier=after.tier, reason=reason)
        case Follow(who=who):
            return timeline.Followed(who=who)
        case Unfollow(who=who):
            return timeline.Unfollowed(who=who)
        case _:
            assert_never(action)


def _message(action: Action, before: Incident, after: Incident, now: datetime) -> Message | None:
    """What somebody must hear at once."""
    tier, card = after.tier, after.card_cycle
    match action:
        case Breach(target=target, due_at=due_at, told=told):
            return BreachNotice(
                target=target,
                tier=tier,
                cycle=after.cycle,
                card=card,
                route=after.routed_to,
                number=after.breach_count,
                since=after.response_started_at if target is Target.RESPONSE else after.opened_at,
                due_at=due_at,
                breached_at=now,
                told=told,
                had_it=before.assignee,
            )
        case Warn(missed=True):
            return None
        case Warn(target=target, percent=percent, breach_at=breach_at, told=told):
            return WarningNotice(target=target, percent=percent, tier=tier, card=card, breach_at=breach_at, told=told)
        case InformManagers(told=told):
            return ManagersNotice(tier=tier, card=card, told=told)
        case EnterTier(catching_up=catching_up):
            return PageTier(tier=tier, cycle=after.cycle, catching_up=catching_up)
        case RepeatPage(number=number):
            return _again(after, PageReason.REPEAT, number=number)
        case Exhaust():
            return ExhaustedAlarm(tier=tier, card=card)
        case AskStillOnIt(assignee=assignee, answer_by=answer_by):
            return StillOnItQuestion(tier=tier, card=card, assignee=assignee, asked_at=now, answer_by=answer_by)
        case ExpireAcknowledgement():
            return _again(after, PageReason.EXPIRED)
        case NudgeForUpdate(missed=True) | ReportOverdue(told=()):
            return None
        case NudgeForUpdate(assignee=assignee, due_at=due_at):
            number = after.updates_sent + 1
            return UpdateNudge(tier=tier, card=card, assignee=assignee, number=number, due_at=due_at)
        case ReportOverdue(assignee=assignee, since=since, told=told):
            return OverdueNotice(tier=tier, card=card, assignee=assignee, since=since, told=told)
        case PassOn(moves_on=True):
            return None
        case PassOn(to=to):
            return _again(after, PageReason.PASSED_ON, people=() if to is None else (to,))
        case Assign(by=by, to=to, accepted=accepted):
            return AssignmentNotice(tier=tier, card=card, to=to, by=by, accepted=accepted)
        case Resume(by=None) if before.held_at is not None:
            return HoldReview(tier=tier, card=card, assignee=after.holder, held_at=before.held_at)
        case Reopen():
            return _again(after, PageReason.REOPENED)
        case Follow(by=by, who=who) if by != who:
            return FollowNotice(who=who, by=by)
        case _:
            return None


def _again(after: Incident, reason: PageReason, *, number: int = 0, people: tuple[Mention, ...] = ()) -> PageAgain:
    return PageAgain(
        tier=after.tier, cycle=after.cycle, number=number, card=after.card_cycle, reason=reason, people=people
    )


def _key(message: Message, after: Incident, seq: int) -> str:
    """A page and a breach are named by where they happen, all else by its entry in the story."""
    match message:
        case PageTier() | PageAgain():
            return page_key(after)
        case BreachNotice(target=Target.RESPONSE):
            return _at_tier(after, "breach")
        case BreachNotice():
            return _at_tier(after, "breach/resolution")
        case ExhaustedAlarm():
            return _at_tier(after, "exhausted")
        case WarningNotice():
            return f"{after.key}/warning/{seq}"
        case ManagersNotice():
            return f"{after.key}/managers/{seq}"
        case StillOnItQuestion():
            return f"{after.key}/still/{seq}"
        case HoldReview():
            return f"{after.key}/review/{seq}"
        case AssignmentNotice():
            return f"{after.key}/assignment/{seq}"
        case FollowNotice():
            return f"{after.key}/follow/{seq}"
        case UpdateNudge():
            return f"{after.key}/nudge/{seq}"
        case OverdueNotice():
            return f"{after.key}/overdue/{seq}"
        case _:
            raise AssertionError(f"{message} is not promised for an action")


def _at_tier(incident: Incident, what: str) -> str:
    return f"{incident.key}/{what}/tier:{incident.tier}/cycle:{incident.cycle}"


def _reason(action: Action) -> UpdateReason:
    match action:
        case Acknowledge():
            return UpdateReason.ACKNOWLEDGED
        case ExpireAcknowledgement() | PassOn():
            return UpdateReason.EXPIRED
        case EnterTier():
            return UpdateReason.ESCALATED
        case Hold():
            return UpdateReason.HELD
        case Resume():
            return UpdateReason.RESUMED
        case ChangeSeverity():
            return UpdateReason.SEVERITY
        case TellStakeholders():
            return UpdateReason.TOLD
        case Resolve():
            return UpdateReason.RESOLVED
        case Cancel():
            return UpdateReason.CANCELLED
        case Reopen():
            return UpdateReason.REOPENED
        case _:
            return UpdateReason.CADENCE


def _ids(told: Sequence[Mention]) -> tuple[str, ...]:
    return tuple(manager.slack_id for manager in told)
