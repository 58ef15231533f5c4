"""What rings managers, and the warning before: in the thread of the card, and never edited."""

from bot.domain.incident import Incident
from bot.domain.policy import Mention, MentionKind, Policy
from bot.domain.promise import BreachNotice, ManagersNotice, WarningNotice
from bot.domain.timeline import Target
from bot.slack.blocks import buttons
from bot.slack.blocks.flags import part
from bot.slack.blocks.mrkdwn import duration, time_of, user
from bot.slack.blocks.notice import asking, notice, then, who_has_it
from bot.slack.blocks.rendered import Rendered
from bot.slack.blocks.words import (
    URGENCY,
    WORTH_TELLING,
    on_breach,
    on_resolution_breach,
    place,
    standing,
    tier_name,
    tier_of,
)


def breach_notice(incident: Incident, policy: Policy, breach: BreachNotice) -> Rendered:
    """A target's time ran out: since when, how late, and who is asked now.

    It has no button: the card of the tier that has it now does, and this one would stay behind.
    """
    return notice(
        incident,
        breach.told,
        _missed(incident, policy, breach),
        _where_it_is(incident, policy, breach),
    )


def _missed(incident: Incident, policy: Policy, breach: BreachNotice) -> str:
    ran_out = f"its time ran out {time_of(breach.due_at)}{_noticed_late(breach)}."
    if breach.target is Target.RESOLUTION:
        return f"{incident.key} was not resolved in time. It was opened {time_of(breach.since)}; {ran_out}"
    where = tier_name(policy.escalation(breach.route).tier(breach.tier))
    return f"{incident.key} was not acknowledged at {where}. It waited there since {time_of(breach.since)}; {ran_out}"


def _where_it_is(incident: Incident, policy: Policy, breach: BreachNotice) -> str:
    has_it = who_has_it(incident)
    if incident.card_cycle != breach.card:
        where = f"It is now at {place(incident, policy)} since {time_of(incident.tier_entered_at)}."
        return f"{where} {has_it or _lost(breach)}".strip()
    stays = "It stays here, the last tier." if _is_last(policy, breach) else standing(incident, policy)
    return has_it or f"{stays} {then(incident, policy)}".strip()


def _lost(breach: BreachNotice) -> str:
    return "" if breach.had_it is None else f"{user(breach.had_it)} had it and does not any more."


def _is_last(policy: Policy, breach: BreachNotice) -> bool:
    return breach.target is Target.RESPONSE and policy.escalation(breach.route).is_last(breach.tier)


def _noticed_late(breach: BreachNotice) -> str:
    late = breach.breached_at - breach.due_at
    return f", noticed {duration(late)} late" if late >= WORTH_TELLING else ""


def warning_notice(incident: Incident, policy: Policy, warning: WarningNotice) -> Rendered:
    """Whoever has it, or the tier, and the managers whom the policy tells of it: how long there still is."""
    people = (*_whoever_works(incident, policy), *warning.told)
    over, until = part(warning.percent), time_of(warning.breach_at)
    if warning.target is Target.RESPONSE:
        told = notice(
            incident,
            people,
            f"{over} of the time to acknowledge {incident.key} is over, and nobody has it.",
            f"Please acknowledge by {until}; otherwise {on_breach(incident, policy)}.",
        )
    else:
        told = notice(
            incident,
            people,
            f"{over} of the time to resolve {incident.key} is over.",
            f"If it is not resolved by {until}, {on_resolution_breach(incident, policy)}.",
            who_has_it(incident) or "Nobody has it.",
        )
    return asking(told, buttons.of_page(incident))


def _whoever_works(incident: Incident, policy: Policy) -> tuple[Mention, ...]:
    if incident.assignee is None:
        return tier_of(incident, policy).people
    return (Mention(kind=MentionKind.USER, slack_id=incident.assignee, name=incident.assignee),)


def managers_notice(incident: Incident, policy: Policy, managers: ManagersNotice) -> Rendered:
    """Being told is not being asked to take it."""
    return notice(
        incident,
        managers.told,
        f"You are told because {incident.key} is {incident.severity}, {URGENCY[incident.severity]}.",
        standing(incident, policy),
        "Nothing is asked of you: being told does not move it.",
    )
