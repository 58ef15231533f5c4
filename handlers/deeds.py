"""What is to be done to one incident, typed or filled in: one call of the desk each, and what is so now."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import assert_never

from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.intent import Glance
from bot.domain.policy import Policy
from bot.domain.progress import StatusReport
from bot.domain.verbs import Destination
from bot.services.incidents import Case, IncidentDesk
from bot.slack.blocks import answers, following
from bot.slack.blocks.rendered import Rendered
from handlers import grammar

Answer = Callable[[Incident, Policy], Rendered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, by which request, and what they saw when they began to write, if that was in a form."""

    by: UserId
    cause: str | None
    saw: Glance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SendTo:
    """To a place that was chosen from a list, not named in words."""

    number: int
    to: Destination
    reason: str


Deed = grammar.Deed | SendTo


async def do(desk: IncidentDesk, deed: Deed, asking: Asking) -> Rendered:
    """Raises what the desk raises."""
    done, answer = _chosen(desk, deed, asking)
    case = await done
    told = answer(case.incident, case.policy)
    beside = deed.beside if isinstance(deed, grammar.AcknowledgeIncident | grammar.StillOnIt) else ""
    return answers.not_kept(told, case.incident, beside) if beside else told


def _chosen(desk: IncidentDesk, deed: Deed, asking: Asking) -> tuple[Awaitable[Case], Answer]:
    by, cause, saw = asking.by, asking.cause, asking.saw
    match deed:
        case grammar.AcknowledgeIncident(number=number, eta=eta):
            return desk.acknowledge(number, by=by, eta=eta, cause=cause), answers.acknowledged
        case grammar.FollowIncident(number=number, who=who):
            told = following.followed if who in (None, by) else following.has_follow
            return desk.follow(number, by=by, who=who or by, cause=cause), told
        case grammar.UnfollowIncident(number=number):
            return desk.unfollow(number, by=by, cause=cause), following.unfollowed
        case grammar.EscalateIncident(number=number, reason=reason):
            return desk.escalate(number, by=by, cause=cause, reason=reason), answers.escalated
        case grammar.EscalateTo(number=number, words=words, channel=channel):
            return desk.escalate_to(number, by=by, cause=cause, words=words, channel=channel), answers.escalated
        case SendTo(number=number, to=to, reason=reason):
            return desk.send_to(number, by=by, cause=cause, to=to, reason=reason, saw=saw), answers.escalated
        case grammar.PassIncident(number=number):
            return desk.pass_on(number, by=by, cause=cause), answers.passed_on
        case grammar.AssignIncident(number=number, to=person):
            return desk.assign(number, by=by, cause=cause, to=person, saw=saw), answers.assigned
        case grammar.HoldIncident(number=number, until=until, reason=reason):
            return desk.hold(number, by=by, cause=cause, until=until, reason=reason, saw=saw), answers.held
        case grammar.ResumeIncident(number=number):
            return desk.resume(number, by=by, cause=cause), answers.resumed
        case grammar.ChangeSeverity(number=number, severity=severity, reason=reason):
            changed = desk.change_severity(number, by=by, cause=cause, severity=severity, reason=reason, saw=saw)
            return changed, answers.severity_changed
        case grammar.StillOnIt(number=number):
            return desk.confirm_still_on_it(number, by=by, cause=cause), answers.still_on_it
        case grammar.NoteDown(number=number, text=text):
            return desk.note(number, by=by, cause=cause, text=text), answers.noted
        case grammar.TellStakeholders():
            return _told(desk, deed, asking), answers.told
        case grammar.ResolveIncident():
            return _ended(desk, deed, asking), answers.resolved
        case grammar.ReopenIncident(number=number, reason=reason):
            return desk.reopen(number, by=by, cause=cause, reason=reason), answers.reopened
        case grammar.CancelIncident(number=number, reason=reason, duplicate_of=other):
            none = desk.cancel(number, by=by, cause=cause, reason=reason, duplicate_of=other, saw=saw)
            return none, answers.cancelled
        case _:
            assert_never(deed)


def _told(desk: IncidentDesk, told: grammar.TellStakeholders, asking: Asking) -> Awaitable[Case]:
    return desk.tell_stakeholders(
        told.number,
        by=asking.by,
        cause=asking.cause,
        report=StatusReport(
            progress=told.progress,
            changed=told.changed,
            impact=told.impact,
            action=told.action,
            owner=told.owner,
            eta=told.eta,
        ),
        saw=asking.saw,
    )


def _ended(desk: IncidentDesk, ended: grammar.ResolveIncident, asking: Asking) -> Awaitable[Case]:
    return desk.resolve(
        ended.number,
        by=asking.by,
        cause=asking.cause,
        summary=ended.summary,
        impact=ended.impact,
        data_loss=ended.data_loss,
        saw=asking.saw,
    )
