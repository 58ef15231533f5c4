"""What was typed to be done to one incident: one call of the desk each, and what is so now for the person."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import assert_never

from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.domain.progress import StatusReport
from bot.services.incidents import Case, IncidentDesk
from bot.slack.blocks import answers
from bot.slack.blocks.rendered import Rendered
from handlers import grammar

Answer = Callable[[Incident, Policy], Rendered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, and by which request."""

    by: UserId
    cause: str | None


async def do(desk: IncidentDesk, deed: grammar.Deed, asking: Asking) -> Rendered:
    """Raises what the desk raises."""
    done, answer = _chosen(desk, deed, asking)
    case = await done
    return answer(case.incident, case.policy)


def _chosen(desk: IncidentDesk, deed: grammar.Deed, asking: Asking) -> tuple[Awaitable[Case], Answer]:
    by, cause = asking.by, asking.cause
    match deed:
        case grammar.AcknowledgeIncident(number=number):
            return desk.acknowledge(number, by=by, cause=cause), answers.acknowledged
        case grammar.EscalateIncident(number=number, reason=reason):
            return desk.escalate(number, by=by, cause=cause, reason=reason), answers.escalated
        case grammar.EscalateTo(number=number, words=words, channel=channel):
            return desk.escalate_to(number, by=by, cause=cause, words=words, channel=channel), answers.escalated
        case grammar.PassIncident(number=number):
            return desk.pass_on(number, by=by, cause=cause), answers.passed_on
        case grammar.AssignIncident(number=number, to=to):
            return desk.assign(number, by=by, cause=cause, to=to), answers.assigned
        case grammar.HoldIncident(number=number, until=until, reason=reason):
            return desk.hold(number, by=by, cause=cause, until=until, reason=reason), answers.held
        case grammar.ResumeIncident(number=number):
            return desk.resume(number, by=by, cause=cause), answers.resumed
        case grammar.ChangeSeverity(number=number, severity=severity, reason=reason):
            changed = desk.change_severity(number, by=by, cause=cause, severity=severity, reason=reason)
            return changed, answers.severity_changed
        case grammar.StillOnIt(number=number):
            return desk.confirm_still_on_it(number, by=by, cause=cause), answers.still_on_it
        case grammar.NoteDown(number=number, text=text):
            return desk.note(number, by=by, cause=cause, text=text), answers.noted
        case grammar.TellStakeholders():
            return _told(desk, deed, asking), answers.told
        case grammar.ResolveIncident(number=number, summary=summary, impact=impact, data_loss=lost):
            ended = desk.resolve(number, by=by, cause=cause, summary=summary, impact=impact, data_loss=lost)
            return ended, answers.resolved
        case grammar.ReopenIncident(number=number, reason=reason):
            return desk.reopen(number, by=by, cause=cause, reason=reason), answers.reopened
        case grammar.CancelIncident(number=number, reason=reason, duplicate_of=other):
            return desk.cancel(number, by=by, cause=cause, reason=reason, duplicate_of=other), answers.cancelled
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
    )
