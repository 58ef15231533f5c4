"""What one person is asked or told by name, in the thread of the card."""

from bot.domain.clocks import resolution_due_at
from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.policy import Mention, MentionKind, Policy
from bot.domain.promise import AssignmentNotice, HoldReview, StillOnItQuestion
from bot.slack.blocks import buttons
from bot.slack.blocks.mrkdwn import time_of, user
from bot.slack.blocks.notice import asking, notice, then
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import on_resolution_breach, tier_name, tier_of


def still_on_it(incident: Incident, policy: Policy, question: StillOnItQuestion) -> Rendered:
    told = notice(
        incident,
        _only(question.assignee),
        f"Are you still on {incident.key}? Please answer by {time_of(question.answer_by)}; "
        f"otherwise nobody has it any more, and {tier_name(tier_of(incident, policy))} is paged again.",
    )
    return asking(told, buttons.of_question(incident))


def hold_review(incident: Incident, policy: Policy, review: HoldReview) -> Rendered:
    due = resolution_due_at(incident, policy)
    clock = "" if due is None else f"Resolve it by {time_of(due)}, or {on_resolution_breach(incident, policy)}."
    return notice(
        incident,
        _only(review.assignee),
        f"The hold of {incident.key}, since {time_of(review.held_at)}, is over, and you have it.",
        clock,
        f"If it has to wait longer: `/incident hold {incident.key} 2h why`.",
    )


def assignment(incident: Incident, policy: Policy, assigned: AssignmentNotice) -> Rendered:
    """To somebody who has it now, or who is asked to take it."""
    if assigned.accepted:
        told = notice(incident, _only(assigned.to), f"{incident.key} is yours now: {user(assigned.by)} gave it to you.")
        return asking(told, buttons.of_assignment(incident))
    told = notice(
        incident,
        _only(assigned.to),
        f"Can you take {incident.key}? {user(assigned.by)} asks you, and nobody has it.",
        then(incident, policy),
    )
    return asking(told, buttons.of_assignment(incident))


def _only(who: UserId) -> tuple[Mention, ...]:
    return (Mention(kind=MentionKind.USER, slack_id=who, name=who),)
