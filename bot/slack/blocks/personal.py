"""What one person is asked or told by name, in the thread of the card."""

from bot.catalogue import t
from bot.domain.clocks import resolution_due_at
from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.message import AssignmentNotice, HoldReview, StillOnItQuestion
from bot.domain.policy import Mention, MentionKind, Policy
from bot.slack.blocks import buttons
from bot.slack.blocks.mrkdwn import time_of, user
from bot.slack.blocks.notice import asking, notice, then
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import on_resolution_breach, tier_name, tier_of


def still_on_it(incident: Incident, policy: Policy, question: StillOnItQuestion) -> Rendered:
    told = notice(
        incident,
        _only(question.assignee),
        t(
            "Are you still on {key}? Please answer by {answer_by}; otherwise nobody has it any more, and "
            "{tier_name} is paged again.",
            key=incident.key,
            answer_by=time_of(question.answer_by),
            tier_name=tier_name(tier_of(incident, policy)),
        ),
    )
    return asking(told, buttons.of_question(incident))


def hold_review(incident: Incident, policy: Policy, review: HoldReview) -> Rendered:
    return notice(
        incident,
        _only(review.assignee),
        t(
            "The hold of {key}, since {held_at}, is over, and you have it.",
            key=incident.key,
            held_at=time_of(review.held_at),
        ),
        _to_resolve(incident, policy),
        t("If it has to wait longer: `/incident hold {key} 2h why`.", key=incident.key),
    )


def assignment(incident: Incident, policy: Policy, assigned: AssignmentNotice) -> Rendered:
    """To somebody who has it now, or who is asked to take it."""
    if assigned.accepted:
        told = notice(
            incident,
            _only(assigned.to),
            t("{key} is yours now: {by} gave it to you.", key=incident.key, by=user(assigned.by)),
            _to_resolve(incident, policy),
        )
        return asking(told, buttons.of_assignment(incident))
    told = notice(
        incident,
        _only(assigned.to),
        t("Can you take {key}? {by} asks you, and nobody has it.", key=incident.key, by=user(assigned.by)),
        then(incident, policy),
    )
    return asking(told, buttons.of_assignment(incident))


def _to_resolve(incident: Incident, policy: Policy) -> str:
    """Until when, and what otherwise; nothing when that clock does not run."""
    due = resolution_due_at(incident, policy)
    if due is None:
        return ""
    return t(
        "Resolve it by {due}, or {on_resolution_breach}.",
        due=time_of(due),
        on_resolution_breach=on_resolution_breach(incident, policy),
    )


def _only(who: UserId) -> tuple[Mention, ...]:
    return (Mention(kind=MentionKind.USER, slack_id=who, name=who),)
