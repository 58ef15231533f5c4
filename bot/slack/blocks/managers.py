"""What rings managers, and the warning before: in the thread of the card, and never edited."""

from bot.catalogue import t
from bot.domain.incident import Incident
from bot.domain.message import BreachNotice, ManagersNotice, WarningNotice
from bot.domain.policy import Mention, MentionKind, Policy
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
    ran_out = t(
        "its time ran out {due_at}{noticed_late}.", due_at=time_of(breach.due_at), noticed_late=_noticed_late(breach)
    )
    if breach.target is Target.RESOLUTION:
        return t(
            "{key} was not resolved in time. It was opened {since}; {ran_out}",
            key=incident.key,
            since=time_of(breach.since),
            ran_out=ran_out,
        )
    where = tier_name(policy.escalation(breach.route).tier(breach.tier))
    return t(
        "{key} was not acknowledged at {where}. It waited there since {since}; {ran_out}",
        key=incident.key,
        where=where,
        since=time_of(breach.since),
        ran_out=ran_out,
    )


def _where_it_is(incident: Incident, policy: Policy, breach: BreachNotice) -> str:
    has_it = who_has_it(incident)
    if incident.card_cycle != breach.card:
        where = t(
            "It is now at {place} since {tier_entered_at}.",
            place=place(incident, policy),
            tier_entered_at=time_of(incident.tier_entered_at),
        )
        return f"{where} {has_it or _lost(breach)}".strip()
    stays = t("It stays here, the last tier.") if _is_last(policy, breach) else standing(incident, policy)
    return has_it or f"{stays} {then(incident, policy)}".strip()


def _lost(breach: BreachNotice) -> str:
    return "" if breach.had_it is None else t("{had_it} had it and does not any more.", had_it=user(breach.had_it))


def _is_last(policy: Policy, breach: BreachNotice) -> bool:
    return breach.target is Target.RESPONSE and policy.escalation(breach.route).is_last(breach.tier)


def _noticed_late(breach: BreachNotice) -> str:
    late = breach.breached_at - breach.due_at
    return t(", noticed {late} late", late=duration(late)) if late >= WORTH_TELLING else ""


def warning_notice(incident: Incident, policy: Policy, warning: WarningNotice) -> Rendered:
    """Whoever has it, or the tier, and the managers whom the policy tells of it: how long there still is."""
    people = (*_whoever_works(incident, policy), *warning.told)
    over, until = part(warning.percent), time_of(warning.breach_at)
    if warning.target is Target.RESPONSE:
        told = notice(
            incident,
            people,
            t("{over} of the time to acknowledge {key} is over, and nobody has it.", over=over, key=incident.key),
            t(
                "Please acknowledge by {until}; otherwise {on_breach}.",
                until=until,
                on_breach=on_breach(incident, policy),
            ),
        )
    else:
        told = notice(
            incident,
            people,
            t("{over} of the time to resolve {key} is over.", over=over, key=incident.key),
            t(
                "If it is not resolved by {until}, {on_resolution_breach}.",
                until=until,
                on_resolution_breach=on_resolution_breach(incident, policy),
            ),
            _worked_on(incident, warning),
        )
    return asking(told, buttons.of_page(incident))


def _worked_on(incident: Incident, warning: WarningNotice) -> str:
    """Who has it need not be told who that is."""
    if incident.assignee is None:
        return t("Nobody has it.")
    return who_has_it(incident) if warning.told else ""


def _whoever_works(incident: Incident, policy: Policy) -> tuple[Mention, ...]:
    if incident.assignee is None:
        return tier_of(incident, policy).people
    return (Mention(kind=MentionKind.USER, slack_id=incident.assignee, name=incident.assignee),)


def managers_notice(incident: Incident, policy: Policy, managers: ManagersNotice) -> Rendered:
    """Being told is not being asked to take it."""
    return notice(
        incident,
        managers.told,
        t(
            "You are told because {key} is {severity}, {urgency}.",
            key=incident.key,
            severity=incident.severity,
            urgency=t(URGENCY[incident.severity]),
        ),
        standing(incident, policy),
        t("Nothing is asked of you: being told does not move it."),
    )
