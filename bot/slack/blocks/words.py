"""How an incident, its state, its tier and its people are called, the same in every message."""

from datetime import datetime, timedelta

from bot.domain.escalation import repeat_due_at, response_due_at, update_due_at
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Policy, Severity, Tier
from bot.slack.blocks.mrkdwn import channel, cut, duration, escape, one_line, time_of, user

NAME_LIMIT = 80

ACKNOWLEDGE_BY = "Acknowledge by"

MESSAGES = {
    "page": "a page",
    "breach": "a breach notice",
    "exhausted": "the alarm",
    "stakeholders": "the stakeholders' message",
    "update": "a stakeholder update",
}

MENTIONS_SHOWN = 2_000
"""In a block: more than a hundred people."""

MENTIONS_IN_TEXT = 500
"""Beside the blocks, where the mentions that ring are: the sentence after them must fit into a plain text too."""

WORTH_TELLING = timedelta(seconds=10)
"""Below this lateness a breach was noticed when it happened; the ledger has it exactly."""

STATE = {
    IncidentState.OPEN: "Open",
    IncidentState.ACKNOWLEDGED: "Acknowledged",
    IncidentState.RESOLVED: "Resolved",
}

MARK = {
    IncidentState.OPEN: "🔴",
    IncidentState.ACKNOWLEDGED: "🟡",
    IncidentState.RESOLVED: "✅",
}

URGENCY = {
    Severity.SEV1: "the most urgent",
    Severity.SEV2: "urgent",
    Severity.SEV3: "moderate",
    Severity.SEV4: "minor",
}


def title(incident: Incident, limit: int = 250) -> str:
    """Escaped, on one line."""
    return cut(escape(one_line(incident.title)), limit)


def headline(incident: Incident) -> str:
    """For a header, which shows it as it is."""
    return f"{MARK[incident.state]} {incident.key} · {incident.severity} · {one_line(incident.title)}"


def name(text: str) -> str:
    """A service or a tier, as the policy calls it."""
    return cut(escape(one_line(text)), NAME_LIMIT)


def tier_of(incident: Incident, policy: Policy, number: int | None = None) -> Tier:
    return policy.escalation(incident.service).tier(number or incident.tier)


def tier_name(tier: Tier) -> str:
    """`tier 2 (platform)`."""
    return f"tier {tier.number} ({name(tier.name)})"


def tier_place(tier: Tier) -> str:
    """`tier 2 (platform) in #tier-2-platform`."""
    return f"{tier_name(tier)} in {channel(tier.channel)}"


def tier_count(incident: Incident, policy: Policy) -> str:
    """`1 of 4, first line`."""
    return f"{incident.tier} of {tiers(incident, policy)}, {name(tier_of(incident, policy).name)}"


def about(incident: Incident) -> str:
    """`Checkout is down (INC-7, sev1, checkout).` The first thing a notification says."""
    return f"{title(incident)} ({incident.key}, {incident.severity}, {name(incident.service)})."


def message_name(promise: str) -> str:
    """What a promise is, by its key: `INC-7/page/tier:1/cycle:0` is a page, and with `/fallback` its alarm."""
    if promise.endswith("/fallback"):
        return "an alarm"
    _, _, rest = promise.partition("/")
    return MESSAGES.get(rest.partition("/")[0], "a message")


def tiers(incident: Incident, policy: Policy) -> int:
    return len(policy.escalation(incident.service).tiers)


def holder(incident: Incident) -> str:
    if incident.assignee is None:
        return "Nobody yet"
    since = "" if incident.acknowledged_at is None else f", since {time_of(incident.acknowledged_at)}"
    return f"{user(incident.assignee)}{since}"


def standing(incident: Incident, policy: Policy) -> str:
    """`It is acknowledged at tier 1 of 4, first line, with @ana.`"""
    held = "" if incident.assignee is None else f", with {user(incident.assignee)}"
    return f"It is {STATE[incident.state].lower()} at tier {tier_count(incident, policy)}{held}."


def opening(incident: Incident) -> str:
    return f"By {user(incident.opened_by)}, {time_of(incident.opened_at)}"


def resolution(incident: Incident) -> str:
    """`Resolved by @ana today at 04:10, after 1 hour and 10 minutes.`, and before that only the state."""
    if incident.resolved_at is None or incident.resolved_by is None:
        return f"{STATE[incident.state]}."
    return (
        f"Resolved by {user(incident.resolved_by)} {time_of(incident.resolved_at)}, "
        f"after {duration(incident.resolved_at - incident.opened_at)}."
    )


def deadlines(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    """What the clocks do next if nobody acts, and when, as labelled values."""
    response_due = response_due_at(incident, policy)
    if response_due is not None:
        return [(ACKNOWLEDGE_BY, time_of(response_due)), ("Otherwise", sentence_case(on_breach(incident, policy)))]
    repeat_due = repeat_due_at(incident, policy)
    if repeat_due is not None:
        return [("Next", sentence_case(on_repeat(incident, policy, repeat_due)))]
    update_due = update_due_at(incident, policy)
    return [] if update_due is None else [("Next stakeholder update", time_of(update_due))]


def on_breach(incident: Incident, policy: Policy) -> str:
    """`it goes to tier 2 (platform) in #tier-2-platform`."""
    escalation = policy.escalation(incident.service)
    if not escalation.is_last(incident.tier):
        return f"it goes to {tier_place(escalation.tier(incident.tier + 1))}"
    if escalation.repeat is None:
        return f"an alarm goes to {channel(policy.fallback_channel)} and to all managers"
    pages = count(escalation.repeat.times, "more page")
    return f"this tier gets {pages}, {duration(escalation.repeat.every)} apart"


def on_repeat(incident: Incident, policy: Policy, due: datetime) -> str:
    repeat = policy.escalation(incident.service).repeat
    if repeat is None or incident.repeats_sent >= repeat.times:
        return f"an alarm goes to {channel(policy.fallback_channel)} and to all managers {time_of(due)}"
    return f"this tier is paged again {time_of(due)} (repeat {incident.repeats_sent + 1} of {repeat.times})"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def sentence_case(text: str) -> str:
    """The first letter large; the rest, which may hold ids, as it is."""
    return text[:1].upper() + text[1:]
