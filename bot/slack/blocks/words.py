"""How an incident, its state, its tier and its people are called, the same in every message."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bot.domain.clocks import expiry_due_at, repeat_due_at, resolution_due_at, response_due_at, update_due_at
from bot.domain.ids import ChannelId, UserId, is_person
from bot.domain.incident import Incident, IncidentState
from bot.domain.policy import Occasion, Policy, Severity, Tier
from bot.slack.blocks.mrkdwn import channel, cut, duration, escape, length, one_line, time_of, user

NAME_LIMIT = 80
REASON_SHOWN = 300

ACKNOWLEDGE_BY = "Acknowledge by"
ON_HOLD_UNTIL = "On hold until"
OTHERWISE = "Otherwise"
NEXT_UPDATE = "Next stakeholder update"
ON_EXPIRY = "nobody has it any more, and this tier is paged again"

MESSAGES = {
    "page": "a page",
    "breach": "a breach notice",
    "exhausted": "the alarm",
    "stakeholders": "the stakeholders' message",
    "update": "a stakeholder update",
    "warning": "a warning",
    "managers": "a message to the managers",
    "still": "the question who is still on it",
    "review": "the end of a hold",
    "assignment": "an assignment",
    "follow": "the news that somebody follows it",
    "room": "the first message of its channel",
    "farewell": "the last message of its channel",
    "origin": "the note where it was opened from",
    "nudge": "the reminder of an update",
    "overdue": "the news of an overdue update",
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
    IncidentState.ON_HOLD: "On hold",
    IncidentState.RESOLVED: "Resolved",
    IncidentState.CANCELLED: "Cancelled",
}

MARK = {
    IncidentState.OPEN: "🔴",
    IncidentState.ACKNOWLEDGED: "🟡",
    IncidentState.ON_HOLD: "🔵",
    IncidentState.RESOLVED: "✅",
    IncidentState.CANCELLED: "⚪",
}

URGENCY = {
    Severity.SEV1: "the most urgent",
    Severity.SEV2: "urgent",
    Severity.SEV3: "moderate",
    Severity.SEV4: "minor",
}


PRIVATE = "🔒 private"


def posted_in(where: ChannelId) -> str:
    """Where a message was to go: `in #tier-1`, or `to @ben`."""
    return f"to {user(UserId(where))}" if is_person(where) else f"in {channel(where)}"


def title(incident: Incident, limit: int = 250) -> str:
    """Escaped, on one line."""
    return cut(escape(one_line(incident.title)), limit)


def headline(incident: Incident) -> str:
    """For a header, which shows it as it is."""
    private = f"{PRIVATE} · " if incident.is_private else ""
    return f"{MARK[incident.state]} {incident.key} · {incident.severity} · {private}{one_line(incident.title)}"


def name(text: str) -> str:
    """A service or a tier, as the policy calls it."""
    return cut(escape(one_line(text)), NAME_LIMIT)


def tier_of(incident: Incident, policy: Policy, number: int | None = None) -> Tier:
    """The present tier, or another one of the policy that is followed now."""
    return policy.escalation(incident.routed_to).tier(number or incident.tier)


def tier_name(tier: Tier) -> str:
    """`tier 2 (platform)`."""
    return f"tier {tier.number} ({name(tier.name)})"


def tier_place(tier: Tier) -> str:
    """`tier 2 (platform) in #tier-2-platform`."""
    return tier_name(tier) if tier.channel is None else f"{tier_name(tier)} in {channel(tier.channel)}"


def place(incident: Incident, policy: Policy) -> str:
    """`tier 1 (search team) in #search-team, by the policy of search`: where it is."""
    return f"{tier_place(tier_of(incident, policy))}{route(incident)}"


def route(incident: Incident) -> str:
    """Whose policy is followed, when it is not that of the incident's own service."""
    return "" if incident.routed_to == incident.service else f", by the policy of {name(incident.routed_to)}"


def tier_count(incident: Incident, policy: Policy) -> str:
    """`1 of 4, first line`."""
    return f"{incident.tier} of {tiers(incident, policy)}, {name(tier_of(incident, policy).name)}{route(incident)}"


def about(incident: Incident) -> str:
    """`Checkout is down (INC-7, sev1, checkout).` The first thing a notification says."""
    private = f", {PRIVATE}" if incident.is_private else ""
    return f"{title(incident)} ({incident.key}, {incident.severity}, {name(incident.service)}{private})."


def message_name(promise: str) -> str:
    """What a promise is, by its key: `INC-7/page/tier:1/cycle:0` is a page, and with `/fallback` its alarm."""
    if promise.endswith("/fallback"):
        return "an alarm"
    _, _, rest = promise.partition("/")
    return MESSAGES.get(rest.partition("/")[0], "a message")


def tiers(incident: Incident, policy: Policy) -> int:
    return len(policy.escalation(incident.routed_to).tiers)


def holder(incident: Incident) -> str:
    if incident.assignee is None:
        return "Nobody yet" if incident.first_acknowledged_at is None else "Nobody"
    since = "" if incident.acknowledged_at is None else f", since {time_of(incident.acknowledged_at)}"
    return f"{user(incident.assignee)}{since}"


def state(incident: Incident) -> str:
    """`Acknowledged: @ana, since today at 03:05`: in what state it is and who has it."""
    shown = STATE[incident.state]
    if incident.assignee is None:
        return f"{shown}, nobody has it{' yet' if incident.first_acknowledged_at is None else ''}"
    return f"{shown}: {holder(incident)}"


def standing(incident: Incident, policy: Policy) -> str:
    """`It is acknowledged at tier 1 of 4, first line, with @ana.`"""
    held = "" if incident.assignee is None else f", with {user(incident.assignee)}"
    where = f"It is {STATE[incident.state].lower()} at tier {tier_count(incident, policy)}{held}."
    return f"{where} {pause(incident)}".strip()


def opening(incident: Incident) -> str:
    return f"By {user(incident.opened_by)}, {time_of(incident.opened_at)}"


def pause(incident: Incident) -> str:
    """`@ana put it on hold until today at 05:00: the vendor is asked.`, and nothing when it is not on hold."""
    if incident.held_by is None or incident.hold_until is None:
        return ""
    return (
        f"{user(incident.held_by)} put it on hold until {time_of(incident.hold_until)}{because(incident.hold_reason)}."
    )


def ending(incident: Incident) -> str:
    """`Resolved by @ana today at 04:10, after 1 hour and 10 minutes.`, and before that only the state."""
    state = STATE[incident.state]
    if incident.over_at is None or incident.over_by is None:
        return f"{state}."
    after = duration(incident.over_at - incident.opened_at)
    duplicate = f", as a duplicate of INC-{incident.duplicate_of}" if incident.duplicate_of else ""
    why = because(incident.cancel_reason)
    return f"{state} by {user(incident.over_by)} {time_of(incident.over_at)}, after {after}{duplicate}{why}."


def closing_words(incident: Incident) -> str:
    """What the person who ended it wrote, unless the sentence about the ending has it whole."""
    if incident.state is not IncidentState.CANCELLED:
        return incident.resolution
    return incident.cancel_reason if length(escape(one_line(incident.cancel_reason))) > REASON_SHOWN else ""


def because(reason: str) -> str:
    """`: it is the database`, for the end of a clause; nothing without a reason."""
    reason = cut(escape(one_line(reason)), REASON_SHOWN).rstrip(".")
    return f": {reason}" if reason else ""


def deadlines(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    """What the clocks do next if nobody acts, and when, as labelled values."""
    return [*waiting(incident, policy), *resolution(incident, policy), *update(incident, policy)]


def in_words(ahead: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Deadlines for those who only hear of them. Until when it is on hold is said where it is said that it is."""
    for label, value in ahead:
        if label == OTHERWISE:
            yield f"{label} {value[:1].lower()}{value[1:]}."
        elif label != ON_HOLD_UNTIL:
            yield f"{label}: {value}."


def waiting(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    """For an acknowledgement, for a sign of life, or for the end of a hold."""
    if incident.hold_until is not None:
        return [(ON_HOLD_UNTIL, time_of(incident.hold_until))]
    response_due = response_due_at(incident, policy)
    if response_due is not None:
        return [(ACKNOWLEDGE_BY, time_of(response_due)), (OTHERWISE, sentence_case(on_breach(incident, policy)))]
    repeat_due = repeat_due_at(incident, policy)
    if repeat_due is not None:
        return [("Next", sentence_case(on_repeat(incident, policy, repeat_due)))]
    expiry_due = expiry_due_at(incident, policy)
    if expiry_due is None:
        return []
    if incident.still_asked_at is None:
        return [("“Still on it?” is asked", time_of(expiry_due))]
    return [("Say “still on it” by", time_of(expiry_due)), (OTHERWISE, sentence_case(ON_EXPIRY))]


def resolution(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    due = resolution_due_at(incident, policy)
    return [] if due is None else [("Resolve by", f"{time_of(due)}, or {on_resolution_breach(incident, policy)}")]


def update(incident: Incident, policy: Policy) -> list[tuple[str, str]]:
    due = update_due_at(incident, policy)
    return [] if due is None else [(NEXT_UPDATE, time_of(due))]


def on_breach(incident: Incident, policy: Policy) -> str:
    """`it goes to tier 2 (platform) in #tier-2-platform`."""
    escalation = policy.escalation(incident.routed_to)
    following = escalation.next_tier(incident.tier)
    if following is not None:
        return f"it goes to {tier_place(following)}"
    if escalation.repeat is None:
        return f"an alarm goes to {channel(policy.fallback_channel)} and to all managers"
    pages = count(escalation.repeat.times, "more page")
    return f"this tier gets {pages}, {duration(escalation.repeat.every)} apart"


def on_repeat(incident: Incident, policy: Policy, due: datetime) -> str:
    repeat = policy.escalation(incident.routed_to).repeat
    if repeat is None or incident.repeats_sent >= repeat.times:
        return f"an alarm goes to {channel(policy.fallback_channel)} and to all managers {time_of(due)}"
    return f"this tier is paged again {time_of(due)} (repeat {incident.repeats_sent + 1} of {repeat.times})"


def on_resolution_breach(incident: Incident, policy: Policy) -> str:
    """`managers are told and it goes to tier 2 (platform)`."""
    escalation = policy.escalation(incident.routed_to)
    told = escalation.told(Occasion.BREACH, incident.breach_count + 1, incident.severity, incident.tier)
    following = escalation.next_tier(incident.tier) if escalation.escalate_on_resolution_breach else None
    first = "managers are told" if told else "it counts as breached"
    return first if following is None else f"{first} and it goes to {tier_name(following)}"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def sentence_case(text: str) -> str:
    """The first letter large; the rest, which may hold ids, as it is."""
    return text[:1].upper() + text[1:]
