"""What Slack posts when the bot is gone: written ahead, for readers who have nobody else to page the next tier."""

from datetime import datetime

from bot.catalogue import mark, t
from bot.domain.incident import Incident
from bot.domain.policy import Mention, MentionKind, Policy
from bot.slack.blocks.mrkdwn import time_of, user
from bot.slack.blocks.notice import notice
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import standing, tier_name, tier_of, tier_place

GONE = mark("Tierline has not checked in: it may be down, and then nothing escalates by itself.")


def parachute(incident: Incident, policy: Policy, *, due_at: datetime) -> Rendered:
    """Without buttons: nobody is there to answer a click. `due_at` is what the bot let pass."""
    if incident.assignee is not None:
        return notice(incident, _held_by(incident, policy), t(GONE), *_somebody_has_it(incident, policy, due_at))
    return notice(incident, _whom_to_ask(incident, policy), t(GONE), *_nobody_has_it(incident, policy, due_at))


def _nobody_has_it(incident: Incident, policy: Policy, due_at: datetime) -> tuple[str, str]:
    tier = tier_of(incident, policy)
    following = policy.escalation(incident.routed_to).next_tier(incident.tier)
    waited = t(
        "{key} is unacknowledged at {tier_name}, and was due {due_at}.",
        key=incident.key,
        tier_name=tier_name(tier),
        due_at=time_of(due_at),
    )
    if following is None:
        return waited, t("This is the last tier: please take it, or reach somebody by phone.")
    return waited, t("Please take it, or page {tier_place} by hand.", tier_place=tier_place(following))


def _somebody_has_it(incident: Incident, policy: Policy, due_at: datetime) -> tuple[str, str, str]:
    return (
        standing(incident, policy),
        t("Something was due {due_at}.", due_at=time_of(due_at)),
        t("Please ask {holder} how it is going, and tell the stakeholders by hand.", holder=user(incident.holder)),
    )


def _whom_to_ask(incident: Incident, policy: Policy) -> tuple[Mention, ...]:
    """Whoever reads the channel and can page, those who would be paged, and the managers between them."""
    tier = tier_of(incident, policy)
    escalation = policy.escalation(incident.routed_to)
    following = escalation.next_tier(incident.tier)
    behind = escalation.managers if following is None else following.people
    # A channel that is to be rung is the one of its own tier, and this message is elsewhere.
    return (*tier.people, *(who for who in behind if who.kind is not MentionKind.CHANNEL), *tier.managers)


def _held_by(incident: Incident, policy: Policy) -> tuple[Mention, ...]:
    holder = Mention(kind=MentionKind.USER, slack_id=incident.holder, name=incident.holder)
    return (holder, *tier_of(incident, policy).managers)
