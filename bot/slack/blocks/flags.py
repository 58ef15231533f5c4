"""The small print of a card: what went wrong on the way, who was told, and what is not as usual."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain

from bot.catalogue import mark, n, t
from bot.domain.clocks import full_response_target, resolution_due_at, response_due_at, response_target
from bot.domain.ids import UserId
from bot.domain.incident import Incident
from bot.domain.policy import Policy
from bot.slack.blocks.layout import context, section
from bot.slack.blocks.mrkdwn import cut, duration, escape, one_line, time_of, user
from bot.slack.blocks.rendered import Block
from bot.slack.blocks.words import NAME_LIMIT

TOLD_SHOWN = 8
FRACTIONS = {25: mark("A quarter"), 50: mark("Half"), 75: mark("Three quarters")}


def flags(incident: Incident, policy: Policy, *more: str) -> list[Block]:
    """Without the alarm, which stands where it is not overlooked."""
    lines = [*(line for line in flag_lines(incident, policy) if line != alarm(incident)), *more]
    return [context("\n".join(lines))] if lines else []


def alarmed(incident: Incident) -> list[Block]:
    text = alarm(incident)
    return [section(text)] if text else []


def flag_lines(incident: Incident, policy: Policy) -> Iterator[str]:
    """One line for each thing that is not as usual; none when all is."""
    yield from _open_again(incident)
    yield from problem_lines(incident, policy)
    if incident.managers_told:
        yield t("📣 Managers told: {named}.", named=named(incident.managers_told, policy))
    if incident.overdue_since is not None:
        yield t(
            "📭 Stakeholders wait for an update by a person since {overdue_since}.",
            overdue_since=time_of(incident.overdue_since),
        )
    if incident.is_open and incident.declined_by:
        yield t("↪️ Says that it is not theirs: {named}.", named=named(incident.declined_by, policy))


def problem_lines(incident: Incident, policy: Policy) -> Iterator[str]:
    """What went wrong, or is about to."""
    yield from _warned(incident, policy)
    yield from _catching_up(incident, policy)
    yield from _breached(incident)
    if incident.exhausted_at is not None:
        yield alarm(incident) or _exhausted(incident.exhausted_at)


def alarm(incident: Incident) -> str:
    """That every tier was asked in vain, while it is still so."""
    if incident.exhausted_at is None or not incident.is_open:
        return ""
    return t("{exhausted} It stays at this tier until somebody takes it.", exhausted=_exhausted(incident.exhausted_at))


def _exhausted(at: datetime) -> str:
    return t("🚨 Exhausted {exhausted_at}: nobody answered and all managers were told.", exhausted_at=time_of(at))


def _open_again(incident: Incident) -> Iterator[str]:
    """Why the clock of its tier started anew; who passed it on is said by itself."""
    since = incident.response_started_at
    if not incident.is_open or incident.declined_by or since <= incident.tier_entered_at:
        return
    if incident.pauses and incident.pauses[-1].end == since:
        yield t("🔁 Reopened {since}: it was closed, and it is not over.", since=time_of(since))
    else:
        yield t("🔁 Open again since {since}: whoever had it did not answer.", since=time_of(since))


def part(percent: int) -> str:
    """`Half`, `60%`: of a target's time, at the beginning of a sentence."""
    return t(FRACTIONS.get(percent, f"{percent}%"))


def named(slack_ids: Sequence[str], policy: Policy) -> str:
    """People by mention, which an edited card does not ring with; groups by name, since those would on a new one."""
    shown = ", ".join(_called(slack_id, policy) for slack_id in slack_ids[:TOLD_SHOWN])
    return (
        shown
        if len(slack_ids) <= TOLD_SHOWN
        else t("{shown} and {slack_ids} more", shown=shown, slack_ids=len(slack_ids) - TOLD_SHOWN)
    )


def _called(slack_id: str, policy: Policy) -> str:
    if slack_id[:1] in ("U", "W"):
        return user(UserId(slack_id))
    everybody = (who for escalation in policy.services.values() for tier in escalation.tiers for who in tier.managers)
    by_rule = (who for escalation in policy.services.values() for rule in escalation.manager_rules for who in rule.tell)
    known = (who.name for who in chain(everybody, by_rule) if who.slack_id == slack_id)
    return cut(escape(one_line(next(known, t("a group")))), NAME_LIMIT)


def _warned(incident: Incident, policy: Policy) -> Iterator[str]:
    """Only of a clock that still runs: afterwards the breach or the acknowledgement says more."""
    targets = policy.targets(incident.severity)
    if incident.response_warned and response_due_at(incident, policy) is not None:
        percents = targets.warnings(response_target(incident, policy))[: incident.response_warned]
        yield from (
            t("⏳ {fraction} of the time to acknowledge is over.", fraction=part(percent)) for percent in percents[-1:]
        )
    if incident.resolution_warned and targets.resolve_within and resolution_due_at(incident, policy) is not None:
        percents = targets.warnings(targets.resolve_within)[: incident.resolution_warned]
        yield from (
            t("⏳ {fraction} of the time to resolve is over.", fraction=part(percent)) for percent in percents[-1:]
        )


def _catching_up(incident: Incident, policy: Policy) -> Iterator[str]:
    shortened, agreed = response_target(incident, policy), full_response_target(incident, policy)
    if shortened < agreed and response_due_at(incident, policy) is not None:
        yield (
            t(
                "⏩ Tierline was away when this should have come, so this tier has {shortened} to acknowledge "
                "instead of {agreed}.",
                shortened=duration(shortened),
                agreed=duration(agreed),
            )
        )


def _breached(incident: Incident) -> Iterator[str]:
    """The time to resolve breaches once; all others are of the time to acknowledge, one for each tier that let it."""
    resolution = incident.resolution_breached_at
    late = incident.breach_count - (resolution is not None)
    if late:
        yield (
            t("⏰ Breached: not acknowledged in time.")
            if late == 1
            else (t("⏰ Breached {count}: not acknowledged in time.", count=n("{number} time", "{number} times", late)))
        )
    if resolution is not None:
        yield t("⏰ Breached {resolution}: not resolved in time.", resolution=time_of(resolution))
